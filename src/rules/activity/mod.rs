//! The **activity** family: what the server's sessions do.

mod application_name;
mod blocked;
mod count;
mod idle_in_transaction;
mod stale;
mod unencrypted;

use std::time::Duration;

use super::{Outcome, Rule, Seen};
use crate::facts::{ActivityRow, Connection, Missing};

/// The rules of the family, in report order.
pub(super) static RULES: &[&Rule] = &[
    &application_name::RULE,
    &count::RULE,
    &idle_in_transaction::RULE,
    &blocked::RULE,
    &unencrypted::RULE,
    &stale::RULE,
];

/// Returns the sessions by application name, which a rule needs.
fn rows<'a>(tries: &[&'a Connection]) -> Result<&'a [ActivityRow], Missing> {
    let told = tries.iter().find_map(|try_| try_.activity.as_deref());
    told.ok_or_else(|| Missing::new("the server's list of sessions"))
}

/// Returns what is missing where the role may not see a column of other roles' sessions.
fn hidden() -> Missing {
    Missing::new("a role that may see other roles' sessions: GRANT pg_read_all_stats")
}

/// Names an application for a sentence.
fn name(row: &ActivityRow) -> &str {
    if row.application_name.is_empty() {
        "(no name)"
    } else {
        &row.application_name
    }
}

/// Judges an age of every application against the most that is allowed; the fix names the worst one.
fn judge_age(
    tries: &[&Connection],
    most: Duration,
    what: &str,
    fix: &str,
    age: fn(&ActivityRow) -> Option<Duration>,
    count: fn(&ActivityRow) -> Option<u32>,
) -> Outcome {
    let mut worst: Option<(Duration, &ActivityRow)> = None;
    for row in rows(tries)? {
        if count(row).ok_or_else(hidden)? == 0 {
            continue;
        }
        let age = age(row).ok_or_else(hidden)?;
        if worst.is_none_or(|(longest, _)| age > longest) {
            worst = Some((age, row));
        }
    }
    let expected = format!("at most {} s", most.as_secs());
    match worst {
        Some((age, row)) if age > most => Seen::new(format!(
            "{} has a session {what} for {} s",
            name(row),
            age.as_secs()
        ))
        .observed(format!("{} s", age.as_secs()))
        .expected(expected)
        .fail(fix)
        .into(),
        Some((age, _)) => Seen::new(format!("no session is {what} for long"))
            .observed(format!("{} s", age.as_secs()))
            .expected(expected)
            .pass(),
        None => Seen::new(format!("no session is {what}"))
            .expected(expected)
            .pass(),
    }
}

#[cfg(test)]
mod tests {
    use crate::facts::{ActivityRow, Connection, Facts, ServerFacts};
    use crate::rules::{Context, Outcome, find, judge};
    use crate::spec::Spec;

    /// Three idle sessions of the application, with nothing wrong.
    pub(in crate::rules::activity) fn healthy(application_name: &str) -> ActivityRow {
        ActivityRow {
            application_name: application_name.to_owned(),
            total: Some(3),
            active: Some(0),
            idle: Some(3),
            idle_in_transaction: Some(0),
            waiting: Some(0),
            unencrypted: Some(0),
            ..ActivityRow::default()
        }
    }

    /// Judges a rule over the sessions of a server, for an application of this name.
    #[expect(clippy::unwrap_used, reason = "a panic is the test's failure")]
    pub(in crate::rules::activity) fn outcome(
        rule: &str,
        app: Option<&str>,
        rows: Vec<ActivityRow>,
    ) -> Outcome {
        let role_backends = rows.iter().map(|row| row.total).sum();
        let connection = Connection {
            url: ("URL".to_owned(), None),
            host: "h".to_owned(),
            port: 5432,
            stages: Vec::new(),
            server: Some(ServerFacts {
                role_backends,
                ..ServerFacts::default()
            }),
            activity: Some(rows),
            ..Connection::default()
        };
        let mut spec = Spec::profile("enterprise").unwrap();
        spec.application_name = app.map(str::to_owned);
        let facts = Facts {
            connections: vec![connection],
            ..Facts::default()
        };
        let context = Context {
            spec: &spec,
            facts: &facts,
            today: jiff::civil::date(2026, 11, 24),
        };
        judge([&find(rule).unwrap()], context)
            .swap_remove(0)
            .outcome
    }

    #[test]
    fn a_server_that_was_not_asked_is_unknown_to_every_rule() {
        let spec = Spec::profile("enterprise").unwrap_or_else(|| panic!("no profile"));
        let facts = Facts {
            connections: vec![Connection {
                url: ("URL".to_owned(), None),
                host: "h".to_owned(),
                port: 5432,
                stages: Vec::new(),
                server: None,
                activity: None,
                ..Connection::default()
            }],
            ..Facts::default()
        };
        let context = Context {
            spec: &spec,
            facts: &facts,
            today: jiff::civil::date(2026, 11, 24),
        };
        for judgement in judge(super::RULES, context) {
            assert!(judgement.outcome.is_err(), "{}", judgement.rule.id);
        }
    }
}
