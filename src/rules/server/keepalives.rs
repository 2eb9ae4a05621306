//! `server-keepalives`: keepalives are sent before the way forgets an idle connection.

use super::{find, server};
use crate::facts::{Connection, Missing};
use crate::rules::session::{is_socket, url_of};
use crate::rules::{Check, Context, Outcome, Rule, Seen, Verdict};
use crate::spec::Severity;

/// How the provider facts speak of a connection that something on the way forgets; what ends it
/// otherwise is not helped by keepalives.
const FORGETS: &str = "forget";

pub(super) static RULE: Rule = Rule {
    id: "server-keepalives",
    severity: Severity::Note,
    summary: "keepalives begin after the way has forgotten the connection",
    rationale: "A load balancer or NAT drops the state of a connection that is silent for some \
        minutes, and often tells nobody: the server keeps the session and its slot, for hours by \
        default, and the client's next query may hang. Keepalives that begin earlier keep the \
        state alive. The client can send them just as well (keepalives_idle in libpq's drivers), \
        which is not seen here.",
    fix: "set tcp_keepalives_idle on the server, or keepalives_idle in the driver, below the limit",
    symptoms: &[
        "could not receive data from server: Connection timed out",
        "SSL SYSCALL error: EOF detected",
    ],
    references: &[
        "https://www.postgresql.org/docs/current/runtime-config-connection.html#GUC-TCP-KEEPALIVES-IDLE",
    ],
    check: Check::Connection(check),
};

fn check(tries: &[&Connection], context: Context<'_>) -> Outcome {
    let server = server(tries)?;
    let limit = tries.iter().rev().find_map(|connection| {
        let provider = url_of(connection, context)?.provider?.provider;
        let idle = provider.idle.iter().map(|fact| fact.value);
        idle.filter(|idle| idle.what.contains(FORGETS))
            .min_by_key(|idle| idle.seconds)
    });
    let Some(limit) = limit else {
        return Verdict::not_applicable("no idle limit on the way is known");
    };
    if tries.iter().any(|connection| is_socket(connection)) {
        return Verdict::not_applicable("a Unix socket has no keepalives");
    }
    let missing = || Missing::new("the server's tcp_keepalives_idle");
    let seconds = find(server, "tcp_keepalives_idle")
        .and_then(|setting| setting.value.parse::<u32>().ok())
        .filter(|seconds| *seconds > 0)
        .ok_or_else(missing)?;
    let seen = Seen::new(format!(
        "keepalives begin after {seconds} s; {}",
        limit.what
    ))
    .observed(format!("{seconds} s"))
    .expected(format!("under {} s", limit.seconds));
    if seconds < limit.seconds {
        return seen.pass();
    }
    seen.fail(RULE.fix).into()
}

#[cfg(test)]
mod tests {
    use super::super::tests::setting;
    use crate::facts::{Connection, DatabaseUrl, ServerFacts};
    use crate::provider::detect;
    use crate::rules::session::tests::{attempt, judged_with};
    use crate::rules::url::tests::sample;
    use crate::rules::{Outcome, Verdict};

    const AZURE: &str = "app.postgres.database.azure.com";

    fn at(host: &str, keepalives: &str) -> Outcome {
        let url = DatabaseUrl {
            subject: "URL".to_owned(),
            environment: None,
            provider: detect(host, Some(5432)),
            ..sample(&format!("postgresql://u:p@{host}:5432/d"))
        };
        let connection = Connection {
            host: host.to_owned(),
            server: Some(ServerFacts {
                settings: vec![setting("tcp_keepalives_idle", keepalives, "s", "default")],
                ..ServerFacts::default()
            }),
            ..attempt("DDDDD")
        };
        judged_with("server-keepalives", connection, vec![url])
    }

    #[test]
    fn earlier_than_the_limit_passes_and_later_fails() {
        assert!(matches!(at(AZURE, "120"), Ok(Verdict::Pass(_))));
        assert!(matches!(at(AZURE, "7200"), Ok(Verdict::Fail(_))));
    }

    #[test]
    fn without_a_known_limit_it_does_not_apply() {
        let other = at("db.example.com", "7200");
        assert!(matches!(other, Ok(Verdict::NotApplicable(_))), "{other:?}");
    }

    #[test]
    fn a_setting_that_was_not_told_is_unknown() {
        assert!(at(AZURE, "0").is_err());
    }
}
