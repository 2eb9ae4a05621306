//! `pool-recycle`: the recycle time is the spec's.

use super::judge_bound;
use crate::rules::{Check, Context, Finding, Rule, Seen};
use crate::spec::{PoolSetting, Severity};

/// The value that the spec documents as a temporary way back.
const ROLLBACK_S: i64 = 300;

pub(super) static RULE: Rule = Rule {
    id: "pool-recycle",
    severity: Severity::Error,
    summary: "the recycle time is not the spec's",
    rationale: "A connection older than this many seconds is replaced when it is next taken from \
        the pool. The age counts from connecting, not from the last use, and nothing is closed in \
        the background: recycling does not prevent a provider's idle disconnect (Neon suspends \
        after 300 s without activity by default), pre-ping is what survives it. One number \
        everywhere keeps the engines alike; where a limit is known another may be better (Fly \
        advises 600, RDS Proxy ends idle clients at 1800).",
    fix: "set the recycle time to the spec's number of seconds",
    symptoms: &[
        "SSL connection has been closed unexpectedly",
        "server closed the connection unexpectedly",
    ],
    references: &["https://docs.sqlalchemy.org/en/20/core/pooling.html#setting-pool-recycle"],
    check: Check::Pool(&[PoolSetting::Recycle], |case, context| {
        judge_bound(case, context, finding)
    }),
};

fn finding(number: i64, seen: Seen, context: Context<'_>) -> Finding {
    let wanted = context.spec.pool(PoolSetting::Recycle);
    if number == ROLLBACK_S {
        return seen.fail(format!(
            "set it to {wanted}; while rolled back on purpose, waive `pool-recycle` in dbharden.toml with `until`"
        ));
    }
    seen.fail(format!("set it to {wanted}"))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

    use crate::rules::pool::tests::{Expected, finding, outcome};

    #[test]
    fn the_specs_recycle_time_passes() {
        assert_eq!(outcome("pool-recycle", Some("1800")), Expected::Pass);
    }

    #[test]
    fn another_recycle_time_fails() {
        assert_eq!(outcome("pool-recycle", Some("3600")), Expected::Fail);
    }

    #[test]
    fn the_documented_rollback_fails_and_names_a_waiver_with_an_end() {
        let fix = finding("pool-recycle", "300").fix.unwrap();
        assert!(fix.contains("waive") && fix.contains("until"), "{fix}");
    }

    #[test]
    fn an_unset_recycle_time_is_unknown_while_no_code_was_read() {
        assert_eq!(outcome("pool-recycle", None), Expected::Unknown);
    }
}
