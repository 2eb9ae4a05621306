//! The facts as reports show them: sealed, and with the keys and the order of CONTRACT 5.
//!
//! The JSON report is these structs as they stand; the human report reads them.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Serialize, Serializer};

use super::gate::is_secret_keyword;
use super::{Gate, Sealed};
use crate::conninfo::Parsed;
use crate::driver::{RefusedBy, Roots, Tls, Verifies};
use crate::facts::{self, Known, Role, SettingFrom, Stage, StageName};

/// A host with its port; the port is `None` where the string's is no port.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HostPort {
    /// The name, address or socket folder.
    pub host: Sealed,
    /// The port.
    pub port: Option<u16>,
}

/// A connection string, read as the newest libpq reads it, and what each driver does with it.
#[derive(Debug, Serialize)]
pub struct Url {
    /// The variable, or `URL`.
    pub subject: Sealed,
    /// The environment.
    pub environment: Option<Sealed>,
    /// The text to show; `None` where the value is not known.
    pub redacted: Option<Sealed>,
    /// The hosts; `None` where libpq cannot read the string, as for all that follows from it.
    pub hosts: Option<Vec<HostPort>>,
    /// The user; `None` also where the machine decides.
    pub user: Option<Sealed>,
    /// The database; `None` also where the machine decides.
    pub dbname: Option<Sealed>,
    /// Every other parameter, a secret one as `***`.
    pub parameters: Option<BTreeMap<Sealed, Sealed>>,
    /// Who hosts it.
    pub provider: Option<&'static str>,
    /// Whether a pooler answers there.
    pub pooled: Option<bool>,
    /// What each driver does with it.
    pub drivers: Vec<DriverView>,
}

impl Url {
    pub(super) fn new(url: &facts::DatabaseUrl, gate: &Gate) -> Self {
        let parsed = url.text.as_ref().ok().and(url.parsed.as_ref().ok());
        let value = |keyword| {
            let parameter = parsed?.get(keyword)?;
            let text = parameter.value.expose();
            (!text.is_empty()).then(|| gate.seal(text))
        };
        let user = value("user");
        let known = url.text.is_ok();
        Self {
            subject: gate.seal(&url.subject),
            environment: url.environment.as_ref().map(|name| gate.seal(name)),
            redacted: known.then(|| gate.seal(&url.redacted.text)),
            hosts: parsed.map(|parsed| hosts(parsed, gate)),
            dbname: value("dbname").or_else(|| user.clone()),
            user,
            parameters: parsed.map(|parsed| parameters(parsed, gate)),
            provider: url.provider.map(|detected| detected.provider.id),
            pooled: url.provider.and_then(|detected| detected.pooled),
            drivers: url
                .readers
                .iter()
                .map(|reader| DriverView::new(reader, gate))
                .collect(),
        }
    }
}

fn hosts(parsed: &Parsed, gate: &Gate) -> Vec<HostPort> {
    let named = parsed.hosts().into_iter().filter_map(|spec| {
        let host = spec.host.or(spec.hostaddr)?;
        let port = spec.port.filter(|port| !port.is_empty());
        Some(HostPort {
            host: gate.seal(&host),
            port: port.map_or(Some(5432), |port| {
                port.trim().parse().ok().filter(|port| *port > 0)
            }),
        })
    });
    named.collect()
}

fn parameters(parsed: &Parsed, gate: &Gate) -> BTreeMap<Sealed, Sealed> {
    let given = parsed.parameters.iter().filter(|parameter| {
        let shown_elsewhere = matches!(
            parameter.keyword.as_str(),
            "host" | "port" | "user" | "dbname"
        );
        // A part of the authority has no keyword in the string.
        !shown_elsewhere && !parameter.keyword_span.is_empty()
    });
    given
        .map(|parameter| {
            let value = if is_secret_keyword(&parameter.keyword) {
                Sealed::fixed("***")
            } else {
                gate.seal(parameter.value.expose())
            };
            (gate.seal(&parameter.keyword), value)
        })
        .collect()
}

