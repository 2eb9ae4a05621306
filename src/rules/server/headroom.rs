//! `server-headroom`: connection slots are left.

use super::server;
use crate::facts::{Connection, DatabaseUrl, Missing, ServerFacts};
use crate::provider::Limits;
use crate::rules::session::url_of;
use crate::rules::{Check, Context, Outcome, Rule, Seen};
use crate::spec::Severity;

/// From this share of a limit on, in percent, the rule fails as an error.
const ERROR_PERCENT: u64 = 85;
/// From this share of a limit on, in percent, it fails as a warning.
const WARNING_PERCENT: u64 = 70;

pub(super) static RULE: Rule = Rule {
    id: "server-headroom",
    severity: Severity::Error,
    summary: "few connection slots are left",
    rationale: "The next deploy starts new pools before the old ones close. Whichever limit is the \
        tightest counts: the server's max_connections less what is reserved (for superusers and, since \
        PostgreSQL 16, by reserved_connections), the database's own limit, or the role's.",
    fix: "shrink the pools or the number of workers, or raise the limit that is the tightest",
    symptoms: &[
        "FATAL:  sorry, too many clients already",
        "FATAL:  remaining connection slots are reserved",
        "FATAL:  too many connections for role",
    ],
    references: &[
        "https://www.postgresql.org/docs/current/runtime-config-connection.html#GUC-MAX-CONNECTIONS",
    ],
    check: Check::Connection(check),
};

/// One limit, and how much of it is used.
struct Limit {
    used: u64,
    most: u64,
    arithmetic: String,
}

impl Limit {
    /// Returns the used share in percent; a limit of nothing is used up.
    fn percent(&self) -> u64 {
        (self.used * 100).checked_div(self.most).unwrap_or(100)
    }
}

fn check(tries: &[&Connection], context: Context<'_>) -> Outcome {
    let limits = limits(server(tries)?)?;
    let tightest = limits
        .into_iter()
        .max_by_key(Limit::percent)
        .ok_or_else(|| Missing::new("the server's limits and counts"))?;
    let percent = tightest.percent();
    let url = tries
        .iter()
        .find_map(|connection| url_of(connection, context));
    let seen = Seen::new(format!(
        "{percent} % of the tightest limit is used: {}{}",
        tightest.arithmetic,
        behind(server(tries)?, url)
    ))
    .observed(format!("{} of {}", tightest.used, tightest.most))
    .expected(format!("under {WARNING_PERCENT} %"));
    if percent < WARNING_PERCENT {
        return seen.pass();
    }
    let severity = if percent >= ERROR_PERCENT {
        Severity::Error
    } else {
        Severity::Warning
    };
    seen.fail(
        "see who holds them: dbharden activity; then shrink pools or workers, or raise this limit",
    )
    .severity(severity)
    .into()
}

/// Says what cannot be counted where a pooler is in between, and what its provider lets it take: a
/// client may not ask the pooler itself (`SHOW CONFIG` is for its administrators).
fn behind(server: &ServerFacts, url: Option<&DatabaseUrl>) -> String {
    if let Some(clients) = pooled_clients(server, url) {
        return format!("; {clients}, and how many it has is not seen from here");
    }
    let pooler = server.pooler.as_ref();
    pooler.map_or_else(String::new, |pooler| {
        format!("; how much {pooler} allows its clients is not seen from here")
    })
}

/// Returns how many clients the provider's pooler takes; the server's own limit tells the plan.
fn pooled_clients(server: &ServerFacts, url: Option<&DatabaseUrl>) -> Option<String> {
    let detected = url?.provider.filter(|one| one.pooled == Some(true))?;
    let Some(Limits::ByPlan(plans)) = detected.provider.limits.sure() else {
        return None;
    };
    let all = || {
        plans
            .iter()
            .filter_map(|(_, most, clients)| Some((*most, (*clients)?)))
    };
    let exact: Vec<u32> = all()
        .filter(|(most, _)| Some(*most) == server.max_connections)
        .map(|(_, clients)| clients)
        .collect();
    let clients = if exact.is_empty() {
        all().map(|(_, clients)| clients).collect()
    } else {
        exact
    };
    let name = detected.provider.name;
    let (least, most) = (clients.iter().min()?, clients.iter().max()?);
    Some(if least == most {
        format!("before it, {name}'s pooler takes {most} clients")
    } else {
        format!("before it, {name}'s pooler takes {least} to {most} clients by the plan")
    })
}

