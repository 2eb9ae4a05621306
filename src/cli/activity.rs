//! `dbharden activity`: the server's sessions by application name.

use super::args::ConnectArgs;
use super::connect;
use super::failure::Failure;
use super::plan::Plan;
use crate::report::ExitStatus;

pub(super) fn run(args: &ConnectArgs, plan: &Plan<'_>) -> Result<ExitStatus, Failure> {
    connect::run_as(
        "activity",
        &[
            "url-present",
            "url-clean",
            "url-syntax",
            "connect",
            "activity",
        ],
        args,
        plan,
    )
}
