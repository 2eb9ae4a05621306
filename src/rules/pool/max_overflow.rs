//! `pool-max-overflow`: the overflow is within the spec.

use super::judge_bound;
use crate::rules::{Check, Context, Finding, Rule, Seen};
use crate::spec::{PoolSetting, Severity};

pub(super) static RULE: Rule = Rule {
    id: "pool-max-overflow",
    severity: Severity::Error,
    summary: "the pool's overflow is outside the spec",
    rationale: "Under load a pool opens this many connections beyond its size. −1 means no limit: \
        a slow query under load can then use up every slot of the server. Ten is SQLAlchemy's own \
        default.",
    fix: "set the overflow to a number within the spec",
    symptoms: &["QueuePool limit of size 5 overflow 10 reached, connection timed out"],
    references: &["https://docs.sqlalchemy.org/en/20/core/pooling.html"],
    check: Check::Pool(&[PoolSetting::MaxOverflow], |case, context| {
        judge_bound(case, context, finding)
    }),
};

fn finding(number: i64, seen: Seen, context: Context<'_>) -> Finding {
    let wanted = context.spec.pool(PoolSetting::MaxOverflow);
    if number == -1 {
        return seen.fail(format!(
            "set it to {wanted}: −1 means an overflow without a limit"
        ));
    }
    seen.fail(format!("set it to {wanted}"))
}

#[cfg(test)]
mod tests {
    use crate::rules::pool::tests::{Expected, outcome};

    #[test]
    fn an_overflow_within_the_spec_passes() {
        assert_eq!(outcome("pool-max-overflow", Some("0")), Expected::Pass);
        assert_eq!(outcome("pool-max-overflow", Some("10")), Expected::Pass);
    }

    #[test]
    fn an_overflow_outside_the_spec_fails() {
        assert_eq!(outcome("pool-max-overflow", Some("11")), Expected::Fail);
        assert_eq!(outcome("pool-max-overflow", Some("-1")), Expected::Fail);
    }

    #[test]
    fn an_unset_overflow_is_unknown_while_no_code_was_read() {
        assert_eq!(outcome("pool-max-overflow", None), Expected::Unknown);
    }
}
