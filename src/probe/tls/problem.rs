//! What is wrong with a certificate, and what it may be instead.

use crate::facts::Observation;

/// What is wrong with a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::probe) struct Problem {
    /// The cause's id.
    pub cause: &'static str,
    /// The other cause that looks the same from here.
    pub or: Option<&'static str>,
    /// What was seen, in one line; the certificate's text in it is untrusted.
    pub message: String,
}

impl Problem {
    /// A problem whose cause is known.
    pub(super) fn new(cause: &'static str, message: String) -> Self {
        Self {
            cause,
            or: None,
            message,
        }
    }

    /// The same, but that another cause looks the same.
    pub(super) fn or(self, other: &'static str) -> Self {
        Self {
            or: Some(other),
            ..self
        }
    }

    /// Returns every cause that fits.
    pub(in crate::probe) fn causes(&self) -> Vec<&'static str> {
        std::iter::once(self.cause).chain(self.or).collect()
    }
}

impl From<Problem> for Observation {
    fn from(problem: Problem) -> Self {
        Self {
            cause: problem.cause,
            message: problem.message,
        }
    }
}
