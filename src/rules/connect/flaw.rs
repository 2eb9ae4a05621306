//! What a session amounts to that works for a wrong reason: how bad it is, and what to do.

use crate::facts::{Connection, Observation, TlsFacts};
use crate::rules::session::{Encryption, is_near};
use crate::spec::Severity;

/// One thing that should not be relied on.
pub(super) struct Flaw {
    /// The cause's id.
    pub(super) cause: &'static str,
    /// What was seen.
    pub(super) message: String,
    /// How bad it is.
    pub(super) severity: Severity,
    /// What to do.
    pub(super) fix: &'static str,
}

/// Returns what a session in clear text amounts to. Near, it is worth a word only where TLS was
/// tried and given up.
pub(super) fn clear_text(session: &Connection, state: Encryption<'_>) -> Option<Flaw> {
    if !matches!(state, Encryption::Clear) {
        return None;
    }
    let fell = session
        .observations
        .iter()
        .find(|observation| concerns_encryption(observation));
    let near = is_near(session);
    let (cause, message) = match fell {
        Some(fell) => (fell.cause, fell.message.clone()),
        None if near => return None,
        None => (
            "clear text",
            "the session is not encrypted: the sslmode did not ask for TLS".to_owned(),
        ),
    };
    Some(Flaw {
        cause,
        message,
        severity: if near {
            Severity::Note
        } else {
            Severity::Error
        },
        fix: "insist on TLS: sslmode=require or stronger, and ssl = on with hostssl lines on the server",
    })
}

/// Returns whether an observation is the reason for clear text, and not one of those that a
/// session may have beside.
fn concerns_encryption(observation: &Observation) -> bool {
    let beside = [
        "rogue-no-auth",
        "rogue-cleartext",
        "rogue-md5",
        "scram-iter-tiny",
        "tls-crl-missing",
        "tls-crl-bad",
        "rootcert-missing",
        "tls-cn-only",
        "clock-skew",
        "version-lie",
        "pgb-set-leak",
    ];
    !beside.contains(&observation.cause)
}

/// Returns what an observation amounts to, beside the encryption itself.
pub(super) fn flaw(
    observation: &Observation,
    session: &Connection,
    state: Encryption<'_>,
) -> Option<Flaw> {
    let protected = is_near(session) || matches!(state, Encryption::Tls(tls) if is_verified(tls));
    let unless = |holds: bool| {
        if holds {
            Severity::Warning
        } else {
            Severity::Error
        }
    };
    let (severity, fix) = match observation.cause {
        "rogue-no-auth" => (
            unless(is_near(session)),
            "replace trust by scram-sha-256 in pg_hba.conf, and add require_auth=scram-sha-256",
        ),
        "rogue-cleartext" => (
            unless(protected),
            "replace password by scram-sha-256 in pg_hba.conf, and add require_auth=scram-sha-256",
        ),
        "rogue-md5" => (
            unless(is_near(session) || matches!(state, Encryption::Tls(_))),
            "set password_encryption to scram-sha-256, set the password again, then use scram-sha-256 in pg_hba.conf",
        ),
        "scram-iter-tiny" => (
            Severity::Warning,
            "set scram_iterations to 4096 or more, then set the password again",
        ),
        "tls-crl-missing" | "tls-crl-bad" => (
            Severity::Error,
            "put the revocation list where sslcrl says, as PEM, or leave the parameter out",
        ),
        "rootcert-missing" => (
            Severity::Warning,
            "put the file where sslrootcert says, and ask for verify-full, which refuses to go on without it",
        ),
        "clock-skew" => (
            Severity::Warning,
            "set both clocks by NTP (timedatectl), this machine's and the server's",
        ),
        "version-lie" => (
            Severity::Warning,
            "find out what the server really is (SELECT version()): a fork with numbers of its own, or not what it claims",
        ),
        "pgb-set-leak" => (
            Severity::Warning,
            "look for it in the pooler's connect_query first; else use SET LOCAL inside the transaction, or ALTER ROLE … SET; in the pooler, server_reset_query_always = 1 clears what is left",
        ),
        // The rule tls-certificate-host tells of it.
        "tls-cn-only" => return None,
        // Told as the reason for clear text.
        _ if matches!(state, Encryption::Clear) => return None,
        _ => (
            Severity::Warning,
            "ask for what must hold: sslmode=verify-full, require_auth=scram-sha-256",
        ),
    };
    Some(Flaw {
        cause: observation.cause,
        message: observation.message.clone(),
        severity,
        fix,
    })
}

fn is_verified(tls: &TlsFacts) -> bool {
    tls.chain_verified && tls.host_verified
}
