//! JavaScript's reading of a URL: the WHATWG parser, and the decoding functions around it.

use std::borrow::Cow;
use std::fmt::Write as _;

/// What JavaScript's `decodeURIComponent` gives; `None` where it throws `URI malformed`.
pub(in super::super) fn decode_component(text: &str) -> Option<Cow<'_, str>> {
    decode(text, "")
}

/// What JavaScript's `decodeURI` gives: the escapes of the URL's own marks stay.
pub(in super::super) fn decode_uri(text: &str) -> Option<Cow<'_, str>> {
    decode(text, ";/?:@&=+$,#")
}

fn decode<'a>(text: &'a str, kept: &str) -> Option<Cow<'a, str>> {
    if !text.contains('%') {
        return Some(Cow::Borrowed(text));
    }
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] != b'%' {
            decoded.push(bytes[at]);
            at += 1;
            continue;
        }
        let byte = hex(bytes.get(at + 1..at + 3)?)?;
        if byte.is_ascii() && kept.as_bytes().contains(&byte) {
            decoded.extend_from_slice(&bytes[at..at + 3]);
        } else {
            decoded.push(byte);
            // A character's bytes must all be escaped.
            let more = match byte {
                0..=0x7f => 0,
                0xc2..=0xdf => 1,
                0xe0..=0xef => 2,
                0xf0..=0xf4 => 3,
                _ => return None,
            };
            for _ in 0..more {
                at += 3;
                if bytes.get(at) != Some(&b'%') {
                    return None;
                }
                decoded.push(hex(bytes.get(at + 1..at + 3)?)?);
            }
        }
        at += 3;
    }
    String::from_utf8(decoded).ok().map(Cow::Owned)
}

fn hex(digits: &[u8]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(digits[0])? * 16 + digit(digits[1])?).ok()
}

/// What JavaScript's `encodeURI` gives.
pub(in super::super) fn encode_uri(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b";,/?:@&=+$-_.!~*'()#".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// What JavaScript's `parseInt(text, 10)` gives; `None` for `NaN`.
pub(in super::super) fn parse_int(text: &str) -> Option<i64> {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let end = digits
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(digits.len());
    let number = digits[..end].bytes().fold(0_i64, |number, digit| {
        number
            .saturating_mul(10)
            .saturating_add(i64::from(digit - b'0'))
    });
    (end > 0).then_some(if negative { -number } else { number })
}

/// What JavaScript's `+text` gives for an ordinary number; `NaN` for everything else.
pub(in super::super) fn to_number(text: &str) -> f64 {
    let trimmed = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if trimmed.is_empty() {
        return 0.0;
    }
    let bare = trimmed.trim_start_matches(['+', '-']);
    if bare == "Infinity" || bare.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        trimmed.parse().unwrap_or(f64::NAN)
    } else {
        f64::NAN
    }
}

#[cfg(test)]
mod tests {
    use super::{decode_component, decode_uri, encode_uri, parse_int};

    #[test]
    fn escapes_are_decoded_as_javascript_decodes_them() {
        assert_eq!(decode_component("a%2Fb%C3%A4").as_deref(), Some("a/bä"));
        assert_eq!(decode_uri("a%2Fb%20c").as_deref(), Some("a%2Fb c"));
        assert_eq!(decode_component("%E4"), None);
        assert_eq!(decode_component("%zz"), None);
        assert_eq!(decode_component("%"), None);
        assert_eq!(encode_uri("a b%[ä"), "a%20b%25%5B%C3%A4");
        assert_eq!(parse_int(" 54x"), Some(54));
        assert_eq!(parse_int("x"), None);
    }
}
