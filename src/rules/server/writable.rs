//! `server-writable`: the server takes writes.

use super::{find, server, set_by};
use crate::facts::{Connection, Missing, Value};
use crate::rules::session::url_of;
use crate::rules::{Check, Context, Outcome, Rule, Seen, Verdict};
use crate::spec::Severity;

pub(super) static RULE: Rule = Rule {
    id: "server-writable",
    severity: Severity::Error,
    summary: "the server takes no writes",
    rationale: "Logging in and reading work on a standby and under default_transaction_read_only, so \
        everything looks well until the first INSERT. A replica's endpoint and a failover that \
        nobody followed are the usual reasons; Supabase makes a database read-only that outgrows its \
        plan or its disk.",
    fix: "connect to the primary: its endpoint, or all hosts with target_session_attrs=read-write",
    symptoms: &[
        "ERROR:  cannot execute INSERT in a read-only transaction",
        "ERROR:  cannot execute UPDATE in a read-only transaction",
        "session is read-only",
        "server is in hot standby mode",
    ],
    references: &[
        "https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-TARGET-SESSION-ATTRS",
        "https://www.postgresql.org/docs/current/hot-standby.html",
    ],
    check: Check::Connection(check),
};

fn check(tries: &[&Connection], context: Context<'_>) -> Outcome {
    let server = server(tries)?;
    if let Some(wish) = tries
        .last()
        .and_then(|try_| asks_for_reading(try_, context))
    {
        return Verdict::not_applicable(format!("target_session_attrs={wish} asks for no writes"));
    }
    let seen = |message: &str| Seen::new(message).expected("a primary that takes writes");
    if server.in_recovery {
        return seen("the server is a standby: it is in recovery")
            .observed("in recovery")
            .fail(RULE.fix)
            .into();
    }
    let read_only = server
        .read_only
        .ok_or_else(|| Missing::new("the server's default_transaction_read_only"))?;
    if !read_only {
        return seen("the server is a primary, and transactions may write")
            .observed("read-write")
            .pass();
    }
    let by = find(server, "default_transaction_read_only")
        .map(|setting| format!(", set by {}", set_by(server, setting)))
        .unwrap_or_default();
    seen(&format!("every transaction starts read-only{by}"))
        .observed("default_transaction_read_only = on")
        .fail("turn default_transaction_read_only off where it is set, once the reason for it is gone")
        .into()
}

/// Returns the connection string's `target_session_attrs`, or the environment's, where it takes a
/// server that is not written to.
fn asks_for_reading(connection: &Connection, context: Context<'_>) -> Option<String> {
    let written = url_of(connection, context)
        .and_then(|url| url.parts.as_ref().ok())
        .and_then(|parts| parts.get("target_session_attrs"))
        .map(|parameter| parameter.value.expose().to_owned());
    let ambient = || {
        let name = connection.url.1.as_ref()?;
        let environment = context
            .facts
            .environments
            .iter()
            .find(|one| one.name == *name)?;
        match &environment.get("PGTARGETSESSIONATTRS")?.value {
            Value::Known(text) => Some(text.expose().to_owned()),
            Value::Unknown(_) => None,
        }
    };
    written
        .or_else(ambient)
        .filter(|wish| ["read-only", "standby", "prefer-standby"].contains(&wish.as_str()))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{outcome, setting};
    use crate::facts::{Connection, DatabaseUrl, ServerFacts};
    use crate::rules::session::tests::{attempt, judged_with};
    use crate::rules::url::tests::sample;
    use crate::rules::{Outcome, Verdict};

    const RULE: &str = "server-writable";

    fn of(in_recovery: bool, read_only: Option<bool>) -> Outcome {
        outcome(RULE, Some(server(in_recovery, read_only)))
    }

    fn server(in_recovery: bool, read_only: Option<bool>) -> ServerFacts {
        ServerFacts {
            in_recovery,
            read_only,
            settings: vec![setting("default_transaction_read_only", "on", "", "user")],
            ..ServerFacts::default()
        }
    }

    #[test]
    fn a_primary_passes() {
        assert!(matches!(of(false, Some(false)), Ok(Verdict::Pass(_))));
    }

    #[test]
    fn a_standby_fails_whatever_its_settings() {
        for read_only in [None, Some(false), Some(true)] {
            assert!(matches!(of(true, read_only), Ok(Verdict::Fail(_))));
        }
    }

    #[test]
    fn a_read_only_default_fails_and_says_who_set_it() {
        let Ok(Verdict::Fail(finding)) = of(false, Some(true)) else {
            panic!("no failure")
        };
        assert!(finding.seen.message.contains("ALTER ROLE"), "{finding:?}");
    }

    #[test]
    fn a_string_that_asks_for_a_standby_is_not_judged() {
        let standby = |query: &str| {
            let url = DatabaseUrl {
                subject: "URL".to_owned(),
                environment: None,
                ..sample(&format!("postgresql://u:p@db.example.com:5432/d{query}"))
            };
            let connection = Connection {
                server: Some(server(true, None)),
                ..attempt("DDDDD")
            };
            judged_with(RULE, connection, vec![url])
        };
        assert!(matches!(
            standby("?target_session_attrs=prefer-standby"),
            Ok(Verdict::NotApplicable(_))
        ));
        for query in ["", "?target_session_attrs=any"] {
            assert!(matches!(standby(query), Ok(Verdict::Fail(_))), "{query}");
        }
    }

    #[test]
    fn a_setting_that_was_not_told_is_unknown() {
        assert!(of(false, None).is_err());
        assert!(outcome(RULE, None).is_err());
    }
}
