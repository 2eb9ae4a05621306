//! One attempt to connect, and what the server said.

use std::time::Duration;

use serde::{Serialize, Serializer};

use super::{BreakdownView, SessionsView};
use crate::facts::{self, Stage, StageName};
use crate::report::{Gate, Sealed};

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
    /// The sessions by something else; only `activity --by` has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub breakdown: Option<BreakdownView>,
    /// The sessions that are worth a line; only `activity` has them.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "sessions_alone"
    )]
    pub sessions: Option<SessionsView>,
}

/// Writes the sessions alone: `blocked_by` says who waits for whom.
#[expect(clippy::ref_option, reason = "serde's signature")]
fn sessions_alone<S: Serializer>(told: &Option<SessionsView>, to: S) -> Result<S::Ok, S::Error> {
    told.as_ref().map(|told| &told.all).serialize(to)
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

/// The sessions of one application name.
#[derive(Debug, Serialize)]
pub struct ActivityView {
    /// The name.
    pub application_name: Sealed,
    /// How many there are.
    #[serde(flatten)]
    pub counts: Counts,
}

/// How many sessions there are; what the role may not see is `None`.
#[derive(Debug, Serialize)]
pub struct Counts {
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
    pub(in crate::report) fn new(connection: &facts::Connection, gate: &Gate) -> Self {
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
                .map(|row| ActivityView {
                    application_name: gate.seal(&row.application_name),
                    counts: Counts::new(row),
                })
                .collect(),
            breakdown: connection
                .breakdown
                .as_ref()
                .map(|told| BreakdownView::new(told, gate)),
            sessions: connection
                .sessions
                .as_ref()
                .map(|told| SessionsView::new(told, gate)),
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

impl Counts {
    pub(super) fn new(row: &facts::ActivityRow) -> Self {
        Self {
            total: row.total,
            active: row.active,
            idle: row.idle,
            idle_in_transaction: row.idle_in_transaction,
            waiting: row.waiting,
            unencrypted: row.unencrypted,
            oldest_transaction_s: row.oldest_transaction.map(rounded),
        }
    }

    /// Returns the counts in the order in which they are shown.
    pub fn in_order(&self) -> [Option<u32>; 6] {
        [
            self.total,
            self.active,
            self.idle,
            self.idle_in_transaction,
            self.waiting,
            self.unencrypted,
        ]
    }
}

/// Returns seconds to the microsecond: what lies below is noise.
pub(super) fn rounded(duration: Duration) -> f64 {
    Duration::from_micros(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)).as_secs_f64()
}

/// Returns a number without the dust of a multiplication.
fn tidy(number: f64) -> f64 {
    (number * 1000.0).round() / 1000.0
}
