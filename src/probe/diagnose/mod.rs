//! From what was seen to why it failed: one small table per stage.
//!
//! Decided by the stage reached, typed errors, alert numbers, SQLSTATE and routine; by words only
//! where a peer gives nothing else (poolers). Where the client cannot know, every cause that fits.

pub(super) mod auth;
pub(super) mod banner;
pub(super) mod dns;
pub(super) mod pooler;
pub(super) mod query;
pub(super) mod tcp;
pub(super) mod tls;

use crate::facts::{Failure, StageName};

/// A failure with the stage that it ends.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Broken {
    /// The stage that failed.
    pub stage: StageName,
    /// Why.
    pub failure: Failure,
}

impl Broken {
    /// A failure whose cause is known.
    pub(super) fn known(
        stage: StageName,
        cause: &'static str,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self {
            stage,
            failure: Failure {
                cause: Some(cause),
                candidates: Vec::new(),
                message: message.into(),
                fix: fix.into(),
            },
        }
    }

    /// A failure that more than one cause fits.
    pub(super) fn either(
        stage: StageName,
        candidates: &[&'static str],
        message: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        if let [cause] = candidates {
            return Self::known(stage, cause, message, fix);
        }
        Self {
            stage,
            failure: Failure {
                cause: None,
                candidates: candidates.to_vec(),
                message: message.into(),
                fix: fix.into(),
            },
        }
    }
}
