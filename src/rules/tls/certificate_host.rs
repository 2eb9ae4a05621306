//! `tls-certificate-host`: the certificate names the host.

use super::{by_distance, on_certificate};
use crate::driver::Kind;
use crate::facts::{Connection, TlsFacts};
use crate::rules::session::url_of;
use crate::rules::{Check, Context, Outcome, Rule, Seen, Verdict};
use crate::spec::Severity;

/// What a certificate without alternative names is observed as.
const COMMON_NAME_ONLY: &str = "tls-cn-only";

pub(super) static RULE: Rule = Rule {
    id: "tls-certificate-host",
    severity: Severity::Warning,
    summary: "the certificate does not name the host",
    rationale: "`verify-full` compares the host of the connection string with the names in the \
        certificate, and so does every driver that verifies by default. Under `require` libpq \
        does not look, so any name will do, an impostor's as well. A common name alone is enough \
        for libpq, asyncpg, node-postgres and pgjdbc where there are no alternative names, but \
        not for rustls or Go. On the local machine and in a private network it is a note.",
    fix: "connect by a name that the certificate has, or have one issued for this name",
    symptoms: &[
        "server certificate for \"…\" does not match host name \"…\"",
        "Hostname mismatch, certificate is not valid for",
        "ERR_TLS_CERT_ALTNAME_INVALID",
    ],
    references: &["https://www.postgresql.org/docs/current/libpq-ssl.html#LIBQ-SSL-CERTIFICATES"],
    check: Check::Connection(check),
};

fn check(tries: &[&Connection], context: Context<'_>) -> Outcome {
    on_certificate(tries, |try_, tls| judge(try_, tls, context))
}

fn judge(try_: &Connection, tls: &TlsFacts, context: Context<'_>) -> Outcome {
    let seen = |message: String| Seen::new(message).expected(format!("a name for {}", try_.host));
    if tls.host_verified {
        let only_common = try_
            .observations
            .iter()
            .find(|one| one.cause == COMMON_NAME_ONLY);
        return match only_common {
            Some(observation) if !read_by_libpq_alone(try_, context) => by_distance(
                seen(observation.message.clone())
                    .observed(COMMON_NAME_ONLY)
                    .fail("have a certificate issued with the host as an alternative name"),
                try_,
            )
            .into(),
            Some(_) | None => seen(format!("the certificate names {}", try_.host))
                .observed(names(tls))
                .pass(),
        };
    }
    let provider = url_of(try_, context).and_then(|url| url.provider);
    if let Some(why) = provider.and_then(|detected| detected.unverifiable()) {
        return Verdict::not_applicable(why);
    }
    let (cause, why) = match &tls.host_problem {
        Some(problem) => (problem.cause, problem.message.as_str()),
        None => ("tls-wrong-host", "the certificate does not name the host"),
    };
    let fix = match cause {
        "tls-ip" => "connect by the host's name instead of its address",
        "tls-trailing-dot" => "write the host without the dot at its end",
        _ => RULE.fix,
    };
    let finding = seen(format!("verify-full would fail: {why}"))
        .observed(cause)
        .fail(fix);
    by_distance(finding, try_).into()
}

/// Returns whether every known reader of the connection string is libpq or built on it.
fn read_by_libpq_alone(connection: &Connection, context: Context<'_>) -> bool {
    url_of(connection, context).is_some_and(|url| {
        !url.readers.is_empty()
            && url
                .readers
                .iter()
                .all(|reader| is_on_libpq(reader.driver.kind))
    })
}

fn is_on_libpq(kind: Kind) -> bool {
    match kind {
        Kind::Libpq
        | Kind::Psycopg2
        | Kind::Psycopg
        | Kind::SqlalchemyPsycopg2
        | Kind::SqlalchemyPsycopg => true,
        Kind::Asyncpg
        | Kind::SqlalchemyAsyncpg
        | Kind::SqlalchemyPg8000
        | Kind::NodePostgres
        | Kind::PostgresJs
        | Kind::TokioPostgres => false,
    }
}

fn names(tls: &TlsFacts) -> String {
    tls.names
        .iter()
        .take(4)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

    use crate::driver::Kind;
    use crate::facts::{Connection, DatabaseUrl, Observation, TlsFacts};
    use crate::rules::session::tests::{attempt, judged, judged_with, secured};
    use crate::rules::url::tests::{read_by, sample};
    use crate::rules::{Finding, Outcome, Verdict};
    use crate::spec::Severity;

    const RULE: &str = "tls-certificate-host";

    fn unnamed(cause: &'static str) -> Connection {
        Connection {
            tls: Some(TlsFacts {
                host_verified: false,
                host_problem: Some(Observation {
                    cause,
                    message: "the certificate is for another".to_owned(),
                }),
                ..secured().tls.unwrap()
            }),
            ..secured()
        }
    }

    fn finding(outcome: Outcome) -> Finding {
        match outcome.unwrap() {
            Verdict::Fail(finding) => finding,
            other => panic!("{other:?}"),
        }
    }

    fn common_name_only(kind: Kind) -> Outcome {
        let text = "postgresql://u:p@db.example.com:5432/d";
        let url = DatabaseUrl {
            subject: "URL".to_owned(),
            environment: None,
            readers: vec![read_by(kind, text)],
            ..sample(text)
        };
        let connection = Connection {
            observations: vec![Observation {
                cause: "tls-cn-only",
                message: "only as its common name".to_owned(),
            }],
            ..secured()
        };
        judged_with(RULE, connection, vec![url])
    }

    #[test]
    fn a_certificate_that_names_the_host_passes() {
        assert!(matches!(judged(RULE, secured()), Ok(Verdict::Pass(_))));
    }

    #[test]
    fn another_name_is_a_warning_and_on_a_near_host_a_note() {
        assert_eq!(
            finding(judged(RULE, unnamed("tls-wrong-host"))).severity,
            None
        );
        let near = Connection {
            host: "127.0.0.1".to_owned(),
            ..unnamed("tls-ip")
        };
        let near = finding(judged(RULE, near));
        assert_eq!(near.severity, Some(Severity::Note));
        assert!(near.fix.unwrap().contains("name instead of its address"));
    }

    #[test]
    fn a_common_name_alone_is_enough_for_libpq_and_for_nothing_else() {
        let on_libpq = common_name_only(Kind::SqlalchemyPsycopg2);
        assert!(matches!(on_libpq, Ok(Verdict::Pass(_))), "{on_libpq:?}");
        let other = finding(common_name_only(Kind::SqlalchemyAsyncpg));
        assert_eq!(other.seen.observed.as_deref(), Some("tls-cn-only"));
    }

    #[test]
    fn without_a_handshake_it_is_unknown_or_does_not_apply() {
        assert!(judged(RULE, attempt("DDF--")).is_err());
        let clear = judged(RULE, attempt("DDDDD"));
        assert!(matches!(clear, Ok(Verdict::NotApplicable(_))), "{clear:?}");
    }
}
