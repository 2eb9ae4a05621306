//! `server-pooler`: whether a pooler is in between, and what that changes.

use super::server;
use crate::facts::{Connection, DatabaseUrl, ServerFacts};
use crate::provider::{PoolMode, Pooler, PoolerKind, Statements};
use crate::rules::session::url_of;
use crate::rules::{Check, Context, Outcome, Rule, Seen};
use crate::spec::Severity;

pub(super) static RULE: Rule = Rule {
    id: "server-pooler",
    severity: Severity::Note,
    summary: "a pooler is in between, which changes what a session is",
    rationale: "In transaction mode each transaction may run on another server connection: what SET, \
        LISTEN, advisory locks, temporary tables and SQL's PREPARE leave behind is lost, or found \
        by somebody else. Prepared statements of the protocol work only where the pooler tracks \
        them (PgBouncer from 1.21 with max_prepared_statements). The server's counts are of the \
        pooler's connections, whose limits are not those of its clients.",
    fix: "keep nothing in the session between transactions; use the direct host for migrations and LISTEN",
    symptoms: &[
        "prepared statement \"…\" does not exist",
        "prepared statement \"…\" already exists",
        "unsupported startup parameter",
    ],
    references: &["https://www.pgbouncer.org/features.html"],
    check: Check::Connection(check),
};

fn check(tries: &[&Connection], context: Context<'_>) -> Outcome {
    let server = server(tries)?;
    let url = tries
        .iter()
        .find_map(|connection| url_of(connection, context));
    let Some((name, by_host)) = pooler(server, url) else {
        return Seen::new("no pooler was seen between here and the server")
            .observed("none")
            .pass();
    };
    let seen = if by_host {
        Seen::new(format!("the host is {name}'s pooler"))
    } else {
        Seen::new(format!("{name} is in between"))
    };
    let changes = url.and_then(changes);
    let fix = match changes {
        Some(changes) => format!("{changes}; {}", RULE.fix),
        None => RULE.fix.to_owned(),
    };
    seen.observed(name).fail(fix).into()
}

/// Names the pooler: as the session showed it, or as the host's form tells.
fn pooler(server: &ServerFacts, url: Option<&DatabaseUrl>) -> Option<(String, bool)> {
    let detected = url.and_then(|url| url.provider);
    if let Some(detected) = detected.filter(|detected| detected.pooled == Some(true)) {
        return Some((detected.provider.name.to_owned(), true));
    }
    let seen = server.pooler.as_ref()?;
    let name = detected
        .and_then(|detected| detected.provider.pooler.as_ref())
        .map_or(seen.as_str(), |pooler| kind(pooler));
    Some((name.to_owned(), false))
}

fn kind(pooler: &Pooler) -> &'static str {
    match pooler.kind.value {
        PoolerKind::PgBouncer => "PgBouncer",
        PoolerKind::Supavisor => "Supavisor",
        PoolerKind::RdsProxy => "RDS Proxy",
        PoolerKind::Own => "the provider's proxy",
    }
}

/// Says what the provider's pooler does with prepared statements, where that is known.
fn changes(url: &DatabaseUrl) -> Option<&'static str> {
    let detected = url.provider?;
    let pooler = detected.provider.pooler.as_ref()?;
    if detected.mode == Some(PoolMode::Session) {
        return Some("it pools by session, so a session stays whole while it lasts");
    }
    match pooler.statements.value {
        Statements::Tracked => Some("it tracks prepared statements, so drivers may prepare"),
        Statements::NotTracked => Some("turn off prepared statements in the driver"),
        Statements::Pinned => Some("a prepared statement pins the session to one connection"),
        Statements::Unknown => None,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

    use super::super::tests::outcome;
    use crate::facts::{Connection, DatabaseUrl, ServerFacts};
    use crate::provider::detect;
    use crate::rules::session::tests::{attempt, judged_with};
    use crate::rules::url::tests::sample;
    use crate::rules::{Finding, Outcome, Verdict};

    const RULE: &str = "server-pooler";

    fn of(pooler: Option<&str>) -> Outcome {
        let server = ServerFacts {
            pooler: pooler.map(str::to_owned),
            ..ServerFacts::default()
        };
        outcome(RULE, Some(server))
    }

    fn at(host: &str) -> Outcome {
        let url = DatabaseUrl {
            subject: "URL".to_owned(),
            environment: None,
            provider: detect(host, Some(5432)),
            ..sample(&format!("postgresql://u:p@{host}:5432/d"))
        };
        let connection = Connection {
            host: host.to_owned(),
            server: Some(ServerFacts::default()),
            ..attempt("DDDDD")
        };
        judged_with(RULE, connection, vec![url])
    }

    fn finding(outcome: Outcome) -> Finding {
        match outcome.unwrap() {
            Verdict::Fail(finding) => finding,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn none_passes_and_one_that_was_seen_is_named() {
        assert!(matches!(of(None), Ok(Verdict::Pass(_))));
        assert_eq!(
            finding(of(Some("pgbouncer"))).seen.observed.unwrap(),
            "pgbouncer"
        );
    }

    #[test]
    fn the_hosts_form_tells_too() {
        let pooled = finding(at("ep-cool-name-123456-pooler.eu-central-1.aws.neon.tech"));
        assert!(pooled.seen.message.contains("Neon"), "{pooled:?}");
        assert!(pooled.fix.unwrap().contains("prepare"));
        let direct = at("ep-cool-name-123456.eu-central-1.aws.neon.tech");
        assert!(matches!(direct, Ok(Verdict::Pass(_))), "{direct:?}");
    }

    #[test]
    fn without_a_session_it_is_unknown() {
        assert!(outcome(RULE, None).is_err());
    }
}
