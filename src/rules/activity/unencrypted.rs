//! `activity-unencrypted`: every session over the network is encrypted.

use super::{hidden, name, rows};
use crate::facts::Connection;
use crate::rules::{Check, Context, Outcome, Rule, Seen};
use crate::spec::Severity;

pub(super) static RULE: Rule = Rule {
    id: "activity-unencrypted",
    severity: Severity::Warning,
    summary: "a session over the network is not encrypted",
    rationale: "The server took it, so pg_hba.conf allows clear text (host instead of hostssl), and the \
        client does not demand TLS, or the server has it turned off (ssl). Behind a pooler on the same machine this is usual.",
    fix: "require TLS in that application, then hostssl in pg_hba.conf",
    symptoms: &[],
    references: &["https://www.postgresql.org/docs/current/auth-pg-hba-conf.html"],
    check: Check::Connection(check),
};

fn check(tries: &[&Connection], _context: Context<'_>) -> Outcome {
    let mut culprits = Vec::new();
    for row in rows(tries)? {
        let count = row.unencrypted.ok_or_else(hidden)?;
        if count > 0 {
            culprits.push(format!("{} {count}", name(row)));
        }
    }
    if culprits.is_empty() {
        return Seen::new("every session over the network is encrypted")
            .expected("none in clear text")
            .pass();
    }
    Seen::new("sessions are not encrypted")
        .observed(culprits.join(", "))
        .expected("none in clear text")
        .fail("require TLS in these applications, then change host to hostssl in pg_hba.conf")
        .into()
}

#[cfg(test)]
mod tests {
    use crate::facts::ActivityRow;
    use crate::rules::Verdict;
    use crate::rules::activity::tests::{healthy, outcome};

    const RULE: &str = "activity-unencrypted";

    #[test]
    fn encrypted_sessions_pass_and_one_in_clear_text_fails() {
        assert!(matches!(
            outcome(RULE, None, vec![healthy("app")]),
            Ok(Verdict::Pass(_))
        ));
        let row = ActivityRow {
            unencrypted: Some(1),
            ..healthy("app")
        };
        assert!(matches!(
            outcome(RULE, None, vec![healthy("a"), row]),
            Ok(Verdict::Fail(_))
        ));
    }

    #[test]
    fn a_count_that_the_role_may_not_see_is_unknown() {
        let row = ActivityRow {
            unencrypted: None,
            ..healthy("app")
        };
        assert!(outcome(RULE, None, vec![row]).is_err());
    }
}
