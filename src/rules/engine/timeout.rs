//! `engine-timeout`: an engine waits for a connection longer than the spec allows.

use super::judge_number;
use crate::rules::{Check, Rule};
use crate::spec::{Bound, Severity};

pub(super) static RULE: Rule = Rule {
    id: "engine-timeout",
    severity: Severity::Error,
    summary: "an engine waits for a connection longer than the spec allows",
    rationale: "When every connection is in use, a request waits this many seconds before it fails. Longer than the proxy in front waits, and users see its error, while the worker stays blocked. Thirty is SQLAlchemy's own default: leaving it out passes too.",
    fix: "set pool_timeout to a number within the spec",
    symptoms: &[
        "QueuePool limit of size 5 overflow 10 reached, connection timed out, timeout 30.00",
    ],
    references: &["https://docs.sqlalchemy.org/en/20/errors.html#error-3o7r"],
    check: Check::Engine(|engine, context| {
        judge_number(engine, "pool_timeout", context.spec.pool_timeout, fix)
    }),
};

fn fix(number: i64, bound: Bound) -> String {
    if number == 0 {
        return format!("set pool_timeout to {bound}: 0 fails at once when the pool is in use");
    }
    format!("set pool_timeout to {bound}")
}

#[cfg(test)]
mod tests {
    use crate::driver::Kind;
    use crate::facts::{Known, SettingFrom};
    use crate::rules::engine::tests::{engine, judged, number, with};

    #[test]
    fn a_number_within_the_spec_passes() {
        assert_eq!(number("engine-timeout", "pool_timeout", Some(30)), "pass");
    }

    #[test]
    fn a_number_outside_the_spec_fails() {
        for value in [0, 31, 60] {
            assert_eq!(
                number("engine-timeout", "pool_timeout", Some(value)),
                "fail",
                "{value}"
            );
        }
    }

    #[test]
    fn a_number_that_is_not_known_is_unknown() {
        assert_eq!(number("engine-timeout", "pool_timeout", None), "unknown");
    }

    #[test]
    fn an_engine_without_such_a_pool_is_not_judged() {
        let engine = with(
            engine(Kind::Asyncpg),
            "pool_timeout",
            None,
            SettingFrom::NotApplicable,
        );
        assert_eq!(
            judged("engine-timeout", std::slice::from_ref(&engine)),
            "n/a"
        );
        let none = with(
            engine,
            "poolclass",
            Some(Known::Text("NullPool".into())),
            SettingFrom::Literal,
        );
        assert_eq!(judged("engine-timeout", &[none]), "n/a");
    }
}
