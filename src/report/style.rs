//! The colours of the human report.
//!
//! Whether to colour is decided in `cli`; a [`Style`] carries the decision. `colored` gives the
//! palette; its switch, which is one for the whole process and looks at stdout alone, is not used.

use std::borrow::Cow;

use colored::Color;

/// How the human report is coloured. The default is plain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    ansi: bool,
}

/// What a stretch of text means, and so how it looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// As it is.
    Plain,
    /// A heading.
    Heading,
    /// It holds.
    Good,
    /// It fails as an error.
    Bad,
    /// It fails as a warning.
    Warn,
    /// It fails as a note, or carries advice.
    Note,
    /// It is not known.
    Unknown,
    /// It is there for completeness.
    Faint,
}

impl Style {
    /// Returns the style with colours.
    pub fn ansi() -> Self {
        Self { ansi: true }
    }

    /// Returns the text in a tone. Its width must be measured before.
    pub fn paint(self, tone: Tone, text: &str) -> Cow<'_, str> {
        let (bold, color) = tone.look();
        if !self.ansi || text.is_empty() || (!bold && color.is_none()) {
            return Cow::Borrowed(text);
        }
        let color = color.map(|color| color.to_fg_str());
        let codes: Vec<&str> = bold
            .then_some("1")
            .into_iter()
            .chain(color.as_deref())
            .collect();
        Cow::Owned(format!("\u{1b}[{}m{text}\u{1b}[0m", codes.join(";")))
    }
}

impl Tone {
    fn look(self) -> (bool, Option<Color>) {
        match self {
            Self::Plain => (false, None),
            Self::Heading => (true, None),
            Self::Good => (false, Some(Color::Green)),
            Self::Bad => (true, Some(Color::Red)),
            Self::Warn => (false, Some(Color::Yellow)),
            Self::Note => (false, Some(Color::Cyan)),
            Self::Unknown => (false, Some(Color::Magenta)),
            Self::Faint => (false, Some(Color::BrightBlack)),
        }
    }
}
