//! `url-syntax`: the connection string parses.

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
        return Seen::new("it parses").pass();
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
    use crate::rules::url::tests::{Expected, judge_text};

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
