//! The process: arguments in, exit status out. The only room that knows all the others, reads the
//! process environment, and prints.

mod activity;
mod args;
mod baseline;
mod check;
mod code;
mod completions;
mod connect;
mod document;
mod explain;
mod failure;
mod gather;
mod health;
mod init;
mod logs;
mod output;
mod plan;
mod pool;
mod process;
mod spinner;
mod surroundings;
mod translate;
mod url;
mod watch;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use self::args::{Args, Command, Deferred};
use self::failure::Failure;
use self::plan::Plan;
use self::surroundings::Surroundings;
use crate::report::{ExitStatus, Gate};

pub use self::completions::command;
pub use self::document::{causes_document, rules_document};

/// Runs the program and returns its exit status.
pub fn main() -> ExitCode {
    process::harden();
    let surroundings = Surroundings::of_process();
    let status = match Args::try_parse_from(args::with_seconds(std::env::args_os())) {
        Ok(args) => run(args.command, &surroundings),
        Err(error) => usage(&error),
    };
    let status = status.unwrap_or_else(|failure| failure.print(&surroundings));
    ExitCode::from(status.code())
}

/// Runs one command.
fn run(command: Command, surroundings: &Surroundings) -> Result<ExitStatus, Failure> {
    match command {
        Command::Check(Deferred(args)) => {
            let plan = Plan::new(&args.checking, &args.path, surroundings)?;
            check::run(&args, &plan.with_baselines(&args.baselines)?)
        }
        Command::Url(Deferred(args)) => url::run(
            &args,
            &Plan::in_current_folder(&args.checking, surroundings)?,
        ),
        Command::Pool(Deferred(args)) => {
            pool::run(&Plan::in_current_folder(&args.checking, surroundings)?)
        }
        Command::Code(Deferred(args)) => code::run(
            &args,
            &Plan::in_current_folder(&args.checking, surroundings)?,
        ),
        Command::Connect(Deferred(args)) => connect::run(
            &args,
            &Plan::in_current_folder(&args.checking, surroundings)?,
        ),
        Command::Activity(Deferred(args)) => activity::run(
            &args,
            &Plan::in_current_folder(&args.connect.checking, surroundings)?,
        ),
        Command::Health(Deferred(args)) => health::run(
            &args,
            &Plan::in_current_folder(&args.checking, surroundings)?,
        ),
        Command::Logs(Deferred(args)) => logs::run(
            &args,
            &Plan::in_current_folder(&args.checking, surroundings)?,
        ),
        Command::Explain(Deferred(args)) => explain::run(&args, surroundings),
        Command::Translate(Deferred(args)) => {
            translate::run(&args, &Plan::of_input(&args.input, surroundings)?)
        }
        Command::Init(Deferred(args)) => init::run(&args, surroundings),
        Command::Completions { shell } => completions::run(shell),
    }
}

/// Prints help and version to standard output, and what is wrong with the arguments to standard
/// error, without any password that they hold.
fn usage(error: &clap::Error) -> Result<ExitStatus, Failure> {
    let gate = Gate::new(failure::secrets_of_arguments());
    if error.use_stderr() {
        let text = gate.seal(error.render().to_string());
        let _ = io::stderr().lock().write_all(text.as_str().as_bytes());
        return Ok(ExitStatus::Error);
    }
    output::quietly_closed(error.print())?;
    Ok(ExitStatus::Pass)
}
