//! `url-tls`: the reading driver will insist on TLS.

use super::engines::{engines, tls_in_code};
use super::files::absent_file;
use super::{hidden_mode, stays_near, string_that_is_taken};
use crate::driver::{Kind, Tls, Verifies, Without};
use crate::facts::{DatabaseUrl, Reader};
use crate::rules::{Check, Context, Outcome, Rule, Seen, Verdict};
use crate::spec::{Severity, TlsDemand};

pub(super) static RULE: Rule = Rule {
    id: "url-tls",
    severity: Severity::Error,
    summary: "the driver does not insist on TLS",
    rationale: "libpq's default, `prefer`, goes on in clear text when the server (or whoever sits \
        in between) refuses TLS, and node's drivers do not even ask for it. `require` encrypts \
        and, in libpq without a root file, authenticates nobody: see url-tls-verify. The spelling \
        is the driver's: `sslmode=require` for libpq's, `ssl=require` in SQLAlchemy's URL for \
        asyncpg, where `sslmode` is a TypeError.",
    fix: "ask for TLS in the spelling that the driver takes",
    symptoms: &[
        "FATAL:  no pg_hba.conf entry for host \"…\", user \"…\", database \"…\", no encryption",
        "connection is insecure (try using `sslmode=require`)",
        "server does not support SSL, but SSL was required",
    ],
    references: &["https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION"],
    check: Check::Reader(check),
};

fn check(url: &DatabaseUrl, reader: &Reader, context: Context<'_>) -> Outcome {
    let demand = context.spec.tls;
    if demand == TlsDemand::Any {
        return Verdict::not_applicable("the spec has no demand");
    }
    if stays_near(url, reader)? {
        return Verdict::not_applicable("the host is local or private");
    }
    let in_code = tls_in_code(&engines(url, reader, context));
    if in_code.is_none() {
        hidden_mode(url, reader)?;
    }
    let Some(tls) = in_code.or(reader.prediction.tls) else {
        return Err(string_that_is_taken());
    };
    let expected = expected(demand);
    if tls != Tls::Required {
        return Seen::new(format!("{} {}", reader.driver, without(tls)))
            .observed(observed(tls))
            .expected(expected)
            .fail(fix(reader, demand))
            .into();
    }
    let verifies = reader.prediction.verifies.unwrap_or(Verifies::Nothing);
    let wanted = match demand {
        TlsDemand::Any | TlsDemand::Require => Verifies::Nothing,
        TlsDemand::VerifyCa => Verifies::Chain,
        TlsDemand::VerifyFull => Verifies::ChainAndHost,
    };
    if let Some((Without::VerifiesNothing, missing)) = absent_file(url, reader)
        && wanted > Verifies::Nothing
    {
        return Err(missing);
    }
    if verifies < wanted {
        return Seen::new(format!(
            "{} encrypts, but does not verify as the spec asks",
            reader.driver
        ))
        .observed("TLS without the identity")
        .expected(expected)
        .fail(fix(reader, demand))
        .into();
    }
    Seen::new(format!("{} insists on TLS", reader.driver))
        .observed("required")
        .expected(expected)
        .pass()
}

fn expected(demand: TlsDemand) -> &'static str {
    match demand {
        TlsDemand::Any => "any",
        TlsDemand::Require => "TLS or no connection",
        TlsDemand::VerifyCa => "verify-ca",
        TlsDemand::VerifyFull => "verify-full",
    }
}

fn observed(tls: Tls) -> &'static str {
    match tls {
        Tls::Off => "clear text",
        Tls::IfDemanded => "clear text unless the server insists",
        Tls::IfOffered => "clear text where the server offers no TLS",
        Tls::Required => "required",
    }
}

fn without(tls: Tls) -> &'static str {
    match tls {
        Tls::Off => "connects in clear text",
        Tls::IfDemanded => "tries clear text first",
        Tls::IfOffered | Tls::Required => "falls back to clear text where TLS is not offered",
    }
}

