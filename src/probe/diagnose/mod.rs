//! From what was seen to why it failed: one small table per stage.
//!
//! Decided by the stage reached, typed errors, alert numbers, SQLSTATE and routine; by words only
//! where a peer gives nothing else (poolers). Where the client cannot know, every cause that fits.

mod advice;
pub(super) mod auth;
pub(super) mod banner;
mod breach;
pub(super) mod dns;
pub(super) mod pooler;
pub(super) mod query;
mod server;
pub(super) mod tcp;
pub(super) mod tls;

use std::io;

use crate::causes;
use crate::facts::{Failure, StageName};

/// A failure with the stage that it ends.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Broken {
    /// The stage that failed.
    pub stage: StageName,
    /// Why.
    pub failure: Failure,
    /// Whether it was only the time that was up: libpq then goes on with the next address.
    pub late: bool,
}

impl Broken {
    /// The same, where the time was up.
    pub(super) fn late(self) -> Self {
        Self { late: true, ..self }
    }

    /// The same, with other advice.
    pub(super) fn fix(mut self, advice: &str) -> Self {
        advice.clone_into(&mut self.failure.fix);
        self
    }

    /// Fits the advice to where the database is.
    pub(super) fn at(mut self, host: &str, port: u16) -> Self {
        advice::fit(&mut self.failure, host, port);
        self
    }

    /// A failure whose cause is known.
    pub(super) fn known(stage: StageName, cause: &'static str, message: impl Into<String>) -> Self {
        let fix = causes::find(cause).map_or("", |page| page.fix);
        Self {
            stage,
            failure: Failure {
                cause: Some(cause),
                candidates: Vec::new(),
                message: message.into(),
                fix: fix.to_owned(),
            },
            late: false,
        }
    }

    /// A failure that more than one cause fits; the advice is what tells them apart.
    pub(super) fn either(
        stage: StageName,
        candidates: &[&'static str],
        message: impl Into<String>,
    ) -> Self {
        if let [cause] = candidates {
            return Self::known(stage, cause, message);
        }
        let set = candidates
            .first()
            .and_then(|id| causes::candidates_with(id));
        let fix = match set {
            Some(set) => format!("find out which: {}", set.decides),
            None => "find out which in the server's log".to_owned(),
        };
        Self {
            stage,
            failure: Failure {
                cause: None,
                candidates: candidates.to_vec(),
                message: message.into(),
                fix,
            },
            late: false,
        }
    }
}

/// Tells errors that the client found in what it read from those of the network. A message that
/// ends too early is one of them in clear; inside TLS, the stream itself may have ended so.
fn is_about_content(error: &io::Error, encrypted: bool) -> bool {
    match error.kind() {
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => true,
        io::ErrorKind::UnexpectedEof => !encrypted,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::causes;

    /// Every id that these files name, found in their own text.
    #[test]
    fn every_cause_that_is_named_has_its_page() {
        let files = [
            include_str!("auth.rs"),
            include_str!("banner.rs"),
            include_str!("breach.rs"),
            include_str!("dns.rs"),
            include_str!("pooler.rs"),
            include_str!("query.rs"),
            include_str!("server.rs"),
            include_str!("tcp.rs"),
            include_str!("tls.rs"),
        ];
        let quoted = files
            .iter()
            .flat_map(|text| text.split('"').skip(1).step_by(2));
        let mut known = 0;
        for id in quoted.filter(|t| looks_like_an_id(t)) {
            assert!(causes::find(id).is_some(), "{id} has no page");
            known += 1;
        }
        assert!(known > 100, "{known}");
    }

    fn looks_like_an_id(text: &str) -> bool {
        text.contains('-')
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c))
    }
}
