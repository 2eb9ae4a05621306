//! Writes an intent as a driver reads it.

use super::super::grammar::sqlalchemy::Release;
use super::super::libpq::{self, Version};
use super::super::{Driver, Kind, outcome, server};
use super::Translation;
use super::code::{Checks, Code, dictionary, literal};
use super::intent::{Intent, Mode, Trust};
use super::url::{self, UrlParts};
use crate::value::Secret;

/// A translation in the making.
struct Draft {
    url: UrlParts,
    code: Code,
    lost: Vec<String>,
    warnings: Vec<String>,
}

/// Writes an intent for a driver.
pub(super) fn write(intent: &Intent, to: &Driver) -> Translation {
    let mut draft = Draft {
        url: UrlParts {
            scheme: scheme(to.kind),
            user: intent.user.clone(),
            password: intent.password.clone(),
            path: intent.dbname.as_deref().map(url::part).unwrap_or_default(),
            ..UrlParts::default()
        },
        code: Code::default(),
        lost: intent.lost.clone(),
        warnings: intent.warnings.clone(),
    };
    let connect_args = match to.kind {
        Kind::Libpq | Kind::Psycopg2 | Kind::Psycopg => {
            draft.libpq(intent, libpq_of(to));
            draft.code.python()
        }
        Kind::SqlalchemyPsycopg2 | Kind::SqlalchemyPsycopg => {
            draft.sqlalchemy_psycopg(intent, to);
            draft.code.python()
        }
        Kind::Asyncpg => {
            draft.asyncpg(intent);
            draft.code.python()
        }
        Kind::SqlalchemyAsyncpg => {
            draft.sqlalchemy_asyncpg(intent, to);
            draft.code.python()
        }
        Kind::SqlalchemyPg8000 => {
            draft.pg8000(intent, to);
            draft.code.python()
        }
        Kind::NodePostgres => {
            draft.node_postgres(intent);
            draft.code.javascript()
        }
        Kind::PostgresJs => {
            draft.postgres_js(intent);
            draft.code.javascript()
        }
        Kind::TokioPostgres => draft.tokio_postgres(intent),
    };
    Translation {
        url: Secret::new(draft.url.write()),
        connect_args,
        lost: draft.lost,
        warnings: draft.warnings,
    }
}

fn scheme(kind: Kind) -> &'static str {
    match kind {
        Kind::SqlalchemyPsycopg2 => "postgresql+psycopg2",
        Kind::SqlalchemyPsycopg => "postgresql+psycopg",
        Kind::SqlalchemyAsyncpg => "postgresql+asyncpg",
        Kind::SqlalchemyPg8000 => "postgresql+pg8000",
        _ => "postgresql",
    }
}

fn libpq_of(driver: &Driver) -> Version {
    match driver.kind {
        Kind::Libpq => outcome::libpq_version(driver),
        Kind::Psycopg2 | Kind::SqlalchemyPsycopg2 => Version::V17,
        _ => Version::V18,
    }
}

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
const NODE_CLIENT: &[&str] = &["sslcert", "sslkey", "sslnegotiation"];
const POSTGRES_JS_CLIENT: &[&str] = &[
    "connect_timeout",
    "target_session_attrs",
    "sslnegotiation",
    "max",
    "idle_timeout",
    "max_lifetime",
    "max_pipeline",
    "backoff",
    "keep_alive",
    "prepare",
    "debug",
    "fetch_types",
    "publications",
];
const TOKIO_CLIENT: &[&str] = &[
    "connect_timeout",
    "target_session_attrs",
    "channel_binding",
    "hostaddr",
    "load_balance_hosts",
    "sslnegotiation",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
];

impl Draft {
    fn lose(&mut self, name: &str, why: &str) {
        self.lost.push(format!("{name}: {why}"));
    }

    fn warn(&mut self, text: &str) {
        self.warnings.push(text.to_owned());
    }

    /// Writes the client's parameters that a driver knows by libpq's name, and names the rest.
    fn client(&mut self, intent: &Intent, known: &[&str], driver: &str) {
        for (name, value) in &intent.client {
            if known.contains(&name.as_str()) {
                self.url.add(name, value);
            } else {
                self.lose(name, &format!("{driver} has nothing like it"));
            }
        }
    }

