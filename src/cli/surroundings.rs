//! What surrounds the process, read once and passed down.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::PathBuf;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::value::{Origin, Secret, Sourced};

/// What surrounds the process.
#[derive(Debug)]
pub(super) struct Surroundings {
    /// The process environment; what is not UTF-8 in a value is replaced.
    pub(super) variables: BTreeMap<String, Sourced<Secret>>,
    /// The working directory.
    pub(super) directory: PathBuf,
    /// Today, UTC.
    pub(super) today: Date,
    /// Whether standard output is a terminal.
    pub(super) stdout_is_terminal: bool,
    /// Whether standard error is a terminal.
    pub(super) stderr_is_terminal: bool,
    /// The terminal's width in columns; `None` where standard output is none.
    pub(super) columns: Option<usize>,
}

impl Surroundings {
    /// Reads them from the process.
    pub(super) fn of_process() -> Self {
        let variables = std::env::vars_os()
            .map(|(name, value)| {
                let name = name.to_string_lossy().into_owned();
                let value = Secret::new(value.to_string_lossy());
                (name.clone(), Sourced::new(value, Origin::Env { name }))
            })
            .collect();
        let stdout_is_terminal = std::io::stdout().is_terminal();
        Self {
            variables,
            directory: std::env::current_dir().unwrap_or_else(|_| PathBuf::from(".")),
            today: jiff::Timestamp::now().to_zoned(TimeZone::UTC).date(),
            stdout_is_terminal,
            stderr_is_terminal: std::io::stderr().is_terminal(),
            columns: stdout_is_terminal.then(columns).flatten(),
        }
    }

    /// Returns a variable that is set and not empty.
    pub(super) fn non_empty(&self, name: &str) -> Option<&str> {
        self.variables
            .get(name)
            .map(|variable| variable.value.expose())
            .filter(|text| !text.is_empty())
    }
}

/// Asks the terminal for its width.
fn columns() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}
