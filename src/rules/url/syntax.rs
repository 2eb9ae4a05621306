//! `url-syntax`: the connection string parses, and each driver takes what stands before its parameters.

use super::refused::refused;
use crate::facts::DatabaseUrl;
use crate::rules::{Check, Context, Outcome, Rule, Seen};
use crate::spec::Severity;

pub(super) static RULE: Rule = Rule {
    id: "url-syntax",
    severity: Severity::Error,
    summary: "the connection string does not parse",
    rationale: "A string that does not parse stops the application at its first connection or \
        before. libpq's drivers and pgjdbc then often print the string or a part of it, password \
        and all, into the log; SQLAlchemy does not since 2.0.",
    fix: "percent-encode reserved characters in the user name and the password",
    symptoms: &[
        "sqlalchemy.exc.ArgumentError: Could not parse SQLAlchemy URL from given URL string",
        "invalid percent-encoded token",
        "missing \"=\" after",
        "end of string reached when looking for matching \"]\"",
    ],
    references: &[
        "https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS",
    ],
    check: Check::Url(check),
};

fn check(url: &DatabaseUrl, _context: Context<'_>) -> Outcome {
    let Err(error) = &url.parts else {
        return match refused(url) {
            Some(finding) => finding.into(),
            None => Seen::new("it parses").pass(),
        };
    };
    let mut accepting = url
        .readers
        .iter()
        .filter(|reader| reader.prediction.accepts);
    if accepting.next().is_some() && accepting.count() + 1 == url.readers.len() {
        return Seen::new(format!(
            "its drivers take it, libpq does not: {}",
            error.message
        ))
        .pass();
    }
    Seen::new(format!("it does not parse: {}", error.message))
        .expected("a connection string")
        .fail("percent-encode what is special in the marked part: @ is %40, : %3A, / %2F, % %25, space %20")
        .mark(url.redacted.map(error.span))
        .into()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

    use crate::driver::Kind;
    use crate::facts::DatabaseUrl;
    use crate::rules::Verdict;
    use crate::rules::url::tests::{Expected, judge_text, judge_url, outcome, read_by, sample};

    fn read(kind: Kind, text: &str) -> DatabaseUrl {
        DatabaseUrl {
            readers: vec![read_by(kind, text)],
            ..sample(text)
        }
    }

    #[test]
    fn what_one_driver_alone_does_not_take_fails_and_names_the_part() {
        for (kind, text, part) in [
            (
                Kind::NodePostgres,
                "postgresql://u:p#s@h:5432/d",
                "the password",
            ),
            (
                Kind::PostgresJs,
                "postgresql://u:p%C2%ADw@h:5432/d",
                "the password",
            ),
            (
                Kind::SqlalchemyPg8000,
                "postgresql+pg8000://u:%F0%9F%9A%80@h/d",
                "the password",
            ),
            (
                Kind::PostgresJs,
                "postgresql://u:p@[::1]:5432/d",
                "the host",
            ),
            (
                Kind::Asyncpg,
                "host=h user=u dbname=d password=p",
                "the string",
            ),
        ] {
            let judged = outcome("url-syntax", read(kind, text));
            let message = match &judged {
                Ok(Verdict::Fail(finding)) => finding.seen.message.clone(),
                Err(_) | Ok(_) => String::new(),
            };
            assert!(message.contains(part), "{text}: {judged:?}");
        }
    }

    #[test]
    fn a_fix_is_a_string_that_the_driver_takes_or_says_that_there_is_none() {
        let fix = |kind, text| match outcome("url-syntax", read(kind, text)).unwrap() {
            Verdict::Fail(finding) => finding.fix.unwrap(),
            other => panic!("{other:?}"),
        };
        let hash = fix(Kind::NodePostgres, "postgresql://u:p#s@h:5432/d");
        assert!(
            hash.starts_with("write postgresql://u:***@h:5432/d"),
            "{hash}"
        );
        let soft = fix(Kind::PostgresJs, "postgresql://u:p%C2%ADw@h:5432/d");
        assert!(soft.starts_with("change the password"), "{soft}");
    }

    #[test]
    fn what_another_rule_judges_is_not_failed_here() {
        for (kind, text) in [
            (Kind::Libpq, "postgresql://u:p@h:99999/d"),
            (Kind::SqlalchemyPg8000, "postgresql+pg8000://h/d"),
            (Kind::PostgresJs, "postgresql://u:p@/d"),
            (
                Kind::SqlalchemyAsyncpg,
                "postgresql+asyncpg://u:p@h/d?sslmode=require",
            ),
            (Kind::Asyncpg, "postgresql+asyncpg://u:p@h/d"),
        ] {
            assert_eq!(
                judge_url("url-syntax", read(kind, text)),
                Expected::Pass,
                "{text}"
            );
        }
    }

    #[test]
    fn strings_that_parse_pass() {
        for text in [
            "postgresql://u:p@h:5432/d",
            "host=h dbname=d",
            "postgresql+asyncpg://u@h/d?ssl=require",
        ] {
            assert_eq!(judge_text("url-syntax", text), Expected::Pass, "{text}");
        }
    }

    #[test]
    fn strings_that_do_not_parse_fail() {
        for text in ["postgresql://u:p%zz@h/d", "postgresql://u@[::1/d", "host"] {
            assert_eq!(judge_text("url-syntax", text), Expected::Fail, "{text}");
        }
    }
}
