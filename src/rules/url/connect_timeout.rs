//! `url-connect-timeout`: the wait for a connection is bounded.

use super::engines::{bound_the_wait, engines};
use super::{is_socket, parts, string_that_is_taken};
use crate::facts::{DatabaseUrl, Reader};
use crate::rules::{Check, Context, Outcome, Rule, Seen, Verdict};
use crate::spec::Severity;

pub(super) static RULE: Rule = Rule {
    id: "url-connect-timeout",
    severity: Severity::Warning,
    summary: "nothing bounds the wait for a connection",
    rationale: "A host that accepts and says nothing keeps libpq, node-postgres and pg8000 \
        waiting without end, one that drops packets until the kernel gives up (on Linux some two \
        minutes): the deploy hangs, the health check times out first. asyncpg gives up after 60 \
        s, postgres.js after 30 s. psycopg 3 gives up after 130 s. A database that wakes up \
        mostly needs less than a few seconds; 10 to 15 s, as Neon advises, leave room.",
    fix: "set a connect timeout of 10 to 15 seconds, in the driver's spelling",
    symptoms: &["timeout expired", "TimeoutError", "Connection timed out"],
    references: &[
        "https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-CONNECT-TIMEOUT",
    ],
    check: Check::Reader(check),
};

fn check(url: &DatabaseUrl, reader: &Reader, context: Context<'_>) -> Outcome {
    let parts = parts(url)?;
    if parts.hosts().iter().all(is_socket) {
        return Verdict::not_applicable("a Unix socket answers or is not there");
    }
    if !reader.prediction.accepts {
        return Err(string_that_is_taken());
    }
    if bound_the_wait(&engines(url, reader, context)) {
        return Seen::new("every engine bounds the wait in code")
            .expected("a number of seconds")
            .pass();
    }
    let spelling = reader.driver.kind.spelling();
    let given = spelling
        .connect_timeout
        .parameter
        .and_then(|name| parts.get(name));
    let written = given.map(|parameter| parameter.value.expose());
    if let Some(text) = written.or(url.variables.connect_timeout(reader.driver.kind)) {
        let text = text.trim();
        // libpq: zero, a negative number and an empty value wait without end.
        let bounded = text.parse::<f64>().is_ok_and(|seconds| seconds > 0.0);
        let seen = Seen::new(if bounded {
            "the wait is bounded"
        } else {
            "this value means to wait without end"
        })
        .observed(format!("{text} s"))
        .expected("a number of seconds");
        if bounded {
            return seen.pass();
        }
        return match given {
            Some(one) => seen
                .fail("write 10, or 15 for a database that wakes up")
                .mark(url.redacted.map(one.value_span)),
            None => seen.fail("set PGCONNECT_TIMEOUT to 10, or 15 for a database that wakes up"),
        }
        .into();
    }
    if let Some(default) = spelling.default_connect_timeout {
        return Seen::new("the driver bounds the wait itself")
            .observed(format!("{} s", default.as_secs()))
            .pass();
    }
    let setting = spelling.connect_timeout;
    let fix = match setting.parameter {
        Some(parameter) => format!("add {parameter}=10 to the URL"),
        None => format!(
            "set it in code: {} (no URL parameter does it)",
            setting.code
        ),
    };
    Seen::new("nothing bounds the wait")
        .observed("none")
        .expected("a number of seconds")
        .fail(fix)
        .into()
}

#[cfg(test)]
mod tests {
    use crate::driver::{Kind, Variables};
    use crate::facts::DatabaseUrl;
    use crate::rules::url::tests::{Expected, judge_text, judge_url, read_by, sample};

    fn judged(kind: Kind, query: &str) -> Expected {
        let text = format!("postgresql://u:p@db.example.com:5432/d{query}");
        judge_url(
            "url-connect-timeout",
            DatabaseUrl {
                readers: vec![read_by(kind, &text)],
                ..sample(&text)
            },
        )
    }

    #[test]
    fn a_variable_bounds_the_wait_of_the_drivers_that_read_it() {
        let seconds = "5".into();
        let beside = |kind| {
            let text = "postgresql://u:p@db.example.com:5432/d";
            judge_url(
                "url-connect-timeout",
                DatabaseUrl {
                    readers: vec![read_by(kind, text)],
                    variables: Variables::of([("PGCONNECT_TIMEOUT", &seconds)]),
                    ..sample(text)
                },
            )
        };
        assert_eq!(beside(Kind::Libpq), Expected::Pass);
        assert_eq!(beside(Kind::NodePostgres), Expected::Fail);
    }

    #[test]
    fn a_bounded_wait_passes() {
        assert_eq!(judged(Kind::Libpq, "?connect_timeout=10"), Expected::Pass);
        assert_eq!(judged(Kind::SqlalchemyAsyncpg, ""), Expected::Pass);
    }

    #[test]
    fn an_endless_wait_fails() {
        assert_eq!(judged(Kind::Libpq, ""), Expected::Fail);
        assert_eq!(judged(Kind::Libpq, "?connect_timeout=0"), Expected::Fail);
        assert_eq!(judged(Kind::SqlalchemyPg8000, ""), Expected::Fail);
    }

    #[test]
    fn a_string_that_the_driver_refuses_is_unknown() {
        assert_eq!(
            judged(Kind::Asyncpg, "?connect_timeout=5"),
            Expected::Unknown
        );
    }

    #[test]
    fn a_socket_needs_none() {
        assert_eq!(
            judge_text("url-connect-timeout", "postgresql://u@%2Ftmp/d"),
            Expected::NotApplicable
        );
    }
}
