//! `dbharden activity`: the server's sessions by application name.

use super::args::ActivityArgs;
use super::failure::Failure;
use super::plan::Plan;
use super::{connect, watch};
use crate::report::ExitStatus;

/// The rules of the command.
pub(super) const RULES: &[&str] = &[
    "url-present",
    "url-clean",
    "url-syntax",
    "connect",
    "activity",
];

pub(super) fn run(args: &ActivityArgs, plan: &Plan<'_>) -> Result<ExitStatus, Failure> {
    match args.watch {
        Some(pause) => watch::run(pause, &args.connect, plan),
        None => connect::run_as("activity", RULES, &args.connect, plan),
    }
}
