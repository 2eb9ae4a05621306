//! What is shown: entries, a summary, an exit status, and one renderer per format.

use std::time::Duration;

use crate::facts::Facts;
use crate::rules::Judgement;
use crate::spec::Severity;

/// What a run came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitStatus {
    /// Nothing failed at or above `--fail-on`: 0.
    Pass,
    /// Something did: 1.
    Fail,
    /// dbharden could not do its job: 2.
    Error,
    /// Interrupted: 130.
    Interrupted,
}

/// From which severity on a failure makes the run fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailOn {
    /// The least severity that counts; `None` means never.
    pub least: Option<Severity>,
    /// Whether unknown counts too (`--strict`).
    pub strict: bool,
}

/// Everything that a renderer shows.
#[derive(Debug)]
pub struct Report<'a> {
    /// The command: `check`, `url`, …
    pub command: &'static str,
    /// The profile's name.
    pub profile: &'a str,
    /// The judgements in report order.
    pub judgements: &'a [Judgement],
    /// What was found out.
    pub facts: &'a Facts,
    /// What makes the run fail.
    pub fail_on: FailOn,
    /// How long the run took.
    pub took: Duration,
}
