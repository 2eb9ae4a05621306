//! What runs: the processes of a service, the engines that count, and the databases they are for.

use std::collections::BTreeSet;

use crate::conninfo::parse_parts;
use crate::facts::{Count, Engine, Environment, Role, Service, StartedProcess, is_started};
use crate::rules::Context;

/// Returns the engines of a process that open connections to PostgreSQL.
pub(super) fn counted<'a>(
    process: &'a StartedProcess,
    environment: Option<&'a str>,
    context: Context<'a>,
) -> impl Iterator<Item = &'a Engine> {
    let engines = &context.facts.engines;
    process.engines.iter().filter_map(move |(path, line)| {
        let fits = |engine: &&Engine| engine.path == *path && engine.line == *line;
        let all = || engines.iter().filter(fits);
        let here = all().find(|engine| engine.environment.as_deref() == environment);
        let engine = here.or_else(|| all().find(|engine| engine.environment.is_none()))?;
        is_counted(engine, context).then_some(engine)
    })
}

/// Returns whether an engine may open connections to PostgreSQL in the application.
pub(super) fn is_counted(engine: &Engine, context: Context<'_>) -> bool {
    let is_ours = engine.role == Role::App || is_started(engine, &context.facts.services);
    let is_postgres = matches!(engine.details.dialect.as_deref(), None | Some("postgresql"));
    is_ours && is_postgres && engine.details.reached != Some(false)
}

/// Returns why a process may reach engines that are not counted, where the project has others.
pub(super) fn doubt(process: &StartedProcess, context: Context<'_>) -> Option<String> {
    let others = context.facts.engines.iter().any(|engine| {
        let known = |(path, line): &(String, u32)| *path == engine.path && *line == engine.line;
        engine.role == Role::App && !process.engines.iter().any(known)
    });
    process.doubt.clone().filter(|_| others)
}

/// The project as the one service of an environment: the process, else the `.env`.
pub(super) fn by_itself(context: Context<'_>) -> Service {
    let facts = context.facts;
    let unknown =
        |what: &str| Count::Unknown(1, format!("no deploy file says how many {what} run"));
    let judged = facts
        .engines
        .iter()
        .filter(|engine| engine.role == Role::App);
    let mut engines: Vec<(String, u32)> = judged
        .map(|engine| (engine.path.clone(), engine.line))
        .collect();
    engines.sort();
    engines.dedup();
    let named = |environment: &&Environment| {
        let name = Some(&environment.name);
        environment.deployment.is_none()
            && facts
                .engines
                .iter()
                .any(|engine| engine.environment.as_ref() == name)
    };
    let environment = facts.environments.iter().find(named);
    Service {
        environment: environment.map_or_else(String::new, |one| one.name.clone()),
        file: environment.map_or_else(String::new, |one| one.name.clone()),
        platform: "",
        origin: None,
        instances: unknown("instances"),
        processes: vec![StartedProcess {
            starts: "the application".to_owned(),
            workers: unknown("workers"),
            engines,
            files: BTreeSet::new(),
            doubt: None,
        }],
        unknown: None,
        plan: None,
        unseen: Vec::new(),
    }
}

/// Returns which database an engine opens connections to, by what it is given.
pub(super) fn database(engine: &Engine) -> String {
    let url = &engine.details.url;
    let parts = url
        .text
        .as_ref()
        .and_then(|text| parse_parts(text.expose()).ok());
    let host = parts.as_ref().and_then(|parts| {
        let first = parts.hosts().into_iter().next()?;
        let name = parts
            .get("dbname")
            .map(|found| found.value.expose().to_owned());
        let port = first.port.unwrap_or_else(|| "5432".to_owned());
        Some(format!(
            "{}:{port}/{}",
            first.host?,
            name.unwrap_or_default()
        ))
    });
    let variable = url.variables.first().map(|name| format!("${name}"));
    host.or(variable).unwrap_or_else(|| "a database".to_owned())
}
