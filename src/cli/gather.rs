//! Gathers facts from the environment: the variables, and the connection strings with their readers.

use std::io::{self, Read};
use std::path::Path;

use super::failure::Failure;
use super::plan::Plan;
use crate::conninfo::{parse, parse_parts, redact};
use crate::driver::{Driver, Kind};
use crate::facts::{
    DatabaseUrl, Engine, Environment, EnvironmentKind, Reader, Role, UrlText, Value, Variable,
    provider_of,
};
use crate::inputs::{ambient, dotenv, file, process};
use crate::value::{Origin, Secret};

/// The most that standard input may hold as a connection string.
const STDIN_LIMIT: u64 = 64 * 1024;

/// Returns the process environment over the files of `--env-file`.
pub(super) fn process_environment(plan: &Plan<'_>) -> Result<Environment, Failure> {
    let mut files = Vec::new();
    for path in &plan.env_files {
        let shown = path.display().to_string();
        let text = file::read_text(path)
            .map_err(|problem| Failure::new(format!("read {shown}"), problem))?;
        files.push(dotenv::parse(&shown, &text));
    }
    Ok(process::environment(&plan.surroundings.variables, files))
}

/// Returns what the process would see with `./.env` below it: what `url`, `pool`, `connect` and
/// `activity` read. It is named `.env` where nothing of the spec is set elsewhere.
pub(super) fn local_environment(plan: &Plan<'_>) -> Result<Environment, Failure> {
    let mut environment = process_environment(plan)?;
    let path = plan.surroundings.directory.join(".env");
    let names = &plan.spec.variables;
    let own = environment.first_of(names.all()).is_some();
    if !path.exists() {
        return Ok(environment);
    }
    match file::read_text(&path) {
        Ok(text) => {
            let below = dotenv::parse(".env", &text).variables_within(&plan.surroundings.variables);
            let unset = below
                .into_iter()
                .filter(|variable| environment.get(&variable.name).is_none());
            let unset: Vec<Variable> = unset.collect();
            environment.variables.splice(0..0, unset);
        }
        Err(problem) if !own => return Err(Failure::new("read .env", problem)),
        Err(_) => {}
    }
    if !own && environment.first_of(names.all()).is_some() {
        environment.kind = EnvironmentKind::Dotenv;
        ".env".clone_into(&mut environment.name);
    }
    Ok(environment)
}

/// Returns the connection string of an argument (`-` is standard input), else the environment's.
pub(super) fn url_of(
    argument: Option<&str>,
    environment: &Environment,
    plan: &Plan<'_>,
) -> Result<DatabaseUrl, Failure> {
    match argument {
        Some("-") => {
            let mut text = String::new();
            let read = io::stdin()
                .lock()
                .take(STDIN_LIMIT)
                .read_to_string(&mut text);
            read.map_err(|error| {
                Failure::new("read the connection string from standard input", error)
            })?;
            let line = text.strip_suffix('\n').map_or(text.as_str(), |line| {
                line.strip_suffix('\r').unwrap_or(line)
            });
            Ok(url(
                "URL",
                None,
                Some(Origin::flag("URL")),
                UrlText::Known(line.into()),
                Some(environment),
                plan,
            ))
        }
        Some(text) => Ok(url(
            "URL",
            None,
            Some(Origin::flag("URL")),
            UrlText::Known(text.into()),
            Some(environment),
            plan,
        )),
        None => Ok(url_in(environment, plan).unwrap_or_else(|| unset(plan))),
    }
}

/// Returns the connection string that an environment sets.
pub(super) fn url_in(environment: &Environment, plan: &Plan<'_>) -> Option<DatabaseUrl> {
    let variable = environment.first_of(&plan.spec.variables.database_url)?;
    let text = match &variable.value {
        Value::Known(text) => UrlText::Known(text.clone()),
        Value::Unknown(reason) => UrlText::Unknown(reason.clone()),
    };
    Some(url(
        &variable.name,
        Some(&environment.name),
        Some(variable.origin.clone()),
        text,
        Some(environment),
        plan,
    ))
}

