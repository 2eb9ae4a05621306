//! `engine-recycle`: an engine does not replace its connections at the age of the spec.

use super::judge_number;
use crate::rules::{Check, Rule};
use crate::spec::{Bound, Severity};

pub(super) static RULE: Rule = Rule {
    id: "engine-recycle",
    severity: Severity::Error,
    summary: "an engine does not replace its connections at the age of the spec",
    rationale: "pool_recycle is the age at which a connection is replaced when it is next taken; \
        it closes nothing in the background and knows nothing of idleness, so it does not prevent \
        idle disconnects (pool_pre_ping survives those). It bounds how old a connection is when \
        it is next taken, after a credential, an address or a certificate has changed. \
        SQLAlchemy's default, −1, never replaces one.",
    fix: "set pool_recycle to the number of the spec",
    symptoms: &[
        "SSL connection has been closed unexpectedly",
        "server closed the connection unexpectedly",
    ],
    references: &["https://docs.sqlalchemy.org/en/20/core/pooling.html#setting-pool-recycle"],
    check: Check::Engine(|engine, context| {
        judge_number(engine, "pool_recycle", context.spec.pool_recycle, fix)
    }),
};

fn fix(number: i64, bound: Bound) -> String {
    if number == 300 {
        return format!(
            "set pool_recycle to {bound}; while 300 is the rollback, waive this rule with an end: [[waive]] rule = \"engine-recycle\", until, reason"
        );
    }
    format!("set pool_recycle to {bound}")
}

#[cfg(test)]
mod tests {
    use crate::driver::Kind;
    use crate::facts::{Known, SettingFrom};
    use crate::rules::engine::tests::{engine, judged, number, with};

    #[test]
    fn a_number_within_the_spec_passes() {
        assert_eq!(number("engine-recycle", "pool_recycle", Some(1800)), "pass");
    }

    #[test]
    fn a_number_outside_the_spec_fails() {
        for value in [-1, 300, 3600] {
            assert_eq!(
                number("engine-recycle", "pool_recycle", Some(value)),
                "fail",
                "{value}"
            );
        }
    }

    #[test]
    fn a_number_that_is_not_known_is_unknown() {
        assert_eq!(number("engine-recycle", "pool_recycle", None), "unknown");
    }

    #[test]
    fn an_engine_without_such_a_pool_is_not_judged() {
        let engine = with(
            engine(Kind::Asyncpg),
            "pool_recycle",
            None,
            SettingFrom::NotApplicable,
        );
        assert_eq!(
            judged("engine-recycle", std::slice::from_ref(&engine)),
            "n/a"
        );
        let none = with(
            engine,
            "poolclass",
            Some(Known::Text("NullPool".into())),
            SettingFrom::Literal,
        );
        assert_eq!(judged("engine-recycle", &[none]), "n/a");
    }
}
