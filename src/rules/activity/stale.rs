//! `activity-stale`: no idle session is older than the recycle time.

use std::time::Duration;

use super::judge_age;
use crate::facts::Connection;
use crate::rules::{Check, Context, Outcome, Rule, Verdict};
use crate::spec::{Bound, Severity};

pub(super) static RULE: Rule = Rule {
    id: "activity-stale",
    severity: Severity::Note,
    summary: "an idle session is older than the recycle time",
    rationale: "The recycle time is looked at only when a connection is taken from its pool, so an idle \
        pool keeps old connections, and a few are no fault. Many of them can also mean that an engine runs with \
        another recycle time than the spec's.",
    fix: "check which engine made the session, and its pool_recycle",
    symptoms: &[],
    references: &["https://docs.sqlalchemy.org/en/20/core/pooling.html#setting-pool-recycle"],
    check: Check::Connection(check),
};

fn check(tries: &[&Connection], context: Context<'_>) -> Outcome {
    let most = match context.spec.pool_recycle {
        Bound::Equals(seconds) | Bound::Range { max: seconds, .. } => u64::try_from(seconds).ok(),
        Bound::Any => None,
    };
    let Some(most) = most else {
        return Verdict::not_applicable("the spec names no recycle time");
    };
    judge_age(
        tries,
        Duration::from_secs(most),
        "open and idle",
        "check which engine made the session, and its pool_recycle",
        |row| row.oldest_idle_session,
        |row| row.idle,
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::facts::ActivityRow;
    use crate::rules::activity::tests::{healthy, outcome};
    use crate::rules::{Outcome, Verdict};

    fn open_for(seconds: u64) -> Outcome {
        let row = ActivityRow {
            oldest_idle_session: Some(Duration::from_secs(seconds)),
            ..healthy("app")
        };
        outcome("activity-stale", None, vec![row])
    }

    #[test]
    fn the_recycle_time_is_the_border() {
        assert!(matches!(open_for(1800), Ok(Verdict::Pass(_))));
        assert!(matches!(open_for(1801), Ok(Verdict::Fail(_))));
    }

    #[test]
    fn a_count_that_the_role_may_not_see_is_unknown() {
        let row = ActivityRow {
            idle: None,
            ..healthy("app")
        };
        assert!(outcome("activity-stale", None, vec![row]).is_err());
    }
}
