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
        }
    }

    /// Adds the names of variables that are set to what nobody knows.
    #[must_use]
    pub fn with_unknown<'a>(mut self, names: impl IntoIterator<Item = &'a str>) -> Self {
        let names = names.into_iter().filter(|name| name.starts_with("PG"));
        self.unknown.extend(names.map(str::to_owned));
        self
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
        let is_libpq = matches!(
            kind,
            Kind::Libpq
                | Kind::Psycopg2
                | Kind::Psycopg
                | Kind::SqlalchemyPsycopg2
                | Kind::SqlalchemyPsycopg
        );
        self.filled("PGHOSTADDR").filter(|_| is_libpq)
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
