//! From a driver's reading to the prediction: asks the stock server, and redacts.

use super::grammar::sqlalchemy::Release;
use super::libpq::{self, Version};
use super::message::Message;
use super::server::{self, Startup};
use super::{
    Driver, Kind, NamedFile, Parts, Prediction, RefusedBy, Roots, Tls, Variables, Verifies, Without,
};
use super::{asyncpg, node_postgres, postgres_js, psycopg, psycopg2, sqlalchemy, tokio_postgres};
use crate::conninfo::Redacted;
use crate::value::Secret;

/// What a driver took from a string, or the text with which it refuses it.
pub(super) type Outcome = Result<Reading, Message>;

/// What a driver took from a string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) hosts: Vec<(String, u16)>,
    pub(super) user: Option<String>,
    pub(super) dbname: Option<String>,
    pub(super) password: Option<String>,
    pub(super) tls: Option<Tls>,
    pub(super) verifies: Option<Verifies>,
    pub(super) roots: Option<Roots>,
    pub(super) plaintext_password: Option<bool>,
    pub(super) startup: Startup,
    /// The file that `roots` stands for.
    pub(super) root_file: Option<String>,
    /// What else the driver takes for itself, by libpq's keyword where libpq has one.
    pub(super) client: Vec<(String, String)>,
    /// The files that it reads, by parameter and path.
    pub(super) files: Vec<(&'static str, String, Without)>,
    /// It sends a password as it stands, and PostgreSQL keeps that password in another form.
    pub(super) unprepared: bool,
}

/// A port as the sockets of C see it: the last 16 bits.
pub(super) fn wrapped_port(number: i128) -> u16 {
    u16::try_from(number & 0xffff).unwrap_or_default()
}

/// Reads a string as a driver does in a process with these variables; pg8000 and tokio-postgres look
/// at none.
pub(super) fn read(driver: &Driver, text: &str, variables: &Variables) -> Outcome {
    match driver.kind {
        Kind::Libpq => libpq::read(libpq_version(driver), text, variables),
        Kind::Psycopg2 => psycopg2::read(text, variables),
        Kind::Psycopg => psycopg::read(text, variables),
        Kind::Asyncpg => asyncpg::read(text, variables),
        Kind::SqlalchemyPsycopg2
        | Kind::SqlalchemyPsycopg
        | Kind::SqlalchemyAsyncpg
        | Kind::SqlalchemyPg8000 => sqlalchemy::read(driver.kind, release(driver), text, variables),
        Kind::NodePostgres => node_postgres::read(text, variables),
        Kind::PostgresJs => postgres_js::read(text, variables),
        Kind::TokioPostgres => tokio_postgres::read(text),
    }
}

pub(super) fn libpq_version(driver: &Driver) -> Version {
    match driver
        .version
        .as_deref()
        .and_then(|version| version.get(..2))
    {
        Some("15") => Version::V15,
        Some("16") => Version::V16,
        Some("17") => Version::V17,
        _ => Version::V18,
    }
}

pub(super) fn release(driver: &Driver) -> Release {
    match driver
        .version
        .as_deref()
        .and_then(|version| version.get(..3))
    {
        Some("1.4") => Release::V14,
        Some("2.0") => Release::V20,
        _ => Release::V21,
    }
}