/// What one driver does with a connection string.
#[derive(Debug, Serialize)]
pub struct DriverView {
    /// The driver, as it was asked for.
    pub driver: Sealed,
    /// Does the driver take the string, and a stock server what the driver then sends?
    pub accepts: bool,
    /// The text that the user would see.
    pub error: Option<Sealed>,
    /// `driver` or `server`.
    pub refused_by: Option<&'static str>,
    /// The hosts in the order in which they are tried.
    pub hosts: Vec<HostPort>,
    /// The user.
    pub user: Option<Sealed>,
    /// The database.
    pub dbname: Option<Sealed>,
    /// The application name.
    pub application_name: Option<Sealed>,
    /// `off`, `if-demanded`, `if-offered`, `required`.
    pub tls: Option<&'static str>,
    /// `nothing`, `chain`, `chain-and-host`.
    pub verifies: Option<&'static str>,
    /// `system`, `bundled`, `file`.
    pub roots: Option<&'static str>,
    /// Can a server get the password in clear?
    pub plaintext_password: Option<bool>,
}

impl DriverView {
    fn new(reader: &facts::Reader, gate: &Gate) -> Self {
        let prediction = &reader.prediction;
        let seal = |text: &Option<String>| text.as_ref().map(|text| gate.seal(text));
        let hosts = prediction.hosts.iter().map(|(host, port)| HostPort {
            host: gate.seal(host),
            port: Some(*port),
        });
        Self {
            driver: gate.seal(&reader.driver.to_string()),
            accepts: prediction.accepts,
            error: seal(&prediction.error),
            refused_by: prediction.refused_by.map(|who| match who {
                RefusedBy::Driver => "driver",
                RefusedBy::Server => "server",
            }),
            hosts: hosts.collect(),
            user: seal(&prediction.user),
            dbname: seal(&prediction.dbname),
            application_name: seal(&prediction.application_name),
            tls: prediction.tls.map(|tls| match tls {
                Tls::Off => "off",
                Tls::IfDemanded => "if-demanded",
                Tls::IfOffered => "if-offered",
                Tls::Required => "required",
            }),
            verifies: prediction.verifies.map(|verifies| match verifies {
                Verifies::Nothing => "nothing",
                Verifies::Chain => "chain",
                Verifies::ChainAndHost => "chain-and-host",
            }),
            roots: prediction.roots.map(|roots| match roots {
                Roots::System => "system",
                Roots::Bundled => "bundled",
                Roots::File => "file",
            }),
            plaintext_password: prediction.plaintext_password,
        }
    }
}

/// A database engine in source code.
#[derive(Debug, Serialize)]
pub struct Engine {
    /// The file.
    pub path: Sealed,
    /// The first line of the call.
    pub line: u32,
    /// The function that makes it.
    pub function: Sealed,
    /// `app`, `migration`, `script`, `test`.
    pub role: &'static str,
    /// The driver.
    pub driver: Option<Sealed>,
    /// Where its URL comes from.
    pub url_from: Sealed,
    /// The environment; `None` for the code alone.
    pub environment: Option<Sealed>,
    /// Its settings, in the order of the facts.
    #[serde(serialize_with = "as_map")]
    pub settings: Vec<(&'static str, Setting)>,
}

/// One setting of an engine.
#[derive(Debug, Serialize)]
pub struct Setting {
    /// What the engine gets.
    pub value: Scalar,
    /// What it gets when no variable is set.
    pub code_value: Scalar,
    /// How it got there.
    pub from: Sealed,
    /// The keyword's line.
    pub line: Option<u32>,
    /// Why it is not known; the human report alone says so.
    #[serde(skip)]
    pub reason: Option<Sealed>,
}

/// A value of a setting; [`Scalar::Null`] is Python's `None` and what is not known.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Scalar {
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// `true` or `false`.
    Bool(bool),
    /// A text.
    Text(Sealed),
    /// Nothing.
    Null,
}

impl Scalar {
    fn new(value: Option<&Known>, gate: &Gate) -> Self {
        match value {
            Some(Known::Int(number)) => Self::Int(*number),
            Some(Known::Float(number)) => Self::number(*number),
            Some(Known::Bool(truth)) => Self::Bool(*truth),
            Some(Known::Text(text)) => Self::Text(gate.seal(text)),
            Some(Known::None) | None => Self::Null,
        }
    }

