//! `engine-env-type`: no environment string reaches a number or truth value unconverted.

use super::not_judged;
use crate::facts::{Engine, Known};
use crate::rules::{Check, Context, Outcome, Rule, Seen, Verdict};
use crate::spec::Severity;

pub(super) static RULE: Rule = Rule {
    id: "engine-env-type",
    severity: Severity::Error,
    summary: "an environment string reaches a number or truth value unconverted",
    rationale: "Every variable is a text. As pool_size it raises when the engine is made; as \
        max_overflow or pool_recycle only when a connection is taken; as pool_timeout only when \
        the pool is used up, in the worst moment. As pool_pre_ping any text but the empty one \
        counts as true, \"false\" too.",
    fix: "convert it: int(os.environ[\"…\"]), or compare it for a truth value",
    symptoms: &[
        "'>' not supported between instances of 'str' and 'int'",
        "'<' not supported between instances of 'str' and 'int'",
        "unsupported operand type(s) for -: 'int' and 'str'",
        "'>' not supported between instances of 'NoneType' and 'int'",
    ],
    references: &["https://docs.python.org/3/library/os.html#os.environ"],
    check: Check::Engine(check),
};

const SETTINGS: [&str; 5] = [
    "pool_size",
    "max_overflow",
    "pool_recycle",
    "pool_timeout",
    "pool_pre_ping",
];

fn check(engine: &Engine, _context: Context<'_>) -> Outcome {
    if let Some(why) = not_judged(engine) {
        return Verdict::not_applicable(why);
    }
    if !engine.details.library.is_sqlalchemy() {
        return Verdict::not_applicable("it has no such settings");
    }
    let mut culprits = Vec::new();
    let mut unknown = None;
    for name in SETTINGS {
        let Some(setting) = engine.setting(name) else {
            continue;
        };
        let raw = engine.details.unconverted.iter().any(|known| known == name);
        match &setting.value {
            Some(Known::Text(_)) => culprits.push(format!("{name} gets a text")),
            Some(Known::None) if name != "pool_timeout" && name != "pool_pre_ping" => {
                culprits.push(format!("{name} gets None"));
            }
            _ if raw => culprits.push(format!("{name} gets a text where its variable is set")),
            None => {
                if let crate::facts::SettingFrom::Unknown(why) = &setting.from {
                    unknown.get_or_insert_with(|| format!("the type of {name}: {why}"));
                }
            }
            Some(_) => {}
        }
    }
    if !culprits.is_empty() {
        return Seen::new(culprits.join("; "))
            .expected("numbers and truth values")
            .fail(
                "convert it: int(…) for a number, .lower() in (\"1\", \"true\") for a truth value",
            )
            .into();
    }
    match unknown {
        Some(why) => Err(crate::facts::Missing::new(why)),
        None => Seen::new("every number and truth value has its type").pass(),
    }
}

#[cfg(test)]
mod tests {
    use crate::driver::Kind;
    use crate::facts::{Known, SettingFrom};
    use crate::rules::engine::tests::{engine, judged, with};

    const ID: &str = "engine-env-type";

    #[test]
    fn numbers_pass_and_texts_fail() {
        let sync = engine(Kind::SqlalchemyPsycopg2);
        assert_eq!(judged(ID, std::slice::from_ref(&sync)), "pass");
        let text = with(
            sync.clone(),
            "pool_size",
            Some(Known::Text("5".into())),
            SettingFrom::Env("N".into()),
        );
        assert_eq!(judged(ID, &[text]), "fail");
        let none = with(
            sync.clone(),
            "pool_recycle",
            Some(Known::None),
            SettingFrom::EnvDefault("N".into()),
        );
        assert_eq!(judged(ID, &[none]), "fail");
        let mut raw = sync;
        raw.details.unconverted.push("pool_size".into());
        assert_eq!(judged(ID, &[raw]), "fail");
    }

    #[test]
    fn a_value_that_is_not_known_is_unknown() {
        let unknown = with(
            engine(Kind::SqlalchemyPsycopg2),
            "pool_size",
            None,
            SettingFrom::Unknown("`n`".into()),
        );
        assert_eq!(judged(ID, &[unknown]), "unknown");
    }
}
