//! What is shown: entries, a summary, an exit status, and one renderer per format.
//!
//! [`Report::seal`] passes everything through the [`Gate`]; renderers get the [`Sheet`] that comes
//! out and so never see a secret. They are pure: no environment, no clock, no terminal.

mod baseline;
mod engines;
mod entry;
pub mod escape;
mod gate;
mod github;
mod human;
mod json;
mod junit;
mod markdown;
mod markdown_sessions;
mod pages;
mod reach;
#[cfg(test)]
mod sample;
mod sarif;
mod shape;
mod sheet;
#[cfg(test)]
mod sinks;
mod spelling;
mod style;
pub mod view;

use std::io;
use std::str::FromStr;
use std::time::Duration;

pub use baseline::{Baseline, BaselineError, Comparison, Gone, History};
pub use engines::{Deployed, DeployedEngine, EngineResult, EngineSummary};
pub use entry::{Culprit, Entry, Place, Standing, Summary};
pub use gate::{Gate, Sealed};
pub(crate) use human::age as age_in_words;
pub use pages::{Page, PageFormat, render_pages};
pub use sheet::Sheet;
pub use style::{Style, Tone};

use crate::facts::Facts;
use crate::rules::{Judgement, Rule};
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

impl ExitStatus {
    /// Returns the code for the operating system.
    pub fn code(self) -> u8 {
        match self {
            Self::Pass => 0,
            Self::Fail => 1,
            Self::Error => 2,
            Self::Interrupted => 130,
        }
    }
}

/// From which severity on a failure makes the run fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailOn {
    /// The least severity that counts; `None` means never, also for unknown.
    pub least: Option<Severity>,
    /// Whether unknown counts too (`--strict`).
    pub strict: bool,
}

impl FailOn {
    /// Returns what entries come to.
    fn status(self, entries: &[Entry]) -> ExitStatus {
        let counts = |entry: &Entry| {
            entry.is_open()
                && match entry.standing {
                    Standing::Fail => self.least.is_some_and(|least| entry.severity >= least),
                    Standing::Unknown => self.strict && self.least.is_some(),
                    Standing::Pass | Standing::NotApplicable => false,
                }
        };
        if entries.iter().any(counts) {
            ExitStatus::Fail
        } else {
            ExitStatus::Pass
        }
    }
}

/// Everything that was judged and found out, before it is sealed.
#[derive(Debug)]
pub struct Report<'a> {
    /// The command: `check`, `url`, …
    pub command: &'static str,
    /// The profile's name.
    pub profile: &'a str,
    /// The judgements in report order.
    pub judgements: Vec<Judgement>,
    /// What was found out.
    pub facts: &'a Facts,
    /// What makes the run fail.
    pub fail_on: FailOn,
    /// How long the run took.
    pub took: Duration,
}

impl Report<'_> {
    /// Takes every secret out and puts the entries in the order in which they are shown.
    pub fn seal(self, gate: &Gate) -> Sheet {
        Sheet::new(self, gate)
    }
}

/// The formats of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A checklist for people.
    Human,
    /// CONTRACT 5.
    Json,
    /// SARIF 2.1.0, for code-scanning services.
    Sarif,
    /// `JUnit` XML, for CI systems.
    Junit,
    /// GitHub workflow commands.
    Github,
    /// Markdown, for job summaries.
    Markdown,
}

impl Format {
    /// Every format, in the order of the help.
    pub const ALL: &'static [Self] = &[
        Self::Human,
        Self::Json,
        Self::Sarif,
        Self::Junit,
        Self::Github,
        Self::Markdown,
    ];

    /// Returns the name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Json => "json",
            Self::Sarif => "sarif",
            Self::Junit => "junit",
            Self::Github => "github",
            Self::Markdown => "markdown",
        }
    }
}

impl FromStr for Format {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut all = Self::ALL.iter().copied();
        all.find(|format| format.name() == text).ok_or(())
    }
}

/// How much the human report shows. The other formats are always whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// Only what failed (`--quiet`).
    Quiet,
    /// All but what does not apply.
    #[default]
    Normal,
    /// Also what does not apply (`--verbose`).
    Verbose,
}

/// How a report is shown.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// The colours of the human report.
    pub style: Style,
    /// The columns of the terminal; 80 where there is none.
    pub width: usize,
    /// How much the human report shows.
    pub detail: Detail,
    /// Whether each failure is followed by its rule's rationale (`--explain`).
    pub explain: bool,
    /// Every rule there is: SARIF lists them all.
    pub rules: &'a [&'static Rule],
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self {
            style: Style::default(),
            width: 80,
            detail: Detail::Normal,
            explain: false,
            rules: &[],
        }
    }
}

/// Writes a report in a format.
pub fn render(
    format: Format,
    sheet: &Sheet,
    options: &Options<'_>,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    match format {
        Format::Human => human::render(sheet, options, out),
        Format::Json => json::render(sheet, options, out),
        Format::Sarif => sarif::render(sheet, options, out),
        Format::Junit => junit::render(sheet, options, out),
        Format::Github => github::render(sheet, options, out),
        Format::Markdown => markdown::render(sheet, options, out),
    }
}
