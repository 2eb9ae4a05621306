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
/// was meant as a header, whole and word by word: a header that is none is named in its error.
pub(super) fn secrets_of_arguments() -> impl Iterator<Item = Secret> {
    let is_suspect = |text: &String| text.contains(['@', '=']) || text.contains("://");
    let before = std::iter::once(String::new()).chain(std::env::args());
    let headers = before
        .zip(std::env::args())
        .filter_map(|(before, text)| match text.strip_prefix("--header=") {
            Some(value) => Some(value.to_owned()),
            None => (before == "--header").then_some(text),
        })
        .map(Secret::new);
    std::env::args()
        .filter(is_suspect)
        .flat_map(|text| conninfo::secrets(&text))
        .chain(headers)
}