/// Returns the connection string that no environment sets.
pub(super) fn unset(plan: &Plan<'_>) -> DatabaseUrl {
    let name = plan
        .spec
        .variables
        .database_url
        .first()
        .map_or("DATABASE_URL", String::as_str);
    url(name, None, None, UrlText::Unset, None, plan)
}

/// Builds a connection string of a name, which processes in an environment read.
fn url(
    subject: &str,
    name: Option<&str>,
    origin: Option<Origin>,
    text: UrlText,
    environment: Option<&Environment>,
    plan: &Plan<'_>,
) -> DatabaseUrl {
    let known = match &text {
        UrlText::Known(text) => text.expose(),
        UrlText::Unset | UrlText::Unknown(_) => "",
    };
    let parts = parse_parts(known);
    let provider = parts.as_ref().ok().and_then(provider_of);
    let elsewhere = environment.is_none_or(|one| one.kind == EnvironmentKind::Service);
    let mut variables = environment
        .map(Environment::postgres_variables)
        .unwrap_or_default();
    // Few strings name a service, and only for them are its files read.
    if let Some(environment) = environment.filter(|_| !elsewhere)
        && (known.contains("service") || environment.get("PGSERVICE").is_some())
    {
        variables = variables.with_service_files(ambient::service_files(environment));
    }
    let mut url = DatabaseUrl {
        subject: subject.to_owned(),
        environment: name.map(str::to_owned),
        origin,
        redacted: redact(known),
        parsed: parse(known),
        parts,
        provider,
        absent_files: None,
        readers: Vec::new(),
        variables,
        text,
    };
    url.readers = readers(&url, &plan.drivers);
    url.absent_files = (!elsewhere).then(|| absent_files(&url.readers));
    url
}

/// Looks which of the files that drivers read are not on this machine; a masked path cannot be found.
fn absent_files(readers: &[Reader]) -> Vec<String> {
    let files = readers.iter().flat_map(|reader| &reader.prediction.files);
    let mut absent: Vec<String> = files
        .map(|file| file.path.clone())
        .filter(|path| !Path::new(path).exists())
        .collect();
    absent.dedup();
    absent
}

/// Returns who reads a connection string: whom the flags name, else whom the scheme names, else libpq.
fn readers(url: &DatabaseUrl, drivers: &[Driver]) -> Vec<Reader> {
    let Some(text) = url.text.known().map(Secret::expose) else {
        return Vec::new();
    };
    if text.is_empty() {
        return Vec::new();
    }
    let read_by = |driver: Driver, because: &str| Reader {
        prediction: url.predict(&driver, text),
        because: because.to_owned(),
        handed_on: None,
        driver,
    };
    if !drivers.is_empty() {
        return drivers
            .iter()
            .map(|driver| read_by(driver.clone(), "--driver"))
            .collect();
    }
    match Driver::of_scheme(text) {
        Some(driver) => vec![read_by(driver, "the scheme")],
        None => vec![read_by(Driver::newest(Kind::Libpq), "the default")],
    }
}

/// Makes the engines that read a connection string its readers, where flags name none: each driver
/// once, with the string as the engine's code hands it on.
pub(super) fn read_by_engines(url: &mut DatabaseUrl, engines: &[Engine], plan: &Plan<'_>) {
    let Some(text) = url.text.known().filter(|_| plan.drivers.is_empty()) else {
        return;
    };
    let variable = format!("env:{}", url.subject);
    let mut readers: Vec<Reader> = Vec::new();
    for engine in engines {
        let reads = engine.role == Role::App
            && engine.url_from == variable
            && engine.environment == url.environment;
        let Some(driver) = engine.driver.clone().filter(|_| reads) else {
            continue;
        };
        if readers.iter().any(|reader| reader.driver == driver) {
            continue;
        }
        let changed = engine.details.url.text.clone();
        let handed_on = changed.filter(|changed| changed != text);
        readers.push(Reader {
            prediction: url.predict(&driver, handed_on.as_ref().unwrap_or(text).expose()),
            because: engine.subject(),
            handed_on,
            driver,
        });
    }
    if !readers.is_empty() {
        if url.absent_files.is_some() {
            url.absent_files = Some(absent_files(&readers));
        }
        url.readers = readers;
    }
}
