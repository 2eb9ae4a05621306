//! The spelling of a driver: `asyncpg`, `libpq@16`, `sqlalchemy@1.4+psycopg2`.

use std::fmt;
use std::str::FromStr;

use super::{Driver, Kind, UnknownDriver};

impl Kind {
    /// Every driver, in the order of the help.
    pub const ALL: [Self; 11] = [
        Self::Libpq,
        Self::Psycopg2,
        Self::Psycopg,
        Self::Asyncpg,
        Self::SqlalchemyPsycopg2,
        Self::SqlalchemyPsycopg,
        Self::SqlalchemyAsyncpg,
        Self::SqlalchemyPg8000,
        Self::NodePostgres,
        Self::PostgresJs,
        Self::TokioPostgres,
    ];

    /// Returns the name without a version.
    pub fn name(self) -> &'static str {
        match self {
            Self::Libpq => "libpq",
            Self::Psycopg2 => "psycopg2",
            Self::Psycopg => "psycopg",
            Self::Asyncpg => "asyncpg",
            Self::SqlalchemyPsycopg2 => "sqlalchemy+psycopg2",
            Self::SqlalchemyPsycopg => "sqlalchemy+psycopg",
            Self::SqlalchemyAsyncpg => "sqlalchemy+asyncpg",
            Self::SqlalchemyPg8000 => "sqlalchemy+pg8000",
            Self::NodePostgres => "node-postgres",
            Self::PostgresJs => "postgres.js",
            Self::TokioPostgres => "tokio-postgres",
        }
    }

    /// Returns the versions that may be named, oldest first; the tables hold only the newest of
    /// the rest.
    pub fn versions(self) -> &'static [&'static str] {
        match self {
            Self::Libpq => &["15", "16", "17", "18"],
            Self::SqlalchemyPsycopg2
            | Self::SqlalchemyPsycopg
            | Self::SqlalchemyAsyncpg
            | Self::SqlalchemyPg8000 => &["1.4", "2.0", "2.1"],
            Self::Psycopg2 => &["2.9"],
            Self::Psycopg => &["3.3"],
            Self::Asyncpg => &["0.32"],
            Self::NodePostgres => &["8.23"],
            Self::PostgresJs => &["3.4"],
            Self::TokioPostgres => &["0.7"],
        }
    }
}

impl Driver {
    /// Returns the newest version of a driver.
    pub fn newest(kind: Kind) -> Self {
        Self {
            kind,
            version: None,
        }
    }
}

impl fmt::Display for Driver {
    /// Writes the spelling of the command line: `asyncpg`, `sqlalchemy@1.4+psycopg2`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.kind.name();
        match (&self.version, name.split_once('+')) {
            (None, _) => f.write_str(name),
            (Some(version), None) => write!(f, "{name}@{version}"),
            (Some(version), Some((library, dialect))) => {
                write!(f, "{library}@{version}+{dialect}")
            }
        }
    }
}

impl FromStr for Driver {
    type Err = UnknownDriver;

    fn from_str(text: &str) -> Result<Self, UnknownDriver> {
        let (bare, version) = split_version(text);
        let kind = Kind::ALL.into_iter().find(|kind| kind.name() == bare);
        let known = |kind: Kind, version: &str| {
            kind.versions().iter().any(|known| {
                version == *known
                    || version
                        .strip_prefix(known)
                        .is_some_and(|patch| patch.starts_with('.') && patch.len() > 1)
            })
        };
        match (kind, version) {
            (Some(kind), None) => Ok(Self::newest(kind)),
            (Some(kind), Some(version)) if known(kind, version) => Ok(Self {
                kind,
                version: Some(version.to_owned()),
            }),
            (Some(kind), Some(_)) => Err(UnknownDriver {
                did_you_mean: kind.versions().last().map(|version| {
                    Self {
                        kind,
                        version: Some((*version).to_owned()),
                    }
                    .to_string()
                }),
            }),
            (None, _) => Err(UnknownDriver {
                did_you_mean: nearest(&bare),
            }),
        }
    }
}

/// Takes the version out: `sqlalchemy@1.4+psycopg2` is `sqlalchemy+psycopg2` at `1.4`.
fn split_version(text: &str) -> (String, Option<&str>) {
    let Some((library, rest)) = text.split_once('@') else {
        return (text.to_owned(), None);
    };
    match rest.split_once('+') {
        Some((version, dialect)) => (format!("{library}+{dialect}"), Some(version)),
        None => (library.to_owned(), Some(rest)),
    }
}

/// Other names that people use for a driver.
const ALIASES: &[(&str, &str)] = &[
    ("pg", "node-postgres"),
    ("node", "node-postgres"),
    ("postgres", "postgres.js"),
    ("postgresjs", "postgres.js"),
    ("psql", "libpq"),
    ("pg_dump", "libpq"),
    ("psycopg3", "psycopg"),
    ("psycopg2-binary", "psycopg2"),
    ("pg8000", "sqlalchemy+pg8000"),
    ("sqlalchemy", "sqlalchemy+psycopg2"),
    ("rust-postgres", "tokio-postgres"),
];

fn nearest(text: &str) -> Option<String> {
    let text = text.to_ascii_lowercase();
    if let Some((_, name)) = ALIASES.iter().find(|(alias, _)| *alias == text) {
        return Some((*name).to_owned());
    }
    Kind::ALL
        .into_iter()
        .map(|kind| (distance(&text, kind.name()), kind.name()))
        .min()
        .filter(|&(distance, name)| distance <= name.len() / 3)
        .map(|(_, name)| name.to_owned())
}

/// The number of single-character edits between two texts.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, &y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::{Driver, Kind};

    #[test]
    fn every_spelling_is_read_back() {
        for kind in Kind::ALL {
            let newest = Driver::newest(kind);
            assert_eq!(newest.to_string().parse(), Ok(newest.clone()));
            for version in kind.versions() {
                let driver = Driver {
                    kind,
                    version: Some((*version).to_owned()),
                };
                assert_eq!(driver.to_string().parse(), Ok(driver.clone()));
            }
        }
        let driver: Result<Driver, _> = "sqlalchemy@1.4+psycopg2".parse();
        assert_eq!(
            driver.map(|driver| (driver.kind, driver.version)),
            Ok((Kind::SqlalchemyPsycopg2, Some("1.4".to_owned())))
        );
    }

    #[test]
    fn a_near_miss_names_the_driver_that_was_meant() {
        for (text, expected) in [
            ("asyncgp", Some("asyncpg")),
            ("pg", Some("node-postgres")),
            ("libpq@14", Some("libpq@18")),
            ("sqlalchemy@3+asyncpg", Some("sqlalchemy@2.1+asyncpg")),
            ("sqlalchemy+asyncpgg", Some("sqlalchemy+asyncpg")),
            ("jdbc", None),
        ] {
            let error = text
                .parse::<Driver>()
                .err()
                .and_then(|error| error.did_you_mean);
            assert_eq!(error.as_deref(), expected, "{text}");
        }
    }
}
