//! `server-schema-create`: the application's role needs no right to create in `public`.

use super::server;
use crate::facts::{Connection, Missing};
use crate::rules::{Check, Context, Outcome, Rule, Seen, Verdict};
use crate::spec::Severity;

pub(super) static RULE: Rule = Rule {
    id: "server-schema-create",
    severity: Severity::Note,
    summary: "the application's role may create objects in public",
    rationale: "Whoever gets in through the application may then create functions and operators \
        that other roles call unknowingly, since public is on everybody's search_path by default \
        (CVE-2018-1058). Before PostgreSQL 15 everybody may, by default; later the database's \
        owner may (an upgraded database keeps the old grant). A role that also runs the \
        migrations needs it: then this note says that the two are one role.",
    fix: "run migrations as another role, then REVOKE CREATE ON SCHEMA public FROM the application's (and FROM PUBLIC)",
    symptoms: &["ERROR:  permission denied for schema public"],
    references: &[
        "https://www.postgresql.org/docs/current/ddl-schemas.html#DDL-SCHEMAS-PATTERNS",
        "https://wiki.postgresql.org/wiki/A_Guide_to_CVE-2018-1058:_Protect_Your_Search_Path",
    ],
    check: Check::Connection(check),
};

fn check(tries: &[&Connection], _context: Context<'_>) -> Outcome {
    let server = server(tries)?;
    let superuser = server
        .superuser
        .ok_or_else(|| Missing::new("the rights of the session's role"))?;
    if superuser {
        return Verdict::not_applicable("a superuser may do everything (server-role)");
    }
    let role = &server.role;
    match server.creates_in_public {
        None => Verdict::not_applicable("the database has no schema public"),
        Some(false) => Seen::new(format!("the role {role} may not create in public"))
            .observed("no CREATE")
            .expected("no CREATE")
            .pass(),
        Some(true) => Seen::new(format!("the role {role} may create in public"))
            .observed("CREATE")
            .expected("no CREATE")
            .fail(RULE.fix)
            .into(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::outcome;
    use crate::facts::ServerFacts;
    use crate::rules::{Outcome, Verdict};

    fn of(superuser: Option<bool>, creates_in_public: Option<bool>) -> Outcome {
        let server = ServerFacts {
            superuser,
            creates_in_public,
            ..ServerFacts::default()
        };
        outcome("server-schema-create", Some(server))
    }

    #[test]
    fn a_role_without_the_right_passes_and_one_with_it_fails() {
        assert!(matches!(of(Some(false), Some(false)), Ok(Verdict::Pass(_))));
        assert!(matches!(of(Some(false), Some(true)), Ok(Verdict::Fail(_))));
    }

    #[test]
    fn a_superuser_and_a_missing_schema_are_not_judged() {
        for (superuser, creates) in [(true, Some(true)), (false, None)] {
            assert!(matches!(
                of(Some(superuser), creates),
                Ok(Verdict::NotApplicable(_))
            ));
        }
    }

    #[test]
    fn rights_that_were_not_told_are_unknown() {
        assert!(of(None, None).is_err());
        assert!(outcome("server-schema-create", None).is_err());
    }
}