    /// Puts every host into the authority.
    fn authority(&mut self, intent: &Intent) {
        let hosts: Vec<_> = intent
            .hosts
            .iter()
            .map(|(host, port)| format!("{}:{port}", url::host(host)))
            .collect();
        self.url.authority = hosts.join(",");
    }

    /// Puts the first host into the authority and names the others.
    fn first_host(&mut self, intent: &Intent, driver: &str) {
        if let Some((host, port)) = intent.hosts.first() {
            self.url.authority = format!("{}:{port}", url::host(host));
        }
        if intent.hosts.len() > 1 {
            self.lose(
                "the hosts after the first",
                &format!("{driver} takes one host"),
            );
        }
    }

    fn common(&mut self, intent: &Intent) {
        if let Some(name) = &intent.application_name {
            self.url.add("application_name", name);
        }
    }

    /// Hands settings over on the server's command line.
    fn command_line(&mut self, intent: &Intent) {
        let mut line = intent.options.clone().unwrap_or_default();
        for (name, value) in &intent.settings {
            if name == "client_encoding" || name == "replication" {
                continue;
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str("-c ");
            line.push_str(&escaped(&format!("{name}={value}")));
        }
        if !line.is_empty() {
            self.url.add("options", &line);
        }
    }

    fn settings_beside_the_command_line(&mut self, intent: &Intent, known: bool, driver: &str) {
        for (name, value) in &intent.settings {
            if name == "client_encoding" || name == "replication" {
                if known {
                    self.url.add(name, value);
                } else {
                    self.lose(name, &format!("{driver} sets its own"));
                }
            }
        }
    }

    fn libpq(&mut self, intent: &Intent, version: Version) {
        self.authority(intent);
        self.libpq_parameters(intent, version);
    }

    fn libpq_parameters(&mut self, intent: &Intent, version: Version) {
        if !intent.is_local() {
            self.libpq_tls(intent, version);
        }
        self.common(intent);
        self.command_line(intent);
        self.settings_beside_the_command_line(intent, true, "libpq");
        for (name, value) in &intent.client {
            if name == "connect_timeout" {
                if let Some(seconds) = seconds(value) {
                    self.url.add(name, &format!("{:.0}", seconds.ceil()));
                }
            } else if libpq::keyword(version, name).is_some() {
                self.url.add(name, value);
            } else {
                self.lose(name, "this libpq does not know it");
            }
        }
    }

    fn libpq_tls(&mut self, intent: &Intent, version: Version) {
        let (mut mode, mut file) = (intent.mode, None);
        match &intent.trust {
            Trust::File(path) => file = Some(path.clone()),
            Trust::Public if mode < Mode::VerifyCa => {}
            Trust::Public if version >= Version::V16 => {
                mode = Mode::VerifyFull;
                file = Some("system".to_owned());
                self.warn("sslrootcert=system trusts the roots of the system");
            }
            Trust::Public => {
                self.lose(
                    "the public roots",
                    "libpq knows sslrootcert=system from 16 on; name a file of roots",
                );
            }
            Trust::Default => {}
        }
        if mode != Mode::Prefer {
            self.url.add("sslmode", mode.name());
        }
        if let Some(file) = file.filter(|_| mode > Mode::Disable) {
            self.url.add("sslrootcert", &file);
        }
    }

    /// SQLAlchemy reads one host in the authority, no socket and no list.
    fn sqlalchemy_authority(&mut self, intent: &Intent, to: &Driver, database: &str) {
        let release = outcome::release(to);
        match intent.hosts.as_slice() {
            [(host, port)] if !host.starts_with('/') => {
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

    fn sqlalchemy_psycopg(&mut self, intent: &Intent, to: &Driver) {
        let database = if outcome::release(to) == Release::V14 {
            "database"
        } else {
            "dbname"
        };
        self.sqlalchemy_authority(intent, to, database);
        self.libpq_parameters(intent, libpq_of(to));
    }

    fn asyncpg(&mut self, intent: &Intent) {
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

    fn sqlalchemy_asyncpg(&mut self, intent: &Intent, to: &Driver) {
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

    fn pg8000(&mut self, intent: &Intent, to: &Driver) {
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
                    .python_context("ssl_context", None, Checks::Nothing)
            }
            Mode::Require | Mode::VerifyCa => {
                self.code.python_context("ssl_context", file, Checks::Chain)
            }
            Mode::VerifyFull => self
                .code
                .python_context("ssl_context", file, Checks::ChainAndHost),
        }
        if intent.mode >= Mode::VerifyCa && intent.trust == Trust::Default {
            self.warn("the context trusts the system's roots, not ~/.postgresql/root.crt");
        }
    }

    fn node_postgres(&mut self, intent: &Intent) {
        if intent.is_local() {
            let (folder, port) = &intent.hosts[0];
            self.url.add("host", folder);
            self.url.add("port", &port.to_string());
        } else {
            self.first_host(intent, "node-postgres");
            self.node_tls(intent);
        }
        // pg leaves the escapes of the URL's own marks in the database's name as they are.
        if let Some(name) = &intent.dbname {
            self.url.path = node_path(name);
            if name.contains(['?', '#']) {
                self.lose("the database", "pg cannot read ? or # in its name");
            }
        }
        self.common(intent);
        self.command_line(intent);
        self.settings_beside_the_command_line(intent, false, "node-postgres");
        if let Some(seconds) = timeout(intent) {
            self.code.add(
                "connectionTimeoutMillis",
                format!("{:.0}", seconds * 1000.0),
            );
        }
        self.client(&without_timeout(intent), NODE_CLIENT, "node-postgres");
    }

    fn node_tls(&mut self, intent: &Intent) {
        let file = match &intent.trust {
            Trust::File(file) => Some(file.clone()),
            Trust::Default | Trust::Public => None,
        };
        match intent.mode {
            Mode::Disable => self.url.add("sslmode", "disable"),
            Mode::Allow | Mode::Prefer => {
                self.warn("node-postgres cannot fall back: it now requires TLS");
                self.compatible("prefer", None);
            }
            Mode::Require | Mode::VerifyCa if file.is_some() => {
                self.compatible("verify-ca", file.as_deref())
            }
            Mode::Require => self.compatible("require", None),
            Mode::VerifyCa | Mode::VerifyFull => {
                if intent.trust == Trust::Default {
                    self.warn("node-postgres trusts its bundled roots, not ~/.postgresql/root.crt");
                }
                self.url.add("sslmode", "verify-full");
                if let Some(file) = file {
                    self.url.add("sslrootcert", &file);
                }
            }
        }
    }

    fn compatible(&mut self, mode: &str, file: Option<&str>) {
        self.url.add("uselibpqcompat", "true");
        self.url.add("sslmode", mode);
        if let Some(file) = file {
            self.url.add("sslrootcert", file);
        }
    }

    fn postgres_js(&mut self, intent: &Intent) {
        let (ipv6, local) = (
            intent.hosts.iter().any(|(host, _)| host.contains(':')),
            intent.is_local(),
        );
        if local {
            self.url.authority = "localhost".to_owned();
            self.code.add("host", literal(&intent.hosts[0].0));
            self.code.add("port", intent.hosts[0].1.to_string());
        } else if ipv6 {
            self.url.authority = "localhost".to_owned();
            let hosts: Vec<_> = intent.hosts.iter().map(|(host, _)| literal(host)).collect();
            let ports: Vec<_> = intent
                .hosts
                .iter()
                .map(|(_, port)| port.to_string())
                .collect();
            self.code.add("host", format!("[{}]", hosts.join(", ")));
            self.code.add("port", format!("[{}]", ports.join(", ")));
        } else {
            self.authority(intent);
        }
        if !local {
            self.postgres_js_tls(intent);
        }
        if let Some(name) = &intent.dbname
            && url::part(name) != *name
        {
            self.url.path.clear();
            self.code.add("database", literal(name));
        }
        self.common(intent);
        if let Some(options) = &intent.options {
            self.url.add("options", options);
        }
        for (name, value) in &intent.settings {
            self.url.add(name, value);
        }
        let mut intent = intent.clone();
        intent
            .client
            .retain(|(name, value)| name != "target_session_attrs" || value != "any");
        self.client(&intent, POSTGRES_JS_CLIENT, "postgres.js");
    }

    fn postgres_js_tls(&mut self, intent: &Intent) {
        match (&intent.trust, intent.mode) {
            (_, Mode::Disable) => {}
            (_, Mode::Allow | Mode::Prefer) => self.url.add("sslmode", "prefer"),
            (Trust::File(file), Mode::Require | Mode::VerifyCa) => self.code.add(
                "ssl",
                format!(
                    "{{ ca: require('fs').readFileSync({}), checkServerIdentity: () => undefined }}",
                    literal(file)
                ),
            ),
            (_, Mode::Require) => self.url.add("sslmode", "require"),
            (Trust::File(file), _) => self.code.add(
                "ssl",
                format!("{{ ca: require('fs').readFileSync({}) }}", literal(file)),
            ),
            (trust, _) => {
                if *trust == Trust::Default {
                    self.warn("postgres.js trusts its bundled roots, not ~/.postgresql/root.crt");
                }
                self.url.add("sslmode", "verify-full");
            }
        }
    }

    fn tokio_postgres(&mut self, intent: &Intent) -> Option<String> {
        self.authority(intent);
        let mut code = None;
        if !intent.is_local() {
            match intent.mode {
                Mode::Disable => self.url.add("sslmode", "disable"),
                Mode::Allow => self.warn("tokio-postgres cannot allow TLS: it prefers it"),
                Mode::Prefer => {}
                _ => self.url.add("sslmode", "require"),
            }
            code = connector(intent);
        }
        self.common(intent);
        self.command_line(intent);
        self.settings_beside_the_command_line(intent, false, "tokio-postgres");
        let mut intent = intent.clone();
        for (name, value) in &mut intent.client {
            match (name.as_str(), seconds(value)) {
                ("connect_timeout", Some(seconds)) => *value = format!("{:.0}", seconds.ceil()),
                ("keepalives_count", _) => "keepalives_retries".clone_into(name),
                _ => {}
            }
        }
        let known = |name: &str, value: &str| match name {
            "target_session_attrs" => matches!(value, "any" | "read-write" | "read-only"),
            "keepalives_retries" => true,
            name => TOKIO_CLIENT.contains(&name),
        };
        for (name, value) in &intent.client {
            if known(name, value) {
                self.url.add(name, value);
            } else {
                self.lose(name, "tokio-postgres has nothing like it");
            }
        }
        code
    }
}

fn connector(intent: &Intent) -> Option<String> {
    let roots = match &intent.trust {
        Trust::File(file) => format!("the roots in {}", literal(file)),
        Trust::Public => "the public roots".to_owned(),
        Trust::Default => "the roots in ~/.postgresql/root.crt".to_owned(),
    };
    match intent.mode {
        Mode::VerifyFull => Some(format!(
            "// give tokio_postgres::connect a TLS connector that verifies the chain and the host against {roots}"
        )),
        Mode::VerifyCa => Some(format!(
            "// give tokio_postgres::connect a TLS connector that verifies the chain against {roots}"
        )),
        _ => None,
    }
}

/// The database's name in a URL for node-postgres.
fn node_path(name: &str) -> String {
    let mut path = String::new();
    for c in name.chars() {
        if ";/:@&=+$,".contains(c) {
            path.push(c);
        } else {
            path.push_str(&url::part(c.encode_utf8(&mut [0; 4])));
        }
    }
    path
}

/// Escapes white space and backslashes for the server's command line.
fn escaped(word: &str) -> String {
    let mut escaped = String::with_capacity(word.len());
    for c in word.chars() {
        if c.is_ascii_whitespace() || matches!(c, '\\' | '\x0b') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// Reads a timeout; zero and less mean that there is none.
fn seconds(value: &str) -> Option<f64> {
    let seconds: f64 = value.trim().parse().ok()?;
    (seconds > 0.0 && seconds.is_finite()).then_some(seconds)
}

fn timeout(intent: &Intent) -> Option<f64> {
    intent
        .client
        .iter()
        .find(|(name, _)| name == "connect_timeout")
        .and_then(|(_, value)| seconds(value))
}

fn without_timeout(intent: &Intent) -> Intent {
    let mut intent = intent.clone();
    intent.client.retain(|(name, _)| name != "connect_timeout");
    intent
}
