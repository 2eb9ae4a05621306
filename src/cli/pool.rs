//! `dbharden pool`: checks pool settings in the environment against the spec.

use std::time::Instant;

use super::failure::Failure;
use super::gather;
use super::plan::Plan;
use crate::facts::Facts;
use crate::report::ExitStatus;

pub(super) fn run(plan: &Plan<'_>) -> Result<ExitStatus, Failure> {
    let started = Instant::now();
    let facts = Facts {
        environments: vec![gather::local_environment(plan)?],
        ..Facts::default()
    };
    plan.conclude("pool", &["pool"], &facts, started)
}
