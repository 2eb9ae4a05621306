//! The gate: all text that a renderer gets passes here, and loses every secret on the way.
//!
//! It is the last line, not the first: connection strings are redacted by position before
//! (`conninfo::redact`), and errors hold no input. What still comes through, such as a server's or
//! a driver's words that repeat a password, is caught here by content.
//!
//! What is caught where:
//!
//! - A secret of four bytes or more, and each part of it between the characters at which URL
//!   parsers split, is replaced wherever it stands, in any letter case and any spelling.
//! - A shorter one would make a report unreadable: the password `a` is replaced only where it
//!   stands as a password (before the `@` of a URL, behind `password=`, between quotes, as a whole
//!   value).
//! - A secret that nobody named is known by where it stands (`shape`): the password of any URL, the
//!   value of `password=`, a token behind `Bearer`.
//! - A plain word that the redacted strings show in another place (user `app`, password `app`), or
//!   that is part of the program's own words (`postgres`), is replaced before an `@` and behind
//!   `password=` alone: the word tells nothing, and the report needs it.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::Serialize;
use zeroize::Zeroizing;

use super::reach::{LONG, Reach};
use super::shape;
use super::spelling::{base64_cores, hex_digits, is_escape, readings};
use crate::conninfo;
use crate::facts::{Facts, UrlText, Value};
use crate::value::{Secret, Span};

/// What stands for a secret.
const STARS: &str = "***";

/// The least length at which a secret is looked for inside base64.
const LONG_FOR_BASE64: usize = 6;

/// Where URL and key-value parsers split: a misread password falls apart here.
const SPLITS: &[char] = &[
    '@', ':', '/', '?', '#', '&', '=', ',', '[', ']', '\'', '"', '\\', ' ', '\t', '\r', '\n',
];

/// Text without any secret. Only [`Gate::seal`] makes it, or the compiler from the program's own words.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Sealed(String);

impl Sealed {
    /// Takes the program's own words.
    pub fn fixed(text: &'static str) -> Self {
        Self(text.to_owned())
    }

    /// Returns the text; it is free of secrets, but not yet escaped for where it goes.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the text on one line: line breaks become spaces, an absurd length is cut.
    #[must_use]
    pub fn one_line(self) -> Self {
        const MOST: usize = 4000;
        let mut line = if memchr::memchr2(b'\n', b'\r', self.0.as_bytes()).is_some() {
            self.0
                .split(['\n', '\r'])
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join(" ")
        } else {
            self.0
        };
        if line.len() > MOST {
            line.truncate(line.floor_char_boundary(MOST));
            line.push('…');
        }
        Self(line)
    }
}

struct Needle {
    bytes: Zeroizing<Vec<u8>>,
    reach: Reach,
}

/// A byte with which a needle starts, in either letter case.
const FIRST: u8 = 1;
/// The byte behind it.
const SECOND: u8 = 2;
/// A byte by which a shape is known.
const SHAPE: u8 = 4;
/// A byte by which a text may be read in another way.
const ESCAPE: u8 = 8;

/// Replaces every secret of a run in every text of its report.
pub struct Gate {
    needles: Vec<Needle>,
    /// What each byte may be a part of: the marks below.
    marks: [u8; 256],
    /// Whether a needle holds a space, which a text may write as `+`.
    has_spaces: bool,
}

impl Gate {
    /// Guards the given secrets.
    pub fn new(secrets: impl IntoIterator<Item = Secret>) -> Self {
        Self::beside(secrets, "")
    }

    /// Guards every secret that the facts hold, and more that they do not (`PGPASSWORD`, a password file).
    pub fn of(facts: &Facts, more: impl IntoIterator<Item = Secret>) -> Self {
        let mut secrets: Vec<Secret> = more.into_iter().collect();
        let mut strings = BTreeSet::new();
        let mut shown = String::new();
        for url in &facts.urls {
            if let UrlText::Known(text) = &url.text {
                strings.insert(text.expose());
            }
            shown.push_str(&url.redacted.text);
            shown.push('\n');
        }
        for variable in facts.environments.iter().flat_map(|one| &one.variables) {
            let Value::Known(value) = &variable.value else {
                continue;
            };
            if shape::is_secret_name(&variable.name) {
                secrets.push(value.clone());
            }
            if value.expose().contains("://") {
                strings.insert(value.expose());
            }
        }
        secrets.extend(strings.into_iter().flat_map(conninfo::secrets));
        secrets.extend(
            facts
                .health
                .iter()
                .flat_map(|health| health.secrets.clone()),
        );
        Self::beside(secrets, &shown)
    }

    /// Guards secrets beside texts that are shown anyway.
    fn beside(secrets: impl IntoIterator<Item = Secret>, shown: &str) -> Self {
        let shown = shown.to_ascii_lowercase();
        let mut gate = Self {
            needles: Vec::new(),
            marks: [0; 256],
            has_spaces: false,
        };
        for (byte, mark) in (0..=u8::MAX).zip(&mut gate.marks) {
            *mark |= if shape::is_sign(byte) { SHAPE } else { 0 };
            *mark |= if is_escape(byte) { ESCAPE } else { 0 };
        }
        for secret in secrets {
            for reading in readings(secret.expose(), true) {
                gate.guard(&reading.bytes, &shown);
            }
        }
        gate
    }

