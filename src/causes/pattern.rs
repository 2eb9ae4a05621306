//! A known text: literal fragments with gaps between them.

use super::normal::Normal;

/// How long a gap may be, in bytes: longer than any host name or connection string.
const GAP: usize = 400;

/// How long a gap over lines may be: a traceback.
const LINES: usize = 8_000;

/// How many places of a literal are tried after a gap: `::1:5432` has four colons.
const TRIES: usize = 8;

/// What may stand in a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gap {
    /// Any text within a line.
    Any,
    /// At least one byte that is no white space.
    Word,
    /// Digits, with a dot or a sign.
    Number,
    /// A number that is none: digits, and then something else.
    NearlyNumber,
    /// A port that may be a Postgres server's.
    Port,
    /// An IPv4 or IPv6 address.
    Address,
    /// An IPv6 address.
    V6,
    /// Any lines.
    Lines,
    /// Nothing: the end of a line, of a quotation or of a sentence.
    End,
}

/// Ports of other well-known services: a refused Redis is no refused database.
const FOREIGN_PORTS: &[&[u8]] = &[
    b"22", b"25", b"80", b"443", b"587", b"1433", b"1521", b"2379", b"3000", b"3306", b"4222",
    b"5672", b"6379", b"6380", b"6443", b"8000", b"8080", b"8443", b"9000", b"9092", b"9200",
    b"11211", b"15672", b"26379", b"27017", b"50051",
];

/// One known text, ready to be looked for.
#[derive(Debug)]
pub(super) struct Pattern {
    /// The literals in their order; the first and the last may be empty.
    literals: Vec<Vec<u8>>,
    /// The gap after each literal but the last.
    gaps: Vec<Gap>,
    /// The literal by which it is looked for: the longest.
    anchor: usize,
}

impl Pattern {
    /// Reads a text of a page.
    pub(super) fn new(text: &str) -> Self {
        let mut literals = Vec::new();
        let mut gaps = Vec::new();
        let mut rest = text;
        while let Some((before, gap, after)) = split(rest) {
            literals.push(Normal::new(before.as_bytes()).flat);
            gaps.push(gap);
            rest = after;
        }
        literals.push(Normal::new(rest.as_bytes()).flat);
        let anchor = (0..literals.len())
            .rev()
            .max_by_key(|&index| literals[index].len())
            .unwrap_or_default();
        Self {
            literals,
            gaps,
            anchor,
        }
    }

    /// Returns the literal by which the text is looked for.
    pub(super) fn anchor(&self) -> &[u8] {
        &self.literals[self.anchor]
    }

    /// Returns how specific the text is: how many literal bytes it has, and a little for each gap
    /// that does not take any text.
    pub(super) fn weight(&self) -> usize {
        let literal: usize = self.literals.iter().map(Vec::len).sum();
        let narrow = self
            .gaps
            .iter()
            .filter(|gap| !matches!(gap, Gap::Any | Gap::Lines));
        literal + 2 * narrow.count()
    }

    /// Returns where the whole text stands, given that its anchor begins at `at`.
    pub(super) fn around(&self, text: &Normal, at: usize) -> Option<(usize, usize)> {
        let start = self.backwards(text, at)?;
        let end = self.forwards(text, at + self.anchor().len())?;
        let bounded = bounded_before(&text.flat, start, self.literals.first())
            && bounded_after(&text.flat, end, self.literals.last());
        bounded.then_some((start, end))
    }

    fn backwards(&self, text: &Normal, at: usize) -> Option<usize> {
        self.before(text, at, self.anchor)
    }

    /// Returns where the first `count` literals begin that end with a gap before `to`.
    fn before(&self, text: &Normal, to: usize, count: usize) -> Option<usize> {
        let Some(index) = count.checked_sub(1) else {
            return Some(to);
        };
        let (literal, gap) = (&self.literals[index], self.gaps[index]);
        let reach = to.saturating_sub(gap.longest() + literal.len());
        if literal.is_empty() {
            let run = gap.run_backwards(text, reach, to)?;
            return self.before(text, to - run, index);
        }
        memchr::memmem::rfind_iter(&text.flat[reach..to], literal)
            .take(TRIES)
            .map(|at| at + reach)
            .filter(|at| gap.allows(text, at + literal.len(), to, self.quoted(index)))
            .find_map(|at| self.before(text, at, index))
    }

    fn forwards(&self, text: &Normal, from: usize) -> Option<usize> {
        self.after(text, from, self.anchor + 1)
    }

