//! `connect-unsafe`: the session does not work for a reason that it should not work for.

use super::flaw::{Flaw, clear_text, flaw};
use crate::facts::Connection;
use crate::rules::session::{Encryption, encryption, opened};
use crate::rules::{Check, Context, Outcome, Rule, Seen};
use crate::spec::Severity;

pub(super) static RULE: Rule = Rule {
    id: "connect-unsafe",
    severity: Severity::Error,
    summary: "the session works, but not safely",
    rationale: "Success is also a fault where nothing protects it: sslmode=prefer goes on in \
        clear text without a word, a revocation list that is missing is skipped, under require a \
        missing root file too, and a server that asks for no password, for a clear one or for a \
        trivial proof may be an impostor's or somebody's mistake. libpq reports none of it. Clear \
        text is no error on a Unix socket, on the local machine and in a private network.",
    fix: "ask for what must hold: sslmode=verify-full, require_auth=scram-sha-256",
    symptoms: &[],
    references: &[
        "https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION",
        "https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-REQUIRE-AUTH",
    ],
    check: Check::Connection(check),
};

fn check(tries: &[&Connection], _context: Context<'_>) -> Outcome {
    let session = opened(tries)?;
    let (_, state) = encryption(&[session])?;
    let mut flaws: Vec<Flaw> = Vec::new();
    flaws.extend(clear_text(session, state));
    let said = session.observations.iter();
    flaws.extend(said.filter_map(|observation| flaw(observation, session, state)));
    let expected = "nothing that an impostor or a listener could use";
    let Some(worst) = flaws.iter().min_by_key(|flaw| rank(flaw.severity)) else {
        let message = match state {
            Encryption::Socket => "the session is local",
            Encryption::Clear => {
                "the session is not encrypted, on the local machine or in a private network"
            }
            Encryption::Tls(_) => "the session is encrypted, and the login was a real one",
        };
        return Seen::new(message).expected(expected).pass();
    };
    let messages: Vec<_> = flaws.iter().map(|flaw| flaw.message.as_str()).collect();
    let mut causes: Vec<_> = flaws.iter().map(|flaw| flaw.cause).collect();
    causes.dedup();
    Seen::new(messages.join("; "))
        .observed(causes.join(", "))
        .expected(expected)
        .fail(worst.fix)
        .severity(worst.severity)
        .into()
}

/// Orders severities, the worst first.
fn rank(severity: Severity) -> u8 {
    match severity {
        Severity::Error => 0,
        Severity::Warning => 1,
        Severity::Note => 2,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

    use crate::facts::{Connection, Observation, TlsFacts};
    use crate::rules::session::tests::{attempt, judged, secured};
    use crate::rules::{Finding, Verdict};
    use crate::spec::Severity;

    const RULE: &str = "connect-unsafe";

    fn with(causes: &[&'static str], connection: Connection) -> Connection {
        let observations = causes.iter().map(|cause| Observation {
            cause,
            message: format!("saw {cause}"),
        });
        Connection {
            observations: observations.collect(),
            ..connection
        }
    }

    fn near(connection: Connection) -> Connection {
        Connection {
            host: "127.0.0.1".to_owned(),
            ..connection
        }
    }

    fn unverified() -> Connection {
        Connection {
            tls: Some(TlsFacts {
                chain_verified: false,
                ..secured().tls.unwrap()
            }),
            ..secured()
        }
    }

    fn finding(connection: Connection) -> Finding {
        match judged(RULE, connection).unwrap() {
            Verdict::Fail(finding) => finding,
            other => panic!("{other:?}"),
        }
    }

    #[track_caller]
    fn check(causes: &[&'static str], connection: Connection, severity: Severity) {
        let finding = finding(with(causes, connection));
        assert_eq!(finding.severity, Some(severity), "{finding:?}");
        for cause in causes {
            assert!(finding.seen.message.contains(cause), "{finding:?}");
        }
    }

    #[test]
    fn a_session_with_nothing_to_tell_passes() {
        let socket = Connection {
            address: Some("/tmp/.s.PGSQL.5432".to_owned()),
            ..attempt("-D-DD")
        };
        for connection in [secured(), near(attempt("DDDDD")), socket] {
            assert!(matches!(judged(RULE, connection), Ok(Verdict::Pass(_))));
        }
    }

    #[test]
    fn clear_text_is_an_error_far_away_and_at_most_a_note_near() {
        check(&[], attempt("DD-DD"), Severity::Error);
        check(&["ssl-n-prefer"], attempt("DDDDD"), Severity::Error);
        check(&["hba-forbids-tls"], attempt("DDDDD"), Severity::Error);
        check(&["ssl-n-prefer"], near(attempt("DDDDD")), Severity::Note);
    }

    #[test]
    fn the_reason_for_clear_text_is_told_once() {
        let found = finding(with(&["ssl-n-prefer"], attempt("DDDDD")));
        assert_eq!(found.seen.message, "saw ssl-n-prefer");
    }

    #[test]
    fn a_server_that_asked_for_no_password_may_be_an_impostor() {
        check(&["rogue-no-auth"], secured(), Severity::Error);
        check(&["rogue-no-auth"], near(secured()), Severity::Warning);
    }

    #[test]
    fn a_clear_password_is_bearable_inside_verified_tls_alone() {
        check(&["rogue-cleartext"], secured(), Severity::Warning);
        check(&["rogue-cleartext"], unverified(), Severity::Error);
        check(&["rogue-cleartext"], near(unverified()), Severity::Warning);
    }

    #[test]
    fn an_md5_answer_is_bearable_inside_tls() {
        check(&["rogue-md5"], unverified(), Severity::Warning);
        check(&["rogue-md5"], attempt("DD-DD"), Severity::Error);
    }

    #[test]
    fn what_was_asked_for_and_skipped_fails_wherever_the_server_is() {
        for cause in ["tls-crl-missing", "tls-crl-bad"] {
            check(&[cause], near(secured()), Severity::Error);
        }
        check(&["rootcert-missing"], near(secured()), Severity::Warning);
        check(&["scram-iter-tiny"], near(secured()), Severity::Warning);
        check(&["clock-skew"], near(secured()), Severity::Warning);
        check(&["clock-skew"], near(attempt("DD-DD")), Severity::Warning);
    }

    #[test]
    fn the_worst_decides_and_all_are_told() {
        check(
            &["scram-iter-tiny", "tls-crl-missing"],
            secured(),
            Severity::Error,
        );
    }

    #[test]
    fn a_common_name_is_another_rules_concern() {
        let only_name = with(&["tls-cn-only"], secured());
        assert!(matches!(judged(RULE, only_name), Ok(Verdict::Pass(_))));
    }

    #[test]
    fn without_a_session_it_is_unknown() {
        assert!(judged(RULE, with(&["rogue-md5"], attempt("DDDF-"))).is_err());
    }
}
