//! `dbharden health`: the pool metrics that an application's health endpoint reports.

use std::time::Instant;

use super::args::HealthArgs;
use super::failure::Failure;
use super::plan::Plan;
use super::spinner::Spinner;
use crate::facts::Facts;
use crate::inputs::file;
use crate::probe::health::{self, HealthRequest};
use crate::report::ExitStatus;

/// The most that a file of roots may hold.
const ROOTS: u64 = 4 << 20;

pub(super) fn run(args: &HealthArgs, plan: &Plan<'_>) -> Result<ExitStatus, Failure> {
    let started = Instant::now();
    let mut request =
        HealthRequest::new(&args.url).map_err(|error| Failure::new("use the URL", error))?;
    request.headers.clone_from(&args.header);
    request.path.clone_from(&args.path);
    request.timeout = args.timeout;
    request.names.clone_from(&plan.spec.health);
    if let Some(path) = &args.cacert {
        let doing = format!("read {}", path.display());
        request.roots = Some(file::bytes(path, ROOTS).map_err(|error| Failure::new(doing, error))?);
    }
    let answer = {
        let _spinner = Spinner::start("asking", plan.surroundings.stderr_is_terminal);
        health::ask(&request)
    };
    let facts = Facts {
        metrics: health::metrics(&answer),
        health: Some(answer),
        ..Facts::default()
    };
    plan.conclude("health", &["health"], &facts, started)
}
