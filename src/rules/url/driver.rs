//! `url-driver`: the scheme names the driver that will be loaded.

use super::{scheme_mark, text_for};
use crate::conninfo::core;
use crate::driver::{Driver, Kind};
use crate::facts::{DatabaseUrl, Reader};
use crate::rules::{Check, Context, Outcome, Rule, Seen, Verdict};
use crate::spec::Severity;

pub(super) static RULE: Rule = Rule {
    id: "url-driver",
    severity: Severity::Error,
    summary: "the scheme does not name the driver that reads it",
    rationale: "SQLAlchemy loads the driver that the scheme names. A bare `postgresql://` means psycopg2 \
        up to SQLAlchemy 2.0 and psycopg 3 from 2.1 on, so an upgrade changes the driver; it never means \
        asyncpg, and an async engine stops with a driver that is not async.",
    fix: "name the driver in the scheme: postgresql+psycopg://",
    symptoms: &[
        "ModuleNotFoundError: No module named 'psycopg2'",
        "The asyncio extension requires an async driver to be used. The loaded 'psycopg2' is not async.",
    ],
    references: &["https://docs.sqlalchemy.org/en/21/changelog/migration_21.html"],
    check: Check::Reader(check),
};

fn check(url: &DatabaseUrl, reader: &Reader, _context: Context<'_>) -> Outcome {
    let Some(text) = text_for(url, reader) else {
        return Verdict::not_applicable("there is no connection string");
    };
    let Some(scheme) = core(text).scheme.map(|span| &text[span.start..span.end]) else {
        return Verdict::not_applicable("the string has no scheme");
    };
    let kind = reader.driver.kind;
    let wanted = kind.spelling().scheme;
    let seen = |message: String| Seen::new(message).observed(format!("{scheme}://"));
    if !kind.is_sqlalchemy() {
        return Verdict::not_applicable(format!("{} loads no other driver", reader.driver));
    }
    if scheme == "postgresql" {
        if default_driver(&reader.driver) == Some(kind) {
            return seen("the default driver of this version is meant".to_owned()).pass();
        }
        return seen("which driver this means depends on SQLAlchemy's version".to_owned())
            .expected(format!("{wanted}://"))
            .fail(format!(
                "write {wanted}:// (a bare postgresql:// is psycopg2 up to 2.0, psycopg from 2.1)"
            ))
            .severity(Severity::Warning)
            .mark(scheme_mark(url))
            .into();
    }
    let named = Driver::of_scheme(text).map(|driver| driver.kind);
    match named {
        Some(named) if named == kind => seen("the scheme names the driver".to_owned()).pass(),
        Some(named) => seen(format!(
            "the scheme names {}, {} reads it",
            named.name(),
            reader.driver
        ))
        .expected(format!("{wanted}://"))
        .fail(format!("write {wanted}://"))
        .mark(scheme_mark(url))
        .into(),
        None => Verdict::not_applicable("the scheme is not one of SQLAlchemy's (url-scheme)"),
    }
}

/// Returns what a bare `postgresql://` means in the version that was asked for, where one was.
fn default_driver(driver: &Driver) -> Option<Kind> {
    match driver.version.as_deref()?.split('.').collect::<Vec<_>>()[..] {
        ["1", ..] | ["2", "0", ..] => Some(Kind::SqlalchemyPsycopg2),
        ["2", ..] => Some(Kind::SqlalchemyPsycopg),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

    use crate::driver::predict;
    use crate::facts::{DatabaseUrl, Reader, UrlText};
    use crate::rules::Verdict;
    use crate::rules::url::tests::{Expected, judge_url, outcome, sample};
    use crate::spec::Severity;

    fn url(driver: &str, text: &str) -> DatabaseUrl {
        let driver = driver.parse().unwrap();
        let prediction = predict(&driver, text);
        DatabaseUrl {
            readers: vec![Reader {
                driver,
                because: "the test".to_owned(),
                handed_on: None,
                prediction,
            }],
            ..sample(text)
        }
    }

    #[test]
    fn a_scheme_that_names_its_driver_passes() {
        assert_eq!(
            judge_url(
                "url-driver",
                url("sqlalchemy+asyncpg", "postgresql+asyncpg://h/d")
            ),
            Expected::Pass
        );
        assert_eq!(
            judge_url(
                "url-driver",
                url("sqlalchemy@2.0+psycopg2", "postgresql://h/d")
            ),
            Expected::Pass
        );
    }

    #[test]
    fn a_scheme_that_names_another_driver_fails() {
        assert_eq!(
            judge_url(
                "url-driver",
                url("sqlalchemy+asyncpg", "postgresql+psycopg2://h/d")
            ),
            Expected::Fail
        );
    }

    #[test]
    fn a_bare_scheme_is_a_warning() {
        let Verdict::Fail(finding) =
            outcome("url-driver", url("sqlalchemy+psycopg2", "postgresql://h/d")).unwrap()
        else {
            panic!("it passed")
        };
        assert_eq!(finding.severity, Some(Severity::Warning));
    }

    #[test]
    fn a_driver_that_loads_no_other_is_not_judged() {
        assert_eq!(
            judge_url("url-driver", url("asyncpg", "postgresql://h/d")),
            Expected::NotApplicable
        );
    }

    #[test]
    fn a_string_that_no_file_tells_is_unknown() {
        let text = UrlText::Unknown("set in Render's dashboard".to_owned());
        assert_eq!(
            judge_url(
                "url-driver",
                DatabaseUrl {
                    text,
                    ..url("asyncpg", "x")
                }
            ),
            Expected::Unknown
        );
    }
}