/// Turns a reading into a prediction: what a stock server says to it, and nothing secret in it.
pub(super) fn prediction(outcome: Outcome, text: &str, redacted: &Redacted) -> Prediction {
    let reading = match outcome {
        Ok(reading) => reading,
        Err(message) => return refused(&message, &Shown::of(text, redacted, None)),
    };
    let shown = Shown::of(text, redacted, reading.password.as_deref());
    let (user, dbname) = identity(&reading);
    let started = if reading.unprepared {
        let user = user.as_deref().unwrap_or_default();
        Err(Message::of(&[
            "password authentication failed for user \"",
            user,
            "\"",
        ]))
    } else {
        server::start((user.as_deref(), dbname.as_deref()), &reading.startup)
    };
    let hosts = reading.hosts.iter();
    let parts = Parts {
        hosts: hosts
            .map(|(host, port)| (Secret::new(host.clone()), *port))
            .collect(),
        user: user.clone().map(Secret::new),
        password: reading.password.map(Secret::new),
        dbname: dbname.clone().map(Secret::new),
    };
    let (refusal, application_name) = match started {
        Ok(name) => (None, name),
        Err(message) => (Some(message), None),
    };
    let show = |text: String| shown.show(&text);
    Prediction {
        accepts: refusal.is_none(),
        error: refusal
            .as_ref()
            .map(|message| message.render(|echo| shown.show(echo))),
        refused_by: refusal.map(|_| RefusedBy::Server),
        hosts: reading
            .hosts
            .into_iter()
            .map(|(host, port)| shown.host(host, port))
            .collect(),
        user: user.map(show),
        dbname: dbname.map(show),
        application_name: application_name.map(show),
        tls: reading.tls,
        verifies: reading.verifies,
        roots: reading.roots,
        plaintext_password: reading.plaintext_password,
        files: reading
            .files
            .into_iter()
            .map(|(parameter, path, without)| NamedFile {
                parameter,
                path: shown.show(&path),
                without,
            })
            .collect(),
        parts: Some(parts),
    }
}

/// Returns the user and the database that the server sees.
fn identity(reading: &Reading) -> (Option<String>, Option<String>) {
    let (user, database) = server::identity(&reading.startup);
    let user = user.map(str::to_owned).or_else(|| reading.user.clone());
    let database = match database {
        Some("") => user.clone(),
        Some(database) => Some(database.to_owned()),
        None => reading.dbname.clone(),
    };
    (user, database)
}

fn refused(message: &Message, shown: &Shown) -> Prediction {
    Prediction {
        accepts: false,
        error: Some(message.render(|echo| shown.show(echo))),
        refused_by: Some(RefusedBy::Driver),
        hosts: Vec::new(),
        user: None,
        dbname: None,
        application_name: None,
        tls: None,
        verifies: None,
        roots: None,
        plaintext_password: None,
        files: Vec::new(),
        parts: None,
    }
}

/// Decides what of a string may be shown. Where a driver reads the secrets as everybody does, all
/// else may; where it reads them differently, a piece may be shown only where it stands outside
/// every secret.
enum Shown {
    Everything,
    Only(Vec<String>),
}

impl Shown {
    fn of(text: &str, redacted: &Redacted, password: Option<&str>) -> Self {
        if redacted.replaced.is_empty() {
            return Self::Everything;
        }
        let decoded = |text: &str| {
            percent_encoding::percent_decode_str(text)
                .decode_utf8_lossy()
                .into_owned()
        };
        if let ([(secret, _)], Some(password)) = (redacted.replaced.as_slice(), password)
            && let Some(secret) = text.get(secret.start..secret.end)
            && (secret == password || decoded(secret) == password)
        {
            return Self::Everything;
        }
        let plus = redacted.text.replace('+', " ");
        Self::Only(vec![
            decoded(&redacted.text),
            decoded(&plus),
            redacted.text.to_lowercase(),
            redacted.text.clone(),
        ])
    }

    fn show(&self, piece: &str) -> String {
        match self {
            Self::Only(texts) if !texts.iter().any(|text| text.contains(piece)) => "***".to_owned(),
            _ => piece.to_owned(),
        }
    }

    /// A host that may not be shown takes its port along.
    fn host(&self, host: String, port: u16) -> (String, u16) {
        match self {
            Self::Everything => (host, port),
            Self::Only(_) => {
                let shown = self.show(&host);
                let port_shows = port == 5432 || self.show(&port.to_string()) != "***";
                if shown == host && port_shows {
                    (host, port)
                } else {
                    ("***".to_owned(), if port_shows { port } else { 0 })
                }
            }
        }
    }
}
