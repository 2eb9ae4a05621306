//! Writes an intent as a driver reads it.

use super::super::libpq::{self, Version};
use super::super::{Driver, Kind, Variables, outcome, predict_in};
use super::Translation;
use super::code::Code;
use super::intent::{Intent, Mode, Trust};
use super::url::{self, UrlParts};
use crate::value::Secret;

/// A translation in the making.
pub(super) struct Draft {
    pub(super) url: UrlParts,
    pub(super) code: Code,
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
    draft.leave_out(to);
    if connect_args.is_none() && !accepted(&draft.url, to) {
        draft.warn(&format!(
            "{to} does not take this string either: dbharden url says why"
        ));
    }
    Translation {
        url: Secret::new(draft.url.write()),
        connect_args,
        lost: draft.lost,
        warnings: draft.warnings,
    }
}

/// Returns whether a driver takes a URL, and a server what the driver then sends.
fn accepted(url: &UrlParts, to: &Driver) -> bool {
    predict_in(to, &url.write(), &Variables::default(), ROUTING).accepts
}

/// Returns the parameters that are kept, in their order.
fn chosen(all: &[(String, String)], kept: &[bool]) -> Vec<(String, String)> {
    let pairs = all.iter().zip(kept).filter(|(_, kept)| **kept);
    pairs.map(|(pair, _)| pair.clone()).collect()
}

/// How the words begin by which a provider's front end finds the server, and takes them out.
const ROUTING: &[&str] = &["endpoint=", "project=", "neon_", "reference=", "--cluster="];

/// Returns whether `options` may say to a provider's front end which server is meant.
fn routes(options: &str) -> bool {
    ROUTING
        .iter()
        .any(|start| options.split(' ').any(|word| word.starts_with(start)))
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

pub(super) fn libpq_of(driver: &Driver) -> Version {
    match driver.kind {
        Kind::Libpq => outcome::libpq_version(driver),
        Kind::Psycopg2 | Kind::SqlalchemyPsycopg2 => Version::V17,
        _ => Version::V18,
    }
}

/// The parameters that say where a string leads, as whom, and over which TLS: they are never left out.
const NEVER_LEFT_OUT: &[&str] = &[
    "host",
    "hostaddr",
    "port",
    "unix_sock",
    "ssl",
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "sslnegotiation",
    "channel_binding",
    "require_auth",
    "uselibpqcompat",
];

impl Draft {
    /// Leaves out, one by one, the parameters whose values the driver or a server refuses.
    fn leave_out(&mut self, to: &Driver) {
        let accepted = |url: &UrlParts| accepted(url, to);
        if accepted(&self.url) {
            return;
        }
        let all = std::mem::take(&mut self.url.parameters);
        let needed = |name: &str, value: &str| {
            NEVER_LEFT_OUT.contains(&name) || (name == "options" && routes(value))
        };
        self.url.parameters = all
            .iter()
            .filter(|(name, value)| needed(name, value))
            .cloned()
            .collect();
        if !accepted(&self.url) {
            // Something else is wrong: nothing would be won.
            self.url.parameters = all;
            return;
        }
        // Those that are needed stand already; each other one joins them where it is taken.
        let mut kept: Vec<bool> = all
            .iter()
            .map(|(name, value)| needed(name, value))
            .collect();
        for index in 0..all.len() {
            if kept[index] {
                continue;
            }
            kept[index] = true;
            self.url.parameters = chosen(&all, &kept);
            kept[index] = accepted(&self.url);
            if !kept[index] {
                self.lose(&all[index].0, "its value is refused");
            }
        }
        self.url.parameters = chosen(&all, &kept);
    }

    pub(super) fn lose(&mut self, name: &str, why: &str) {
        self.lost.push(format!("{name}: {why}"));
    }

    pub(super) fn warn(&mut self, text: &str) {
        self.warnings.push(text.to_owned());
    }

    /// Writes the client's parameters that a driver knows by libpq's name, and names the rest.
    pub(super) fn client(&mut self, intent: &Intent, known: &[&str], driver: &str) {
        for (name, value) in &intent.client {
            if known.contains(&name.as_str()) {
                self.url.add(name, value);
            } else {
                self.lose(name, &format!("{driver} has nothing like it"));
            }
        }
    }

    /// Puts every host into the authority.
    pub(super) fn authority(&mut self, intent: &Intent) {
        let hosts: Vec<_> = intent
            .hosts
            .iter()
            .map(|(host, port)| format!("{}:{port}", url::host(host)))
            .collect();
        self.url.authority = hosts.join(",");
    }

    /// Puts the first host into the authority and names the others.
    pub(super) fn first_host(&mut self, intent: &Intent, driver: &str) {
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

    pub(super) fn common(&mut self, intent: &Intent) {
        if let Some(name) = &intent.application_name {
            self.url.add("application_name", name);
        }
    }

    /// Hands settings over on the server's command line.
    pub(super) fn command_line(&mut self, intent: &Intent) {
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

    pub(super) fn settings_beside_the_command_line(
        &mut self,
        intent: &Intent,
        known: bool,
        driver: &str,
    ) {
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

    pub(super) fn libpq_parameters(&mut self, intent: &Intent, version: Version) {
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
pub(super) fn seconds(value: &str) -> Option<f64> {
    let seconds: f64 = value.trim().parse().ok()?;
    (seconds > 0.0 && seconds.is_finite()).then_some(seconds)
}

pub(super) fn timeout(intent: &Intent) -> Option<f64> {
    intent
        .client
        .iter()
        .find(|(name, _)| name == "connect_timeout")
        .and_then(|(_, value)| seconds(value))
}

pub(super) fn without_timeout(intent: &Intent) -> Intent {
    let mut intent = intent.clone();
    intent.client.retain(|(name, _)| name != "connect_timeout");
    intent
}