    /// Returns a number, as a whole one where it is one.
    fn number(number: f64) -> Self {
        /// Below this every whole number has an exact `f64`.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        if number.fract() == 0.0 && number.abs() < EXACT {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "a whole number below 2^53 fits"
            )]
            Self::Int(number as i64)
        } else {
            Self::Float(number)
        }
    }
}

impl Engine {
    pub(super) fn new(engine: &facts::Engine, gate: &Gate) -> Self {
        let settings = engine.settings.iter().map(|(name, setting)| {
            let setting = Setting {
                value: Scalar::new(setting.value.as_ref(), gate),
                code_value: Scalar::new(setting.code_value.as_ref(), gate),
                from: source(&setting.from, gate),
                line: setting.line,
                reason: match &setting.from {
                    SettingFrom::Unknown(reason) => Some(gate.seal(reason).one_line()),
                    _ => None,
                },
            };
            (*name, setting)
        });
        Self {
            path: gate.seal(&engine.path),
            line: engine.line,
            function: gate.seal(&engine.function),
            role: match engine.role {
                Role::App => "app",
                Role::Migration => "migration",
                Role::Script => "script",
                Role::Test => "test",
            },
            driver: engine
                .driver
                .as_ref()
                .map(|driver| gate.seal(&driver.to_string())),
            url_from: gate.seal(&engine.url_from),
            environment: engine.environment.as_ref().map(|name| gate.seal(name)),
            settings: settings.collect(),
        }
    }
}

fn source(from: &SettingFrom, gate: &Gate) -> Sealed {
    match from {
        SettingFrom::Literal => Sealed::fixed("literal"),
        SettingFrom::Constant => Sealed::fixed("constant"),
        SettingFrom::Env(name) => gate.seal(&format!("env:{name}")),
        SettingFrom::EnvDefault(name) => gate.seal(&format!("env-default:{name}")),
        SettingFrom::LibraryDefault => Sealed::fixed("library-default"),
        SettingFrom::NotApplicable => Sealed::fixed("not-applicable"),
        SettingFrom::Unknown(_) => Sealed::fixed("unknown"),
    }
}

