//! How each driver spells what every application needs: the words of a fix.
//!
//! Source: the drivers themselves, in the versions of `tests/drivers`, which also prove the
//! parameters named here.

use std::time::Duration;

use super::{Driver, Kind};
use crate::conninfo;

/// How a driver is told one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The parameter of the connection string; `None` where none does it.
    pub parameter: Option<&'static str>,
    /// The code that does it.
    pub code: &'static str,
}

/// How a driver spells what every application needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spelling {
    /// The scheme to write.
    pub scheme: &'static str,
    /// TLS or no connection; the parameter takes libpq's mode as its value.
    pub tls: Setting,
    /// The server's identity, with the machine's roots, whole.
    pub verify_full: Setting,
    /// The application's name.
    pub application_name: Setting,
    /// The seconds to wait for a connection.
    pub connect_timeout: Setting,
    /// How long the driver waits when nobody says so; `None` means without end.
    pub default_connect_timeout: Option<Duration>,
}

/// The code that gives SQLAlchemy's asyncpg and pg8000 engines a verified context.
const CONTEXT: &str = "connect_args={\"ssl\": ssl.create_default_context()}";

impl Kind {
    /// Returns whether SQLAlchemy stands between the string and the driver.
    pub fn is_sqlalchemy(self) -> bool {
        self.name().starts_with("sqlalchemy+")
    }

    /// Returns whether a parameter that the driver takes has an effect: node-postgres takes any name
    /// and looks at these alone (pg 8.23 and pg-connection-string 2.14, read in source).
    pub fn knows_parameter(self, name: &str) -> bool {
        self != Self::NodePostgres || NODE_POSTGRES.contains(&name)
    }

    /// Returns how the driver spells what every application needs.
    pub fn spelling(self) -> Spelling {
        match self {
            Self::Libpq => libpq("postgresql", "the connection string"),
            Self::Psycopg2 => libpq("postgresql", "psycopg2.connect(…)"),
            Self::Psycopg => libpq("postgresql", "psycopg.connect(…)"),
            Self::SqlalchemyPsycopg2 => libpq("postgresql+psycopg2", "connect_args={…}"),
            Self::SqlalchemyPsycopg => libpq("postgresql+psycopg", "connect_args={…}"),
            Self::TokioPostgres => Spelling {
                verify_full: Setting {
                    parameter: None,
                    code: "a TLS connector that verifies",
                },
                ..libpq("postgresql", "tokio_postgres::Config")
            },
            Self::Asyncpg => ASYNCPG,
            Self::SqlalchemyAsyncpg => SQLALCHEMY_ASYNCPG,
            Self::SqlalchemyPg8000 => SQLALCHEMY_PG8000,
            Self::NodePostgres => NODE,
            Self::PostgresJs => POSTGRES_JS,
        }
    }
}

/// What node-postgres reads of a connection string's query.
const NODE_POSTGRES: [&str; 21] = [
    "application_name",
    "binary",
    "client_encoding",
    "fallback_application_name",
    "host",
    "idle_in_transaction_session_timeout",
    "lock_timeout",
    "options",
    "password",
    "port",
    "query_timeout",
    "replication",
    "ssl",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslnegotiation",
    "sslrootcert",
    "statement_timeout",
    "uselibpqcompat",
    "user",
];

/// What asyncpg wants.
const ASYNCPG: Spelling = Spelling {
    scheme: "postgresql",
    tls: Setting {
        parameter: Some("sslmode"),
        code: "ssl=\"require\"",
    },
    verify_full: Setting {
        parameter: None,
        code: "ssl=ssl.create_default_context()",
    },
    application_name: Setting {
        parameter: Some("application_name"),
        code: "server_settings={\"application_name\": …}",
    },
    connect_timeout: Setting {
        parameter: None,
        code: "timeout=10",
    },
    default_connect_timeout: Some(ASYNCPG_TIMEOUT),
};

