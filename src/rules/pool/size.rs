//! `pool-size`: the pool's size is within the spec.

use super::judge_bound;
use crate::rules::{Check, Context, Finding, Rule, Seen};
use crate::spec::{PoolSetting, Severity};

pub(super) static RULE: Rule = Rule {
    id: "pool-size",
    severity: Severity::Error,
    summary: "the pool's size is outside the spec",
    rationale: "Each worker process keeps a pool of its own, so the database sees up to the size, \
        and the overflow, times workers times instances. A large pool uses up the server's \
        connection slots; size 0 means no limit at all in SQLAlchemy. Five is SQLAlchemy's own \
        default: writing it down changes nothing, but it stops a larger number from creeping \
        in.",
    fix: "set the pool size to a number within the spec",
    symptoms: &[
        "FATAL:  sorry, too many clients already",
        "FATAL:  remaining connection slots are reserved",
    ],
    references: &["https://docs.sqlalchemy.org/en/20/core/pooling.html"],
    check: Check::Pool(&[PoolSetting::Size], |case, context| {
        judge_bound(case, context, finding)
    }),
};

fn finding(number: i64, seen: Seen, context: Context<'_>) -> Finding {
    let wanted = context.spec.pool(PoolSetting::Size);
    if number == 0 {
        return seen.fail(format!(
            "set it to {wanted}: 0 means a pool without a limit"
        ));
    }
    seen.fail(format!("set it to {wanted}"))
}

#[cfg(test)]
mod tests {
    use crate::rules::pool::tests::{Expected, outcome};

    #[test]
    fn a_size_within_the_spec_passes() {
        assert_eq!(outcome("pool-size", Some("5")), Expected::Pass);
        assert_eq!(outcome("pool-size", Some("1")), Expected::Pass);
    }

    #[test]
    fn a_size_outside_the_spec_fails() {
        for text in ["6", "0", "-1", "99999999999", "1_000"] {
            assert_eq!(outcome("pool-size", Some(text)), Expected::Fail, "{text}");
        }
    }

    #[test]
    fn an_unset_size_is_unknown_while_no_code_was_read() {
        assert_eq!(outcome("pool-size", None), Expected::Unknown);
    }

    #[test]
    fn a_text_that_is_no_number_is_left_to_pool_value() {
        assert_eq!(outcome("pool-size", Some("5.0")), Expected::NotApplicable);
    }
}
