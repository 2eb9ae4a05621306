//! `activity-idle-in-transaction`: no session sits idle in a transaction.

use std::time::Duration;

use super::judge_age;
use crate::rules::{Check, Rule};
use crate::spec::Severity;

/// The longest that a session may be idle in a transaction.
const MOST: Duration = Duration::from_mins(1);

pub(super) static RULE: Rule = Rule {
    id: "activity-idle-in-transaction",
    severity: Severity::Warning,
    summary: "a session sits idle in a transaction",
    rationale: "It holds its locks and its slot, keeps vacuum from cleaning up, and keeps Neon \
        awake. Often a request handler awaits something else inside its session, or never closes \
        it.",
    fix: "close the session before waiting for anything else; set idle_in_transaction_session_timeout",
    symptoms: &["terminating connection due to idle-in-transaction timeout"],
    references: &[
        "https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-IDLE-IN-TRANSACTION-SESSION-TIMEOUT",
    ],
    check: Check::Connection(|tries, _| {
        judge_age(
            tries,
            MOST,
            "idle in a transaction",
            "close the session before waiting for anything else; set idle_in_transaction_session_timeout",
            |row| row.oldest_idle_in_transaction,
            |row| row.idle_in_transaction,
        )
    }),
};

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::facts::ActivityRow;
    use crate::rules::activity::tests::{healthy, outcome};
    use crate::rules::{Outcome, Verdict};

    fn idle_for(seconds: u64) -> Outcome {
        let row = ActivityRow {
            idle_in_transaction: Some(1),
            oldest_idle_in_transaction: Some(Duration::from_secs(seconds)),
            ..healthy("app")
        };
        outcome("activity-idle-in-transaction", None, vec![row])
    }

    #[test]
    fn a_minute_passes_and_a_second_more_fails() {
        assert!(matches!(idle_for(60), Ok(Verdict::Pass(_))));
        assert!(matches!(idle_for(61), Ok(Verdict::Fail(_))));
    }

    #[test]
    fn a_count_that_the_role_may_not_see_is_unknown() {
        let row = ActivityRow {
            idle_in_transaction: None,
            ..healthy("app")
        };
        assert!(outcome("activity-idle-in-transaction", None, vec![row]).is_err());
    }
}
