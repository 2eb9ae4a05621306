//! The `PG*` variables of the process that reads a connection string.

use std::collections::{BTreeMap, BTreeSet};

use super::Kind;
use crate::value::Secret;

/// The `PG*` variables of the process that reads a connection string.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variables {
    known: BTreeMap<String, Secret>,
    /// Those that are set to what nobody knows.
    unknown: BTreeSet<String>,
    /// The connection service files' paths and texts, in the order in which libpq reads them.
    service_files: Vec<(String, Secret)>,
}

impl Variables {
    /// Keeps the `PG*` variables of a process.
    pub fn of<'a>(variables: impl IntoIterator<Item = (&'a str, &'a Secret)>) -> Self {
        let variables = variables.into_iter();
        Self {
            known: variables
                .filter(|(name, _)| name.starts_with("PG"))
                .map(|(name, value)| (name.to_owned(), value.clone()))
                .collect(),
            unknown: BTreeSet::new(),
            service_files: Vec::new(),
        }
    }

    /// Adds the names of variables that are set to what nobody knows.
    #[must_use]
    pub fn with_unknown<'a>(mut self, names: impl IntoIterator<Item = &'a str>) -> Self {
        let names = names.into_iter().filter(|name| name.starts_with("PG"));
        self.unknown.extend(names.map(str::to_owned));
        self
    }

    /// Adds the connection service files, by path and text, in the order in which libpq reads them.
    #[must_use]
    pub fn with_service_files(mut self, files: Vec<(String, Secret)>) -> Self {
        self.service_files = files;
        self
    }

    /// Returns the connection service files' paths and texts.
    pub(super) fn service_files(&self) -> impl Iterator<Item = (&str, &str)> {
        let files = self.service_files.iter();
        files.map(|(path, text)| (path.as_str(), text.expose()))
    }

    /// Returns whether a variable is set to what nobody knows, and a driver reads it: pg8000 and
    /// tokio-postgres read none, postgres.js no `PGSSLMODE`.
    pub fn hides(&self, name: &str, kind: Kind) -> bool {
        let reads = match kind {
            Kind::SqlalchemyPg8000 | Kind::TokioPostgres => false,
            Kind::PostgresJs => name != "PGSSLMODE",
            _ => true,
        };
        reads && self.unknown.contains(name)
    }

    /// Returns the addresses that libpq dials instead of the host's name.
    pub fn hostaddr(&self, kind: Kind) -> Option<&str> {
        self.filled("PGHOSTADDR").filter(|_| kind.is_libpq())
    }

    /// Returns the names of the variables whose values are known.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.known.keys().map(String::as_str)
    }

    /// Returns the variables without one of them.
    #[must_use]
    pub fn without(&self, name: &str) -> Self {
        let mut left = self.clone();
        left.known.remove(name);
        left
    }

    /// Returns whether no variable says anything.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty() && self.unknown.is_empty()
    }

    /// Returns the seconds to wait for a connection, where a driver takes them from a variable.
    pub fn connect_timeout(&self, kind: Kind) -> Option<&str> {
        let reads = match kind {
            Kind::Libpq
            | Kind::Psycopg2
            | Kind::Psycopg
            | Kind::SqlalchemyPsycopg2
            | Kind::SqlalchemyPsycopg
            | Kind::PostgresJs => true,
            Kind::Asyncpg
            | Kind::SqlalchemyAsyncpg
            | Kind::SqlalchemyPg8000
            | Kind::NodePostgres
            | Kind::TokioPostgres => false,
        };
        self.filled("PGCONNECT_TIMEOUT").filter(|_| reads)
    }

    /// Returns a variable, also where it is empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.known.get(name).map(Secret::expose)
    }

    /// Returns a variable where it is not empty.
    pub(super) fn filled(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }
}

impl Kind {
    /// Returns whether libpq connects in the end, with its variables and its service file.
    pub fn is_libpq(self) -> bool {
        matches!(
            self,
            Self::Libpq
                | Self::Psycopg2
                | Self::Psycopg
                | Self::SqlalchemyPsycopg2
                | Self::SqlalchemyPsycopg
        )
    }
}
