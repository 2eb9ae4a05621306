//! `tls-version`: the handshake ends in TLS 1.2 or newer.

use super::on_handshake;
use crate::facts::{Connection, Missing, Stage, TlsFacts};
use crate::rules::{Check, Context, Outcome, Rule, Seen};
use crate::spec::Severity;

/// The cause that a server without TLS 1.2 has.
const TOO_OLD: &str = "tls-1.1-only";

pub(super) static RULE: Rule = Rule {
    id: "tls-version",
    severity: Severity::Error,
    summary: "the server speaks no TLS version that is safe",
    rationale: "TLS 1.0 and 1.1 were withdrawn in 2021 (RFC 8996), and today's OpenSSL, Python \
        and Node refuse them by default: the same server then works from an old image and fails \
        from a new one. PostgreSQL speaks at least 1.2 by default since version 13; an older \
        setting of ssl_max_protocol_version or ssl_min_protocol_version is what mostly holds it \
        back.",
    fix: "let the server speak TLS 1.2 and 1.3: ssl_min_protocol_version and ssl_max_protocol_version",
    symptoms: &[
        "SSL error: tlsv1 alert protocol version",
        "SSL error: unsupported protocol",
        "[SSL: TLSV1_ALERT_PROTOCOL_VERSION] tlsv1 alert protocol version",
        "This may indicate that the server does not support any SSL protocol version between",
    ],
    references: &[
        "https://www.rfc-editor.org/rfc/rfc8996",
        "https://www.postgresql.org/docs/current/runtime-config-connection.html#GUC-SSL-MIN-PROTOCOL-VERSION",
    ],
    check: Check::Connection(check),
};

fn check(tries: &[&Connection], _context: Context<'_>) -> Outcome {
    let expected = "TLSv1.2 or newer";
    if let Some(message) = too_old(tries) {
        return Seen::new(message)
            .observed("TLSv1.1 or older")
            .expected(expected)
            .fail(RULE.fix)
            .into();
    }
    on_handshake(tries, |_, tls| judge(tls, expected))
}

fn judge(tls: &TlsFacts, expected: &str) -> Outcome {
    let seen = Seen::new(format!("the handshake ended in {}", tls.version))
        .observed(&tls.version)
        .expected(expected);
    match tls.version.as_str() {
        "TLSv1.2" | "TLSv1.3" => seen.pass(),
        "SSLv3" | "TLSv1" | "TLSv1.0" | "TLSv1.1" => seen.fail(RULE.fix).into(),
        _ => Err(Missing::new("a TLS version that dbharden knows")),
    }
}

/// Returns what was seen of a handshake that died since the server's versions are too old, also
/// where the sslmode then went on in clear text.
fn too_old<'a>(tries: &[&'a Connection]) -> Option<&'a str> {
    let try_ = tries.last()?;
    let died = try_.stages.iter().find_map(|report| match &report.stage {
        Stage::Failed(failure) if failure.cause == Some(TOO_OLD) => Some(failure.message.as_str()),
        Stage::Failed(_) | Stage::NotRun | Stage::Done(()) => None,
    });
    died.or_else(|| {
        let mut fallen = try_.observations.iter();
        fallen
            .find(|one| one.cause == TOO_OLD)
            .map(|one| one.message.as_str())
    })
}

#[cfg(test)]
mod tests {
    use crate::facts::{Connection, Observation, TlsFacts};
    use crate::rules::session::tests::{attempt, judged, secured};
    use crate::rules::{Outcome, Verdict};

    fn of(version: &str) -> Outcome {
        let tls = TlsFacts {
            version: version.to_owned(),
            ..TlsFacts::default()
        };
        judged(
            "tls-version",
            Connection {
                tls: Some(tls),
                ..secured()
            },
        )
    }

    #[test]
    fn versions_from_1_2_on_pass() {
        assert!(matches!(of("TLSv1.2"), Ok(Verdict::Pass(_))));
        assert!(matches!(of("TLSv1.3"), Ok(Verdict::Pass(_))));
        assert!(matches!(of("TLSv1.1"), Ok(Verdict::Fail(_))));
        assert!(of("").is_err());
    }

    #[test]
    fn a_handshake_that_died_of_the_version_fails() {
        let died = judged("tls-version", attempt("DDF--"));
        assert!(matches!(died, Ok(Verdict::Fail(_))), "{died:?}");
    }

    #[test]
    fn going_on_in_clear_text_because_of_the_version_fails_too() {
        let fell = Connection {
            observations: vec![Observation {
                cause: "tls-1.1-only",
                message: "the session is not encrypted".to_owned(),
            }],
            ..attempt("DDDDD")
        };
        assert!(matches!(judged("tls-version", fell), Ok(Verdict::Fail(_))));
    }

    #[test]
    fn without_a_handshake_it_does_not_apply_or_is_unknown() {
        let clear = judged("tls-version", attempt("DDDDD"));
        assert!(matches!(clear, Ok(Verdict::NotApplicable(_))), "{clear:?}");
        assert!(judged("tls-version", attempt("DD---")).is_err());
    }
}
