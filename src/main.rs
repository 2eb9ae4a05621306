//! The `dbharden` program: hands over to [`dbharden::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    dbharden::cli::main()
}