fn as_map<S: Serializer>(
    settings: &[(&'static str, Setting)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(settings.iter().map(|(name, setting)| (name, setting)))
}

/// One attempt to connect to one address.
#[derive(Debug, Serialize)]
pub struct Connection {
    /// The host that was asked for.
    pub host: Sealed,
    /// The port.
    pub port: u16,
    /// The address that was dialled.
    pub address: Option<Sealed>,
    /// The stages in their order.
    pub stages: Vec<StageView>,
    /// The cause of the failure, where it can be known.
    pub cause: Option<&'static str>,
    /// Every cause that fits, where it cannot.
    pub candidates: Vec<&'static str>,
    /// What the handshake showed.
    pub tls: Option<TlsView>,
    /// What the server said of itself.
    pub server: Option<ServerView>,
    /// The sessions by application name.
    pub activity: Vec<ActivityView>,
}

/// How a stage ended.
#[derive(Debug, Serialize)]
pub struct StageView {
    /// `dns`, `tcp`, `tls`, `auth`, `query`.
    pub stage: &'static str,
    /// `pass`, `fail`, `not-run`.
    pub result: &'static str,
    /// How long it took, in milliseconds.
    pub ms: Option<f64>,
}

/// What the TLS handshake showed.
#[derive(Debug, Serialize)]
pub struct TlsView {
    /// `TLSv1.3`
    pub version: Sealed,
    /// The cipher suite.
    pub cipher: Sealed,
    /// Whether the chain leads to a trusted root.
    pub chain_verified: bool,
    /// Whether the certificate names the host.
    pub host_verified: bool,
    /// When the certificate ends.
    pub not_after: Option<Sealed>,
    /// Its issuer.
    pub issuer: Option<Sealed>,
}

/// What the server said of itself.
#[derive(Debug, Serialize)]
pub struct ServerView {
    /// The version.
    pub version: Sealed,
    /// The pooler in between.
    pub pooler: Option<Sealed>,
    /// The server's limit.
    pub max_connections: Option<u32>,
    /// Whether it is a standby.
    pub in_recovery: bool,
}

/// The sessions of one application name; what the role may not see is `None`.
#[derive(Debug, Serialize)]
pub struct ActivityView {
    /// The name.
    pub application_name: Sealed,
    /// All sessions.
    pub total: Option<u32>,
    /// Those that run a statement.
    pub active: Option<u32>,
    /// Those that wait for a command.
    pub idle: Option<u32>,
    /// Those that wait for a command inside a transaction.
    pub idle_in_transaction: Option<u32>,
    /// Those that wait for a lock.
    pub waiting: Option<u32>,
    /// Those without TLS.
    pub unencrypted: Option<u32>,
    /// The age of the oldest transaction, in seconds.
    pub oldest_transaction_s: Option<f64>,
}

impl Connection {
    pub(super) fn new(connection: &facts::Connection, gate: &Gate) -> Self {
        let failure = connection
            .stages
            .iter()
            .find_map(|report| match &report.stage {
                Stage::Failed(failure) => Some(failure),
                Stage::NotRun | Stage::Done(()) => None,
            });
        Self {
            host: gate.seal(&connection.host),
            port: connection.port,
            address: connection.address.as_ref().map(|text| gate.seal(text)),
            stages: connection.stages.iter().map(StageView::new).collect(),
            cause: failure.and_then(|failure| failure.cause),
            candidates: failure.map_or_else(Vec::new, |failure| failure.candidates.clone()),
            tls: connection.tls.as_ref().map(|tls| TlsView::new(tls, gate)),
            server: connection
                .server
                .as_ref()
                .map(|server| ServerView::new(server, gate)),
            activity: connection
                .activity
                .iter()
                .flatten()
                .map(|row| ActivityView::new(row, gate))
                .collect(),
        }
    }
}

impl StageView {
    fn new(report: &facts::StageReport) -> Self {
        Self {
            stage: match report.name {
                StageName::Dns => "dns",
                StageName::Tcp => "tcp",
                StageName::Tls => "tls",
                StageName::Auth => "auth",
                StageName::Query => "query",
            },
            result: match report.stage {
                Stage::NotRun => "not-run",
                Stage::Failed(_) => "fail",
                Stage::Done(()) => "pass",
            },
            ms: report.took.map(|took| rounded(took) * 1000.0).map(tidy),
        }
    }
}

impl TlsView {
    fn new(tls: &facts::TlsFacts, gate: &Gate) -> Self {
        Self {
            version: gate.seal(&tls.version),
            cipher: gate.seal(&tls.cipher),
            chain_verified: tls.chain_verified,
            host_verified: tls.host_verified,
            not_after: tls.not_after.as_ref().map(|text| gate.seal(text)),
            issuer: tls.issuer.as_ref().map(|text| gate.seal(text)),
        }
    }
}

impl ServerView {
    fn new(server: &facts::ServerFacts, gate: &Gate) -> Self {
        Self {
            version: gate.seal(&server.version),
            pooler: server.pooler.as_ref().map(|text| gate.seal(text)),
            max_connections: server.max_connections,
            in_recovery: server.in_recovery,
        }
    }
}

impl ActivityView {
    fn new(row: &facts::ActivityRow, gate: &Gate) -> Self {
        Self {
            application_name: gate.seal(&row.application_name),
            total: row.total,
            active: row.active,
            idle: row.idle,
            idle_in_transaction: row.idle_in_transaction,
            waiting: row.waiting,
            unencrypted: row.unencrypted,
            oldest_transaction_s: row.oldest_transaction.map(rounded),
        }
    }
}

/// One number that a health endpoint or a log states.
#[derive(Debug, Serialize)]
pub struct Metric {
    /// Our name for it.
    pub name: &'static str,
    /// The number.
    pub value: Scalar,
    /// Where it stood.
    pub source: Sealed,
}

impl Metric {
    pub(super) fn new(metric: &facts::Metric, gate: &Gate) -> Self {
        Self {
            name: metric.name,
            value: Scalar::number(metric.value),
            source: gate.seal(&metric.source),
        }
    }
}

/// Returns seconds to the microsecond: what lies below is noise.
fn rounded(duration: Duration) -> f64 {
    Duration::from_micros(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)).as_secs_f64()
}

/// Returns a number without the dust of a multiplication.
fn tidy(number: f64) -> f64 {
    (number * 1000.0).round() / 1000.0
}