    /// Guards one reading of a secret: whole, in parts, and in the encodings that hide its letters.
    fn guard(&mut self, bytes: &[u8], shown: &str) {
        let text = String::from_utf8_lossy(bytes).to_ascii_lowercase();
        let text = Zeroizing::new(text);
        for part in text.split(SPLITS) {
            self.add(part.as_bytes(), Reach::of(part, shown));
        }
        self.add(bytes, Reach::of(&text, shown));
        if bytes.len() >= LONG {
            self.add(&hex_digits(bytes), Reach::Anywhere);
        }
        if bytes.len() >= LONG_FOR_BASE64 {
            for core in base64_cores(bytes) {
                self.add(&core, Reach::Anywhere);
            }
        }
    }

    fn add(&mut self, bytes: &[u8], reach: Reach) {
        let bytes = Zeroizing::new(bytes.to_ascii_lowercase());
        let stars = bytes.iter().all(|byte| *byte == b'*');
        if !stars && self.needles.iter().all(|known| known.bytes != bytes) {
            for (byte, mark) in bytes.iter().zip([FIRST, SECOND]) {
                self.marks[usize::from(*byte)] |= mark;
                self.marks[usize::from(byte.to_ascii_uppercase())] |= mark;
            }
            if bytes.len() == 1 {
                // Anything may stand behind it.
                self.marks.iter_mut().for_each(|mark| *mark |= SECOND);
            }
            if bytes.contains(&b' ') {
                self.has_spaces = true;
                self.marks[usize::from(b'+')] |= ESCAPE;
            }
            self.needles.push(Needle { bytes, reach });
        }
    }