fn limits(server: &ServerFacts) -> Result<Vec<Limit>, Missing> {
    let missing = || Missing::new("the server's limits and counts");
    let max = server.max_connections.ok_or_else(missing)?;
    let all_reserved = server.reserved_connections.ok_or_else(missing)?;
    let reserved = match (server.may_use_reserved, server.superuser_reserved) {
        // reserved_connections (PostgreSQL 16) are kept for this role too.
        (Some(true), Some(superuser)) => superuser,
        _ => all_reserved,
    };
    let used = server.client_backends.ok_or_else(missing)?;
    let usable = max.saturating_sub(reserved);
    let mut limits = vec![Limit {
        used: used.into(),
        most: usable.into(),
        arithmetic: format!(
            "max_connections {max} − {reserved} reserved = {usable}, {used} in use"
        ),
    }];
    if server.superuser == Some(true) {
        // The server holds no superuser to the limits of its database and role.
        return Ok(limits);
    }
    for (name, limit, used) in [
        (
            "the database's limit",
            server.database_limit,
            server.database_backends,
        ),
        ("the role's limit", server.role_limit, server.role_backends),
    ] {
        if let Some(limit) = limit {
            let used = used.ok_or_else(missing)?;
            let arithmetic = format!("{name} {limit}, {used} in use");
            limits.push(Limit {
                used: used.into(),
                most: limit.into(),
                arithmetic,
            });
        }
    }
    Ok(limits)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

    use crate::facts::{Connection, DatabaseUrl, ServerFacts};
    use crate::provider::detect;
    use crate::rules::server::tests::outcome;
    use crate::rules::session::tests::{attempt, judged_with};
    use crate::rules::url::tests::sample;
    use crate::rules::{Finding, Verdict};
    use crate::spec::Severity;

    fn server(used: u32) -> ServerFacts {
        ServerFacts {
            max_connections: Some(103),
            reserved_connections: Some(3),
            client_backends: Some(used),
            database_backends: Some(used),
            role_backends: Some(used),
            ..ServerFacts::default()
        }
    }

    fn finding(server: ServerFacts) -> Finding {
        match outcome("server-headroom", Some(server)).unwrap() {
            Verdict::Fail(finding) => finding,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_borders_are_70_and_85_percent() {
        assert!(matches!(
            outcome("server-headroom", Some(server(69))).unwrap(),
            Verdict::Pass(_)
        ));
        assert_eq!(finding(server(70)).severity, Some(Severity::Warning));
        assert_eq!(finding(server(84)).severity, Some(Severity::Warning));
        assert_eq!(finding(server(85)).severity, Some(Severity::Error));
    }

    #[test]
    fn the_tightest_limit_decides() {
        let limited = ServerFacts {
            role_limit: Some(5),
            ..server(5)
        };
        assert!(finding(limited).seen.message.contains("the role's limit 5"));
        let limited = ServerFacts {
            database_limit: Some(6),
            ..server(5)
        };
        assert!(
            finding(limited)
                .seen
                .message
                .contains("the database's limit 6")
        );
    }

    #[test]
    fn whom_a_limit_does_not_hold_for_is_not_measured_by_it() {
        let limited = |superuser| ServerFacts {
            role_limit: Some(5),
            database_limit: Some(5),
            superuser: Some(superuser),
            ..server(5)
        };
        assert!(matches!(
            outcome("server-headroom", Some(limited(true))).unwrap(),
            Verdict::Pass(_)
        ));
        let seen = finding(limited(false)).seen;
        assert!(seen.message.contains("limit 5, 5 in use"), "{seen:?}");
        let reserved = |may_use_reserved| ServerFacts {
            reserved_connections: Some(53),
            superuser_reserved: Some(3),
            may_use_reserved: Some(may_use_reserved),
            ..server(60)
        };
        assert!(matches!(
            outcome("server-headroom", Some(reserved(true))).unwrap(),
            Verdict::Pass(_)
        ));
        assert_eq!(finding(reserved(false)).severity, Some(Severity::Error));
    }

    #[test]
    fn what_the_providers_pooler_takes_is_told_beside() {
        let seen = |host: &str, port: u16, max_connections: u32| {
            let url = DatabaseUrl {
                subject: "URL".to_owned(),
                environment: None,
                provider: detect(host, Some(port)),
                ..sample(&format!("postgresql://u:p@{host}:{port}/d"))
            };
            let connection = Connection {
                host: host.to_owned(),
                server: Some(ServerFacts {
                    max_connections: Some(max_connections),
                    pooler: Some("pgbouncer".to_owned()),
                    ..server(1)
                }),
                ..attempt("DDDDD")
            };
            match judged_with("server-headroom", connection, vec![url]).unwrap() {
                Verdict::Pass(seen) => seen.message,
                other => panic!("{other:?}"),
            }
        };
        let neon = seen(
            "ep-cool-name-123456-pooler.eu-central-1.aws.neon.tech",
            5432,
            839,
        );
        assert!(neon.contains("Neon's pooler takes 10000 clients"), "{neon}");
        let supabase = "aws-0-eu-central-1.pooler.supabase.com";
        let exact = seen(supabase, 6543, 90);
        assert!(exact.contains("pooler takes 400 clients"), "{exact}");
        let unknown = seen(supabase, 6543, 77);
        assert!(unknown.contains("takes 200 to 12000 clients"), "{unknown}");
        let own = seen("db.example.test", 6432, 100);
        assert!(own.contains("how much pgbouncer allows"), "{own}");
    }

    #[test]
    fn a_count_that_is_missing_is_unknown() {
        assert!(
            outcome(
                "server-headroom",
                Some(ServerFacts {
                    client_backends: None,
                    ..server(1)
                })
            )
            .is_err()
        );
        assert!(outcome("server-headroom", None).is_err());
    }
}
