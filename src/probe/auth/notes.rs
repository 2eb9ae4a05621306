//! What went by on the wire, for the diagnosis.

use super::breach::Breach;

/// Which proof of identity a server asked for first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::probe) enum Asked {
    /// The password in clear.
    Cleartext,
    /// The password as an md5 answer.
    Md5,
    /// SCRAM.
    Sasl,
    /// Something else.
    Other,
}

/// An error as the server put it. Every text in it is untrusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::probe) struct ServerError {
    /// The SQLSTATE.
    pub code: String,
    /// The function that raised it; poolers send none.
    pub routine: Option<String>,
    /// The text.
    pub message: String,
    /// Whether it is in another language than English, as far as its fields tell.
    pub localized: bool,
    /// The text below it.
    pub detail: Option<String>,
    /// How many bytes the whole message had.
    pub bytes: usize,
}

impl ServerError {
    /// Reads the fields of an error message.
    pub(super) fn parse(body: &[u8]) -> Self {
        let mut error = Self {
            bytes: body.len(),
            ..Self::default()
        };
        let (mut shown, mut severity) = (String::new(), String::new());
        for field in body.split(|&b| b == 0) {
            let Some((&kind, text)) = field.split_first() else {
                continue;
            };
            let text = || String::from_utf8_lossy(&text[..text.len().min(1000)]).into_owned();
            match kind {
                b'C' => error.code = text(),
                b'R' => error.routine = Some(text()),
                b'M' => error.message = text(),
                b'D' => error.detail = Some(text()),
                b'S' => shown = text(),
                b'V' => severity = text(),
                _ => {}
            }
        }
        // The one is translated and the other never is; names stand in quotation marks.
        let words: String = error.message.split('"').step_by(2).collect();
        error.localized = !severity.is_empty() && shown != severity
            || words.contains(|c: char| c.is_alphabetic() && !c.is_ascii());
        error
    }

    /// Returns SQLSTATE and routine, as the tables are keyed.
    pub(in crate::probe) fn key(&self) -> (&str, Option<&str>) {
        (&self.code, self.routine.as_deref())
    }
}

/// What went by on the wire.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one thing that was seen or not"
)]
#[derive(Clone, Debug, Default)]
pub(in crate::probe) struct Notes {
    /// Whether TLS protects the stream.
    pub encrypted: bool,
    /// The first bytes that the server sent on this stream.
    pub first: Vec<u8>,
    /// Whether a new round of questions begins, for which the caps count anew.
    pub new_round: bool,
    /// How many messages came in.
    pub messages: u64,
    /// The tag of the last one.
    pub last_tag: u8,
    /// What the server asked for first.
    pub asked: Option<Asked>,
    /// Whether an answer to it was sent.
    pub answered: bool,
    /// The nonce that we sent.
    pub nonce: Option<Vec<u8>>,
    /// Whether SCRAM's challenge came.
    pub challenged: bool,
    /// Whether SCRAM's proof of the server came.
    pub proven: bool,
    /// The rounds that SCRAM asked for.
    pub iterations: Option<u32>,
    /// Whether the server said that we are let in.
    pub authenticated: bool,
    /// Whether the session is open.
    pub ready: bool,
    /// The parameters that the server reported.
    pub parameters: Vec<(String, String)>,
    /// The process id that the server reported.
    pub backend_pid: Option<i32>,
    /// How many notices came in.
    pub notices: u64,
    /// How many rows came in.
    pub rows: u64,
    /// Whether the questions, once the first is answered, set limits of their own.
    pub limits_itself: bool,
    /// How many columns the rows have that come next, where it was announced.
    pub columns: Option<[u8; 2]>,
    /// The first error that came in.
    pub error: Option<ServerError>,
    /// Why the stream was cut.
    pub breach: Option<Breach>,
}

impl Notes {
    /// Begins a new round of questions on an open session.
    pub(in crate::probe) fn begin_round(&mut self) {
        self.new_round = true;
        self.limits_itself = false;
        self.error = None;
        self.notices = 0;
        self.rows = 0;
        self.parameters.clear();
    }

    /// Returns whether the parameters come as `PgBouncer` sends them: those of the server that it does
    /// not follow, and behind them those that it follows for each client, in an order of its own.
    pub(in crate::probe) fn lists_as_pgbouncer(&self) -> bool {
        let place = |name| self.parameters.iter().position(|(known, _)| known == name);
        let followed = [
            "server_version",
            "client_encoding",
            "DateStyle",
            "TimeZone",
            "standard_conforming_strings",
            "application_name",
        ];
        let places = followed.map(place);
        places.iter().all(Option::is_some) && places.is_sorted()
    }

    /// Returns a parameter that the server reported.
    pub(in crate::probe) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}
