//! `server-idle-session`: the server does not end idle sessions that a pool still holds.

use super::{milliseconds, server, set_by, setting, time};
use crate::facts::Connection;
use crate::rules::{Check, Context, Outcome, Rule, Seen, Verdict};
use crate::spec::{Bound, Severity};

pub(super) static RULE: Rule = Rule {
    id: "server-idle-session",
    severity: Severity::Note,
    summary: "the server ends idle sessions before the pool recycles them",
    rationale: "idle_session_timeout (PostgreSQL 14) closes a session that waits for its next statement, \
        which is what a pooled connection does most of its life. The pool learns of it only when it \
        hands the connection out: with pool_pre_ping that costs a reconnection, without it the \
        request fails.",
    fix: "set idle_session_timeout above pool_recycle, or to 0 for the application's role; keep pool_pre_ping on",
    symptoms: &[
        "FATAL:  terminating connection due to idle-session timeout",
        "SSL connection has been closed unexpectedly",
        "server closed the connection unexpectedly",
    ],
    references: &[
        "https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-IDLE-SESSION-TIMEOUT",
    ],
    check: Check::Connection(check),
};

fn check(tries: &[&Connection], context: Context<'_>) -> Outcome {
    let server = server(tries)?;
    if server.version_num.is_some_and(|version| version < 140_000) {
        return Verdict::not_applicable("PostgreSQL has idle_session_timeout since version 14");
    }
    let setting = setting(server, "idle_session_timeout")?;
    let recycle = match context.spec.pool_recycle {
        Bound::Equals(seconds) | Bound::Range { max: seconds, .. } => u64::try_from(seconds).ok(),
        Bound::Any => None,
    };
    let Some(recycle) = recycle else {
        return Verdict::not_applicable("the spec names no recycle time");
    };
    let Some(limit) = milliseconds(setting)? else {
        return Seen::new("the server keeps idle sessions")
            .observed("off")
            .pass();
    };
    let seen = Seen::new(format!(
        "the server ends a session that is idle for {}",
        time(limit)
    ))
    .observed(format!("{} by {}", time(limit), set_by(server, setting)))
    .expected(format!("off, or more than {recycle} s"));
    if limit > recycle.saturating_mul(1000) {
        return seen.pass();
    }
    seen.fail(RULE.fix).into()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{outcome, setting};
    use crate::facts::ServerFacts;
    use crate::rules::{Outcome, Verdict};

    const RULE: &str = "server-idle-session";

    fn of(value: &str) -> Outcome {
        let server = ServerFacts {
            settings: vec![setting("idle_session_timeout", value, "ms", "database")],
            ..ServerFacts::default()
        };
        outcome(RULE, Some(server))
    }

    #[test]
    fn off_or_longer_than_the_recycle_time_passes() {
        assert!(matches!(of("0"), Ok(Verdict::Pass(_))));
        assert!(matches!(of("1800001"), Ok(Verdict::Pass(_))));
    }

    #[test]
    fn shorter_fails() {
        assert!(matches!(of("1800000"), Ok(Verdict::Fail(_))));
    }

    #[test]
    fn an_older_major_is_not_judged_and_a_silent_server_is_unknown() {
        let older = ServerFacts {
            version_num: Some(130_022),
            ..ServerFacts::default()
        };
        let older = outcome(RULE, Some(older));
        assert!(matches!(older, Ok(Verdict::NotApplicable(_))), "{older:?}");
        assert!(outcome(RULE, Some(ServerFacts::default())).is_err());
        assert!(outcome(RULE, None).is_err());
        assert!(of("soon").is_err());
    }
}
