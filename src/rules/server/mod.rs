//! The **server** family: what the server says about itself.

mod headroom;
mod version;

use super::Rule;
use crate::facts::{Connection, Missing, ServerFacts};

/// The rules of the family, in report order.
pub(super) static RULES: &[&Rule] = &[&version::RULE, &headroom::RULE];

/// Returns what the server said, which a rule needs.
fn server<'a>(tries: &[&'a Connection]) -> Result<&'a ServerFacts, Missing> {
    tries
        .iter()
        .find_map(|try_| try_.server.as_ref())
        .ok_or_else(|| Missing::new("a session on the server"))
}

#[cfg(test)]
mod tests {
    use crate::facts::{Connection, Facts, ServerFacts};
    use crate::rules::{Context, Outcome, find, judge};
    use crate::spec::Spec;

    /// Judges a rule on what a server said, or on a server that could not be asked.
    #[expect(clippy::unwrap_used, reason = "a panic is the test's failure")]
    pub(in crate::rules::server) fn outcome(rule: &str, server: Option<ServerFacts>) -> Outcome {
        let connection = Connection {
            url: ("URL".to_owned(), None),
            host: "h".to_owned(),
            port: 5432,
            stages: Vec::new(),
            server,
            activity: None,
            ..Connection::default()
        };
        let spec = Spec::profile("enterprise").unwrap();
        let facts = Facts {
            connections: vec![connection],
            ..Facts::default()
        };
        let context = Context {
            spec: &spec,
            facts: &facts,
            today: jiff::civil::date(2026, 11, 24),
        };
        judge([&find(rule).unwrap()], context)
            .swap_remove(0)
            .outcome
    }
}
