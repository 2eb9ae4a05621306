//! `dbharden connect`: connects stage by stage and names the cause of a failure.

use std::path::PathBuf;
use std::time::Instant;

use super::args::{ConnectArgs, NetworkArgs};
use super::failure::Failure as CannotRun;
use super::gather;
use super::plan::Plan;
use super::spinner::Spinner;
use crate::conninfo::{self, Parsed, ResolveError};
use crate::driver::{Driver, Kind, translate};
use crate::facts::{
    Connection, DatabaseUrl, Environment, Facts, Failure, Stage, StageName, StageReport,
};
use crate::inputs::ambient;
use crate::probe::{self, Request, SessionWish};
use crate::report::ExitStatus;
use crate::value::Origin;

pub(super) fn run(args: &ConnectArgs, plan: &Plan<'_>) -> Result<ExitStatus, CannotRun> {
    run_as(
        "connect",
        &[
            "url-present",
            "url-clean",
            "url-syntax",
            "connect",
            "tls",
            "server",
        ],
        args,
        SessionWish::default(),
        plan,
    )
}

/// Dials one connection string and judges what it showed.
pub(super) fn run_as(
    command: &'static str,
    rules: &[&str],
    args: &ConnectArgs,
    wish: SessionWish,
    plan: &Plan<'_>,
) -> Result<ExitStatus, CannotRun> {
    let started = Instant::now();
    let environment = gather::local_environment(plan)?;
    let url = gather::url_of(args.url.url.as_deref(), &environment, plan)?;
    let connections = dial(&url, &environment, &args.network, wish, plan);
    let facts = Facts {
        urls: vec![url],
        environments: vec![environment],
        connections,
        ..Facts::default()
    };
    plan.conclude(command, rules, &facts, started)
}

/// Opens one session with a connection string, or none where it does not parse.
pub(super) fn dial(
    url: &DatabaseUrl,
    environment: &Environment,
    network: &NetworkArgs,
    wish: SessionWish,
    plan: &Plan<'_>,
) -> Vec<Connection> {
    let request = match request(url, environment, network) {
        Ok(request) => Request {
            sessions: wish,
            ..request
        },
        Err(connections) => return connections,
    };
    let _spinner = Spinner::start("connecting", plan.surroundings.stderr_is_terminal);
    probe::run(&request)
}

/// Returns whom to dial, or what there is to tell where nobody can be.
pub(super) fn request(
    url: &DatabaseUrl,
    environment: &Environment,
    network: &NetworkArgs,
) -> Result<Request, Vec<Connection>> {
    let Some(parts) = &as_libpq_reads(url) else {
        return Err(Vec::new());
    };
    let origin = url.origin.clone().unwrap_or(Origin::Default);
    let ambient = ambient::read(environment, parts, &origin);
    let conninfo = conninfo::resolve(parts, &origin, &ambient)
        .map_err(|error| vec![unusable(url, parts, &error)])?;
    Ok(Request {
        subject: url.subject.clone(),
        environment: url.environment.clone(),
        conninfo,
        home: ambient.home.map(PathBuf::from),
        timeout: network.timeout,
        allow_weak_auth: network.allow_weak_auth,
        sessions: SessionWish::default(),
    })
}

/// Returns the parts of the string as libpq reads it, or those of the string that libpq would need
/// where another driver's spelling is not libpq's; `None` where nothing can be made of it.
fn as_libpq_reads(url: &DatabaseUrl) -> Option<Parsed> {
    if let Ok(parsed) = &url.parsed {
        return Some(parsed.clone());
    }
    let reader = url.readers.first().map(|reader| &reader.driver);
    let translated = translate(
        url.text.known()?.expose(),
        reader,
        &Driver::newest(Kind::Libpq),
    );
    conninfo::parse(translated.ok()?.url.expose()).ok()
}

/// Returns the connection that could not be tried, since libpq would not start with this string.
fn unusable(url: &DatabaseUrl, parts: &Parsed, error: &ResolveError) -> Connection {
    let host = parts
        .hosts()
        .into_iter()
        .next()
        .and_then(|host| host.host)
        .unwrap_or_default();
    let culprit = error
        .keyword
        .as_ref()
        .map(|keyword| format!(" ({keyword})"))
        .unwrap_or_default();
    // The one fault of a string that has a page among those of connections.
    let by_system_roots = error.message.contains("sslrootcert=system");
    let cause = by_system_roots.then_some("rootcert-system");
    let failure = Failure {
        cause,
        candidates: Vec::new(),
        message: format!(
            "the connection string cannot be used: {}{culprit}",
            error.message
        ),
        fix: "correct this value where it is set".to_owned(),
    };
    let failed = if by_system_roots {
        StageName::Tls
    } else {
        StageName::Dns
    };
    let stages = [
        StageName::Dns,
        StageName::Tcp,
        StageName::Tls,
        StageName::Auth,
        StageName::Query,
    ]
    .map(|name| StageReport {
        name,
        stage: if name == failed {
            Stage::Failed(failure.clone())
        } else {
            Stage::NotRun
        },
        took: None,
    });
    Connection {
        url: (url.subject.clone(), url.environment.clone()),
        host,
        port: 5432,
        stages: stages.to_vec(),
        ..Connection::default()
    }
}
