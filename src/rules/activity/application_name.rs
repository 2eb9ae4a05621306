//! `activity-application-name`: the application's sessions carry its name.

use super::rows;
use crate::facts::{Connection, Missing};
use crate::rules::{Check, Context, Outcome, Rule, Seen, Verdict};
use crate::spec::Severity;

pub(super) static RULE: Rule = Rule {
    id: "activity-application-name",
    severity: Severity::Error,
    summary: "no session carries the application's name",
    rationale: "At three in the morning the name is what tells whose sessions hold the slots and \
        the locks. Every driver can send it, asyncpg too (server_settings), through Neon's pooler \
        as well. Behind PgBouncer a session shows the name of the client that it serves now, \
        behind Supabase's the pooler's own (in session mode too, before Supavisor 2.10).",
    fix: "set application_name where the engine is made",
    symptoms: &[],
    references: &[
        "https://www.postgresql.org/docs/current/runtime-config-logging.html#GUC-APPLICATION-NAME",
    ],
    check: Check::Connection(check),
};

fn check(tries: &[&Connection], context: Context<'_>) -> Outcome {
    if !context.spec.application_name_required {
        return Verdict::not_applicable("the spec has no demand");
    }
    let rows = rows(tries)?;
    let named = |row: &crate::facts::ActivityRow| match &context.spec.application_name {
        Some(wanted) => row.application_name == *wanted,
        None => !row.application_name.is_empty(),
    };
    let expected = context
        .spec
        .application_name
        .as_deref()
        .unwrap_or("any name");
    let total: u32 = rows
        .iter()
        .filter(|row| named(row))
        .filter_map(|row| row.total)
        .sum();
    if total > 0 {
        return Seen::new("its sessions carry the name")
            .observed(crate::value::plural(total as usize, "session"))
            .expected(expected)
            .pass();
    }
    // Sessions of other roles may belong to anybody: only this role's tell about the application.
    let of_role = tries
        .iter()
        .find_map(|try_| try_.server.as_ref()?.role_backends);
    if rows.is_empty() || of_role == Some(0) {
        return Err(Missing::new(
            "a session of the application: none is open, it may not be running",
        ));
    }
    let others: Vec<_> = rows.iter().map(super::name).collect();
    Seen::new("no session carries the name")
        .observed(others.join(", "))
        .expected(expected)
        .fail("set application_name: connect_args={\"application_name\": …}, for asyncpg inside server_settings")
        .into()
}

#[cfg(test)]
mod tests {
    use crate::facts::ActivityRow;
    use crate::rules::Verdict;
    use crate::rules::activity::tests::{healthy, outcome};

    const RULE: &str = "activity-application-name";

    #[test]
    fn sessions_of_the_configured_name_pass() {
        let rows = vec![healthy("psql"), healthy("hiremebahamas")];
        assert!(matches!(
            outcome(RULE, Some("hiremebahamas"), rows),
            Ok(Verdict::Pass(_))
        ));
    }

    #[test]
    fn sessions_of_other_names_alone_fail() {
        assert!(matches!(
            outcome(RULE, Some("hiremebahamas"), vec![healthy("psql")]),
            Ok(Verdict::Fail(_))
        ));
        assert!(matches!(
            outcome(RULE, None, vec![healthy("")]),
            Ok(Verdict::Fail(_))
        ));
    }

    #[test]
    fn any_name_is_right_where_none_is_configured() {
        assert!(matches!(
            outcome(RULE, None, vec![healthy("whatever")]),
            Ok(Verdict::Pass(_))
        ));
    }

    #[test]
    fn no_session_at_all_is_unknown() {
        assert!(outcome(RULE, Some("hiremebahamas"), Vec::<ActivityRow>::new()).is_err());
    }
}
