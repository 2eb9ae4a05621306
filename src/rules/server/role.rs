//! `server-role`: the application's role is no superuser.

use super::server;
use crate::facts::{Connection, Missing};
use crate::rules::{Check, Context, Outcome, Rule, Seen};
use crate::spec::Severity;

pub(super) static RULE: Rule = Rule {
    id: "server-role",
    severity: Severity::Warning,
    summary: "the application connects as a superuser",
    rationale: "No permission and no row security holds against a superuser, and it may run programs \
        on the server's machine (COPY … TO PROGRAM): one SQL injection then reaches every database, and the \
        machine as the user that the server runs as. It may also take the connections that are \
        kept for whoever must repair an overfull server.",
    fix: "create a role for the application, owner of its own database at most, and connect as that",
    symptoms: &[],
    references: &["https://www.postgresql.org/docs/current/role-attributes.html"],
    check: Check::Connection(check),
};

fn check(tries: &[&Connection], _context: Context<'_>) -> Outcome {
    let server = server(tries)?;
    let superuser = server
        .superuser
        .ok_or_else(|| Missing::new("the attributes of the session's role"))?;
    let role = &server.role;
    let seen = |is: &str| Seen::new(format!("the role {role} {is}")).observed(role);
    if superuser {
        return seen("is a superuser")
            .expected("an ordinary role")
            .fail(RULE.fix)
            .into();
    }
    seen("is an ordinary one")
        .expected("an ordinary role")
        .pass()
}

#[cfg(test)]
mod tests {
    use super::super::tests::outcome;
    use crate::facts::ServerFacts;
    use crate::rules::{Outcome, Verdict};

    fn of(superuser: Option<bool>) -> Outcome {
        let server = ServerFacts {
            role: "app".to_owned(),
            superuser,
            ..ServerFacts::default()
        };
        outcome("server-role", Some(server))
    }

    #[test]
    fn an_ordinary_role_passes_and_a_superuser_fails() {
        assert!(matches!(of(Some(false)), Ok(Verdict::Pass(_))));
        assert!(matches!(of(Some(true)), Ok(Verdict::Fail(_))));
    }

    #[test]
    fn a_role_that_was_not_told_is_unknown() {
        assert!(of(None).is_err());
        assert!(outcome("server-role", None).is_err());
    }
}
