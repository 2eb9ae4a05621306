//! Writes for the drivers of Python that are not libpq.

use super::super::grammar::sqlalchemy::Release;
use super::super::{Driver, outcome, server};
use super::code::{Checks, dictionary};
use super::intent::{Intent, Mode, Trust};
use super::write::{Draft, libpq_of, timeout, without_timeout};

/// The client's parameters that stand for themselves in a driver's string.
const ASYNCPG_CLIENT: &[&str] = &[
    "target_session_attrs",
    "sslcert",
    "sslkey",
    "sslcrl",
    "sslpassword",
    "sslnegotiation",
    "ssl_min_protocol_version",
    "ssl_max_protocol_version",
    "krbsrvname",
    "gsslib",
    "passfile",
    "service",
];
const SQLALCHEMY_ASYNCPG_CLIENT: &[&str] = &[
    "target_session_attrs",
    "krbsrvname",
    "gsslib",
    "passfile",
    "service",
    "command_timeout",
    "prepared_statement_cache_size",
];

/// Returns whether a host can stand in the authority, which SQLAlchemy does not decode.
fn stands_raw(host: &str) -> bool {
    let stands = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '%');
    host.chars().all(stands)
}

impl Draft {
    /// SQLAlchemy reads one host in the authority, no socket and no list.
    fn sqlalchemy_authority(&mut self, intent: &Intent, to: &Driver, database: &str) {
        let release = outcome::release(to);
        match intent.hosts.as_slice() {
            [(host, port)] if stands_raw(host) => {
                let host = if host.contains(':') {
                    format!("[{host}]")
                } else {
                    host.clone()
                };
                self.url.authority = format!("{host}:{port}");
            }
            [(host, port)] => {
                self.url.add("host", host);
                self.url.add("port", &port.to_string());
            }
            hosts => {
                let join = |texts: Vec<String>| texts.join(",");
                self.url.add(
                    "host",
                    &join(hosts.iter().map(|(host, _)| host.clone()).collect()),
                );
                self.url.add(
                    "port",
                    &join(hosts.iter().map(|(_, port)| port.to_string()).collect()),
                );
            }
        }
        // Before 2.1, SQLAlchemy does not decode the database.
        let plain = |name: &str| {
            name.chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
        };
        if let Some(name) = intent.dbname.as_deref()
            && release < Release::V21
            && !plain(name)
        {
            self.url.path.clear();
            self.url.add(database, name);
        }
    }

    pub(super) fn sqlalchemy_psycopg(&mut self, intent: &Intent, to: &Driver) {
        let database = if outcome::release(to) == Release::V14 {
            "database"
        } else {
            "dbname"
        };
        self.sqlalchemy_authority(intent, to, database);
        self.libpq_parameters(intent, libpq_of(to));
    }

    pub(super) fn asyncpg(&mut self, intent: &Intent) {
        self.authority(intent);
        if !intent.is_local() {
            match (&intent.trust, intent.mode) {
                (Trust::Public, Mode::VerifyCa | Mode::VerifyFull) => {
                    self.code.python_context("ssl", None, Checks::ChainAndHost);
                    self.warn("pass connect_args on: asyncpg.connect(dsn, **connect_args)");
                }
                (Trust::File(file), mode) => {
                    if mode != Mode::Prefer {
                        self.url.add("sslmode", mode.name());
                    }
                    if mode >= Mode::Require {
                        self.url.add("sslrootcert", file);
                    } else if mode > Mode::Disable {
                        self.lose("sslrootcert", "asyncpg verifies from sslmode=require on");
                    }
                }
                (_, Mode::Prefer) => {}
                (_, mode) => {
                    if mode >= Mode::VerifyCa {
                        self.warn("asyncpg needs ~/.postgresql/root.crt, or sslrootcert");
                    }
                    self.url.add("sslmode", mode.name());
                }
            }
        }
        self.common(intent);
        if let Some(options) = &intent.options {
            self.url.add("options", options);
        }
        for (name, value) in &intent.settings {
            self.url.add(name, value);
        }
        self.asyncpg_timeout(intent);
        self.client(&without_timeout(intent), ASYNCPG_CLIENT, "asyncpg");
    }

    fn asyncpg_timeout(&mut self, intent: &Intent) {
        if let Some(seconds) = timeout(intent) {
            self.code.add("timeout", seconds.to_string());
        }
    }

