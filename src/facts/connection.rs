//! What one attempt to connect showed.

use std::time::Duration;

use super::{Breakdown, Sessions};

/// The stages of a connection, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StageName {
    /// The name becomes an address.
    Dns,
    /// The address answers.
    Tcp,
    /// The stream is encrypted as the sslmode asks.
    Tls,
    /// The server lets the user in.
    Auth,
    /// The server answers questions.
    Query,
}

/// How a stage ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Stage<T> {
    /// An earlier stage failed, or this one is not needed.
    NotRun,
    /// It failed.
    Failed(Failure),
    /// It succeeded.
    Done(T),
}

/// Why a stage failed.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// The cause's id (CONTRACT 7), where the client can know it.
    pub cause: Option<&'static str>,
    /// Every cause that fits, where it cannot.
    pub candidates: Vec<&'static str>,
    /// What happened, in one line; server text in it is untrusted.
    pub message: String,
    /// The one thing to do.
    pub fix: String,
}

/// How long a stage took and how it ended.
#[derive(Clone, Debug, PartialEq)]
pub struct StageReport {
    /// Which one.
    pub name: StageName,
    /// How it ended.
    pub stage: Stage<()>,
    /// How long it took; `None` where it did not run.
    pub took: Option<Duration>,
}

/// What the TLS handshake showed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TlsFacts {
    /// `TLSv1.3`
    pub version: String,
    /// The cipher suite by its IANA name.
    pub cipher: String,
    /// Whether the chain leads to a root that is trusted here (the given file, else the system's).
    pub chain_verified: bool,
    /// Whether the certificate names the host.
    pub host_verified: bool,
    /// When the server's certificate ends, RFC 3339.
    pub not_after: Option<String>,
    /// The certificate's issuer.
    pub issuer: Option<String>,
    /// When it begins, RFC 3339.
    pub not_before: Option<String>,
    /// The certificate's subject.
    pub subject: Option<String>,
    /// The names that it is for; its common name where it has no other.
    pub names: Vec<String>,
    /// The subjects of the whole chain as the server sent it, its own first.
    pub chain: Vec<String>,
    /// The application protocol that was agreed on.
    pub alpn: Option<String>,
    /// What the chain was checked against: `system`, or the root file's path.
    pub roots: String,
    /// Why the chain is not trusted: a cause's id and what was seen.
    pub chain_problem: Option<Observation>,
    /// Why the certificate does not name the host: a cause's id and what was seen.
    pub host_problem: Option<Observation>,
    /// Whether the sslmode asked for the checks, so that a bad certificate would have ended it.
    pub demanded: bool,
}

/// Something that works and should not be relied on, or should be known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// The cause's id (CONTRACT 7).
    pub cause: &'static str,
    /// What was seen, in one line; server text in it is untrusted.
    pub message: String,
}

/// A setting of the session, and who set it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerSetting {
    /// `statement_timeout`
    pub name: String,
    /// The value as `pg_settings` gives it: `30000`.
    pub value: String,
    /// The value's unit: `ms`.
    pub unit: Option<String>,
    /// `pg_settings.source`: `user`, `database`, `configuration file`, `default`, …
    pub source: String,
    /// The file and line that set it, where a file did and the role may know.
    pub place: Option<String>,
}

/// What the server said about itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ServerFacts {
    /// `16.4`
    pub version: String,
    /// The pooler in between, by its name, where one was recognised.
    pub pooler: Option<String>,
    /// The server's own limit.
    pub max_connections: Option<u32>,
    /// Slots kept for superusers and for `pg_use_reserved_connections`.
    pub reserved_connections: Option<u32>,
    /// The database's limit; `None` where there is none.
    pub database_limit: Option<u32>,
    /// The role's limit; `None` where there is none.
    pub role_limit: Option<u32>,
    /// Client backends of all databases, our own left out.
    pub client_backends: Option<u32>,
    /// Client backends of this database, our own left out.
    pub database_backends: Option<u32>,
    /// Client backends of this role, our own left out.
    pub role_backends: Option<u32>,
    /// Whether it is a standby.
    pub in_recovery: bool,
    /// `server_version_num`: 160004.
    pub version_num: Option<u32>,
    /// `default_transaction_read_only`, as the session would have it.
    pub read_only: Option<bool>,
    /// Whether the role sees every session in detail; where not, parallel workers of other roles
    /// are among the counts of client backends.
    pub sees_all: bool,
    /// The role of the session.
    pub role: String,
    /// The database of the session.
    pub database: String,
    /// Whether the role is a superuser.
    pub superuser: Option<bool>,
    /// Whether the role may use the reserved connections.
    pub may_use_reserved: Option<bool>,
    /// Whether the role may create objects in `public`; `None` where there is no such schema.
    pub creates_in_public: Option<bool>,
    /// Timeouts and what else rules ask for, with who set them.
    pub settings: Vec<ServerSetting>,
    /// Slots kept for superusers alone, a part of `reserved_connections`.
    pub superuser_reserved: Option<u32>,
    /// Whether the server says that our session is encrypted; differs from what we see where
    /// something ends the encryption in between.
    pub server_sees_tls: Option<bool>,
    /// How far the server's clock is ahead of ours, in seconds.
    pub clock_ahead_s: Option<i64>,
}

/// The sessions of one application name. A count that the role may not see is `None`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ActivityRow {
    /// The name; empty where the sessions set none.
    pub application_name: String,
    /// All of them.
    pub total: Option<u32>,
    /// Running a statement.
    pub active: Option<u32>,
    /// Waiting for a command.
    pub idle: Option<u32>,
    /// Waiting for a command inside a transaction.
    pub idle_in_transaction: Option<u32>,
    /// Waiting for a lock.
    pub waiting: Option<u32>,
    /// Without TLS, over TCP.
    pub unencrypted: Option<u32>,
    /// The age of the oldest open transaction.
    pub oldest_transaction: Option<Duration>,
    /// How long the oldest session that is idle in a transaction has been so.
    pub oldest_idle_in_transaction: Option<Duration>,
    /// How long the longest waiter for a lock has waited.
    pub longest_wait: Option<Duration>,
    /// The age, since connecting, of the oldest idle session.
    pub oldest_idle_session: Option<Duration>,
}

impl ActivityRow {
    /// Returns the counts in the order in which they are shown.
    pub fn counts(&self) -> [Option<u32>; 6] {
        [
            self.total,
            self.active,
            self.idle,
            self.idle_in_transaction,
            self.waiting,
            self.unencrypted,
        ]
    }
}

/// One attempt to connect to one address.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Connection {
    /// The subject and environment of the connection string that was dialled.
    pub url: (String, Option<String>),
    /// The host that was asked for.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The address that was dialled.
    pub address: Option<String>,
    /// The five stages, in their order.
    pub stages: Vec<StageReport>,
    /// What the handshake showed.
    pub tls: Option<TlsFacts>,
    /// What the server said.
    pub server: Option<ServerFacts>,
    /// The sessions by application name; `None` where they were not asked for or not told.
    pub activity: Option<Vec<ActivityRow>>,
    /// The sessions by something else, where that was asked for.
    pub breakdown: Option<Breakdown>,
    /// The sessions that are worth a line, where they were asked for.
    pub sessions: Option<Sessions>,
    /// What works and should not be relied on.
    pub observations: Vec<Observation>,
}
