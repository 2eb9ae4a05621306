//! A baseline: the findings that were known on a day, so that only new ones fail.
//!
//! A finding is recognised by its rule, its subject without the line, its driver, its environment,
//! and, where files are judged and no server, by the value seen without lines: a finding that got
//! worse is a new one, a finding that moved is not. All of it passed the gate before, so a file of
//! baselines holds no secret.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de};
use sha2::{Digest, Sha256};

use super::entry::severity_name;
use super::spelling::hex_digits;
use super::{Entry, Gate, Sealed, Standing};
use crate::spec::Severity;

/// The version of the file's form.
const VERSION: u32 = 1;

/// The ends of file names behind which a number is a line.
const SOURCES: &[&str] = &[
    "py", "yaml", "yml", "toml", "json", "env", "ini", "cfg", "conf", "sh", "txt",
];

/// The families that judge files and the environment: what they see changes only with the project.
const STILL: &[&str] = &["url", "pool", "engine", "budget", "project"];

/// How a finding stands against a baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum History {
    /// The baseline has it: it no longer fails.
    Known,
    /// The baseline lacks it, or knows it as a lesser one.
    New,
}

impl History {
    /// Returns the word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::New => "new",
        }
    }
}

/// The findings that were known on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    #[serde(rename = "dbharden_baseline", deserialize_with = "version")]
    version: u32,
    findings: Vec<Known>,
}

/// One finding of a baseline; `count` alike ones are written once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    rule: String,
    subject: String,
    driver: Option<String>,
    environment: Option<String>,
    #[serde(deserialize_with = "result")]
    result: String,
    #[serde(deserialize_with = "severity")]
    severity: String,
    fingerprint: String,
    #[serde(deserialize_with = "count")]
    count: usize,
}

/// What a run came to against a baseline.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// How many entries the baseline has.
    pub known: usize,
    /// How many failures it lacks.
    pub new: usize,
    /// What it has and the project no longer has.
    pub fixed: Vec<Gone>,
    /// What it has and this run did not judge: a server that was not asked, a rule that is off.
    pub unjudged: Vec<Gone>,
}

/// A finding that a baseline has and a report lacks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Gone {
    /// The rule.
    pub rule: Sealed,
    /// What was judged.
    pub subject: Sealed,
    /// The driver.
    pub driver: Option<Sealed>,
    /// The environment.
    pub environment: Option<Sealed>,
}

impl Gone {
    /// Returns the rule and what it judged, in words; not yet escaped.
    pub fn text(&self) -> String {
        let part = |lead: &str, text: &Option<Sealed>| {
            let text = text.as_ref();
            text.map_or_else(String::new, |text| format!("{lead}{}", text.as_str()))
        };
        format!(
            "{}: {}{}{}",
            self.rule.as_str(),
            self.subject.as_str(),
            part(" in ", &self.environment),
            part(", for ", &self.driver)
        )
    }
}

/// Why a text is no baseline, and where. It holds nothing of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaselineError {
    line: usize,
    column: usize,
    why: &'static str,
}

impl fmt::Display for BaselineError {
    /// Writes `3:1: is not valid JSON`, as it fits behind a path and a colon.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.why)
    }
}

impl std::error::Error for BaselineError {}

impl Baseline {
    /// Takes every failure that is not waived, and what is unknown where that fails too.
    pub(super) fn of(entries: &[Entry], strict: bool) -> Self {
        let mut findings: BTreeMap<String, Known> = BTreeMap::new();
        for entry in entries.iter().filter(|entry| counts(entry, strict)) {
            let fingerprint = fingerprint(entry);
            let text = |part: &Option<Sealed>| part.as_ref().map(|text| text.as_str().to_owned());
            let known = findings
                .entry(fingerprint.clone())
                .or_insert_with(|| Known {
                    rule: entry.rule.id.to_owned(),
                    subject: without_line(entry.subject.as_str()).to_owned(),
                    driver: text(&entry.driver),
                    environment: text(&entry.environment),
                    result: entry.standing.name().to_owned(),
                    severity: severity_name(entry.severity).to_owned(),
                    fingerprint,
                    count: 0,
                });
            known.count += 1;
        }
        let mut findings: Vec<Known> = findings.into_values().collect();
        findings.sort();
        Self {
            version: VERSION,
            findings,
        }
    }

    /// Reads a baseline.
    pub fn parse(text: &str) -> Result<Self, BaselineError> {
        let text = text.trim_start_matches('\u{feff}');
        serde_json::from_str(text).map_err(|error| BaselineError {
            line: error.line().max(1),
            column: error.column().max(1),
            why: match error.classify() {
                serde_json::error::Category::Syntax => "is not valid JSON",
                serde_json::error::Category::Eof => "ends in the middle",
                serde_json::error::Category::Data | serde_json::error::Category::Io => {
                    "is not a baseline that dbharden wrote"
                }
            },
        })
    }

    /// Returns how many findings it has.
    pub fn len(&self) -> usize {
        self.findings.iter().map(|known| known.count).sum()
    }

