//! `engine-pool-drift`: the application's engines for one database have one pool setting each.

use std::collections::{BTreeMap, BTreeSet};

use super::{not_judged, shown};
use crate::facts::{Engine, Known, Missing, Role, SettingFrom, is_started};
use crate::rules::{Check, Context, Outcome, Rule, Seen, Verdict};
use crate::spec::Severity;
use crate::value::Origin;

pub(super) static RULE: Rule = Rule {
    id: "engine-pool-drift",
    severity: Severity::Warning,
    summary: "engines for one database have pools that differ",
    rationale: "A second engine for the same database is a second pool in every process that \
        imports both, and the settings of one say nothing about the other: the file that was \
        hardened may not be the one that the start command reaches. Where both are wanted (a sync \
        one for a script, an async one for the web), they read their settings from one place.",
    fix: "keep one engine and import it, or read the settings of both from one place",
    symptoms: &[],
    references: &["https://docs.sqlalchemy.org/en/20/core/connections.html#basic-usage"],
    check: Check::Project(check),
};

const SETTINGS: [&str; 5] = [
    "pool_size",
    "max_overflow",
    "pool_recycle",
    "pool_timeout",
    "pool_pre_ping",
];

fn check(context: Context<'_>) -> Outcome {
    let mut shared: BTreeMap<(Option<&str>, String), Vec<&Engine>> = BTreeMap::new();
    let environments: BTreeSet<Option<&str>> = context
        .facts
        .engines
        .iter()
        .map(|engine| engine.environment.as_deref())
        .collect();
    for environment in environments {
        for engine in in_environment(context, environment) {
            let is_ours = engine.role == Role::App || is_started(engine, &context.facts.services);
            let database = database(engine).filter(|_| is_ours && not_judged(engine).is_none());
            if let (Some(database), true) = (database, engine.details.library.is_sqlalchemy()) {
                shared
                    .entry((environment, database))
                    .or_default()
                    .push(engine);
            }
        }
    }
    shared.retain(|_, engines| engines.len() > 1);
    if shared.is_empty() {
        return Verdict::not_applicable("no two engines are known to use one database");
    }
    let mut unknown = None;
    for engines in shared.values() {
        for name in SETTINGS {
            let Some((one, other)) = differ(engines, name) else {
                unknown = unknown.or_else(|| why(engines, name));
                continue;
            };
            let said =
                |(engine, value): Value<'_>| format!("{} in {}", shown(value), engine.subject());
            let place = |engine: &Engine| Origin::file(engine.path.clone(), engine.line, 1);
            return Seen::new(format!(
                "{} engines use one database, and {name} is {} and {}",
                engines.len(),
                said(one),
                said(other)
            ))
            .at(place(one.0))
            .at(place(other.0))
            .fail(RULE.fix)
            .into();
        }
    }
    match unknown {
        Some(why) => Err(Missing::new(why)),
        None => Seen::new("engines for one database have the same pool").pass(),
    }
}

/// Returns each engine once: as it is in an environment, else by the code alone.
fn in_environment<'a>(context: Context<'a>, environment: Option<&'a str>) -> Vec<&'a Engine> {
    let engines = &context.facts.engines;
    let here = |engine: &&Engine| engine.environment.as_deref() == environment;
    let is_same = |one: &Engine, other: &Engine| one.path == other.path && one.line == other.line;
    let rest = engines.iter().filter(|engine| {
        engine.environment.is_none()
            && environment.is_some()
            && !engines.iter().filter(here).any(|one| is_same(one, engine))
    });
    engines.iter().filter(here).chain(rest).collect()
}

/// Returns which database an engine is for: the variables of its URL, else the text.
fn database(engine: &Engine) -> Option<String> {
    let url = &engine.details.url;
    if url.variables.is_empty() {
        let text = url.text.as_ref()?.expose();
        // The driver's name and the parameters say nothing about where it leads.
        let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
        return Some(rest.split('?').next().unwrap_or(rest).to_owned());
    }
    let mut names = url.variables.clone();
    names.sort_unstable();
    Some(names.join(" "))
}

/// What an engine gets.
type Value<'e> = (&'e Engine, &'e Known);

/// Returns two engines that get different values.
fn differ<'e>(engines: &[&'e Engine], name: &str) -> Option<(Value<'e>, Value<'e>)> {
    let values = engines.iter().filter_map(|engine| {
        let setting = engine.setting(name)?;
        (setting.from != SettingFrom::NotApplicable).then_some((*engine, setting.value.as_ref()?))
    });
    let values: Vec<Value<'_>> = values.collect();
    let first = *values.first()?;
    let other = values.iter().find(|(_, value)| *value != first.1)?;
    Some((first, *other))
}

fn why(engines: &[&Engine], name: &str) -> Option<String> {
    engines.iter().find_map(|engine| {
        let setting = engine.setting(name)?;
        match &setting.from {
            SettingFrom::Unknown(why) => Some(format!("{name} of {}: {why}", engine.subject())),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use crate::driver::Kind;
    use crate::facts::{Known, SettingFrom};
    use crate::rules::engine::tests::{engine, judged, with};

    const ID: &str = "engine-pool-drift";

    #[test]
    fn one_database_with_two_pools_fails_and_two_databases_do_not() {
        let one = engine(Kind::SqlalchemyPsycopg2);
        let recycled = with(
            one.clone(),
            "pool_recycle",
            Some(Known::Int(300)),
            SettingFrom::Literal,
        );
        assert_eq!(judged(ID, &[one.clone(), recycled.clone()]), "fail");
        assert_eq!(judged(ID, &[one.clone(), one.clone()]), "pass");
        let mut replica = recycled.clone();
        replica.details.url.variables = vec!["READ_URL".into()];
        assert_eq!(judged(ID, &[one.clone(), replica]), "n/a");
        let mut script = recycled;
        script.role = crate::facts::Role::Script;
        assert_eq!(judged(ID, &[one, script]), "n/a");
    }

    #[test]
    fn a_setting_that_is_not_known_may_differ() {
        let one = engine(Kind::SqlalchemyPsycopg2);
        let unknown = with(
            one.clone(),
            "pool_size",
            None,
            SettingFrom::Unknown("`x`".into()),
        );
        assert_eq!(judged(ID, &[one, unknown]), "unknown");
    }
}
