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
        them (PgBouncer from 1.21, where max_prepared_statements is not 0). The server's counts are of the \
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
    let (seen, changes) = match in_between(server, url) {
        Between::Nothing => {
            return Seen::new("no pooler was seen between here and the server")
                .observed("none")
                .pass();
        }
        Between::HandedThrough(provider) => {
            return Seen::new(format!(
                "{provider}'s proxy is in between, which on this host hands the session through"
            ))
            .observed("no pooler")
            .pass();
        }
        Between::ByHost(provider) => (
            Seen::new(format!("the host is {provider}'s pooler")).observed(provider),
            url.and_then(changes),
        ),
        Between::Seen(kind) => (
            Seen::new(format!("{} is in between", kind.name)).observed(kind.name),
            url.and_then(changes).or(Some(kind.changes)),
        ),
    };
    let fix = match changes {
        Some(changes) => format!("{changes}; {}", RULE.fix),
        None => RULE.fix.to_owned(),
    };
    seen.fail(fix).into()
}

/// What is between here and the server.
enum Between {
    /// Nothing that was seen.
    Nothing,
    /// A proxy on a provider's direct host.
    HandedThrough(&'static str),
    /// A provider's pooler, as the host's form tells.
    ByHost(&'static str),
    /// Something that the session showed.
    Seen(Kind),
}

/// A kind of pooler, and what it does with prepared statements and parameters.
#[derive(Clone, Copy)]
struct Kind {
    name: &'static str,
    changes: &'static str,
}

const PGBOUNCER: Kind = Kind {
    name: "PgBouncer",
    changes: "it keeps application_name for each client; prepared statements need version 1.21 and \
        max_prepared_statements above 0, else turn them off in the driver",
};

const SUPAVISOR: Kind = Kind {
    name: "Supavisor",
    changes: "the sessions on the server bear its name, not the application's, and startup \
        parameters have no effect; turn off prepared statements in the driver",
};

const RDS_PROXY: Kind = Kind {
    name: "RDS Proxy",
    changes: "SET and prepared statements pin the session to one connection",
};

const PROVIDERS_OWN: Kind = Kind {
    name: "the provider's proxy",
    ..UNKNOWN
};

const UNKNOWN: Kind = Kind {
    name: "a pooler or proxy",
    changes: "the server's process is not the one that greeted us; unless the pooler is known to \
        track prepared statements, turn them off in the driver",
};

fn in_between(server: &ServerFacts, url: Option<&DatabaseUrl>) -> Between {
    let detected = url.and_then(|url| url.provider);
    if let Some(detected) = detected.filter(|detected| detected.pooled == Some(true)) {
        return Between::ByHost(detected.provider.name);
    }
    let seen = match server.pooler.as_deref() {
        None => return Between::Nothing,
        Some("pgbouncer") => return Between::Seen(PGBOUNCER),
        Some("supavisor") => return Between::Seen(SUPAVISOR),
        Some(_) => UNKNOWN,
    };
    match detected {
        Some(detected) if detected.pooled == Some(false) => {
            Between::HandedThrough(detected.provider.name)
        }
        Some(detected) => Between::Seen(detected.provider.pooler.as_ref().map_or(seen, kind)),
        None => Between::Seen(seen),
    }
}

fn kind(pooler: &Pooler) -> Kind {
    match pooler.kind.value {
        PoolerKind::PgBouncer => PGBOUNCER,
        PoolerKind::Supavisor => SUPAVISOR,
        PoolerKind::RdsProxy => RDS_PROXY,
        PoolerKind::Own => PROVIDERS_OWN,
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
        seen_at(host, None)
    }

    fn seen_at(host: &str, pooler: Option<&str>) -> Outcome {
        let url = DatabaseUrl {
            subject: "URL".to_owned(),
            environment: None,
            provider: detect(host, Some(5432)),
            ..sample(&format!("postgresql://u:p@{host}:5432/d"))
        };
        let connection = Connection {
            host: host.to_owned(),
            server: Some(ServerFacts {
                pooler: pooler.map(str::to_owned),
                ..ServerFacts::default()
            }),
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
        for (pooler, name, change) in [
            ("pgbouncer", "PgBouncer", "max_prepared_statements"),
            ("supavisor", "Supavisor", "bear its name"),
            ("unknown", "a pooler or proxy", "turn them off"),
        ] {
            let finding = finding(of(Some(pooler)));
            assert_eq!(finding.seen.observed.unwrap(), name);
            assert!(finding.fix.unwrap().contains(change), "{pooler}");
        }
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
    fn a_proxy_on_a_direct_host_is_no_pooler() {
        let direct = "ep-cool-name-123456.eu-central-1.aws.neon.tech";
        let Ok(Verdict::Pass(seen)) = seen_at(direct, Some("unknown")) else {
            panic!("no pass")
        };
        assert!(
            seen.message.contains("hands the session through"),
            "{seen:?}"
        );
        let pooler = finding(seen_at(direct, Some("pgbouncer")));
        assert_eq!(pooler.seen.observed.unwrap(), "PgBouncer");
    }

    #[test]
    fn without_a_session_it_is_unknown() {
        assert!(outcome(RULE, None).is_err());
    }
}
