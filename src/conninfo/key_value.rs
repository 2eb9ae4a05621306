//! The key/value form, as libpq's `conninfo_parse` reads it.

use super::syntax::{Form, Keywords, Parsed, SyntaxClass, SyntaxError, parameter};
use crate::value::Span;

pub(super) fn parse(text: &str, keywords: Keywords) -> Result<Parsed, SyntaxError> {
    let bytes = text.as_bytes();
    let mut parameters = Vec::new();
    let mut at = skip_blanks(bytes, 0);
    while at < bytes.len() {
        let name_end = (at..bytes.len())
            .find(|index| bytes[*index] == b'=' || is_blank(bytes[*index]))
            .unwrap_or(bytes.len());
        let name = Span::new(at, name_end);
        let equals = skip_blanks(bytes, name_end);
        if bytes.get(equals) != Some(&b'=') {
            return Err(SyntaxError::new(SyntaxClass::MissingEquals, name));
        }
        let (value, value_span, next) = value(text, skip_blanks(bytes, equals + 1))?;
        parameters.push(parameter(
            &text[name.start..name.end],
            value,
            name,
            value_span,
            keywords,
        )?);
        at = skip_blanks(bytes, next);
    }
    Ok(Parsed::new(Form::KeyValue, parameters))
}

/// Reads a value, quoted or not; returns it with its place (without the quotes) and where the text
/// goes on.
fn value(text: &str, start: usize) -> Result<(String, Span, usize), SyntaxError> {
    let quoted = text[start..].starts_with('\'');
    let first = start + usize::from(quoted);
    let mut value = String::new();
    let mut characters = text[first..].char_indices();
    while let Some((offset, character)) = characters.next() {
        match character {
            '\'' if quoted => {
                let end = first + offset;
                return Ok((value, Span::new(first, end), end + 1));
            }
            // A backslash takes what follows as it is; at the very end it is dropped.
            '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
            blank if !quoted && u8::try_from(blank).is_ok_and(is_blank) => {
                let end = first + offset;
                return Ok((value, Span::new(first, end), end + 1));
            }
            other => value.push(other),
        }
    }
    if quoted {
        return Err(SyntaxError::new(
            SyntaxClass::UnterminatedQuote,
            Span::new(start, text.len()),
        ));
    }
    Ok((value, Span::new(first, text.len()), text.len()))
}

fn skip_blanks(bytes: &[u8], start: usize) -> usize {
    start
        + bytes[start..]
            .iter()
            .take_while(|byte| is_blank(**byte))
            .count()
}

/// C's `isspace`; Rust's counts no vertical tab.
fn is_blank(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 0x0B
}
