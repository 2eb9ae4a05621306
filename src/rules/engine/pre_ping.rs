//! `engine-pre-ping`: a connection is tested when it is taken from the pool.

use super::{advised, missing, not_judged, queues, seen};
use crate::facts::{Engine, Known, SettingFrom};
use crate::rules::{Check, Context, Outcome, Rule, Verdict};
use crate::spec::Severity;

pub(super) static RULE: Rule = Rule {
    id: "engine-pre-ping",
    severity: Severity::Error,
    summary: "an engine hands out connections without testing them",
    rationale: "The server, a pooler or the network closes idle connections: at a restart, a failover, \
        a suspend. With pool_pre_ping the pool tests a connection when it is taken and replaces a dead one; \
        without it the request that gets it fails. It does not help one that dies in the middle of a transaction. \
        SQLAlchemy's default is False.",
    fix: "pass pool_pre_ping=True",
    symptoms: &[
        "SSL connection has been closed unexpectedly",
        "server closed the connection unexpectedly",
        "terminating connection due to administrator command",
        "connection is closed",
    ],
    references: &[
        "https://docs.sqlalchemy.org/en/20/core/pooling.html#disconnect-handling-pessimistic",
    ],
    check: Check::Engine(check),
};

fn check(engine: &Engine, context: Context<'_>) -> Outcome {
    if let Some(why) = not_judged(engine) {
        return Verdict::not_applicable(why);
    }
    let Some(wanted) = context.spec.pool_pre_ping else {
        return Verdict::not_applicable("the spec demands nothing");
    };
    let Some(setting) = engine.setting("pool_pre_ping") else {
        return Verdict::not_applicable("this kind of engine has no such setting");
    };
    if setting.from == SettingFrom::NotApplicable || !queues(engine) {
        return Verdict::not_applicable("this kind of engine or pool has no such setting");
    }
    let truth = match &setting.value {
        Some(Known::Bool(truth)) => *truth,
        Some(Known::None) => false,
        Some(Known::Int(number)) => *number != 0,
        Some(Known::Float(number)) => *number != 0.0,
        Some(Known::Text(_)) => {
            return Verdict::not_applicable("a text reaches it (engine-env-type)");
        }
        None => return Err(missing("pool_pre_ping", setting)),
    };
    let word = |truth: bool| if truth { "True" } else { "False" };
    let seen = seen(engine, "pool_pre_ping", setting)
        .observed(word(truth))
        .expected(word(wanted));
    if truth == wanted {
        return seen.pass();
    }
    let fix = format!("pass pool_pre_ping={}", word(wanted));
    seen.fail(advised(engine, &fix)).into()
}

#[cfg(test)]
mod tests {
    use crate::driver::Kind;
    use crate::facts::{Known, SettingFrom};
    use crate::rules::engine::tests::{engine, judged, with};

    const ID: &str = "engine-pre-ping";

    #[test]
    fn a_tested_connection_passes_and_an_untested_one_fails() {
        let sync = engine(Kind::SqlalchemyPsycopg2);
        assert_eq!(judged(ID, std::slice::from_ref(&sync)), "pass");
        let off = with(
            sync,
            "pool_pre_ping",
            Some(Known::Bool(false)),
            SettingFrom::LibraryDefault,
        );
        assert_eq!(judged(ID, &[off]), "fail");
    }

    #[test]
    fn an_unknown_value_is_unknown_and_a_text_is_for_another_rule() {
        let sync = engine(Kind::SqlalchemyPsycopg2);
        let unknown = with(
            sync.clone(),
            "pool_pre_ping",
            None,
            SettingFrom::Unknown("`x`".into()),
        );
        assert_eq!(judged(ID, &[unknown]), "unknown");
        let text = with(
            sync,
            "pool_pre_ping",
            Some(Known::Text("false".into())),
            SettingFrom::Env("X".into()),
        );
        assert_eq!(judged(ID, &[text]), "n/a");
    }
}
