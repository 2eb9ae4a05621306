//! `dbharden check`: every check that applies to a project and its environment.

use std::sync::Arc;
use std::time::Instant;

use super::args::CheckArgs;
use super::code;
use super::connect::dial;
use super::failure::Failure;
use super::gather;
use super::plan::Plan;
use super::spinner::Spinner;
use crate::facts::{DatabaseUrl, Facts, Role, UrlText, is_started};
use crate::inputs::progress::Progress;
use crate::inputs::{project, python};
use crate::probe::SessionWish;
use crate::report::ExitStatus;

pub(super) fn run(args: &CheckArgs, plan: &Plan<'_>) -> Result<ExitStatus, Failure> {
    let started = Instant::now();
    let process = gather::process_environment(plan)?;
    let root = plan.surroundings.directory.join(&args.path);
    if !root.is_dir() {
        let cause = if root.exists() {
            "it is not a folder"
        } else {
            "there is no such folder"
        };
        return Err(Failure::new(
            format!("check {}", args.path.display()),
            anyhow::anyhow!(cause),
        ));
    }
    let progress = Arc::new(Progress::default());
    let is_terminal = plan.surroundings.stderr_is_terminal;
    let spinner = Spinner::with_bar("reading the project", is_terminal, &progress);
    let found = project::discover(&root);
    let mut facts = Facts {
        files: found.files,
        tracked: found.tracked,
        environments: vec![process],
        ..Facts::default()
    };
    facts.environments.extend(found.environments);
    let code = code::read(
        &root,
        python::read(&root, &progress),
        &mut facts.environments,
        &progress,
        plan,
    );
    drop(spinner);
    facts.code_read = code
        .engines
        .iter()
        .any(|engine| engine.role == Role::App || is_started(engine, &code.services));
    facts.services = code.services;
    facts.guards = code.guards;
    facts.engines = code.engines;
    facts.variables = code.variables;
    facts.files.extend(code.files);
    facts.urls = urls(args, &facts, plan)?;
    for url in &mut facts.urls {
        gather::read_by_engines(url, &facts.engines, plan);
    }
    if !args.offline
        && let Some(url) = to_dial(args, &facts)
    {
        let wish = SessionWish::default();
        facts.connections = dial(url, &facts.environments[0], &args.network, wish, plan);
    }
    let families = [
        "url", "pool", "engine", "budget", "connect", "tls", "server", "activity", "project",
    ];
    plan.conclude("check", &families, &facts, started)
}

/// Returns every environment's connection string; a flag overrides them all.
fn urls(args: &CheckArgs, facts: &Facts, plan: &Plan<'_>) -> Result<Vec<DatabaseUrl>, Failure> {
    if let Some(url) = &args.url {
        return Ok(vec![gather::url_of(
            Some(url),
            &facts.environments[0],
            plan,
        )?]);
    }
    let mut urls: Vec<_> = facts
        .environments
        .iter()
        .filter_map(|one| gather::url_in(one, plan))
        .collect();
    if urls.is_empty() {
        urls.push(gather::unset(plan));
    }
    Ok(urls)
}

/// Returns the connection string that may be dialled: a flag's, or the process environment's; one
/// that a file of the project holds never is.
fn to_dial<'a>(args: &CheckArgs, facts: &'a Facts) -> Option<&'a DatabaseUrl> {
    let process = facts
        .environments
        .first()
        .map(|environment| environment.name.clone());
    facts
        .urls
        .iter()
        .filter(|url| args.url.is_some() || url.environment == process)
        .find(|url| matches!(url.text, UrlText::Known(_)))
}