/// Says what to write for a driver.
fn fix(reader: &Reader, demand: TlsDemand) -> String {
    let mode = match demand {
        TlsDemand::Any | TlsDemand::Require => "require",
        TlsDemand::VerifyCa => "verify-ca",
        TlsDemand::VerifyFull => "verify-full",
    };
    let setting = reader.driver.kind.spelling().tls;
    match (reader.driver.kind, setting.parameter) {
        (Kind::SqlalchemyAsyncpg, Some(parameter)) => {
            format!(
                "add {parameter}={mode} to the URL (asyncpg through SQLAlchemy refuses sslmode)"
            )
        }
        (Kind::NodePostgres, Some(parameter)) => {
            format!(
                "add {parameter}={mode} to the URL (node-postgres then verifies the certificate too)"
            )
        }
        (_, Some(parameter)) => format!("add {parameter}={mode} to the URL"),
        (_, None) => format!(
            "set it in code: {} (no URL parameter does it)",
            setting.code
        ),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

    use crate::driver::{Kind, Variables};
    use crate::facts::{DatabaseUrl, Facts};
    use crate::rules::url::tests::{Expected, judge_url, read_by, sample};
    use crate::rules::{Context, Verdict, find, judge};
    use crate::spec::{Spec, TlsDemand};
    use crate::value::Secret;

    fn judged(kind: Kind, query: &str) -> Expected {
        let text = format!("postgresql://u:p@db.example.com:5432/d{query}");
        judge_url(
            "url-tls",
            DatabaseUrl {
                readers: vec![read_by(kind, &text)],
                ..sample(&text)
            },
        )
    }

    #[test]
    fn a_file_without_which_nothing_is_verified_leaves_open_what_the_spec_demands() {
        let text = "postgresql://u:p@db.example.com:5432/d?sslmode=require&sslrootcert=/ca.pem";
        let judged = |tls, absent: &[&str]| {
            let mut spec = Spec::profile("enterprise").unwrap();
            spec.tls = tls;
            let url = DatabaseUrl {
                absent_files: Some(absent.iter().map(|&path| path.to_owned()).collect()),
                ..sample(text)
            };
            let facts = Facts {
                urls: vec![url],
                ..Facts::default()
            };
            let context = Context {
                spec: &spec,
                facts: &facts,
                today: jiff::civil::date(2026, 11, 24),
            };
            let judged = judge([&find("url-tls").unwrap()], context).swap_remove(0);
            judged.outcome
        };
        let verified = |absent| judged(TlsDemand::VerifyCa, absent);
        assert!(matches!(verified(&[]), Ok(Verdict::Pass(_))));
        assert!(verified(&["/ca.pem"]).is_err());
        let encrypted = judged(TlsDemand::Require, &["/ca.pem"]);
        assert!(matches!(encrypted, Ok(Verdict::Pass(_))));
    }

    #[test]
    fn a_driver_that_insists_on_tls_passes() {
        assert_eq!(judged(Kind::Libpq, "?sslmode=require"), Expected::Pass);
        assert_eq!(judged(Kind::Asyncpg, "?sslmode=require"), Expected::Pass);
        assert_eq!(
            judged(Kind::SqlalchemyAsyncpg, "?ssl=require"),
            Expected::Pass
        );
    }

    #[test]
    fn a_driver_that_may_go_on_in_clear_text_fails() {
        for query in ["", "?sslmode=disable", "?sslmode=allow", "?sslmode=prefer"] {
            assert_eq!(judged(Kind::Libpq, query), Expected::Fail, "{query}");
        }
        assert_eq!(judged(Kind::NodePostgres, ""), Expected::Fail);
        assert_eq!(judged(Kind::SqlalchemyPg8000, ""), Expected::Fail);
    }

    #[test]
    fn a_string_that_the_driver_refuses_is_unknown() {
        assert_eq!(
            judged(Kind::SqlalchemyAsyncpg, "?sslmode=require"),
            Expected::Unknown
        );
    }

    #[test]
    fn a_mode_or_a_host_in_a_variable_that_nobody_knows_is_unknown() {
        let judged = |text: &str, name: &str| {
            let url = DatabaseUrl {
                readers: vec![read_by(Kind::Libpq, text)],
                variables: Variables::default().with_unknown([name]),
                ..sample(text)
            };
            judge_url("url-tls", url)
        };
        let far = "postgresql://u:p@db.example.com:5432/d";
        assert_eq!(judged(far, "PGSSLMODE"), Expected::Unknown);
        assert_eq!(judged(far, "PGTZ"), Expected::Fail);
        assert_eq!(
            judged(&format!("{far}?sslmode=disable"), "PGSSLMODE"),
            Expected::Fail
        );
        assert_eq!(judged("postgresql:///d", "PGHOST"), Expected::Unknown);
        assert_eq!(judged("postgresql:///d", "PGTZ"), Expected::NotApplicable);
    }

    #[test]
    fn an_address_in_a_variable_is_where_libpq_goes() {
        let text = "postgresql://u:p@localhost:5432/d";
        let address = Secret::from("8.8.8.8");
        let url = DatabaseUrl {
            readers: vec![read_by(Kind::Libpq, text)],
            variables: Variables::of([("PGHOSTADDR", &address)]),
            ..sample(text)
        };
        assert_eq!(judge_url("url-tls", url), Expected::Fail);
    }

    #[test]
    fn a_local_host_needs_none() {
        let text = "postgresql://u:p@localhost:5432/d";
        let url = DatabaseUrl {
            readers: vec![read_by(Kind::Libpq, text)],
            ..sample(text)
        };
        assert_eq!(judge_url("url-tls", url), Expected::NotApplicable);
    }
}
