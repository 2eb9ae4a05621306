//! `dbharden url`: lints a connection string for every driver that will read it.

use std::time::Instant;

use super::args::UrlArgs;
use super::failure::Failure;
use super::gather;
use super::plan::Plan;
use super::translate;
use crate::facts::Facts;
use crate::report::ExitStatus;

pub(super) fn run(args: &UrlArgs, plan: &Plan<'_>) -> Result<ExitStatus, Failure> {
    if args.fix {
        return translate::run_fix(args, plan);
    }
    let started = Instant::now();
    let environment = gather::local_environment(plan)?;
    let url = gather::url_of(args.url.url.as_deref(), &environment, plan)?;
    let facts = Facts {
        urls: vec![url],
        environments: vec![environment],
        ..Facts::default()
    };
    plan.conclude("url", &["url"], &facts, started)
}
