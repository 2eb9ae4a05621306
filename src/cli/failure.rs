//! Why dbharden could not do its job, and how it says so.

use std::error::Error;
use std::io::{self, Write};

use super::surroundings::Surroundings;
use crate::conninfo;
use crate::report::{ExitStatus, Gate};
use crate::value::Secret;

/// Why dbharden could not do its job: exit status 2, nothing on standard output.
#[derive(Debug)]
pub(super) struct Failure {
    /// What was being done, as it fits after "failed to".
    doing: String,
    /// Why it failed.
    cause: anyhow::Error,
    /// The one thing to do.
    hint: Option<String>,
}

impl Failure {
    /// Returns a failure of what was being done.
    pub(super) fn new(doing: impl Into<String>, cause: impl Into<anyhow::Error>) -> Self {
        Self {
            doing: doing.into(),
            cause: cause.into(),
            hint: None,
        }
    }

    /// Adds the one thing to do.
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Prints the failure to standard error.
    pub(super) fn print(&self, surroundings: &Surroundings) -> ExitStatus {
        let mut text = format!("error: failed to {}\n", self.doing);
        let mut source: Option<&(dyn Error + 'static)> = Some(self.cause.as_ref());
        while let Some(cause) = source {
            text = text + "  caused by: " + &cause.to_string() + "\n";
            source = cause.source();
        }
        if let Some(hint) = &self.hint {
            text = text + "\nhint: " + hint + "\n";
        }
        let database_url = surroundings
            .non_empty("DATABASE_URL")
            .map(conninfo::secrets);
        let gate = Gate::new(secrets_of_arguments().chain(database_url.into_iter().flatten()));
        // A closed standard error leaves nobody to tell.
        let _ = io::stderr()
            .lock()
            .write_all(gate.seal(&text).as_str().as_bytes());
        ExitStatus::Error
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::new("write the report", error)
    }
}

/// Returns the secrets of each argument that may be a connection string in the wrong place, and what
/// was meant as a header, whole: a header that is none is named in its error.
pub(super) fn secrets_of_arguments() -> impl Iterator<Item = Secret> {
    let arguments: Vec<String> = std::env::args_os()
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    let is_suspect = |text: &&String| text.contains(['@', '=']) || text.contains("://");
    let strings = arguments.iter().filter(is_suspect);
    let mut secrets: Vec<Secret> = strings.flat_map(|text| conninfo::secrets(text)).collect();
    let before = std::iter::once("").chain(arguments.iter().map(String::as_str));
    for (before, text) in before.zip(&arguments) {
        if let Some(value) = text.strip_prefix("--header=") {
            secrets.push(Secret::from(value));
        } else if before == "--header" {
            secrets.push(Secret::from(text.as_str()));
        }
    }
    secrets.into_iter()
}
