//! What a string wants, in no driver's words.

use std::net::IpAddr;

use super::super::outcome::{self, Reading};
use super::super::{Driver, Kind, Roots, Tls, Variables, Verifies, guc, server};
use super::lenient;

/// The TLS policy, by libpq's words and in libpq's sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mode {
    Disable,
    Allow,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

impl Mode {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Allow => "allow",
            Self::Prefer => "prefer",
            Self::Require => "require",
            Self::VerifyCa => "verify-ca",
            Self::VerifyFull => "verify-full",
        }
    }
}

/// Which roots a certificate must lead to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    /// `~/.postgresql/root.crt`
    Default,
    /// The public ones, of the system or of the runtime.
    Public,
    /// Those in a file.
    File(String),
}

/// What a string wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Intent {
    pub(super) hosts: Vec<(String, u16)>,
    pub(super) user: Option<String>,
    pub(super) password: Option<String>,
    pub(super) dbname: Option<String>,
    pub(super) mode: Mode,
    pub(super) trust: Trust,
    pub(super) application_name: Option<String>,
    /// The server's command line.
    pub(super) options: Option<String>,
    /// Settings of the server.
    pub(super) settings: Vec<(String, String)>,
    /// Parameters of the client, by libpq's keyword where libpq has one.
    pub(super) client: Vec<(String, String)>,
    pub(super) lost: Vec<String>,
    pub(super) warnings: Vec<String>,
}

impl Intent {
    /// Returns whether every host is a socket folder, where no TLS is spoken.
    pub(super) fn is_local(&self) -> bool {
        !self.hosts.is_empty() && self.hosts.iter().all(|(host, _)| host.starts_with('/'))
    }
}

/// Reads a string as its driver does, or leniently where the driver refuses it.
pub(super) fn read(driver: &Driver, text: &str) -> Option<Intent> {
    match outcome::read(driver, text, &Variables::default()) {
        Ok(reading) if !is_misread(driver, text, &reading) => {
            Some(of_reading(driver.kind, reading))
        }
        _ => lenient::read(text),
    }
}

/// node-postgres takes anything, and postgres.js any scheme: what is no URL of Postgres was meant
/// otherwise. A password that was cut in two was meant as one, too.
fn is_misread(driver: &Driver, text: &str, reading: &Reading) -> bool {
    let no_url = driver.kind == Kind::NodePostgres
        && reading.hosts.iter().any(|(host, _)| host == "base")
        && !text.contains("//base");
    let cut = reading.hosts.iter().any(|(host, _)| is_no_host(host));
    let dirty = reading
        .dbname
        .as_deref()
        .is_some_and(|name| name.contains("sslmode=") || name.ends_with(char::is_whitespace));
    no_url || cut || dirty
}

/// Takes a socket's file apart: some drivers are given its folder and its port instead.
fn in_folder((host, port): (String, u16)) -> (String, u16) {
    match host.rsplit_once("/.s.PGSQL.") {
        Some((folder, number)) if !folder.is_empty() => match number.parse() {
            Ok(number) => (folder.to_owned(), number),
            Err(_) => (host, port),
        },
        _ => (host, port),
    }
}

/// Returns whether nobody can be called so: a piece of something else, or a host with its port.
fn is_no_host(host: &str) -> bool {
    let address = host.split('%').next().unwrap_or_default();
    !host.starts_with('/')
        && address.parse::<IpAddr>().is_err()
        && host.contains(['@', ' ', '\n', '%', '[', ':', ','])
}

fn of_reading(kind: Kind, reading: Reading) -> Intent {
    let mut intent = Intent {
        mode: mode(&reading),
        trust: match (reading.roots, reading.root_file) {
            (Some(Roots::System | Roots::Bundled), _) => Trust::Public,
            (_, Some(file)) if file != "system" => Trust::File(file),
            _ => Trust::Default,
        },
        hosts: reading.hosts.into_iter().map(in_folder).collect(),
        user: reading.user,
        password: reading.password,
        dbname: reading.dbname,
        application_name: None,
        options: None,
        settings: Vec::new(),
        client: reading.client,
        lost: Vec::new(),
        warnings: Vec::new(),
    };
    let user = intent.user.clone();
    if kind == Kind::TokioPostgres && intent.mode == Mode::Require {
        intent.warnings.push(
            "what tokio-postgres verified was its connector's choice; the string asks for TLS alone"
                .to_owned(),
        );
    }
    for (name, value) in reading.startup.iter() {
        match name {
            "user" => intent.user = Some(value.to_owned()),
            "database" => intent.dbname = Some(value.to_owned()),
            "options" => intent.options = Some(value.to_owned()),
            "application_name" if kind == Kind::PostgresJs && value == "postgres.js" => {}
            _ if name.eq_ignore_ascii_case("application_name") => {
                intent.application_name = Some(value.to_owned());
            }
            _ if name == "replication"
                || guc::set(name, value, user.as_deref().unwrap_or_default()).is_ok() =>
            {
                intent.settings.push((name.to_owned(), value.to_owned()));
            }
            // Some drivers send the server whatever they do not know: it was meant for another one.
            _ => {
                lenient::parameter(name, value.to_owned(), &mut intent);
                lenient::strengthen(&mut intent);
            }
        }
    }
    // A name on the command line counts for libpq, and would lose against a driver's own.
    if intent.application_name.is_none() {
        intent.application_name = intent
            .options
            .as_deref()
            .and_then(server::assignments)
            .into_iter()
            .flatten()
            .rfind(|(name, _)| name.eq_ignore_ascii_case("application_name"))
            .map(|(_, value)| value);
    }
    intent
}

fn mode(reading: &Reading) -> Mode {
    match (reading.tls, reading.verifies) {
        (None | Some(Tls::Off), _) => Mode::Disable,
        (Some(Tls::IfDemanded), _) => Mode::Allow,
        (Some(Tls::IfOffered), _) => Mode::Prefer,
        (Some(Tls::Required), Some(Verifies::Chain)) => Mode::VerifyCa,
        (Some(Tls::Required), Some(Verifies::ChainAndHost)) => Mode::VerifyFull,
        (Some(Tls::Required), _) => Mode::Require,
    }
}
