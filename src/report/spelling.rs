//! The spellings in which one text can stand in another: a text is decoded in every way that it may
//! have been encoded, with a map back, so that what is found in a reading can be cut from the text.
//!
//! Decoding the text, rather than encoding what is looked for, also finds a secret that is encoded
//! in part, or with more escapes than it needs.

use std::borrow::Cow;

/// How many readings of one text are searched at most: three layers of every decoder.
const READINGS: usize = 16;

/// One reading of a text: its bytes, and for each where it stands in the text.
pub(super) struct Reading<'a> {
    /// The bytes.
    pub(super) bytes: Cow<'a, [u8]>,
    /// Where each byte comes from: first byte, and the byte after the last one; `None` where it
    /// stands at its own place in the text.
    places: Option<Vec<(usize, usize)>>,
}

impl<'a> Reading<'a> {
    /// Returns the text as it stands.
    pub(super) fn plain(text: &'a str) -> Self {
        Self {
            bytes: Cow::Borrowed(text.as_bytes()),
            places: None,
        }
    }

    /// Returns the stretch of the text that a stretch of this reading comes from.
    pub(super) fn source(&self, start: usize, end: usize) -> (usize, usize) {
        let Some(places) = &self.places else {
            return (start, end);
        };
        let from = places.get(start).map_or(0, |place| place.0);
        let to = end
            .checked_sub(1)
            .and_then(|last| places.get(last))
            .map_or(from, |place| place.1);
        (from, to)
    }
}

/// A way in which a text may have been encoded, undone.
type Decoder = fn(&Reading<'_>) -> Option<Reading<'static>>;

/// Returns whether a text with this byte may be read in more ways than one; so may one with a `+`,
/// where spaces matter.
pub(super) fn is_escape(byte: u8) -> bool {
    matches!(byte, b'%' | b'\\' | b'&' | b'~')
}

/// Returns every reading of a text, the text as it stands first; those with a `+` for a space where
/// spaces matter.
pub(super) fn readings(text: &str, with_spaces: bool) -> Vec<Reading<'_>> {
    let decoders: &[Decoder] = if with_spaces {
        &[percent, unescape, pointer, plus]
    } else {
        &[percent, unescape, pointer]
    };
    let mut all = vec![Reading::plain(text)];
    let mut next = 0;
    while next < all.len() {
        for decode in decoders {
            if all.len() == READINGS {
                return all;
            }
            if let Some(reading) = decode(&all[next])
                && all.iter().all(|known| known.bytes != reading.bytes)
            {
                all.push(reading);
            }
        }
        next += 1;
    }
    all
}