    /// Replaces every secret in a text by `***`; an owned text without any is kept as it is.
    pub fn seal<'a>(&self, text: impl Into<Cow<'a, str>>) -> Sealed {
        Sealed(self.cut(text.into()).0)
    }

    /// Seals a part of a connection string that is no password, such as its user.
    pub fn seal_secret(&self, text: &Secret) -> Sealed {
        self.seal(text.expose())
    }

    /// Replaces every secret in a text, and moves a marked stretch along.
    pub fn seal_marked(&self, text: &str, mark: Span) -> (Sealed, Span) {
        let (sealed, cuts) = self.cut(text.into());
        let moved = |at: usize, end: bool| {
            let mut shift = 0_isize;
            for (start, stop) in &cuts {
                if *stop <= at {
                    shift += STARS.len().cast_signed() - (stop - start).cast_signed();
                } else if *start < at {
                    let stars = start.saturating_add_signed(shift);
                    return if end { stars + STARS.len() } else { stars };
                }
            }
            at.saturating_add_signed(shift).min(sealed.len())
        };
        let mark = Span::new(moved(mark.start, false), moved(mark.end, true));
        (Sealed(sealed), mark)
    }

    /// Returns the text without secrets, and the stretches of the original that were cut.
    fn cut(&self, text: Cow<'_, str>) -> (String, Vec<(usize, usize)>) {
        let cuts = self.find(&text);
        if cuts.is_empty() {
            return (text.into_owned(), cuts);
        }
        let mut sealed = String::with_capacity(text.len());
        let mut done = 0;
        for (start, end) in &cuts {
            sealed.push_str(&text[done..*start]);
            sealed.push_str(STARS);
            done = *end;
        }
        sealed.push_str(&text[done..]);
        (sealed, cuts)
    }

    /// Returns the stretches of a text that hold a secret, merged and in order.
    fn find(&self, text: &str) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        let is_escaped = self.look(text.as_bytes(), |from, to| {
            found.push((text.floor_char_boundary(from), text.ceil_char_boundary(to)));
        });
        if is_escaped {
            for reading in readings(text, self.has_spaces).iter().skip(1) {
                self.look(&reading.bytes, |start, end| {
                    let (from, to) = reading.source(start, end);
                    found.push((text.floor_char_boundary(from), text.ceil_char_boundary(to)));
                });
            }
        }
        if found.is_empty() {
            return found;
        }
        found.sort_unstable();
        found.dedup_by(|next, kept| {
            let touches = next.0 <= kept.1;
            kept.1 = if touches { kept.1.max(next.1) } else { kept.1 };
            touches
        });
        found
    }

    /// Says each stretch of a reading that is a secret; returns whether the text can be read in
    /// another way too.
    fn look(&self, text: &[u8], mut hit: impl FnMut(usize, usize)) -> bool {
        const SHORT: usize = 512;
        let is_short = text.len() <= SHORT;
        let mut is_escaped = false;
        for (at, byte) in text.iter().enumerate() {
            let mark = self.marks[usize::from(*byte)];
            if mark & !SECOND == 0 {
                continue;
            }
            is_escaped |= mark & ESCAPE != 0;
            if mark & SHAPE != 0
                && let Some((start, end)) = shape::stretch(text, at)
            {
                hit(start, end);
            }
            if mark & FIRST != 0 && is_short {
                self.needles_at(text, at, &mut hit);
            }
        }
        if !is_short {
            // A search of linear time.
            let lower = text.to_ascii_lowercase();
            for needle in &self.needles {
                for start in memchr::memmem::find_iter(&lower, &*needle.bytes) {
                    let end = start + needle.bytes.len();
                    if needle.reach.holds(text, start, end) {
                        hit(start, end);
                    }
                }
            }
        }
        is_escaped
    }

    /// Says the needles that stand at `start`, in any letter case: host names come back in lower
    /// case, and hexadecimal digits in either.
    fn needles_at(&self, text: &[u8], start: usize, hit: &mut impl FnMut(usize, usize)) {
        let next = text.get(start + 1);
        if next.is_some_and(|next| self.marks[usize::from(*next)] & SECOND == 0) {
            return;
        }
        for needle in &self.needles {
            let end = start + needle.bytes.len();
            let stretch = text.get(start..end);
            if stretch.is_some_and(|one| one.eq_ignore_ascii_case(&needle.bytes))
                && needle.reach.holds(text, start, end)
            {
                hit(start, end);
            }
        }
    }
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Gate(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::Gate;
    use crate::conninfo;
    use crate::driver::Variables;
    use crate::facts::{DatabaseUrl, Facts, UrlText};
    use crate::value::{Origin, Secret, Span};

    const PASSWORD: &str = "S3n/ti:n@el w0rd\"<&";

    fn sealed(secret: &str, text: &str) -> String {
        Gate::new([Secret::from(secret)])
            .seal(text)
            .as_str()
            .to_owned()
    }

    #[test]
    fn a_secret_is_replaced_in_every_spelling() {
        for spelled in [
            PASSWORD,
            "S3n%2Fti%3An%40el%20w0rd%22%3C%26",
            "S3n%2fti%3an%40el+w0rd%22%3c%26",
            "%533n/ti:n%40el w0rd%22<&",
            "S3n%252Fti%253An%2540el%2520w0rd%2522%253C%2526",
            r#"S3n/ti:n@el w0rd\"<&"#,
            r"S3n\/ti:n\u0040el w0rd\u0022\u003c&",
            "S3n/ti:n@el w0rd&quot;&lt;&amp;",
            "UzNuL3RpOm5AZWwgdzByZCI8Jg",
        ] {
            let text = sealed(PASSWORD, &format!("refused {spelled} here"));
            for part in ["3n", "ti", "@el", "w0rd", "UzNu"] {
                assert!(!text.contains(part), "{spelled}: {text}");
            }
            assert!(text.ends_with(" here"), "{text}");
        }
    }

    #[test]
    fn a_piece_of_a_misread_url_is_replaced() {
        assert_eq!(
            sealed("pa55word/t41l", "invalid port \"pa55word\""),
            "invalid port \"***\""
        );
        assert_eq!(
            sealed("x@MyHost99", "cannot resolve myhost99"),
            "cannot resolve ***"
        );
    }

    #[test]
    fn a_short_secret_goes_where_it_stands_as_a_password_and_the_text_stays_readable() {
        assert_eq!(
            sealed("a", "a URL postgresql://u:a@h/a, password=a, port \"a\""),
            "a URL postgresql://u:***@h/a, password=***, port \"***\""
        );
        assert_eq!(sealed("a", "a"), "***");
    }

    #[test]
    fn a_password_that_is_also_the_user_leaves_the_user() {
        let text = "postgresql://hireme:hireme@h/hireme";
        let facts = Facts {
            urls: vec![DatabaseUrl {
                subject: "URL".into(),
                environment: None,
                origin: Some(Origin::flag("URL")),
                text: UrlText::Known(text.into()),
                redacted: conninfo::redact(text),
                parsed: conninfo::parse(text),
                parts: conninfo::parse(text),
                provider: None,
                absent_files: None,
                variables: Variables::default(),
                readers: Vec::new(),
            }],
            ..Facts::default()
        };
        let gate = Gate::of(&facts, []);
        assert_eq!(
            gate.seal(format!("{text} for user \"hireme\"")).as_str(),
            "postgresql://hireme:***@h/hireme for user \"hireme\""
        );
    }

    #[test]
    fn a_mark_moves_with_the_text_that_is_cut_before_it() {
        let gate = Gate::new([Secret::from("longsecret")]);
        let (sealed, mark) = gate.seal_marked("longsecret@host", Span::new(11, 15));
        assert_eq!(&sealed.as_str()[mark.start..mark.end], "host");
        let (sealed, mark) = gate.seal_marked("x longsecret", Span::new(4, 6));
        assert_eq!(&sealed.as_str()[mark.start..mark.end], "***");
    }
}
