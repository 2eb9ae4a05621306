//! Connects stage by stage (dns, tcp, tls, auth, query) under one deadline, and says at which
//! stage it ended and why.
//!
//! Each stage takes what the one before it made, so their order is the compiler's: a `Resolved`
//! host is dialled to a `Connected` stream, which becomes an `Encrypted` one, which becomes a
//! `Session`. Judges nothing beyond the failure itself, and never writes to the database.

mod attempt;
mod auth;
mod crowd;
mod deadline;
mod diagnose;
mod dns;
pub mod health;
mod hosts;
mod login;
mod pace;
mod password_file;
mod query;
mod question;
mod runtime;
mod scrub;
mod second_look;
mod socket;
mod tcp;
mod tls;
mod trace;
mod wanted;
mod watch;

pub use watch::{Tick, Watch};

use std::path::PathBuf;
use std::time::{Duration, Instant};

use attempt::Found;
use deadline::Deadline;
use diagnose::Broken;

use crate::conninfo::ConnInfo;
use crate::facts::{Connection, SessionKey, StageName};

/// Whom to connect to, and within which limits.
#[derive(Clone, Debug)]
pub struct Request {
    /// What is judged: the variable's name, or `URL`.
    pub subject: String,
    /// The environment's name; `None` for an argument.
    pub environment: Option<String>,
    /// Everything that libpq would use.
    pub conninfo: ConnInfo,
    /// The home folder, for `~/.postgresql`.
    pub home: Option<PathBuf>,
    /// When it must be over.
    pub timeout: Duration,
    /// Whether a password may be sent where others could read it (`--allow-weak-auth`).
    pub allow_weak_auth: bool,
    /// What is asked about sessions beside their counts.
    pub sessions: SessionWish,
}

/// What is asked about sessions beside their counts by application name.
#[derive(Clone, Debug, Default)]
pub struct SessionWish {
    /// What else they are counted by.
    pub by: Option<SessionKey>,
    /// The application whose sessions these counts and lines are of; `None` for all.
    pub only: Option<String>,
    /// Whether single sessions are told that are worth a line.
    pub notable: bool,
    /// Whether they come with their last statement, its literals masked.
    pub queries: bool,
}

/// Connects, asks everything, and says goodbye. Returns one element per address that was tried, in
/// order; the last one is the one that counts.
pub fn run(request: &Request) -> Vec<Connection> {
    let Ok(runtime) = runtime::build() else {
        let mut found = Found::default();
        found.trace.add(StageName::Tcp, Instant::now());
        let host = request.conninfo.hosts.first();
        let broken = Broken::known(
            StageName::Tcp,
            "tcp-fd-exhausted",
            "this machine is out of file descriptors",
        );
        return host
            .map(|host| hosts::connection(request, host, None, found, Some(&broken)))
            .into_iter()
            .collect();
    };
    let connections = runtime.block_on(async {
        let deadline = Deadline::after(request.timeout);
        let (connections, session) = Box::pin(hosts::probe(request, deadline)).await;
        if let Some(session) = session {
            session.close(deadline).await;
        }
        connections
    });
    // A resolver that hangs cannot be cancelled; it must not hold the process either.
    runtime.shutdown_background();
    connections
}
