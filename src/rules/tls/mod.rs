//! The **tls** family: what the handshake showed, whatever the sslmode demanded of it.

mod certificate_chain;
mod certificate_expiry;
mod certificate_host;
mod version;

use super::session::{Encryption, encryption, is_near};
use super::{Finding, Outcome, Rule, Verdict};
use crate::facts::{Connection, Missing, TlsFacts};
use crate::spec::Severity;

/// The rules of the family, in report order.
pub(super) static RULES: &[&Rule] = &[
    &version::RULE,
    &certificate_chain::RULE,
    &certificate_host::RULE,
    &certificate_expiry::RULE,
];

/// Judges the handshake with its attempt; where there was none, every rule of the family concludes
/// the same.
fn on_handshake(
    tries: &[&Connection],
    judge: impl FnOnce(&Connection, &TlsFacts) -> Outcome,
) -> Outcome {
    match encryption(tries)? {
        (try_, Encryption::Tls(tls)) => judge(try_, tls),
        (_, Encryption::Clear) => Verdict::not_applicable("the connection is not encrypted"),
        (_, Encryption::Socket) => Verdict::not_applicable("a Unix socket needs no encryption"),
    }
}

/// Judges the handshake of a server whose certificate was seen.
fn on_certificate(
    tries: &[&Connection],
    judge: impl FnOnce(&Connection, &TlsFacts) -> Outcome,
) -> Outcome {
    on_handshake(tries, |try_, tls| {
        if tls.not_after.is_none() && tls.chain_problem.is_none() && !tls.chain_verified {
            return Err(Missing::new("the server's certificate"));
        }
        judge(try_, tls)
    })
}

/// Lowers a failure to a note where nobody but the machine's or the private network's owner could
/// stand between.
fn by_distance(finding: Finding, connection: &Connection) -> Finding {
    if is_near(connection) {
        finding.severity(Severity::Note)
    } else {
        finding
    }
}