    /// Returns where the literals from `index` on end, the first of them after a gap at `from`.
    fn after(&self, text: &Normal, from: usize, index: usize) -> Option<usize> {
        let Some(literal) = self.literals.get(index) else {
            return Some(from);
        };
        let gap = self.gaps[index - 1];
        let reach = text.flat.len().min(from + gap.longest() + literal.len());
        if literal.is_empty() {
            let run = gap.run_forwards(text, from, reach)?;
            return self.after(text, from + run, index + 1);
        }
        memchr::memmem::find_iter(&text.flat[from..reach], literal)
            .take(TRIES)
            .map(|at| at + from)
            .filter(|at| gap.allows(text, from, *at, self.quoted(index - 1)))
            .find_map(|at| self.after(text, at + literal.len(), index + 1))
    }

    /// Returns whether a gap stands between two quotes, and so holds none.
    fn quoted(&self, gap: usize) -> bool {
        self.literals[gap].last() == Some(&b'"') && self.literals[gap + 1].first() == Some(&b'"')
    }
}

/// Splits a text at its first gap.
fn split(text: &str) -> Option<(&str, Gap, &str)> {
    let mut from = 0;
    while let Some(open) = text[from..].find('{').map(|at| at + from) {
        let close = text[open..].find('}')? + open;
        let gap = match &text[open + 1..close] {
            "" => Some(Gap::Any),
            "w" => Some(Gap::Word),
            "n" => Some(Gap::Number),
            "nx" => Some(Gap::NearlyNumber),
            "p" => Some(Gap::Port),
            "ip" => Some(Gap::Address),
            "v6" => Some(Gap::V6),
            "*" => Some(Gap::Lines),
            "$" => Some(Gap::End),
            _ => None,
        };
        if let Some(gap) = gap {
            return Some((&text[..open], gap, &text[close + 1..]));
        }
        from = open + 1;
    }
    None
}

impl Gap {
    fn longest(self) -> usize {
        match self {
            Self::Any | Self::Word => GAP,
            Self::Number | Self::NearlyNumber | Self::Port => 20,
            Self::Address | Self::V6 => 64,
            Self::Lines => LINES,
            Self::End => 0,
        }
    }

    /// Returns whether a byte may stand in the gap.
    fn takes(self, byte: u8) -> bool {
        match self {
            Self::Any | Self::Lines | Self::End => true,
            Self::Word | Self::NearlyNumber => byte != b' ',
            Self::Number => byte.is_ascii_digit() || byte == b'.' || byte == b'-',
            Self::Port => byte.is_ascii_digit(),
            Self::Address | Self::V6 => {
                byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.' | b'%')
            }
        }
    }

    /// Returns whether a stretch may stand in the gap.
    fn allows(self, text: &Normal, start: usize, end: usize, quoted: bool) -> bool {
        let stretch = &text.flat[start..end];
        let colons = || memchr::memchr_iter(b':', stretch).count();
        let dots = || memchr::memchr_iter(b'.', stretch).count();
        let whole = match self {
            Self::Any | Self::Lines => true,
            Self::End => stretch.is_empty() && ends(text, end),
            Self::Word | Self::Number => !stretch.is_empty(),
            Self::NearlyNumber => {
                stretch.first().is_some_and(u8::is_ascii_digit)
                    && !stretch
                        .iter()
                        .all(|&byte| byte.is_ascii_digit() || matches!(byte, b'.' | b',' | b'_'))
            }
            Self::Port => {
                // The last group of `::1:6379` is a port, not the first.
                let goes_on = text.flat.get(end) == Some(&b':')
                    && text.flat.get(end + 1).is_some_and(u8::is_ascii_hexdigit);
                !stretch.is_empty() && !goes_on && !FOREIGN_PORTS.contains(&stretch)
            }
            Self::V6 => colons() >= 2,
            Self::Address => colons() >= 2 || dots() == 3,
        };
        whole
            && stretch.iter().all(|&byte| self.takes(byte))
            && (self == Self::Lines || text.is_one_line(start, end))
            && !(quoted && stretch.contains(&b'"'))
    }

    /// Returns how far the gap reaches at the end of a text.
    fn run_forwards(self, text: &Normal, from: usize, reach: usize) -> Option<usize> {
        if matches!(self, Self::Any | Self::Lines) {
            return Some(0);
        }
        if self == Self::End {
            return ends(text, from).then_some(0);
        }
        let run = text.flat[from..reach]
            .iter()
            .take_while(|&&byte| self.takes(byte))
            .count();
        self.allows(text, from, from + run, false).then_some(run)
    }

