//! `url-scheme`: the scheme is one that the driver takes.

use super::{corrected, scheme_mark, text_for};
use crate::conninfo::{Core, core};
use crate::driver::predict;
use crate::facts::{DatabaseUrl, Reader};
use crate::rules::{Check, Context, Outcome, Rule, Seen, Verdict};
use crate::spec::Severity;

pub(super) static RULE: Rule = Rule {
    id: "url-scheme",
    severity: Severity::Error,
    summary: "the scheme is not one that the driver takes",
    rationale: "Some providers hand out `postgres://`, which SQLAlchemy refuses since 1.4; \
        SQLAlchemy's own `postgresql+driver://` is refused by libpq, asyncpg and psql. libpq \
        compares case-sensitively and takes a string with a foreign scheme for key=value pairs or \
        for a database name, so the message never says that the scheme is at fault.",
    fix: "write the scheme that the driver takes",
    symptoms: &[
        "sqlalchemy.exc.NoSuchModuleError: Can't load plugin: sqlalchemy.dialects:postgres",
        "invalid DSN: scheme is expected to be either \"postgresql\" or \"postgres\"",
    ],
    references: &["https://docs.sqlalchemy.org/en/20/core/engines.html#postgresql"],
    check: Check::Reader(check),
};

fn check(url: &DatabaseUrl, reader: &Reader, _context: Context<'_>) -> Outcome {
    let Some(text) = text_for(url, reader) else {
        return Verdict::not_applicable("there is no connection string");
    };
    let Core {
        span,
        scheme: Some(place),
    } = core(text)
    else {
        return Verdict::not_applicable("the string has no scheme");
    };
    let (scheme, rest) = (&text[place.start..place.end], &text[place.end..span.end]);
    let seen =
        Seen::new(format!("{} takes {scheme}://", reader.driver)).observed(format!("{scheme}://"));
    if scheme == "postgresql" {
        return seen.pass();
    }
    let (given, usual) = (
        predict(&reader.driver, &text[place.start..span.end]),
        predict(&reader.driver, &format!("postgresql{rest}")),
    );
    if given.accepts || given.error == usual.error {
        return seen.pass();
    }
    let wanted = reader.driver.kind.spelling().scheme;
    Seen::new(format!("{} does not take {scheme}://", reader.driver))
        .observed(format!("{scheme}://"))
        .expected(format!("{wanted}://"))
        .fail(match corrected(url, reader) {
            Some(corrected) => format!("write {corrected}"),
            None => format!("write {wanted}:// in front"),
        })
        .mark(scheme_mark(url))
        .into()
}

#[cfg(test)]
mod tests {
    use crate::driver::Kind;
    use crate::facts::{DatabaseUrl, UrlText};
    use crate::rules::url::tests::{Expected, judge_url, read_by, sample};

    fn judged(kind: Kind, text: &str) -> Expected {
        judge_url(
            "url-scheme",
            DatabaseUrl {
                readers: vec![read_by(kind, text)],
                ..sample(text)
            },
        )
    }

    #[test]
    fn a_scheme_that_the_driver_takes_passes() {
        assert_eq!(judged(Kind::Libpq, "postgres://u@h/d"), Expected::Pass);
        assert_eq!(judged(Kind::Asyncpg, "postgresql://u@h/d"), Expected::Pass);
        assert_eq!(
            judged(Kind::SqlalchemyAsyncpg, "postgresql+asyncpg://u@h/d"),
            Expected::Pass
        );
    }

    #[test]
    fn a_scheme_that_the_driver_refuses_fails() {
        assert_eq!(
            judged(Kind::SqlalchemyPsycopg2, "postgres://u@h/d"),
            Expected::Fail
        );
        assert_eq!(
            judged(Kind::Libpq, "postgresql+asyncpg://u@h/d"),
            Expected::Fail
        );
        assert_eq!(judged(Kind::Asyncpg, "ostgresql://u@h/d"), Expected::Fail);
    }

    #[test]
    fn a_string_without_a_scheme_is_not_judged() {
        assert_eq!(
            judged(Kind::Libpq, "host=h dbname=d"),
            Expected::NotApplicable
        );
    }

    #[test]
    fn a_string_that_no_file_tells_is_unknown() {
        let text = UrlText::Unknown("set in Render's dashboard".to_owned());
        let url = DatabaseUrl {
            text,
            readers: vec![read_by(Kind::Libpq, "")],
            ..sample("")
        };
        assert_eq!(judge_url("url-scheme", url), Expected::Unknown);
    }
}
