//! Text as it is compared: one case, one kind of quote, single spaces.
//!
//! A pasted log wraps lines, doubles spaces after `FATAL:`, escapes quotes as JSON does, and
//! colours words; none of that is part of the message.

/// A text in the form in which it is compared.
#[derive(Debug)]
pub(super) struct Normal {
    /// Lower case, `"` for every quote, one space for each run of white space.
    pub(super) flat: Vec<u8>,
    /// Where in `flat` a space stands for the end of a line.
    breaks: Vec<usize>,
}

/// What some byte sequences become: quotes of every kind, and entities.
const REPLACED: &[(&[u8], u8)] = &[
    ("\u{201c}".as_bytes(), b'"'),
    ("\u{201d}".as_bytes(), b'"'),
    ("\u{201e}".as_bytes(), b'"'),
    ("\u{2018}".as_bytes(), b'"'),
    ("\u{2019}".as_bytes(), b'"'),
    ("\u{ab}".as_bytes(), b'"'),
    ("\u{bb}".as_bytes(), b'"'),
    ("\u{a0}".as_bytes(), b' '),
    (b"&quot;", b'"'),
    (b"&#34;", b'"'),
    (b"&#39;", b'"'),
    (b"&#x27;", b'"'),
    (b"&apos;", b'"'),
    (b"&gt;", b'>'),
    (b"&lt;", b'<'),
    (b"\\u001b", 0x1b),
];

impl Normal {
    /// Brings a text into the form in which it is compared.
    pub(super) fn new(text: &[u8]) -> Self {
        let mut normal = Self {
            flat: Vec::with_capacity(text.len()),
            breaks: Vec::new(),
        };
        let mut rest = text;
        while let Some(&byte) = rest.first() {
            let (written, read) = next(byte, rest);
            rest = &rest[read..];
            if let Some(written) = written {
                normal.push(written);
            }
        }
        normal
    }

    /// Returns whether a stretch holds no end of a line.
    pub(super) fn is_one_line(&self, start: usize, end: usize) -> bool {
        let first = self.breaks.partition_point(|&at| at < start);
        self.breaks.get(first).is_none_or(|&at| at >= end)
    }

    /// Returns the lines that a stretch touches, from the first byte to the last.
    pub(super) fn line_around(&self, start: usize, end: usize) -> (usize, usize) {
        let before = self.breaks.partition_point(|&at| at < start);
        let after = self.breaks.partition_point(|&at| at < end);
        (
            before.checked_sub(1).map_or(0, |index| self.breaks[index]),
            self.breaks.get(after).map_or(self.flat.len(), |&at| at),
        )
    }

    fn push(&mut self, byte: u8) {
        match byte {
            b'\n' | b'\r' => {
                if matches!(self.flat.last(), Some(b' ')) {
                    self.flat.pop();
                }
                let at = self.flat.len();
                if self.breaks.last() != Some(&at) {
                    self.breaks.push(at);
                }
                self.flat.push(b' ');
            }
            b' ' | b'\t' => {
                if !matches!(self.flat.last(), Some(b' ')) {
                    self.flat.push(b' ');
                }
            }
            _ => self.flat.push(byte.to_ascii_lowercase()),
        }
    }
}

/// Returns what the text begins with, and how many bytes that takes.
fn next(byte: u8, rest: &[u8]) -> (Option<u8>, usize) {
    match byte {
        b'\'' | b'`' => return (Some(b'"'), 1),
        b'\\' => return escape(rest),
        0x1b => return (None, colour(rest, 1)),
        b'&' | 0xc2 | 0xe2 => {}
        _ => return (Some(byte), 1),
    }
    for (from, to) in REPLACED {
        if rest.starts_with(from) {
            return (Some(*to), from.len());
        }
    }
    (Some(byte), 1)
}

/// Reads what a backslash begins: an escaped quote, or a line end as JSON writes it.
fn escape(rest: &[u8]) -> (Option<u8>, usize) {
    let slashes = rest.iter().take_while(|&&byte| byte == b'\\').count();
    match rest.get(slashes) {
        Some(b'"' | b'\'') => (Some(b'"'), slashes + 1),
        Some(b'n' | b'r') if slashes <= 2 && !continues_a_word(rest, slashes) => {
            (Some(b'\n'), slashes + 1)
        }
        Some(b't') if slashes <= 2 && !continues_a_word(rest, slashes) => (Some(b' '), slashes + 1),
        Some(b'u') if rest.starts_with(b"\\u001b") => (None, colour(rest, 6)),
        _ => (Some(b'\\'), 1),
    }
}

/// Returns whether a lower-case word follows an escape letter, as in `C:\new`: then it is a path.
fn continues_a_word(rest: &[u8], slashes: usize) -> bool {
    slashes == 1
        && rest
            .get(slashes + 1..slashes + 3)
            .is_some_and(|next| next.iter().all(u8::is_ascii_lowercase))
        && !rest.starts_with(b"\\n\\t")
}

/// Returns how long a terminal's colour sequence is that begins after `start` bytes.
fn colour(rest: &[u8], start: usize) -> usize {
    if rest.get(start) != Some(&b'[') {
        return start;
    }
    let codes = rest[start + 1..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit() || **byte == b';')
        .count();
    (start + 1 + codes + 1).min(rest.len())
}

#[cfg(test)]
mod tests {
    use super::Normal;

    fn check(text: &str, flat: &str) {
        let normal = Normal::new(text.as_bytes());
        assert_eq!(String::from_utf8_lossy(&normal.flat), flat, "{text:?}");
    }

    #[test]
    fn quotes_spaces_case_and_colour_do_not_count() {
        check("FATAL:  Sorry", "fatal: sorry");
        check("user \u{201c}App\u{201d}", "user \"app\"");
        check(
            r#"{"m":"user \"app\"\n\tIs it"}"#,
            "{\"m\":\"user \"app\" is it\"}",
        );
        check("\u{1b}[31mFATAL\u{1b}[0m: x", "fatal: x");
        check("&quot;x&#39;", "\"x\"");
        check(r"C:\new\table", r"c:\new\table");
        check("a\u{1b}[", "a");
    }

    #[test]
    fn line_ends_are_remembered() {
        let normal = Normal::new(b"one \r\n\t two three");
        assert_eq!(normal.flat, b"one two three");
        assert!(!normal.is_one_line(0, 5));
        assert!(normal.is_one_line(4, 13));
    }
}
