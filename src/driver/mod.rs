//! What each driver takes and does with a connection string, as measured.
//!
//! One file per driver; each fact carries the version it was seen in.

mod asyncpg;
mod grammar;
mod guc;
mod guc_table;
mod guc_values;
mod libpq;
mod message;
mod name;
mod node_postgres;
mod numbers;
mod outcome;
mod owner;
mod pg8000;
mod posix_zone;
mod postgres_js;
mod psycopg;
mod psycopg2;
mod resolver;
mod saslprep;
mod server;
mod spelling;
mod sqlalchemy;
mod tokio_postgres;
mod translate;
mod variables;
mod zone_table;

pub use owner::owner;
pub use spelling::{Setting, Spelling};
pub use translate::{NotAConnectionString, Translation, fix, translate};
pub use variables::Variables;

use message::Message;
use outcome::{Outcome, Reading, wrapped_port};

use crate::conninfo::{Redacted, redact};
use crate::value::Secret;

/// A client library, or SQLAlchemy's dialect of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// psql, `pg_dump` and whatever else is written in C.
    Libpq,
    /// psycopg2, with the libpq in its binary wheel.
    Psycopg2,
    /// psycopg 3, with the libpq in its binary wheel.
    Psycopg,
    /// asyncpg, given a DSN.
    Asyncpg,
    /// SQLAlchemy with psycopg2.
    SqlalchemyPsycopg2,
    /// SQLAlchemy with psycopg 3.
    SqlalchemyPsycopg,
    /// SQLAlchemy with asyncpg.
    SqlalchemyAsyncpg,
    /// SQLAlchemy with pg8000.
    SqlalchemyPg8000,
    /// node-postgres (`pg`).
    NodePostgres,
    /// postgres.js (`postgres`).
    PostgresJs,
    /// tokio-postgres.
    TokioPostgres,
}

/// A driver as it was asked for: a kind, and a version where one was named.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Driver {
    /// Which one.
    pub kind: Kind,
    /// The version behind `@`, as written; `None` means the newest that the tables know.
    pub version: Option<String>,
}

/// Why a text names no driver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownDriver {
    /// The nearest name, where one is near.
    pub did_you_mean: Option<String>,
}

/// Who refuses a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusedBy {
    /// The driver, before any packet.
    Driver,
    /// A stock server, because of what the driver then sends.
    Server,
}

/// When a driver uses TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tls {
    /// Never (libpq's `disable`).
    Off,
    /// Only where the server insists (`allow`).
    IfDemanded,
    /// Where the server offers it (`prefer`).
    IfOffered,
    /// Always, or no connection (`require` and stronger).
    Required,
}

/// What a driver checks of the server's certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verifies {
    /// Nothing: anybody may answer.
    Nothing,
    /// The chain to a root.
    Chain,
    /// The chain and the host's name.
    ChainAndHost,
}

/// Which roots a driver verifies against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Roots {
    /// The operating system's.
    System,
    /// A list inside the driver or its runtime.
    Bundled,
    /// A file that the string names.
    File,
}

/// What a driver does with one connection string, before any server is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prediction {
    /// Does the driver take the string, and a stock server what the driver then sends?
    pub accepts: bool,
    /// The text that the user would see, redacted.
    pub error: Option<String>,
    /// Who refuses; where the driver does, everything below is `None` or empty.
    pub refused_by: Option<RefusedBy>,
    /// The hosts and ports in the order in which they are tried; a host is a socket folder where it starts with `/`.
    pub hosts: Vec<(String, u16)>,
    /// The user; `None` where the machine decides.
    pub user: Option<String>,
    /// The database; `None` where the machine decides.
    pub dbname: Option<String>,
    /// The application name that the server sees.
    pub application_name: Option<String>,
    /// When TLS is used.
    pub tls: Option<Tls>,
    /// What is checked of the certificate.
    pub verifies: Option<Verifies>,
    /// Against which roots.
    pub roots: Option<Roots>,
    /// Can a server without TLS, or one that refuses it, get the password in clear?
    pub plaintext_password: Option<bool>,
    /// The files that the driver reads to connect: everything above holds where they are there.
    pub files: Vec<NamedFile>,
    /// What it takes the string for, to be compared with other drivers'; `None` where it refuses it.
    pub parts: Option<Parts>,
}

/// A file that a string names, or a `PG*` variable, and that the driver reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedFile {
    /// The parameter that names it, by libpq's keyword.
    pub parameter: &'static str,
    /// The path, redacted.
    pub path: String,
    /// What the driver does where there is no such file.
    pub without: Without,
}

/// What a driver does without a file that it was to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Without {
    /// It refuses to connect.
    Refuses,
    /// It connects, and verifies nobody.
    VerifiesNothing,
}

/// Where a driver would go with a string, and as whom: nothing of it is redacted, for it is made to
/// be compared and not to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts {
    /// The hosts and ports in the order in which they are tried.
    pub hosts: Vec<(Secret, u16)>,
    /// The user; `None` where the machine decides.
    pub user: Option<Secret>,
    /// The password; `None` where the string gives none.
    pub password: Option<Secret>,
    /// The database; `None` where the machine decides.
    pub dbname: Option<Secret>,
}

/// Returns a string's parts as a driver reads them; `None` where it refuses the string.
pub fn parts(driver: &Driver, text: &str) -> Option<Parts> {
    predict(driver, text).parts
}

/// Predicts what a driver does with a connection string.
///
/// For `sqlalchemy+X`, a bare `postgresql://` is read as `postgresql+X://`; any other scheme as it
/// stands. A stock server is the current PostgreSQL with SCRAM and no pooler.
pub fn predict(driver: &Driver, text: &str) -> Prediction {
    predict_in(driver, text, &Variables::default(), &[])
}

/// Predicts as [`predict`] does, in a process with these variables, of which each driver reads its own,
/// and before a server whose front end takes the words with these beginnings out of `options`.
pub fn predict_in(
    driver: &Driver,
    text: &str,
    variables: &Variables,
    routing: &[&str],
) -> Prediction {
    predict_redacted_in(driver, text, &redact(text), variables, routing)
}

/// Predicts as [`predict_in`] does, for a string that was redacted already: for several drivers that
/// read one string.
pub fn predict_redacted_in(
    driver: &Driver,
    text: &str,
    redacted: &Redacted,
    variables: &Variables,
    routing: &[&str],
) -> Prediction {
    let mut outcome = outcome::read(driver, text, variables);
    if let Ok(reading) = &mut outcome {
        reading.startup.take_out(routing);
    }
    outcome::prediction(outcome, text, redacted)
}

/// Returns the startup parameters that a driver sends because of a connection string and of the
/// variables around it, besides user and database; `None` where it refuses the string.
pub fn startup_parameters(
    driver: &Driver,
    text: &str,
    variables: &Variables,
) -> Option<Vec<(String, String)>> {
    let reading = outcome::read(driver, text, variables).ok()?;
    Some(reading.startup.into_pairs())
}
