//! What each failure is: one page per cause and per known error text, with what to do about it.
//!
//! Data, and a search over it ([`search()`]). The ids of the stages `dns` to `query` are those that
//! `connections[].cause` may hold.

mod application;
mod auth_peer;
mod auth_pooler;
mod auth_server;
mod dns;
mod environment;
mod normal;
mod pattern;
mod query;
mod search;
mod sets;
mod tcp;
mod tls_certificate;
mod tls_client;
mod tls_negotiation;
mod translated;
mod translated_network;
mod url;

pub use search::{Match, TRIGGER, search, triggers};
pub use sets::{CANDIDATE_SETS, CandidateSet, candidates_with};

/// Where in the life of a connection a failure belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// The name becomes an address.
    Dns,
    /// The address answers.
    Tcp,
    /// The stream is encrypted.
    Tls,
    /// The server lets the user in.
    Auth,
    /// The server answers questions.
    Query,
    /// The driver, its pool or the application, beside the connection itself.
    Driver,
    /// The connection string and the environment beside it.
    Url,
}

impl Stage {
    /// Returns the word for it: `dns`, `tcp`, `tls`, `auth`, `query`, `driver`, `url`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
            Self::Auth => "auth",
            Self::Query => "query",
            Self::Driver => "driver",
            Self::Url => "url",
        }
    }
}

/// One failure: what happened, why, how to check and how to fix it.
#[derive(Debug)]
pub struct Cause {
    /// Kebab-case, unique, never renamed.
    pub id: &'static str,
    /// Where it belongs.
    pub stage: Stage,
    /// One line that names it: lower case, no full stop.
    pub title: &'static str,
    /// What happened.
    pub what: &'static str,
    /// How it comes about.
    pub why: &'static str,
    /// The command, the SQL or the log line that decides.
    pub check: &'static str,
    /// The one thing to do, in one line.
    pub fix: &'static str,
    /// The drivers whose users meet it, by their names on the command line.
    pub drivers: &'static [&'static str],
    /// The rules that find it before it happens, or report it.
    pub rules: &'static [&'static str],
    /// The texts by which users meet it: `{}` stands for any text within a line, `{w}` for a
    /// word, `{n}` for a number, `{nx}` for digits and then something else, `{p}` for a port that may be Postgres', `{ip}` and `{v6}` for an
    /// address, `{*}` for any lines, `{$}` for the end of a line, a quotation or a
    /// sentence. Empty where it shows no text of its own.
    pub texts: &'static [&'static str],
}

/// Every driver.
const EVERY: &[&str] = &[
    "libpq",
    "psycopg2",
    "psycopg",
    "asyncpg",
    "sqlalchemy+psycopg2",
    "sqlalchemy+psycopg",
    "sqlalchemy+asyncpg",
    "sqlalchemy+pg8000",
    "node-postgres",
    "postgres.js",
    "tokio-postgres",
];

/// The drivers that speak through libpq.
const LIBPQ: &[&str] = &[
    "libpq",
    "psycopg2",
    "psycopg",
    "sqlalchemy+psycopg2",
    "sqlalchemy+psycopg",
];

/// asyncpg, bare and below `SQLAlchemy`.
const ASYNCPG: &[&str] = &["asyncpg", "sqlalchemy+asyncpg"];

/// `SQLAlchemy` with each of its drivers.
const SQLALCHEMY: &[&str] = &[
    "sqlalchemy+psycopg2",
    "sqlalchemy+psycopg",
    "sqlalchemy+asyncpg",
    "sqlalchemy+pg8000",
];

/// The pages, in the order of the stages; a search prefers the earlier of two equal fits.
static PAGES: &[&[Cause]] = &[
    dns::CAUSES,
    tcp::CAUSES,
    tls_negotiation::CAUSES,
    tls_certificate::CAUSES,
    tls_client::CAUSES,
    auth_server::CAUSES,
    auth_peer::CAUSES,
    auth_pooler::CAUSES,
    environment::CAUSES,
    query::CAUSES,
    application::CAUSES,
    url::CAUSES,
];

/// Iterates over every page, in the order of the stages.
pub fn all() -> impl Iterator<Item = &'static Cause> {
    PAGES.iter().flat_map(|pages| pages.iter())
}

/// Returns the page of an id.
pub fn find(id: &str) -> Option<&'static Cause> {
    all().find(|cause| cause.id == id)
}

#[cfg(test)]
mod tests;
