//! The `PG*` variables of the process that reads a connection string.

use std::collections::BTreeMap;

use super::Kind;
use crate::value::Secret;

/// The `PG*` variables of the process that reads a connection string.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variables(BTreeMap<String, Secret>);

impl Variables {
    /// Keeps the `PG*` variables of a process.
    pub fn of<'a>(variables: impl IntoIterator<Item = (&'a str, &'a Secret)>) -> Self {
        Self(
            variables
                .into_iter()
                .filter(|(name, _)| name.starts_with("PG"))
                .map(|(name, value)| (name.to_owned(), value.clone()))
                .collect(),
        )
    }

    /// Returns whether no variable says anything.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
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
        self.0.get(name).map(Secret::expose)
    }

    /// Returns a variable where it is not empty.
    pub(super) fn filled(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }
}
