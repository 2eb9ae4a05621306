//! What a rule concludes.

use std::borrow::Cow;

use crate::facts::Missing;
use crate::spec::Severity;
use crate::value::{Origin, Span};

/// What a rule concludes, or the fact that it misses.
pub type Outcome = Result<Verdict, Missing>;

/// What a rule concludes about one subject.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// It holds.
    Pass(Seen),
    /// It does not.
    Fail(Finding),
    /// It says nothing about this subject, and why.
    NotApplicable(Cow<'static, str>),
}

/// What was seen, and what the spec wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// One line.
    pub message: String,
    /// The value seen.
    pub observed: Option<String>,
    /// The value wanted.
    pub expected: Option<String>,
    /// Where the value is set, beside the subject's own place.
    pub origins: Vec<Origin>,
}

/// A rule that does not hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Finding {
    /// What was seen, and what the spec wants.
    pub seen: Seen,
    /// The one thing to do, in one line; `None` means the rule's own fix.
    pub fix: Option<String>,
    /// The severity, where it is not the rule's own.
    pub severity: Option<Severity>,
    /// The culprit part of the connection string, in the redacted text.
    pub mark: Option<Span>,
}

impl Seen {
    /// Returns what was seen, in one line.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            ..Self::default()
        }
    }

    /// Adds the value seen.
    #[must_use]
    pub fn observed(mut self, value: impl Into<String>) -> Self {
        self.observed = Some(value.into());
        self
    }

    /// Adds the value wanted.
    #[must_use]
    pub fn expected(mut self, value: impl Into<String>) -> Self {
        self.expected = Some(value.into());
        self
    }

    /// Adds a place where the value is set.
    #[must_use]
    pub fn at(mut self, origin: Origin) -> Self {
        self.origins.push(origin);
        self
    }

    /// Concludes that the rule holds.
    pub fn pass(self) -> Outcome {
        Ok(Verdict::Pass(self))
    }

    /// Concludes that it does not, with the one thing to do.
    pub fn fail(self, fix: impl Into<String>) -> Finding {
        Finding {
            seen: self,
            fix: Some(fix.into()),
            severity: None,
            mark: None,
        }
    }
}

impl Finding {
    /// Replaces the rule's severity.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    /// Marks the culprit part of the redacted connection string.
    #[must_use]
    pub fn mark(mut self, span: Span) -> Self {
        self.mark = Some(span);
        self
    }
}

impl From<Finding> for Outcome {
    fn from(finding: Finding) -> Self {
        Ok(Verdict::Fail(finding))
    }
}

impl Verdict {
    /// Says why the rule says nothing about this subject.
    pub fn not_applicable(why: impl Into<Cow<'static, str>>) -> Outcome {
        Ok(Self::NotApplicable(why.into()))
    }
}
