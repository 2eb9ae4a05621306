//! `activity-blocked`: no session waits long for a lock.

use std::time::Duration;

use super::judge_age;
use crate::rules::{Check, Rule};
use crate::spec::Severity;

/// The longest that a session may wait for a lock.
const MOST: Duration = Duration::from_secs(5);

pub(super) static RULE: Rule = Rule {
    id: "activity-blocked",
    severity: Severity::Warning,
    summary: "a session waits for a lock",
    rationale: "A migration that waits for an exclusive lock makes every later query on the table wait \
        behind it. Nothing limits the wait unless lock_timeout is set.",
    fix: "find the blocker with pg_blocking_pids(); set lock_timeout for migrations",
    symptoms: &["canceling statement due to lock timeout"],
    references: &[
        "https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-SESSION",
    ],
    check: Check::Connection(|tries, _| {
        judge_age(
            tries,
            MOST,
            "waiting for a lock",
            "find the blocker: SELECT pid, pg_blocking_pids(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'",
            |row| row.longest_wait,
            |row| row.waiting,
        )
    }),
};

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::facts::ActivityRow;
    use crate::rules::activity::tests::{healthy, outcome};
    use crate::rules::{Outcome, Verdict};

    fn waits_for(seconds: u64) -> Outcome {
        let row = ActivityRow {
            waiting: Some(1),
            longest_wait: Some(Duration::from_secs(seconds)),
            ..healthy("app")
        };
        outcome("activity-blocked", None, vec![row])
    }

    #[test]
    fn five_seconds_pass_and_six_fail() {
        assert!(matches!(waits_for(5), Ok(Verdict::Pass(_))));
        assert!(matches!(waits_for(6), Ok(Verdict::Fail(_))));
    }

    #[test]
    fn a_count_that_the_role_may_not_see_is_unknown() {
        let row = ActivityRow {
            waiting: None,
            ..healthy("app")
        };
        assert!(outcome("activity-blocked", None, vec![row]).is_err());
    }
}
