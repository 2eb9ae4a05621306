//! `dbharden completions`: completion scripts from the same definitions as the help.

use std::io::{self, Write};

use clap::CommandFactory;
use clap_complete::Shell;

use super::args::Args;
use super::failure::Failure;
use super::output::quietly_closed;
use crate::report::ExitStatus;

/// Returns the command line's definition.
pub fn command() -> clap::Command {
    Args::command()
}

/// Prints a completion script.
pub(super) fn run(shell: Shell) -> Result<ExitStatus, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command(), "dbharden", &mut script);
    quietly_closed(io::stdout().lock().write_all(&script))?;
    Ok(ExitStatus::Pass)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_consistent() {
        super::command().debug_assert();
    }
}