    /// Returns whether it has none.
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    /// Returns the text of its file: sorted, so that a change of it reads well.
    pub fn to_text(&self) -> String {
        // Strings and numbers alone: nothing in it can fail to be JSON.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Marks each entry as known or new, and returns what came of it.
    pub(super) fn compare(&self, entries: &mut [Entry], strict: bool, gate: &Gate) -> Comparison {
        let mut left: BTreeMap<&str, (&Known, usize)> = BTreeMap::new();
        for known in &self.findings {
            let slot = left.entry(&known.fingerprint).or_insert((known, 0));
            slot.1 += known.count;
        }
        let mut comparison = Comparison::default();
        for entry in entries.iter_mut().filter(|entry| counts(entry, strict)) {
            let slot = left.get_mut(fingerprint(entry).as_str());
            let slot = slot.filter(|(known, count)| *count > 0 && known.covers(entry));
            if let Some((_, count)) = slot {
                *count -= 1;
                entry.history = Some(History::Known);
                comparison.known += 1;
            } else {
                entry.history = Some(History::New);
                comparison.new += 1;
            }
        }
        for (known, count) in left.into_values().filter(|(_, count)| *count > 0) {
            let gone = std::iter::repeat_n(known.gone(gate), count);
            match known.fate(entries) {
                Fate::Fixed => comparison.fixed.extend(gone),
                Fate::Unjudged => comparison.unjudged.extend(gone),
                Fate::Changed => {}
            }
        }
        comparison.fixed.sort();
        comparison.unjudged.sort();
        comparison
    }
}

/// What became of a finding that a report lacks.
enum Fate {
    /// Its rule was asked, and found nothing.
    Fixed,
    /// Its rule was not asked, or could not tell.
    Unjudged,
    /// It is there with another value or a higher severity: a new one.
    Changed,
}

impl Known {
    /// Returns whether an entry with its fingerprint is no worse than it.
    fn covers(&self, entry: &Entry) -> bool {
        let most = match self.severity.as_str() {
            "error" => Severity::Error,
            "warning" => Severity::Warning,
            _ => Severity::Note,
        };
        self.result == entry.standing.name() && entry.severity <= most
    }

    fn fate(&self, entries: &[Entry]) -> Fate {
        let mut of_rule = entries
            .iter()
            .filter(|entry| entry.rule.id == self.rule)
            .peekable();
        if of_rule.peek().is_none() {
            return Fate::Unjudged;
        }
        let same: Vec<&Entry> = of_rule.filter(|entry| self.is_about(entry)).collect();
        let has = |standing| same.iter().any(|entry| entry.standing == standing);
        if same.iter().any(|entry| entry.history == Some(History::New)) {
            Fate::Changed
        } else if self.result != Standing::Unknown.name() && has(Standing::Unknown) {
            Fate::Unjudged
        } else {
            Fate::Fixed
        }
    }

    fn is_about(&self, entry: &Entry) -> bool {
        let text = |part: &Option<Sealed>| part.as_ref().map(|text| text.as_str().to_owned());
        self.subject == without_line(entry.subject.as_str())
            && self.driver == text(&entry.driver)
            && self.environment == text(&entry.environment)
    }

    fn gone(&self, gate: &Gate) -> Gone {
        // The file may have been edited since: it passes the gate again.
        let seal = |text: &str| gate.seal(text).one_line();
        Gone {
            rule: seal(&self.rule),
            subject: seal(&self.subject),
            driver: self.driver.as_deref().map(seal),
            environment: self.environment.as_deref().map(seal),
        }
    }
}

/// Returns whether an entry may be in a baseline.
fn counts(entry: &Entry, strict: bool) -> bool {
    let fails = entry.standing == Standing::Fail || strict && entry.standing == Standing::Unknown;
    fails && entry.waived.is_none()
}

/// Returns what stays the same when lines move, and changes when the value that was seen does.
pub(super) fn fingerprint(entry: &Entry) -> String {
    let text = |part: &Option<Sealed>| part.as_ref().map_or("", |one| one.as_str()).to_owned();
    let is_still = STILL.contains(&entry.rule.family()) && entry.standing == Standing::Fail;
    let seen = text(&entry.observed);
    let parts = [
        entry.rule.id.to_owned(),
        entry.standing.name().to_owned(),
        without_line(entry.subject.as_str()).to_owned(),
        text(&entry.driver),
        text(&entry.environment),
        if is_still {
            without_lines(&seen)
        } else {
            String::new()
        },
    ];
    let digest = Sha256::digest(parts.join("\u{1f}"));
    String::from_utf8_lossy(&hex_digits(&digest[..16])).into_owned()
}

/// Returns a subject without the line of a source file: `app/database.py:383` becomes `app/database.py`.
pub(super) fn without_line(subject: &str) -> &str {
    match subject.rsplit_once(':') {
        Some((path, line)) if is_number(line) && is_source(path) => path,
        _ => subject,
    }
}

/// Returns a text without any line of a source file, and without `line 12`.
fn without_lines(text: &str) -> String {
    let words = text.split(' ').scan("", |before, word| {
        let bare = word.trim_end_matches([',', ';', ')', '.']);
        let kept = if matches!(*before, "line" | "lines") && is_number(bare) {
            ""
        } else {
            without_line(bare)
        };
        *before = word;
        Some(kept)
    });
    words.collect::<Vec<_>>().join(" ")
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_source(path: &str) -> bool {
    let extension = path.rsplit_once('.').map(|(_, extension)| extension);
    extension.is_some_and(|extension| SOURCES.contains(&extension))
}

fn version<'de, D: Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
    checked(from, |version: &u32| *version == VERSION)
}

fn count<'de, D: Deserializer<'de>>(from: D) -> Result<usize, D::Error> {
    checked(from, |count: &usize| (1..=1_000_000).contains(count))
}

fn result<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    checked(from, |word: &String| {
        matches!(word.as_str(), "fail" | "unknown")
    })
}

fn severity<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    checked(from, |word: &String| {
        matches!(word.as_str(), "error" | "warning" | "note")
    })
}

/// Reads a value that must be one of ours.
fn checked<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    from: D,
    is_ours: fn(&T) -> bool,
) -> Result<T, D::Error> {
    let value = T::deserialize(from)?;
    if is_ours(&value) {
        Ok(value)
    } else {
        Err(de::Error::custom("a value that dbharden does not write"))
    }
}
