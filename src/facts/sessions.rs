//! What single sessions do, and counts of them by something else than their application name.

use std::time::Duration;

use super::ActivityRow;

/// What sessions may be counted by, beside their application name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionKey {
    /// The role that logged in.
    User,
    /// The database.
    Database,
    /// The client's address.
    Client,
    /// The state, as `pg_stat_activity` spells it.
    State,
    /// What they wait for: `Client:ClientRead`, `Lock:relation`.
    Wait,
}

impl SessionKey {
    /// Returns the word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Database => "database",
            Self::Client => "client",
            Self::State => "state",
            Self::Wait => "wait",
        }
    }
}

/// The sessions, counted by something else than their application name.
#[derive(Clone, Debug, PartialEq)]
pub struct Breakdown {
    /// What they are counted by.
    pub by: SessionKey,
    /// The counts. What the sessions of a row have in common stands where their name stands
    /// otherwise; it is empty where the role may not see it.
    pub rows: Vec<ActivityRow>,
}

/// A session that is worth a line: its transaction is among the oldest, it waits for a lock or is
/// waited for, or it is not encrypted. What the role may not see is `None`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SessionFacts {
    /// The process id.
    pub pid: i32,
    /// What it is: `client backend`, `autovacuum worker`, …
    pub kind: Option<String>,
    /// The application name; empty where it sets none.
    pub application_name: String,
    /// The role.
    pub user: Option<String>,
    /// The database.
    pub database: Option<String>,
    /// The client's address; `socket` for a Unix socket.
    pub client: Option<String>,
    /// The state, as `pg_stat_activity` spells it.
    pub state: Option<String>,
    /// What it waits for: `Lock:relation`.
    pub wait: Option<String>,
    /// Whether it is encrypted; a Unix socket needs no encryption.
    pub encrypted: Option<bool>,
    /// The age of its transaction; `None` also where it has none.
    pub transaction: Option<Duration>,
    /// How long it has been in its state.
    pub in_state: Option<Duration>,
    /// How long it has waited for a lock, where it does.
    pub waited: Option<Duration>,
    /// Who it waits for, by process id; 0 is a prepared transaction.
    pub blocked_by: Vec<i32>,
    /// Its last statement with every literal masked, where statements were asked for.
    pub query: Option<String>,
}

/// The sessions that are worth a line, and whose they are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sessions {
    /// The application that was asked for; `None` for all.
    pub only: Option<String>,
    /// The sessions, by process id.
    pub all: Vec<SessionFacts>,
}
