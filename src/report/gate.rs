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

use std::collections::BTreeSet;

use serde::Serialize;
use zeroize::Zeroizing;

use super::shape;
use super::spelling::{Reading, base64_cores, hex_digits, is_plain, readings};
use crate::conninfo;
use crate::facts::{Facts, UrlText, Value};
use crate::value::{Secret, Span};

/// What stands for a secret.
const STARS: &str = "***";

/// The least length in bytes at which a secret is replaced wherever it stands.
const LONG: usize = 4;

/// The least length at which a secret is looked for inside base64.
const LONG_FOR_BASE64: usize = 6;

/// Where URL and key-value parsers split: a misread password falls apart here.
const SPLITS: &[char] = &[
    '@', ':', '/', '?', '#', '&', '=', ',', '[', ']', '\'', '"', '\\', ' ', '\t', '\r', '\n',
];

/// Words that the program itself writes; a password that is part of one cannot be kept secret.
const OWN_WORDS: &[&str] = &[
    "postgresql",
    "postgres",
    "password",
    "database_url",
    "localhost",
    "sqlalchemy",
    "asyncpg",
    "psycopg",
    "username",
    "sslmode",
    "require",
    "verify-full",
    "application_name",
    "connection",
    "server",
    "process",
    "render",
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
        let mut line = if self.0.contains(['\n', '\r']) {
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

/// How far a secret is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// Wherever it stands.
    Anywhere,
    /// Where a password stands, between quotes, and as a whole value.
    Values,
    /// Where a password stands.
    Passwords,
}

struct Needle {
    bytes: Zeroizing<Vec<u8>>,
    reach: Reach,
}

/// Replaces every secret of a run in every text of its report.
pub struct Gate {
    needles: Vec<Needle>,
    /// The bytes with which a needle starts, in either letter case.
    starts: [bool; 256],
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
            starts: [false; 256],
            has_spaces: false,
        };
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
            self.add(part.as_bytes(), reach(part, shown));
        }
        self.add(bytes, reach(&text, shown));
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
            if let Some(first) = bytes.first() {
                self.starts[usize::from(*first)] = true;
                self.starts[usize::from(first.to_ascii_uppercase())] = true;
            }
            self.has_spaces |= bytes.contains(&b' ');
            self.needles.push(Needle { bytes, reach });
        }
    }

    /// Replaces every secret in a text by `***`.
    pub fn seal(&self, text: &str) -> Sealed {
        Sealed(self.cut(text).0)
    }

    /// Seals a part of a connection string that is no password, such as its user.
    pub fn seal_secret(&self, text: &Secret) -> Sealed {
        self.seal(text.expose())
    }

    /// Replaces every secret in a text, and moves a marked stretch along.
    pub fn seal_marked(&self, text: &str, mark: Span) -> (Sealed, Span) {
        let (sealed, cuts) = self.cut(text);
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
    fn cut(&self, text: &str) -> (String, Vec<(usize, usize)>) {
        let cuts = self.find(text);
        if cuts.is_empty() {
            return (text.to_owned(), cuts);
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
        let mut look = |reading: &Reading<'_>| {
            let mut keep = |start, end| {
                let (from, to) = reading.source(start, end);
                found.push((text.floor_char_boundary(from), text.ceil_char_boundary(to)));
            };
            for (start, end) in shape::stretches(&reading.bytes) {
                keep(start, end);
            }
            self.each_hit(&reading.bytes, keep);
        };
        if is_plain(text, self.has_spaces) {
            look(&Reading::plain(text));
        } else {
            readings(text, self.has_spaces).iter().for_each(look);
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

    /// Says each stretch of a reading that is a secret, in any letter case: host names come back in
    /// lower case, and hexadecimal digits in either.
    fn each_hit(&self, text: &[u8], mut hit: impl FnMut(usize, usize)) {
        const SHORT: usize = 512;
        let mut check = |needle: &Needle, start: usize| {
            let end = start + needle.bytes.len();
            if needle.reach.holds(text, start, end) {
                hit(start, end);
            }
        };
        if text.len() > SHORT {
            // A search of linear time.
            let lower = text.to_ascii_lowercase();
            for needle in &self.needles {
                memchr::memmem::find_iter(&lower, &*needle.bytes)
                    .for_each(|start| check(needle, start));
            }
            return;
        }
        // What most of a report is: to look for the first bytes is enough, and needs no preparation.
        for (start, byte) in text.iter().enumerate() {
            if !self.starts[usize::from(*byte)] {
                continue;
            }
            for needle in &self.needles {
                let stretch = text.get(start..start + needle.bytes.len());
                let is_here = stretch.is_some_and(|one| one.eq_ignore_ascii_case(&needle.bytes));
                if is_here {
                    check(needle, start);
                }
            }
        }
    }
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Gate(***)")
    }
}

impl Reach {
    /// Returns whether a stretch of a reading stands where this reach looks.
    fn holds(self, text: &[u8], start: usize, end: usize) -> bool {
        let (before, after) = (&text[..start], &text[end..]);
        match self {
            Self::Anywhere => true,
            Self::Values => {
                let whole = before.is_empty() && after.is_empty();
                let quoted = matches!(
                    (before.last(), after.first()),
                    (Some(open), Some(close)) if open == close && b"\"'`".contains(open)
                );
                whole || quoted || is_password_place(before, after)
            }
            Self::Passwords => is_password_place(before, after),
        }
    }
}

/// Returns whether what lies between two stretches stands as a password.
fn is_password_place(before: &[u8], after: &[u8]) -> bool {
    let in_url = before.last() == Some(&b':') && after.first() == Some(&b'@');
    let padding = |byte: &u8| matches!(byte, b' ' | b'"' | b'\'' | b'`');
    let trimmed = |bytes: &[u8]| {
        let kept = bytes.iter().rposition(|byte| !padding(byte));
        kept.map_or(0, |last| last + 1)
    };
    let before = &before[..trimmed(before)];
    let assigned = matches!(before.last(), Some(b'=' | b':')) && {
        let name = &before[..before.len() - 1];
        let name = &name[..trimmed(name)];
        [&b"password"[..], b"passwd", b"pwd", b"secret"]
            .iter()
            .any(|word| {
                let end = name.len().checked_sub(word.len());
                end.is_some_and(|end| name[end..].eq_ignore_ascii_case(word))
            })
    };
    in_url || assigned
}

/// Decides how far a secret is looked for.
fn reach(secret: &str, shown: &str) -> Reach {
    // Only a word without a digit can be a name by chance; all else is kept out wherever it stands.
    let is_word = secret.len() <= 20
        && secret
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte == b'_' || byte == b'-');
    let is_long = secret.len() >= LONG;
    let is_public = if is_long {
        shown.contains(secret) || OWN_WORDS.iter().any(|word| word.contains(secret))
    } else {
        let mut names = shown.split(|character: char| !character.is_ascii_alphanumeric());
        names.any(|name| name == secret)
    };
    if is_word && is_public {
        Reach::Passwords
    } else if !is_long {
        Reach::Values
    } else {
        Reach::Anywhere
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
            gate.seal(&format!("{text} for user \"hireme\"")).as_str(),
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
