//! `engine-max-overflow`: an engine may open more extra connections than the spec allows.

use super::judge_number;
use crate::rules::{Check, Rule};
use crate::spec::{Bound, Severity};

pub(super) static RULE: Rule = Rule {
    id: "engine-max-overflow",
    severity: Severity::Error,
    summary: "an engine may open more extra connections than the spec allows",
    rationale: "Under load an engine opens this many connections beyond pool_size. −1 means no \
        limit: a slow query under load can then use up every slot of the server. Ten is \
        SQLAlchemy's own default: leaving it out passes too.",
    fix: "set max_overflow to a number within the spec",
    symptoms: &["QueuePool limit of size 5 overflow 10 reached, connection timed out"],
    references: &["https://docs.sqlalchemy.org/en/20/core/pooling.html"],
    check: Check::Engine(|engine, context| {
        judge_number(engine, "max_overflow", context.spec.max_overflow, fix)
    }),
};

fn fix(number: i64, bound: Bound) -> String {
    if number == -1 {
        return format!("set max_overflow to {bound}: −1 means no limit");
    }
    format!("set max_overflow to {bound}")
}

#[cfg(test)]
mod tests {
    use crate::driver::Kind;
    use crate::facts::{Known, SettingFrom};
    use crate::rules::engine::tests::{engine, judged, number, with};

    #[test]
    fn a_number_within_the_spec_passes() {
        assert_eq!(
            number("engine-max-overflow", "max_overflow", Some(10)),
            "pass"
        );
    }

    #[test]
    fn a_number_outside_the_spec_fails() {
        for value in [11, -1] {
            assert_eq!(
                number("engine-max-overflow", "max_overflow", Some(value)),
                "fail",
                "{value}"
            );
        }
    }

    #[test]
    fn a_number_that_is_not_known_is_unknown() {
        assert_eq!(
            number("engine-max-overflow", "max_overflow", None),
            "unknown"
        );
    }

    #[test]
    fn an_engine_without_such_a_pool_is_not_judged() {
        let engine = with(
            engine(Kind::Asyncpg),
            "max_overflow",
            None,
            SettingFrom::NotApplicable,
        );
        assert_eq!(
            judged("engine-max-overflow", std::slice::from_ref(&engine)),
            "n/a"
        );
        let none = with(
            engine,
            "poolclass",
            Some(Known::Text("NullPool".into())),
            SettingFrom::Literal,
        );
        assert_eq!(judged("engine-max-overflow", &[none]), "n/a");
    }
}