    pub(super) fn sqlalchemy_asyncpg(&mut self, intent: &Intent, to: &Driver) {
        self.sqlalchemy_authority(intent, to, "database");
        if outcome::release(to) == Release::V14 && intent.hosts.len() > 1 {
            self.lose(
                "the hosts after the first",
                "SQLAlchemy 1.4 hands asyncpg one host",
            );
            self.url
                .parameters
                .retain(|(name, _)| !matches!(name.as_str(), "host" | "port"));
            let (host, port) = &intent.hosts[0];
            self.url.authority = format!("{host}:{port}");
        }
        if !intent.is_local() {
            match (&intent.trust, intent.mode) {
                (Trust::File(file), Mode::VerifyFull) => {
                    self.code
                        .python_context("ssl", Some(file), Checks::ChainAndHost);
                }
                (Trust::File(file), Mode::Require | Mode::VerifyCa) => {
                    self.code.python_context("ssl", Some(file), Checks::Chain);
                }
                (Trust::Public, Mode::VerifyCa | Mode::VerifyFull) => {
                    self.code.python_context("ssl", None, Checks::ChainAndHost);
                }
                (trust, mode) => {
                    if matches!(trust, Trust::File(_)) && mode > Mode::Disable {
                        self.lose("sslrootcert", "asyncpg verifies from ssl=require on");
                    }
                    if mode != Mode::Prefer {
                        self.url.add("ssl", mode.name());
                    }
                }
            }
        }
        self.asyncpg_timeout(intent);
        let mut settings = intent.settings.clone();
        if let Some(name) = &intent.application_name {
            settings.insert(0, ("application_name".to_owned(), name.clone()));
        }
        self.options_as_settings(intent, &mut settings);
        if !settings.is_empty() {
            self.code.add("server_settings", dictionary(&settings));
        }
        self.client(
            &without_timeout(intent),
            SQLALCHEMY_ASYNCPG_CLIENT,
            "SQLAlchemy's asyncpg dialect",
        );
    }

    fn options_as_settings(&mut self, intent: &Intent, settings: &mut Vec<(String, String)>) {
        let Some(options) = &intent.options else {
            return;
        };
        match server::assignments(options) {
            Some(pairs) => settings.extend(pairs),
            None => self.lose("options", "only -c NAME=VALUE becomes a setting"),
        }
    }

    pub(super) fn pg8000(&mut self, intent: &Intent, to: &Driver) {
        if intent.is_local() {
            let (folder, port) = &intent.hosts[0];
            self.url
                .add("unix_sock", &format!("{folder}/.s.PGSQL.{port}"));
            if intent.hosts.len() > 1 {
                self.lose("the hosts after the first", "pg8000 takes one host");
            }
        } else {
            let mut one = intent.clone();
            one.hosts.truncate(1);
            self.sqlalchemy_authority(&one, to, "database");
            if intent.hosts.len() > 1 {
                self.lose("the hosts after the first", "pg8000 takes one host");
            }
            self.pg8000_tls(intent);
        }
        self.common(intent);
        let mut settings = intent.settings.clone();
        settings.retain(|(name, _)| name != "client_encoding");
        let other = |(name, value): &(String, String)| {
            let letters = value.chars().filter(char::is_ascii_alphanumeric);
            let letters = letters.collect::<String>().to_ascii_lowercase();
            name == "client_encoding" && !matches!(letters.as_str(), "utf8" | "unicode")
        };
        if intent.settings.iter().any(other) {
            self.lose("client_encoding", "pg8000 speaks UTF-8");
        }
        if let Some(options) = &intent.options {
            settings.push(("options".to_owned(), options.clone()));
        }
        if !settings.is_empty() {
            self.code.add("startup_params", dictionary(&settings));
        }
        if timeout(intent).is_some() {
            self.lose(
                "connect_timeout",
                "pg8000's timeout also ends every longer query",
            );
        }
        self.client(&without_timeout(intent), &[], "pg8000");
    }

    fn pg8000_tls(&mut self, intent: &Intent) {
        let file = match &intent.trust {
            Trust::File(file) => Some(file.as_str()),
            Trust::Default | Trust::Public => None,
        };
        match intent.mode {
            Mode::Disable => self.code.add("ssl_context", "False"),
            Mode::Allow => self.warn("pg8000 cannot allow TLS: it prefers it"),
            Mode::Prefer => {
                if file.is_some() {
                    self.lose("sslrootcert", "pg8000 verifies only where it requires TLS");
                }
            }
            Mode::Require if file.is_none() => {
                self.code
                    .python_context("ssl_context", None, Checks::Nothing);
            }
            Mode::Require | Mode::VerifyCa => {
                self.code.python_context("ssl_context", file, Checks::Chain);
            }
            Mode::VerifyFull => self
                .code
                .python_context("ssl_context", file, Checks::ChainAndHost),
        }
        if intent.mode >= Mode::VerifyCa && intent.trust == Trust::Default {
            self.warn("the context trusts the system's roots, not ~/.postgresql/root.crt");
        }
    }
}
