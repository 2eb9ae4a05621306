//! A TOML text whose every key and value can be blamed by line and column.

use std::fmt;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::nearest;

/// Why a spec file cannot be used, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecError {
    /// The file as the user named it.
    pub path: String,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, in characters.
    pub column: u32,
    /// What is wrong, as a fragment.
    pub message: String,
    /// What to do about it, where that is clear.
    pub hint: Option<String>,
}

impl SpecError {
    /// Returns advice that is printed apart from the message.
    pub fn hint(&self) -> Option<String> {
        self.hint.clone()
    }
}

impl fmt::Display for SpecError {
    /// Writes `dbharden.toml:3:1: unknown key`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            path,
            line,
            column,
            message,
            hint: _,
        } = self;
        write!(f, "{path}:{line}:{column}: {message}")
    }
}

impl std::error::Error for SpecError {}

/// One value with the places that a message about it needs.
#[derive(Clone, Copy)]
pub(super) struct Entry<'a> {
    /// The key.
    pub(super) key: &'a str,
    /// Where the key stands.
    pub(super) key_span: (usize, usize),
    /// The value.
    pub(super) value: &'a Spanned<DeValue<'a>>,
}

/// The file under reading: makes errors with places.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    /// The file as the user named it.
    pub(super) path: &'a str,
    /// Its text.
    pub(super) text: &'a str,
}

impl<'a> Source<'a> {
    /// Splits the text into tables and values.
    pub(super) fn parse(self) -> Result<Spanned<DeTable<'a>>, SpecError> {
        DeTable::parse(self.text).map_err(|error| {
            // Only the first line: the rest draws the source, which may hold anything.
            let message = error.message().lines().next().unwrap_or_default();
            let start = error.span().map_or(0, |span| span.start);
            self.error(start, format!("is not valid TOML: {message}"))
        })
    }

    /// Makes an error at a byte of the text.
    pub(super) fn error(self, at: usize, message: impl Into<String>) -> SpecError {
        let (line, column) = self.place(at);
        SpecError {
            path: self.path.to_owned(),
            line,
            column,
            message: message.into(),
            hint: None,
        }
    }

    /// Says that a value has the wrong type.
    pub(super) fn wrong_type(self, entry: Entry<'_>, wanted: &str) -> SpecError {
        let seen = match entry.value.get_ref() {
            DeValue::String(_) => "a string",
            DeValue::Integer(_) => "a whole number",
            DeValue::Float(_) => "a number with a fraction",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "an array",
            DeValue::Table(_) => "a table",
        };
        self.error(
            entry.value.span().start,
            format!("`{}` must be {wanted}, not {seen}", shown(entry.key)),
        )
    }

    /// Says that a key or a word is not known, and which one was meant.
    pub(super) fn unknown(self, at: usize, what: &str, name: &str, known: &[&str]) -> SpecError {
        let mut error = self.error(at, format!("unknown {what} `{}`", shown(name)));
        error.hint = match nearest(name, known.iter().copied()) {
            Some(meant) => Some(format!("did you mean `{meant}`?")),
            None if known.len() <= 12 => Some(format!("known here: {}", known.join(", "))),
            None => None,
        };
        error
    }

    /// Returns a byte's line and column, both from 1, the column in characters.
    fn place(self, at: usize) -> (u32, u32) {
        let before = self.text.get(..at).unwrap_or(self.text);
        let before = before.strip_prefix('\u{feff}').unwrap_or(before);
        let line = before.matches('\n').count() + 1;
        let column = before
            .rsplit('\n')
            .next()
            .unwrap_or_default()
            .chars()
            .count()
            + 1;
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        (number(line), number(column))
    }
}

/// Returns a table's entries in the order in which the file gives them.
pub(super) fn entries<'a>(table: &'a DeTable<'a>) -> Vec<Entry<'a>> {
    let mut entries: Vec<Entry<'a>> = table
        .iter()
        .map(|(key, value)| Entry {
            key: key.get_ref(),
            key_span: ends(&key.span()),
            value,
        })
        .collect();
    entries.sort_by_key(|entry| entry.key_span);
    entries
}

fn ends(span: &Range<usize>) -> (usize, usize) {
    (span.start, span.end)
}

/// Returns a name as a message may show it: short, and no control character.
fn shown(name: &str) -> String {
    let clean: String = name
        .chars()
        .take(60)
        .map(|letter| {
            if letter.is_control() {
                '\u{fffd}'
            } else {
                letter
            }
        })
        .collect();
    if clean.len() < name.len() && name.chars().nth(60).is_some() {
        format!("{clean}…")
    } else {
        clean
    }
}
