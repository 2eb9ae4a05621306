//! The text of an error as its driver words it, with the pieces that echo the string kept apart.

/// An error text: fixed words, and between them pieces that a driver copies from the string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Message(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Words(String),
    Echo(String),
}

impl Message {
    /// Builds a text from words and echoed pieces in turn, words first.
    pub(super) fn of(pieces: &[&str]) -> Self {
        let mut message = Self(Vec::with_capacity(pieces.len()));
        for (index, piece) in pieces.iter().enumerate() {
            message.0.push(if index % 2 == 0 {
                Piece::Words((*piece).to_owned())
            } else {
                Piece::Echo((*piece).to_owned())
            });
        }
        message
    }

    /// Puts words in front.
    pub(super) fn prefixed(mut self, words: &str) -> Self {
        self.0.insert(0, Piece::Words(words.to_owned()));
        self
    }

    /// Writes the text, asking for each echoed piece how it may be shown.
    pub(super) fn render(&self, mut show: impl FnMut(&str) -> String) -> String {
        let mut text = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Words(words) => text.push_str(words),
                Piece::Echo(echo) if echo.is_empty() => {}
                Piece::Echo(echo) => text.push_str(&show(echo)),
            }
        }
        text
    }
}
