//! `pool-unused`: an engine reads what a deploy file sets.

use std::collections::BTreeSet;

use super::names_a_pool;
use crate::facts::{
    Engine, Environment, EnvironmentKind, Missing, Role, SettingFrom, Variable, is_started,
};
use crate::rules::{Check, Context, Outcome, Rule, Seen, Verdict};
use crate::spec::Severity;

pub(super) static RULE: Rule = Rule {
    id: "pool-unused",
    severity: Severity::Warning,
    summary: "a pool variable is set, and no engine reads it",
    rationale: "The deploy file says one number and the application runs with another: the variable has \
        another name in the code, a settings class reads it and never passes it on, or the engine that \
        read it is gone. Whoever changes it in an incident changes nothing.",
    fix: "read it where the engine is made, or remove it from the file",
    symptoms: &[],
    references: &["https://12factor.net/config"],
    check: Check::Variable(check),
};

fn check(variable: &Variable, environment: &Environment, context: Context<'_>) -> Outcome {
    if environment.kind == EnvironmentKind::Process {
        return Verdict::not_applicable("only what a file sets is judged");
    }
    if context.facts.files.is_empty() {
        return Verdict::not_applicable("the code was not looked at (dbharden check does)");
    }
    let is_ours =
        |engine: &&Engine| engine.role == Role::App || is_started(engine, &context.facts.services);
    let engines: Vec<&Engine> = context.facts.engines.iter().filter(is_ours).collect();
    if engines.is_empty() {
        return Err(Missing::new("an engine in the code, which would read it"));
    }
    let name = &variable.name;
    // Settings classes find a variable in any case.
    let reads = |engine: &&&Engine| {
        let mut read = engine.details.variables.iter();
        read.any(|known| known.eq_ignore_ascii_case(name))
    };
    if let Some(engine) = engines.iter().find(reads) {
        return Seen::new(format!("{} reads {name}", engine.subject())).pass();
    }
    if let Some((engine, why)) = engines
        .iter()
        .find_map(|engine| Some((engine, open(engine)?)))
    {
        let what = format!("all that {} gets: {why}", engine.subject());
        return Err(Missing::new(what));
    }
    let mut known: BTreeSet<&str> = BTreeSet::new();
    for engine in engines {
        let names = engine.details.variables.iter().map(String::as_str);
        known.extend(names.filter(|name| names_a_pool(name, context)));
    }
    let known: Vec<String> = known.iter().map(|name| format!("${name}")).collect();
    let mut read = context.facts.variables.iter();
    let of_code = read.any(|read| read.name.eq_ignore_ascii_case(name));
    let message = if of_code {
        format!("the code reads {name}, but passes it on to no engine")
    } else {
        format!("no engine reads {name}")
    };
    let seen = Seen::new(message);
    if known.is_empty() {
        return seen.fail(RULE.fix).into();
    }
    let known = known.join(", ");
    seen.expected(format!("one that engines read: {known}"))
        .fail(format!(
            "set what the engines read ({known}), or read {name} where they are made"
        ))
        .into()
}

/// Returns why an engine may read more than is known.
fn open(engine: &Engine) -> Option<&str> {
    let mut settings = engine.settings.iter();
    let unknown = settings.find_map(|(_, setting)| match &setting.from {
        SettingFrom::Unknown(why) => Some(why.as_str()),
        _ => None,
    });
    unknown.or_else(|| engine.details.open_at(""))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

    use super::RULE;
    use crate::facts::{
        Engine, EngineDetails, EngineSetting, Environment, EnvironmentKind, Facts, ProjectFile,
        Role, SettingFrom, Value, Variable,
    };
    use crate::rules::{Context, Verdict, judge};
    use crate::spec::Spec;
    use crate::value::Origin;

    /// Judges the variables that a deploy file sets, beside an engine that reads one.
    fn judged(set: &[&str], read: &str, from: SettingFrom) -> Vec<&'static str> {
        let variable = |name: &&str| {
            Variable::new(
                *name,
                Value::Known("5".into()),
                Origin::file("render.yaml", 3, 1),
            )
        };
        let setting = EngineSetting {
            value: None,
            code_value: None,
            from,
            line: None,
        };
        let facts = Facts {
            environments: vec![Environment {
                name: "render.yaml:api".to_owned(),
                kind: EnvironmentKind::Service,
                variables: set.iter().map(variable).collect(),
                deployment: None,
            }],
            engines: vec![Engine {
                path: "app/db.py".to_owned(),
                line: 3,
                function: "create_engine".to_owned(),
                role: Role::App,
                driver: None,
                url_from: "unknown".to_owned(),
                environment: None,
                settings: vec![("pool_size", setting)],
                details: EngineDetails {
                    variables: vec![read.to_owned()],
                    ..EngineDetails::default()
                },
            }],
            files: vec![ProjectFile {
                path: "app/db.py".to_owned(),
                problem: None,
            }],
            ..Facts::default()
        };
        let spec = Spec::profile("enterprise").unwrap();
        let context = Context {
            spec: &spec,
            facts: &facts,
            today: jiff::civil::date(2026, 11, 24),
        };
        let outcomes = judge([&&RULE], context)
            .into_iter()
            .map(|one| match one.outcome {
                Ok(Verdict::Pass(_)) => "pass",
                Ok(Verdict::Fail(_)) => "fail",
                Ok(Verdict::NotApplicable(_)) => "n/a",
                Err(_) => "unknown",
            });
        outcomes.collect()
    }

    #[test]
    fn a_variable_that_an_engine_reads_passes_and_another_fails() {
        let names = [
            "DB_POOL_SIZE",
            "DB_POOL_PRE_PING",
            "DB_MAX_OVERFLOW",
            "POOL_TABLE",
            "DB_ECHO",
        ];
        let found = judged(&names, "db_pool_size", SettingFrom::Literal);
        assert_eq!(found, ["pass", "fail", "fail"]);
    }

    #[test]
    fn an_engine_that_is_not_wholly_known_may_read_it() {
        let unknown = SettingFrom::Unknown("`**kw` (app/db.py:3)".to_owned());
        assert_eq!(judged(&["DB_MAX_OVERFLOW"], "X", unknown), ["unknown"]);
    }
}
