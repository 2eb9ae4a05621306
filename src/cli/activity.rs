//! `dbharden activity`: the server's sessions, counted, and those that are worth a line.

use super::args::{ActivityArgs, ByArg};
use super::failure::Failure;
use super::plan::Plan;
use super::{connect, watch};
use crate::probe::SessionWish;
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
    if let Some(pause) = args.watch {
        return watch::run(pause, args, plan);
    }
    let wish = SessionWish {
        by: args.by.map(ByArg::key),
        only: args.connect.checking.spec.app.clone(),
        notable: true,
        queries: args.queries,
    };
    connect::run_as("activity", RULES, &args.connect, wish, plan)
}