    /// Returns how far the gap reaches at the beginning of a text.
    fn run_backwards(self, text: &Normal, reach: usize, to: usize) -> Option<usize> {
        if matches!(self, Self::Any | Self::Lines) {
            return Some(0);
        }
        let run = text.flat[reach..to]
            .iter()
            .rev()
            .take_while(|&&byte| self.takes(byte))
            .count();
        self.allows(text, to - run, to, false).then_some(run)
    }
}

/// Returns whether a line, a quotation or a sentence ends at a place.
fn ends(text: &Normal, at: usize) -> bool {
    let closes = |byte| matches!(byte, b'"' | b')' | b']' | b'}' | b',' | b';' | b'\\');
    match text.flat.get(at) {
        None => true,
        Some(b'.') => matches!(text.flat.get(at + 1), None | Some(b' ')),
        Some(&byte) => closes(byte) || !text.is_one_line(at, at + 1),
    }
}

/// Returns whether a text that begins with a word begins where a word does.
fn bounded_before(flat: &[u8], start: usize, first: Option<&Vec<u8>>) -> bool {
    let begins_a_word = first
        .and_then(|literal| literal.first())
        .is_some_and(u8::is_ascii_alphanumeric);
    let inside = start > 0 && is_word(flat[start - 1]);
    !(begins_a_word && inside)
}

/// Returns whether a text that ends with a word ends where a word does.
fn bounded_after(flat: &[u8], end: usize, last: Option<&Vec<u8>>) -> bool {
    let ends_a_word = last
        .and_then(|literal| literal.last())
        .is_some_and(u8::is_ascii_alphanumeric);
    let inside = flat.get(end).is_some_and(|&byte| is_word(byte));
    !(ends_a_word && inside)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::{Normal, Pattern};

    fn matches(pattern: &str, text: &str) -> bool {
        let pattern = Pattern::new(pattern);
        let text = Normal::new(text.as_bytes());
        memchr::memmem::find_iter(&text.flat, pattern.anchor())
            .any(|at| pattern.around(&text, at).is_some())
    }

    #[test]
    fn literals_in_order_with_gaps_in_a_line() {
        let pattern = "host \"{}\", user \"{}\", no encryption";
        assert!(matches(pattern, "host \"a\", user \"b\", no encryption"));
        assert!(matches(pattern, "host 'a', user 'b',\n no  encryption"));
        assert!(!matches(
            pattern,
            "host \"a\nb\", user \"c\", no encryption"
        ));
        assert!(!matches(pattern, "user \"b\", host \"a\", no encryption"));
        assert!(!matches(pattern, "host \"a\", user \"b\", no encryptions"));
        assert!(!matches(pattern, "ghost \"a\", user \"b\", no encryption"));
    }

    #[test]
    fn an_end_is_that_of_a_line_a_quotation_or_a_sentence() {
        for text in [
            "a_timeout",
            "a_timeout\nb",
            "{'m':'a_timeout'}",
            "a_timeout.",
        ] {
            assert!(matches("a_timeout{$}", text), "{text}");
        }
        for text in ["a_timeout = 1", "a_timeout.py", "a_timeouts"] {
            assert!(!matches("a_timeout{$}", text), "{text}");
        }
    }

    #[test]
    fn each_kind_of_gap_takes_its_kind_alone() {
        assert!(matches("size {n} overflow", "size 5 overflow"));
        assert!(!matches("size {n} overflow", "size five overflow"));
        assert!(matches("refused {w}:{p}", "refused 10.0.0.1:5432"));
        assert!(!matches("refused {w}:{p}", "refused 10.0.0.1:6379"));
        assert!(matches("at ({v6}) x", "at (2001:db8::1) x"));
        assert!(!matches("at ({v6}) x", "at (10.0.0.1) x"));
        assert!(matches("name \"{ip}\"", "name \"10.0.0.1\""));
        assert!(!matches("name \"{ip}\"", "name \"db.example\""));
        assert!(matches(
            "one.py{*}TimeoutError",
            "one.py\n x\n y\nTimeoutError"
        ));
        assert!(!matches(
            "one.py{}TimeoutError",
            "one.py\n x\n y\nTimeoutError"
        ));
    }
}
