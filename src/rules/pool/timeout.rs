//! `pool-timeout`: the wait for a connection is bounded as the spec says.

use super::judge_bound;
use crate::rules::{Check, Context, Finding, Rule, Seen};
use crate::spec::{PoolSetting, Severity};

pub(super) static RULE: Rule = Rule {
    id: "pool-timeout",
    severity: Severity::Error,
    summary: "the wait for a pooled connection is outside the spec",
    rationale: "A request waits this many seconds for a free connection before it fails. Longer than \
        the gateway's own timeout, the client has gone before the error comes; 0 fails at once under \
        the first burst. Thirty is SQLAlchemy's own default.",
    fix: "set the timeout to a number of seconds within the spec",
    symptoms: &[
        "QueuePool limit of size 5 overflow 10 reached, connection timed out, timeout 30.00",
    ],
    references: &["https://docs.sqlalchemy.org/en/20/core/pooling.html"],
    check: Check::Pool(&[PoolSetting::Timeout], |case, context| {
        judge_bound(case, context, finding)
    }),
};

fn finding(_number: i64, seen: Seen, context: Context<'_>) -> Finding {
    seen.fail(format!(
        "set it to {} seconds",
        context.spec.pool(PoolSetting::Timeout)
    ))
}

#[cfg(test)]
mod tests {
    use crate::rules::pool::tests::{Expected, outcome};

    #[test]
    fn a_timeout_within_the_spec_passes() {
        assert_eq!(outcome("pool-timeout", Some("30")), Expected::Pass);
    }

    #[test]
    fn a_timeout_outside_the_spec_fails() {
        assert_eq!(outcome("pool-timeout", Some("0")), Expected::Fail);
        assert_eq!(outcome("pool-timeout", Some("31")), Expected::Fail);
    }

    #[test]
    fn an_unset_timeout_is_unknown_while_no_code_was_read() {
        assert_eq!(outcome("pool-timeout", None), Expected::Unknown);
    }
}