/// What SQLAlchemy's asyncpg dialect wants.
const SQLALCHEMY_ASYNCPG: Spelling = Spelling {
    scheme: "postgresql+asyncpg",
    tls: Setting {
        parameter: Some("ssl"),
        code: "connect_args={\"ssl\": \"require\"}",
    },
    verify_full: Setting {
        parameter: None,
        code: CONTEXT,
    },
    application_name: Setting {
        parameter: None,
        code: "connect_args={\"server_settings\": {\"application_name\": …}}",
    },
    connect_timeout: Setting {
        parameter: None,
        code: "connect_args={\"timeout\": 10}",
    },
    default_connect_timeout: Some(ASYNCPG_TIMEOUT),
};

/// What SQLAlchemy's pg8000 dialect wants.
const SQLALCHEMY_PG8000: Spelling = Spelling {
    scheme: "postgresql+pg8000",
    tls: Setting {
        parameter: None,
        code: "connect_args={\"ssl_context\": True}",
    },
    verify_full: Setting {
        parameter: None,
        code: "connect_args={\"ssl_context\": ssl.create_default_context()}",
    },
    application_name: Setting {
        parameter: Some("application_name"),
        code: "connect_args={\"application_name\": …}",
    },
    connect_timeout: Setting {
        parameter: None,
        code: "connect_args={\"timeout\": 10}",
    },
    default_connect_timeout: None,
};

/// What node-postgres wants.
const NODE: Spelling = Spelling {
    scheme: "postgresql",
    tls: Setting {
        parameter: Some("sslmode"),
        code: "ssl: true",
    },
    verify_full: Setting {
        parameter: Some("sslmode=verify-full"),
        code: "ssl: true",
    },
    application_name: Setting {
        parameter: Some("application_name"),
        code: "application_name: …",
    },
    connect_timeout: Setting {
        parameter: None,
        code: "connectionTimeoutMillis: 10000",
    },
    default_connect_timeout: None,
};

/// What postgres.js wants.
const POSTGRES_JS: Spelling = Spelling {
    scheme: "postgresql",
    tls: Setting {
        parameter: Some("sslmode"),
        code: "ssl: 'require'",
    },
    verify_full: Setting {
        parameter: Some("sslmode=verify-full"),
        code: "ssl: 'verify-full'",
    },
    application_name: Setting {
        parameter: Some("application_name"),
        code: "connection: { application_name: … }",
    },
    connect_timeout: Setting {
        parameter: Some("connect_timeout"),
        code: "connect_timeout: 10",
    },
    default_connect_timeout: Some(Duration::from_secs(30)),
};

/// asyncpg 0.32: `connect(timeout=60)`.
const ASYNCPG_TIMEOUT: Duration = Duration::from_mins(1);

/// Returns the spelling of the drivers that hand the parameters to libpq, or take libpq's.
fn libpq(scheme: &'static str, code: &'static str) -> Spelling {
    Spelling {
        scheme,
        tls: Setting {
            parameter: Some("sslmode"),
            code,
        },
        verify_full: Setting {
            parameter: Some("sslmode=verify-full&sslrootcert=system"),
            code,
        },
        application_name: Setting {
            parameter: Some("application_name"),
            code,
        },
        connect_timeout: Setting {
            parameter: Some("connect_timeout"),
            code,
        },
        default_connect_timeout: None,
    }
}

impl Driver {
    /// Returns the driver that a connection string's scheme names; `None` where it names none.
    pub fn of_scheme(text: &str) -> Option<Self> {
        let scheme = conninfo::core(text).scheme?;
        let (dialect, driver) = text[scheme.start..scheme.end].split_once('+')?;
        let kind = match driver {
            "psycopg2" | "psycopg2cffi" => Kind::SqlalchemyPsycopg2,
            "psycopg" | "psycopg_async" => Kind::SqlalchemyPsycopg,
            "asyncpg" => Kind::SqlalchemyAsyncpg,
            "pg8000" => Kind::SqlalchemyPg8000,
            _ => return None,
        };
        matches!(dialect, "postgresql" | "postgres").then(|| Self::newest(kind))
    }
}
