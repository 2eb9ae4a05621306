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

/// Returns the handshake with its attempt, or the outcome of every rule of the family where there
/// was none.
#[expect(clippy::result_large_err, reason = "the error is the rule's outcome")]
fn handshake<'a>(tries: &[&'a Connection]) -> Result<(&'a Connection, &'a TlsFacts), Outcome> {
    match encryption(tries) {
        Ok((try_, Encryption::Tls(tls))) => Ok((try_, tls)),
        Ok((_, Encryption::Clear)) => {
            Err(Verdict::not_applicable("the connection is not encrypted"))
        }
        Ok((_, Encryption::Socket)) => {
            Err(Verdict::not_applicable("a Unix socket needs no encryption"))
        }
        Err(missing) => Err(Err(missing)),
    }
}

/// Returns the handshake of a server whose certificate was seen.
#[expect(clippy::result_large_err, reason = "the error is the rule's outcome")]
fn certificate<'a>(tries: &[&'a Connection]) -> Result<(&'a Connection, &'a TlsFacts), Outcome> {
    let (try_, tls) = handshake(tries)?;
    if tls.not_after.is_none() && tls.chain_problem.is_none() && !tls.chain_verified {
        return Err(Err(Missing::new("the server's certificate")));
    }
    Ok((try_, tls))
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
