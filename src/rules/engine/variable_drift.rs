//! `engine-variable-drift`: one setting is read under one name, with one default.

use std::collections::{BTreeMap, BTreeSet};

use crate::facts::{Engine, Role, SettingFrom};
use crate::rules::{Check, Context, Outcome, Rule, Seen, Verdict};
use crate::spec::Severity;
use crate::value::Origin;

pub(super) static RULE: Rule = Rule {
    id: "engine-variable-drift",
    severity: Severity::Warning,
    summary: "one setting is read under several names or with several defaults",
    rationale: "Where one engine reads DB_MAX_OVERFLOW and another DB_POOL_MAX_OVERFLOW, a deploy file that sets \
        one changes half of the application. Where two files give one variable different defaults, what runs \
        depends on which file is imported.",
    fix: "read each variable in one place, and import the value",
    symptoms: &[],
    references: &["https://12factor.net/config"],
    check: Check::Project(check),
};

fn check(context: Context<'_>) -> Outcome {
    let engines: Vec<&Engine> = context
        .facts
        .engines
        .iter()
        .filter(|engine| engine.role == Role::App && engine.environment.is_none())
        .collect();
    if engines.is_empty() {
        return Verdict::not_applicable("there is no engine");
    }
    let mut seen = Seen::default();
    let mut problems = Vec::new();
    for (setting, names) in names(&engines) {
        let names: Vec<&str> = names.into_iter().collect();
        for (at, one) in names.iter().enumerate() {
            if let Some(other) = names[at + 1..].iter().find(|other| near(one, other)) {
                problems.push(format!("{setting} is read from ${one} and from ${other}"));
            }
        }
    }
    for variable in &context.facts.variables {
        let used = engines
            .iter()
            .any(|engine| engine.details.variables.contains(&variable.name));
        let defaults: BTreeSet<&str> = variable
            .defaults
            .iter()
            .map(|(default, ..)| default.as_str())
            .collect();
        if used && defaults.len() > 1 {
            let files: BTreeSet<&str> = variable
                .defaults
                .iter()
                .map(|(_, file, _)| file.as_str())
                .collect();
            let count = defaults.len();
            problems.push(format!(
                "${} has {count} defaults in {} files",
                variable.name,
                files.len()
            ));
            for (_, file, line) in &variable.defaults {
                seen = seen.at(Origin::file(file.clone(), *line, 1));
            }
        }
    }
    if problems.is_empty() {
        return Seen::new("each setting has one variable, and each variable one default").pass();
    }
    seen.message = problems.join("; ");
    seen.fail(RULE.fix).into()
}

/// Returns the variables that each setting is read from.
fn names<'e>(engines: &[&'e Engine]) -> BTreeMap<&'static str, BTreeSet<&'e str>> {
    let mut names: BTreeMap<&'static str, BTreeSet<&str>> = BTreeMap::new();
    for engine in engines {
        for (setting, value) in &engine.settings {
            if let SettingFrom::Env(name) | SettingFrom::EnvDefault(name) = &value.from {
                names.entry(setting).or_default().insert(name);
            }
        }
    }
    names
}

/// Returns whether two names differ by a word that says nothing: `DB_MAX_OVERFLOW` and
/// `DB_POOL_MAX_OVERFLOW`.
fn near(one: &str, other: &str) -> bool {
    const SAYS_NOTHING: [&str; 10] = [
        "DB",
        "DATABASE",
        "POOL",
        "SQLALCHEMY",
        "POSTGRES",
        "PG",
        "SECONDS",
        "CONNECTION",
        "CONN",
        "SEC",
    ];
    let words = |name: &str| -> BTreeSet<String> {
        name.split('_')
            .filter(|word| !SAYS_NOTHING.contains(word))
            .map(str::to_owned)
            .collect()
    };
    words(one) == words(other)
}

#[cfg(test)]
mod tests {
    use crate::driver::Kind;
    use crate::facts::{Facts, Known, SettingFrom, VariableRead};
    use crate::rules::engine::tests::{engine, judged, outcome, with};

    const ID: &str = "engine-variable-drift";

    #[test]
    fn near_names_for_one_setting_fail() {
        let named = |name: &str| {
            with(
                engine(Kind::SqlalchemyPsycopg2),
                "max_overflow",
                Some(Known::Int(10)),
                SettingFrom::EnvDefault(name.into()),
            )
        };
        assert_eq!(
            judged(
                ID,
                &[named("DB_MAX_OVERFLOW"), named("DB_POOL_MAX_OVERFLOW")]
            ),
            "fail"
        );
        assert_eq!(
            judged(
                ID,
                &[named("DB_MAX_OVERFLOW"), named("DB_READ_MAX_OVERFLOW")]
            ),
            "pass"
        );
    }

    #[test]
    fn one_variable_with_two_defaults_fails() {
        let mut engine = engine(Kind::SqlalchemyPsycopg2);
        engine.details.variables.push("DB_CONNECT_TIMEOUT".into());
        let mut facts = Facts {
            engines: vec![engine],
            variables: vec![VariableRead {
                name: "DB_CONNECT_TIMEOUT".into(),
                defaults: vec![
                    ("5".into(), "a.py".into(), 1),
                    ("30".into(), "b.py".into(), 2),
                ],
            }],
            ..Facts::default()
        };
        assert_eq!(outcome(ID, &facts), "fail");
        facts.variables[0].defaults.pop();
        assert_eq!(outcome(ID, &facts), "pass");
    }

    #[test]
    fn without_engines_there_is_nothing_to_judge() {
        assert_eq!(outcome(ID, &Facts::default()), "n/a");
    }
}
