//! `url-tls-verify`: the reading driver will check who answers.

use super::files::absent_file;
use super::{hidden_mode, parts, stays_near};
use crate::driver::{Kind, Verifies};
use crate::facts::{DatabaseUrl, Missing, Reader};
use crate::provider::Root;
use crate::rules::{Check, Context, Outcome, Rule, Seen, Verdict};
use crate::spec::Severity;

pub(super) static RULE: Rule = Rule {
    id: "url-tls-verify",
    severity: Severity::Warning,
    summary: "the server's identity is not checked",
    rationale: "Without a root file libpq's `require` encrypts, and takes any certificate from \
        anybody: whoever sits in between can read everything. (asyncpg does as libpq does; \
        node-postgres 8 verifies.) Only a check of the chain and of the host's name tells the \
        server from an impostor. It can work only where the provider's certificate allows it: \
        Neon's does with the system's roots, many others need the provider's CA file, Railway's \
        names localhost alone.",
    fix: "verify the chain and the host, in the driver's spelling",
    symptoms: &[
        "root certificate file \"~/.postgresql/root.crt\" does not exist",
        "certificate verify failed",
    ],
    references: &["https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION"],
    check: Check::Reader(check),
};

fn check(url: &DatabaseUrl, reader: &Reader, _context: Context<'_>) -> Outcome {
    if stays_near(url, reader)? {
        return Verdict::not_applicable("the host is local or private");
    }
    hidden_mode(url, reader)?;
    if let Some((_, missing)) = absent_file(url, reader) {
        return Err(missing);
    }
    let verifies = reader
        .prediction
        .verifies
        .filter(|_| reader.prediction.accepts);
    let Some(verifies) = verifies else {
        let driver = &reader.driver;
        return Err(Missing::new(if reader.prediction.accepts {
            format!("the TLS connector that the code gives {driver}")
        } else {
            format!("a connection string that {driver} takes")
        }));
    };
    if verifies == Verifies::ChainAndHost {
        return Seen::new("the chain and the host are checked")
            .observed("verify-full")
            .expected("verify-full")
            .pass();
    }
    let terms = url.provider.map(|detected| &detected.provider.tls);
    if let Some(Root::Unverifiable(why)) = terms.and_then(|tls| tls.root.sure()) {
        return Verdict::not_applicable(why);
    }
    let advice = terms.map(|tls| tls.advice);
    let setting = reader.driver.kind.spelling().verify_full;
    let how = match setting.parameter {
        Some(parameters) if parts(url)?.get("sslmode").is_some() => {
            format!("replace sslmode by {parameters}")
        }
        Some(parameters) => format!("add {parameters}"),
        None => format!("set it in code: {}", setting.code),
    };
    let own = if reader.driver.kind == Kind::PostgresJs {
        "hand it over in code: ssl: { ca: … }"
    } else {
        "name its file instead"
    };
    let fix = match advice {
        Some(advice) => format!("{how} ({advice})"),
        None => format!("{how}; where the provider has a CA of its own, {own}"),
    };
    let observed = match verifies {
        Verifies::Chain => "the chain alone",
        Verifies::Nothing | Verifies::ChainAndHost => "nothing",
    };
    Seen::new(format!("{} does not check who answers", reader.driver))
        .observed(observed)
        .expected("verify-full")
        .fail(fix)
        .into()
}

#[cfg(test)]
mod tests {
    use crate::driver::Kind;
    use crate::facts::DatabaseUrl;
    use crate::rules::url::tests::{Expected, judge_url, read_by, sample};

    fn judged(kind: Kind, query: &str) -> Expected {
        let text = format!("postgresql://u:p@db.example.com:5432/d{query}");
        judge_url(
            "url-tls-verify",
            DatabaseUrl {
                readers: vec![read_by(kind, &text)],
                ..sample(&text)
            },
        )
    }

    #[test]
    fn a_driver_that_checks_chain_and_host_passes() {
        assert_eq!(
            judged(Kind::Libpq, "?sslmode=verify-full&sslrootcert=system"),
            Expected::Pass
        );
    }

    #[test]
    fn a_driver_that_checks_less_fails() {
        assert_eq!(judged(Kind::Libpq, "?sslmode=require"), Expected::Fail);
        assert_eq!(
            judged(Kind::Libpq, "?sslmode=verify-ca&sslrootcert=ca.pem"),
            Expected::Fail
        );
        assert_eq!(
            judged(Kind::SqlalchemyAsyncpg, "?ssl=require"),
            Expected::Fail
        );
    }

    #[test]
    fn a_string_that_the_driver_refuses_is_unknown() {
        assert_eq!(
            judged(Kind::SqlalchemyAsyncpg, "?sslmode=require"),
            Expected::Unknown
        );
    }
}
