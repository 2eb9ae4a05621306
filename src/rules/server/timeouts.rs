//! `server-timeouts`: no statement and no open transaction may last for ever.

use super::{find, milliseconds, quoted, server, set_by, setting, time};
use crate::facts::{Connection, Missing, ServerFacts};
use crate::rules::{Check, Context, Outcome, Rule, Seen};
use crate::spec::Severity;

/// The settings that must be on.
const NAMES: [&str; 2] = ["statement_timeout", "idle_in_transaction_session_timeout"];

pub(super) static RULE: Rule = Rule {
    id: "server-timeouts",
    severity: Severity::Warning,
    summary: "statements or open transactions may last for ever",
    rationale: "Both timeouts are off by PostgreSQL's default (Neon sets \
        idle_in_transaction_session_timeout to five minutes). A statement that never ends holds its pooled connection, and a transaction that \
        somebody forgot holds its locks and keeps VACUUM from cleaning up. The rule looks at what \
        a new session of this role in this database gets; a driver that sets its own when it \
        connects is not seen here. transaction_timeout (PostgreSQL 17) bounds both.",
    fix: "ALTER ROLE … SET statement_timeout = '30s'; ALTER ROLE … SET idle_in_transaction_session_timeout = '60s'",
    symptoms: &[
        "QueuePool limit of size 5 overflow 10 reached, connection timed out",
        "terminating connection due to idle-in-transaction timeout",
        "canceling statement due to statement timeout",
    ],
    references: &[
        "https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-STATEMENT-TIMEOUT",
        "https://www.postgresql.org/docs/current/sql-alterrole.html",
    ],
    check: Check::Connection(check),
};

fn check(tries: &[&Connection], _context: Context<'_>) -> Outcome {
    let server = server(tries)?;
    let mut observed = Vec::new();
    let mut off = Vec::new();
    for name in NAMES {
        let setting = setting(server, name)?;
        let by = set_by(server, setting);
        if let Some(limit) = milliseconds(setting)? {
            observed.push(format!("{name} = {} by {by}", time(limit)));
        } else {
            observed.push(format!("{name} is off by {by}"));
            off.push(name);
        }
    }
    let bound = transaction_timeout(server)?;
    observed.extend(bound.clone());
    observed.extend(lock_timeout(server)?);
    let seen = |message: String| {
        Seen::new(message)
            .observed(observed.join("; "))
            .expected("both on")
    };
    if off.is_empty() {
        return seen("statements and open transactions are bounded".to_owned()).pass();
    }
    if bound.is_some() {
        return seen("transaction_timeout bounds statements and open transactions".to_owned())
            .pass();
    }
    seen(format!("a new session has no {}", off.join(" and no ")))
        .fail(fix(&server.role, &off))
        .into()
}

/// Says `transaction_timeout`, where the server has it and it is on.
fn transaction_timeout(server: &ServerFacts) -> Result<Option<String>, Missing> {
    let Some(setting) = find(server, "transaction_timeout") else {
        return Ok(None);
    };
    let limit = milliseconds(setting)?;
    Ok(limit.map(|limit| {
        format!(
            "transaction_timeout = {} by {}",
            time(limit),
            set_by(server, setting)
        )
    }))
}

/// Says `lock_timeout`, which the rule does not ask for: it bounds what waits behind a migration.
fn lock_timeout(server: &ServerFacts) -> Result<Option<String>, Missing> {
    let Some(setting) = find(server, "lock_timeout") else {
        return Ok(None);
    };
    let by = set_by(server, setting);
    Ok(Some(match milliseconds(setting)? {
        Some(limit) => format!("lock_timeout = {} by {by}", time(limit)),
        None => format!("lock_timeout is off by {by}"),
    }))
}

/// Writes the statements that turn on what is off.
fn fix(role: &str, off: &[&str]) -> String {
    let role = quoted(role);
    let statements: Vec<_> = off
        .iter()
        .map(|name| {
            let value = if *name == NAMES[0] { "30s" } else { "60s" };
            format!("ALTER ROLE {role} SET {name} = '{value}'")
        })
        .collect();
    statements.join("; ")
}

#[cfg(test)]
mod tests {
    use super::super::tests::{outcome, setting};
    use crate::facts::ServerFacts;
    use crate::rules::{Finding, Outcome, Verdict};

    const RULE: &str = "server-timeouts";

    fn of(statement: &str, idle: &str, transaction: Option<&str>) -> Outcome {
        let mut settings = vec![
            setting("statement_timeout", statement, "ms", "user"),
            setting("idle_in_transaction_session_timeout", idle, "ms", "default"),
        ];
        settings.extend(transaction.map(|t| setting("transaction_timeout", t, "ms", "database")));
        let server = ServerFacts {
            role: "app".to_owned(),
            settings,
            ..ServerFacts::default()
        };
        outcome(RULE, Some(server))
    }

    fn finding(outcome: Outcome) -> Finding {
        match outcome {
            Ok(Verdict::Fail(finding)) => finding,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn both_on_pass_and_say_who_set_them() {
        let Ok(Verdict::Pass(seen)) = of("30000", "60000", None) else {
            panic!("no pass")
        };
        let observed = seen.observed.unwrap_or_default();
        assert!(observed.contains("30 s by ALTER ROLE"), "{observed}");
    }

    #[test]
    fn each_that_is_off_fails_with_its_own_statement() {
        let both = finding(of("0", "0", None)).fix.unwrap_or_default();
        assert!(both.contains("ALTER ROLE app SET statement_timeout"));
        assert!(both.contains("SET idle_in_transaction_session_timeout"));
        let one = finding(of("30000", "0", None)).fix.unwrap_or_default();
        assert!(!one.contains("statement_timeout"), "{one}");
    }

    #[test]
    fn a_bound_on_transactions_bounds_both() {
        assert!(matches!(of("0", "0", Some("60000")), Ok(Verdict::Pass(_))));
        assert!(matches!(of("0", "0", Some("0")), Ok(Verdict::Fail(_))));
    }

    #[test]
    fn settings_that_were_not_told_are_unknown() {
        assert!(outcome(RULE, Some(ServerFacts::default())).is_err());
        assert!(of("soon", "0", None).is_err());
        assert!(outcome(RULE, None).is_err());
    }
}
