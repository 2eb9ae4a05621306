//! `activity-blocked`: no session waits long for a lock.

use std::time::Duration;

use super::judge_age;
use crate::facts::{Connection, SessionFacts};
use crate::rules::{Check, Context, Outcome, Rule};
use crate::spec::Severity;

/// The longest that a session may wait for a lock.
const MOST: Duration = Duration::from_secs(5);

pub(super) static RULE: Rule = Rule {
    id: "activity-blocked",
    severity: Severity::Warning,
    summary: "a session waits for a lock",
    rationale: "A migration that waits for an ACCESS EXCLUSIVE lock makes every later query on the \
        table wait behind it. Unless it is a deadlock, nothing ends the wait but the other \
        transaction's end, or one of lock_timeout, statement_timeout and transaction_timeout \
        (PostgreSQL 17), which are all off by default.",
    fix: "find the blocker with pg_blocking_pids(); set lock_timeout for migrations",
    symptoms: &["canceling statement due to lock timeout"],
    references: &[
        "https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-SESSION",
    ],
    check: Check::Connection(check),
};

fn check(tries: &[&Connection], _context: Context<'_>) -> Outcome {
    let first = tries.iter().find_map(|try_| {
        let sessions = &try_.sessions.as_ref()?.all;
        first_in_line(sessions)
    });
    let fix = match first {
        Some(first) => format!(
            "process {} ({}) is first in line: end its transaction, or pg_terminate_backend({0})",
            first.pid, first.application_name
        ),
        None => "dbharden activity shows who waits for whom, as pg_blocking_pids() does".to_owned(),
    };
    judge_age(
        tries,
        MOST,
        "waiting for a lock",
        &fix,
        |row| row.longest_wait,
        |row| row.waiting,
    )
}

/// Returns the session that waits for nobody and that the longest waiter waits for in the end.
fn first_in_line(sessions: &[SessionFacts]) -> Option<&SessionFacts> {
    let find = |pid: &i32| sessions.iter().find(|one| one.pid == *pid);
    let mut one = sessions
        .iter()
        .filter(|one| !one.blocked_by.is_empty())
        .max_by_key(|one| one.waited)?;
    // A ring of waiters has no first one.
    for _ in 0..sessions.len() {
        match one.blocked_by.first() {
            None => return Some(one),
            Some(blocker) => one = find(blocker)?,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::first_in_line;
    use crate::facts::{ActivityRow, SessionFacts};
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

    #[test]
    fn whoever_waits_for_nobody_is_first_in_line() {
        let session = |pid, waited: u64, blocked_by: &[i32]| SessionFacts {
            pid,
            waited: Some(Duration::from_secs(waited)),
            blocked_by: blocked_by.to_vec(),
            ..SessionFacts::default()
        };
        let first = |sessions: &[SessionFacts]| first_in_line(sessions).map(|one| one.pid);
        let line = [
            session(9, 0, &[]),
            session(2, 8, &[9]),
            session(3, 5, &[2, 9]),
        ];
        assert_eq!(first(&line), Some(9));
        assert_eq!(first(&[session(9, 0, &[])]), None);
        assert_eq!(first(&[session(2, 8, &[0])]), None);
        assert_eq!(first(&[session(1, 1, &[2]), session(2, 1, &[1])]), None);
    }
}