/// Undoes percent-encoding; what is not two hexadecimal digits stays.
fn percent(from: &Reading<'_>) -> Option<Reading<'static>> {
    decode(from, b'%', |rest| {
        let byte = hex(rest.get(1..3)?)?;
        Some((3, vec![u8::try_from(byte).ok()?]))
    })
}

/// Undoes the form encoding of a space.
fn plus(from: &Reading<'_>) -> Option<Reading<'static>> {
    decode(from, b'+', |_| Some((1, vec![b' '])))
}

/// Undoes the escapes of JSON, Python, Rust, shells, Markdown (`\x`) and of XML (`&x;`).
fn unescape(from: &Reading<'_>) -> Option<Reading<'static>> {
    let backslashes = decode(from, b'\\', backslash);
    let entities = decode(backslashes.as_ref().unwrap_or(from), b'&', entity);
    entities.or(backslashes)
}

/// Undoes the escapes of a JSON pointer.
fn pointer(from: &Reading<'_>) -> Option<Reading<'static>> {
    decode(from, b'~', |rest| match rest.get(1)? {
        b'0' => Some((2, vec![b'~'])),
        b'1' => Some((2, vec![b'/'])),
        _ => None,
    })
}

fn backslash(rest: &[u8]) -> Option<(usize, Vec<u8>)> {
    match *rest.get(1)? {
        b'n' => Some((2, vec![b'\n'])),
        b'r' => Some((2, vec![b'\r'])),
        b't' => Some((2, vec![b'\t'])),
        b'x' => Some((4, character(hex(rest.get(2..4)?)?)?)),
        b'u' if rest.get(2) == Some(&b'{') => {
            let close = rest.iter().position(|byte| *byte == b'}')?;
            Some((close + 1, character(hex(rest.get(3..close)?)?)?))
        }
        b'u' => Some((6, character(hex(rest.get(2..6)?)?)?)),
        b'U' => Some((10, character(hex(rest.get(2..10)?)?)?)),
        // A quote inside a shell's single quotes is written '\''.
        b'\'' if rest.get(2) == Some(&b'\'') => Some((2, vec![b'\''])),
        byte if byte.is_ascii_punctuation() || byte == b' ' => Some((2, vec![byte])),
        _ => None,
    }
}

fn entity(rest: &[u8]) -> Option<(usize, Vec<u8>)> {
    let close = rest.iter().take(12).position(|byte| *byte == b';')?;
    let meaning = match rest.get(1..close)? {
        b"amp" => vec![b'&'],
        b"lt" => vec![b'<'],
        b"gt" => vec![b'>'],
        b"quot" => vec![b'"'],
        b"apos" => vec![b'\''],
        [b'#', b'x' | b'X', digits @ ..] => character(hex(digits)?)?,
        [b'#', digits @ ..] => character(std::str::from_utf8(digits).ok()?.parse().ok()?)?,
        _ => return None,
    };
    Some((close + 1, meaning))
}

/// Reads the escape at the start of a text: how many bytes it has, and what it stands for.
type Meaning = fn(&[u8]) -> Option<(usize, Vec<u8>)>;

/// Replaces each escape that starts with `sign` by its meaning; `None` where there is none.
fn decode(from: &Reading<'_>, sign: u8, meaning: Meaning) -> Option<Reading<'static>> {
    let mut escapes = memchr::memchr_iter(sign, &from.bytes)
        .filter_map(|at| Some((at, meaning(&from.bytes[at..])?)))
        .peekable();
    escapes.peek()?;
    let mut bytes = Vec::with_capacity(from.bytes.len());
    let mut places = Vec::with_capacity(from.bytes.len());
    let mut done = 0;
    let end = (from.bytes.len(), (0, Vec::new()));
    for (at, (count, meant)) in escapes.chain([end]) {
        // What looks like an escape inside of one is a part of it.
        if at < done {
            continue;
        }
        bytes.extend_from_slice(&from.bytes[done..at]);
        places.extend((done..at).map(|one| from.source(one, one + 1)));
        places.resize(places.len() + meant.len(), from.source(at, at + count));
        bytes.extend(meant);
        done = at + count;
    }
    Some(Reading {
        bytes: Cow::Owned(bytes),
        places: Some(places),
    })
}

fn hex(digits: &[u8]) -> Option<u32> {
    let text = std::str::from_utf8(digits).ok()?;
    if text.is_empty() || text.starts_with('+') {
        return None;
    }
    u32::from_str_radix(text, 16).ok()
}

fn character(code: u32) -> Option<Vec<u8>> {
    char::from_u32(code).map(|character| character.to_string().into_bytes())
}

/// Returns how a text shows inside base64 of a longer one: at each of the three shifts, in both
/// alphabets, without the characters that its neighbours share.
pub(super) fn base64_cores(text: &[u8]) -> Vec<Vec<u8>> {
    let mut cores = Vec::new();
    for shift in 0..3 {
        let mut bytes = vec![0; shift];
        bytes.extend_from_slice(text);
        // Six bits a character: those that reach into a neighbour are not ours to know.
        let first = (shift * 8).div_ceil(6);
        let last = bytes.len() * 8 / 6;
        for symbols in [*b"+/", *b"-_"] {
            let core: Vec<u8> = (first..last)
                .map(|index| sextet(&bytes, index, symbols))
                .collect();
            if !cores.contains(&core) {
                cores.push(core);
            }
        }
    }
    cores
}

fn sextet(bytes: &[u8], index: usize, symbols: [u8; 2]) -> u8 {
    let value = (0..6).fold(0_u8, |value, bit| {
        let at = index * 6 + bit;
        let byte = bytes.get(at / 8).copied().unwrap_or(0);
        (value << 1) | ((byte >> (7 - at % 8)) & 1)
    });
    match value {
        0..=25 => b'A' + value,
        26..=51 => b'a' + (value - 26),
        52..=61 => b'0' + (value - 52),
        62 => symbols[0],
        _ => symbols[1],
    }
}

/// Returns the bytes in hexadecimal digits.
pub(super) fn hex_digits(text: &[u8]) -> Vec<u8> {
    text.iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| {
            if digit < 10 {
                b'0' + digit
            } else {
                b'a' + digit - 10
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{base64_cores, readings};

    fn reads_as(text: &str, meaning: &str) -> bool {
        readings(text, true)
            .iter()
            .any(|reading| reading.bytes == meaning.as_bytes())
    }

    #[test]
    fn every_way_of_writing_a_text_is_read() {
        for text in [
            r"p@ s\s",
            "p%40%20s%5Cs",
            "p%40+s%5cs",
            "%70@%20%73\\s",
            r"p\u0040 s\\s",
            r"p\x40 s\\s",
            r"p\u{40} s\\s",
            r"p\@ s\\s",
            "p&#64; s\\s",
            "p&#x40;&#32;s\\s",
            "p%2540%2520s%255Cs",
        ] {
            assert!(reads_as(text, r"p@ s\s"), "{text}");
        }
    }

    #[test]
    fn a_stretch_of_a_reading_leads_back_to_the_text() {
        let text = "x%40y";
        let reading = readings(text, true).pop().unwrap_or_else(|| unreachable!());
        assert_eq!(reading.source(1, 2), (1, 4));
        assert_eq!(reading.source(0, 3), (0, 5));
    }

    #[test]
    fn base64_is_known_at_every_shift() {
        // "secret", "xsecret", "xxsecret"
        for whole in ["c2VjcmV0", "eHNlY3JldA==", "eHhzZWNyZXQ="] {
            assert!(
                base64_cores(b"secret")
                    .iter()
                    .any(|core| whole.contains(&String::from_utf8_lossy(core).into_owned())),
                "{whole}"
            );
        }
    }
}
