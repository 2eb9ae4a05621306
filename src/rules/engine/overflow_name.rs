//! `engine-overflow-name`: no variable for the whole pool's size is taken for the overflow.

use super::not_judged;
use crate::facts::{Engine, Known, SettingFrom};
use crate::rules::{Check, Context, Outcome, Rule, Seen, Verdict};
use crate::spec::Severity;

pub(super) static RULE: Rule = Rule {
    id: "engine-overflow-name",
    severity: Severity::Warning,
    summary: "max_overflow gets what is named like the size of the whole pool",
    rationale: "max_overflow comes on top of pool_size: a pool of 5 with a maximum of 10 in mind opens 15. \
        Whoever sets DB_POOL_MAX=20 in a deploy file does the sum for the database with 20.",
    fix: "pass max_overflow the maximum less pool_size, or name the variable for the overflow",
    symptoms: &["FATAL:  sorry, too many clients already"],
    references: &[
        "https://docs.sqlalchemy.org/en/20/core/pooling.html#sqlalchemy.pool.QueuePool.params.max_overflow",
    ],
    check: Check::Engine(check),
};

fn check(engine: &Engine, _context: Context<'_>) -> Outcome {
    if let Some(why) = not_judged(engine) {
        return Verdict::not_applicable(why);
    }
    let Some(setting) = engine.setting("max_overflow") else {
        return Verdict::not_applicable("it has no such setting");
    };
    let (SettingFrom::Env(name) | SettingFrom::EnvDefault(name)) = &setting.from else {
        return Verdict::not_applicable("no variable sets max_overflow");
    };
    if !is_whole_size(name) {
        return Seen::new(format!("max_overflow comes from ${name}")).pass();
    }
    let number = |name: &str| match engine.setting(name)?.value {
        Some(Known::Int(number)) => Some(number),
        _ => None,
    };
    let message =
        format!("max_overflow comes from ${name}, which is named like the most of the pool");
    match (number("pool_size"), number("max_overflow")) {
        (Some(size), Some(overflow)) if size > 0 && overflow >= 0 => {
            let sum = size.saturating_add(overflow);
            Seen::new(format!(
                "{message}: the pool opens {size} + {overflow} = {sum}"
            ))
            .observed(sum.to_string())
            .expected(format!("{overflow}, as the name says"))
        }
        _ => Seen::new(message),
    }
    .fail(RULE.fix)
    .into()
}

/// Returns whether a name speaks of the most connections, and not of what comes on top.
fn is_whole_size(name: &str) -> bool {
    let words: Vec<String> = name.split('_').map(str::to_uppercase).collect();
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    has(&["MAX", "MAXIMUM"])
        && has(&["POOL", "CONNECTIONS", "CONNS", "CONN", "SIZE"])
        && !has(&["OVERFLOW", "EXTRA", "BURST", "ADDITIONAL"])
}

#[cfg(test)]
mod tests {
    use crate::driver::Kind;
    use crate::facts::{Known, SettingFrom};
    use crate::rules::engine::tests::{engine, judged, with};

    #[test]
    fn names_of_the_whole_pool_fail_and_those_of_the_overflow_pass() {
        for (name, wanted) in [
            ("DB_POOL_MAX", "fail"),
            ("DB_MAX_POOL_SIZE", "fail"),
            ("POOL_MAX_CONNECTIONS", "fail"),
            ("DB_MAX_OVERFLOW", "pass"),
            ("DB_POOL_MAX_OVERFLOW", "pass"),
            ("DB_POOL_OVERFLOW", "pass"),
            ("MAX_EXTRA_CONNECTIONS", "pass"),
        ] {
            let from = SettingFrom::EnvDefault(name.to_owned());
            let one = with(
                engine(Kind::SqlalchemyPsycopg2),
                "max_overflow",
                Some(Known::Int(10)),
                from,
            );
            assert_eq!(judged("engine-overflow-name", &[one]), wanted, "{name}");
        }
        let literal = engine(Kind::SqlalchemyPsycopg2);
        assert_eq!(judged("engine-overflow-name", &[literal]), "n/a");
    }
}
