//! `engine-pool-size`: an engine keeps more connections open than the spec allows.

use super::judge_number;
use crate::rules::{Check, Rule};
use crate::spec::{Bound, Severity};

pub(super) static RULE: Rule = Rule {
    id: "engine-pool-size",
    severity: Severity::Error,
    summary: "an engine keeps more connections open than the spec allows",
    rationale: "Each process keeps up to this many connections open, so workers and instances multiply it. 0 means no limit at all. Five is SQLAlchemy's own default: leaving it out passes too.",
    fix: "set pool_size to a number within the spec",
    symptoms: &[
        "FATAL: sorry, too many clients already",
        "remaining connection slots are reserved",
    ],
    references: &["https://docs.sqlalchemy.org/en/20/core/pooling.html"],
    check: Check::Engine(|engine, context| {
        judge_number(engine, "pool_size", context.spec.pool_size, fix)
    }),
};

fn fix(number: i64, bound: Bound) -> String {
    if number == 0 {
        return format!("set pool_size to {bound}: 0 means a pool without a limit");
    }
    format!("set pool_size to {bound}")
}

#[cfg(test)]
mod tests {
    use crate::driver::Kind;
    use crate::facts::{Known, SettingFrom};
    use crate::rules::engine::tests::{engine, judged, number, with};

    #[test]
    fn a_number_within_the_spec_passes() {
        assert_eq!(number("engine-pool-size", "pool_size", Some(5)), "pass");
    }

    #[test]
    fn a_number_outside_the_spec_fails() {
        for value in [0, 6, -1] {
            assert_eq!(
                number("engine-pool-size", "pool_size", Some(value)),
                "fail",
                "{value}"
            );
        }
    }

    #[test]
    fn a_number_that_is_not_known_is_unknown() {
        assert_eq!(number("engine-pool-size", "pool_size", None), "unknown");
    }

    #[test]
    fn an_engine_without_such_a_pool_is_not_judged() {
        let engine = with(
            engine(Kind::Asyncpg),
            "pool_size",
            None,
            SettingFrom::NotApplicable,
        );
        assert_eq!(
            judged("engine-pool-size", std::slice::from_ref(&engine)),
            "n/a"
        );
        let none = with(
            engine,
            "poolclass",
            Some(Known::Text("NullPool".into())),
            SettingFrom::Literal,
        );
        assert_eq!(judged("engine-pool-size", &[none]), "n/a");
    }
}
