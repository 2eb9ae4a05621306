//! One line of a report: a judgement, flat and sealed.

use super::{Gate, History, Sealed};
use crate::rules::{Finding, Judgement, Rule, Seen, Verdict};
use crate::spec::Severity;
use crate::value::{Origin, Span, plural};

/// What is known of a rule on one subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It holds.
    Pass,
    /// It does not.
    Fail,
    /// It applies, but a fact is missing.
    Unknown,
    /// It says nothing about this subject.
    NotApplicable,
}

impl Standing {
    /// Returns the word of CONTRACT 4.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Unknown => "unknown",
            Self::NotApplicable => "not-applicable",
        }
    }
}

/// Returns the word for a severity.
pub(super) fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

/// Where a value was set, sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A variable of the process environment.
    Env(Sealed),
    /// A place in a file.
    File {
        /// The path.
        path: Sealed,
        /// The line, from 1.
        line: u32,
        /// The column, from 1.
        column: u32,
    },
    /// A flag or an argument.
    Flag(Sealed),
    /// What a server said.
    Server {
        /// The host.
        host: Sealed,
        /// The port.
        port: u16,
    },
}

impl Place {
    /// Seals an origin; a default was set by nobody and is no place.
    pub(super) fn new(origin: Origin, gate: &Gate) -> Option<Self> {
        match origin {
            Origin::Env { name } => Some(Self::Env(gate.seal(name))),
            Origin::File { path, line, column } => Some(Self::File {
                path: gate.seal(path),
                line,
                column,
            }),
            Origin::Flag { name } => Some(Self::Flag(gate.seal(name))),
            Origin::Server { host, port } => Some(Self::Server {
                host: gate.seal(host),
                port,
            }),
            Origin::Default => None,
        }
    }

    /// Returns how a person reads it; not yet escaped.
    pub fn text(&self) -> String {
        match self {
            Self::Env(name) => format!("${}", name.as_str()),
            Self::File { path, line, .. } => format!("{}:{line}", path.as_str()),
            Self::Flag(name) => name.as_str().to_owned(),
            Self::Server { host, port } => format!("server {}:{port}", host.as_str()),
        }
    }
}

/// A redacted connection string with the part that is to blame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Culprit {
    /// The connection string.
    pub text: Sealed,
    /// The part, in bytes of `text`.
    pub mark: Span,
}

/// One line of a report: a rule × subject × driver × environment.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The rule.
    pub rule: &'static Rule,
    /// What is known.
    pub standing: Standing,
    /// How bad a failure is.
    pub severity: Severity,
    /// Why it is waived, where it is: only a failure or an unknown can be.
    pub waived: Option<Sealed>,
    /// How it stands against the baseline, where there is one and it fails.
    pub history: Option<History>,
    /// What was judged.
    pub subject: Sealed,
    /// The driver, where the judgement is for one.
    pub driver: Option<Sealed>,
    /// The environment.
    pub environment: Option<Sealed>,
    /// What was seen, in one line.
    pub message: Sealed,
    /// The value seen.
    pub observed: Option<Sealed>,
    /// The value wanted.
    pub expected: Option<Sealed>,
    /// The one thing to do; only a failure has one.
    pub fix: Option<Sealed>,
    /// Where the value was set.
    pub origins: Vec<Place>,
    /// The part of the connection string that is to blame.
    pub culprit: Option<Culprit>,
}

impl Entry {
    /// Flattens and seals a judgement.
    pub(super) fn new(judgement: Judgement, gate: &Gate) -> Self {
        let seal = |text: Option<String>| text.map(|text| gate.seal(text));
        let origin = judgement.origin;
        let mut entry = Self {
            rule: judgement.rule,
            standing: Standing::Unknown,
            severity: judgement.severity,
            waived: None,
            history: None,
            subject: gate.seal(judgement.subject),
            driver: seal(judgement.driver),
            environment: seal(judgement.environment),
            message: Sealed::default(),
            observed: None,
            expected: None,
            fix: None,
            origins: origin
                .and_then(|origin| Place::new(origin, gate))
                .into_iter()
                .collect(),
            culprit: None,
        };
        match judgement.outcome {
            Ok(Verdict::Pass(seen)) => {
                entry.standing = Standing::Pass;
                entry.fill(seen, gate);
            }
            Ok(Verdict::Fail(finding)) => {
                entry.standing = Standing::Fail;
                entry.blame(finding, judgement.redacted.as_deref(), gate);
            }
            Ok(Verdict::NotApplicable(why)) => {
                entry.standing = Standing::NotApplicable;
                entry.message = gate.seal(why).one_line();
            }
            Err(missing) => {
                entry.message = gate.seal(format!("needs {}", missing.0)).one_line();
            }
        }
        if matches!(entry.standing, Standing::Fail | Standing::Unknown) {
            let reason = judgement.waived;
            entry.waived = reason.map(|reason| gate.seal(reason).one_line());
            if let Some(lapsed) = judgement.lapsed {
                let message = format!("{} ({lapsed})", entry.message.as_str());
                entry.message = gate.seal(message).one_line();
            }
        }
        entry
    }

    /// Returns whether it is neither waived nor known: what there is to do.
    pub fn is_open(&self) -> bool {
        self.waived.is_none() && self.history != Some(History::Known)
    }

    /// Returns why it does not count, in words, where it does not; not yet escaped.
    pub fn pardon(&self) -> Option<String> {
        match (&self.waived, self.history) {
            (Some(reason), _) => Some(format!("waived: {}", reason.as_str())),
            (None, Some(History::Known)) => Some("known: the baseline has it".to_owned()),
            (None, Some(History::New) | None) => None,
        }
    }

    /// Returns what was judged, in words: `DATABASE_URL in render.yaml:api, for asyncpg`; not yet escaped.
    pub fn target(&self) -> String {
        let mut target = self.subject.as_str().to_owned();
        if let Some(environment) = &self.environment {
            target = format!("{target} in {}", environment.as_str());
        }
        if let Some(driver) = &self.driver {
            target = format!("{target}, for {}", driver.as_str());
        }
        target
    }

    /// Returns the value seen and the value wanted, in words; not yet escaped.
    pub fn values(&self) -> Option<String> {
        let seen = self.observed.as_ref();
        let seen = seen.map(|text| format!("seen {}", text.as_str()));
        let want = self.expected.as_ref();
        let want = want.map(|text| format!("want {}", text.as_str()));
        let parts: Vec<String> = seen.into_iter().chain(want).collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    fn fill(&mut self, seen: Seen, gate: &Gate) {
        let seal = |text: Option<String>| text.map(|text| gate.seal(text));
        self.message = gate.seal(seen.message).one_line();
        self.observed = seal(seen.observed);
        self.expected = seal(seen.expected);
        let origins = seen.origins.into_iter();
        for place in origins.filter_map(|one| Place::new(one, gate)) {
            if !self.origins.contains(&place) {
                self.origins.push(place);
            }
        }
    }

    fn blame(&mut self, finding: Finding, redacted: Option<&str>, gate: &Gate) {
        self.fill(finding.seen, gate);
        self.fix = Some(match finding.fix {
            Some(fix) => gate.seal(fix).one_line(),
            None => gate.seal(self.rule.fix).one_line(),
        });
        if let (Some(mark), Some(text)) = (finding.mark, redacted) {
            let (text, mark) = gate.seal_marked(text, mark);
            self.culprit = Some(Culprit { text, mark });
        }
    }
}

/// How many entries came to what. A waived or a known entry counts there alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Entries that hold.
    pub pass: usize,
    /// Failures that are errors.
    pub error: usize,
    /// Failures that are warnings.
    pub warning: usize,
    /// Failures that are notes.
    pub note: usize,
    /// Entries that miss a fact.
    pub unknown: usize,
    /// Entries that say nothing about their subject.
    pub not_applicable: usize,
    /// Entries that are known and accepted.
    pub waived: usize,
    /// Entries that the baseline has.
    pub known: usize,
}

impl Summary {
    /// Counts entries.
    pub(super) fn of(entries: &[Entry]) -> Self {
        let mut summary = Self::default();
        for entry in entries {
            *summary.slot(entry) += 1;
        }
        summary
    }

    /// Returns the counts in words, failures first, without what is zero.
    pub fn words(&self) -> String {
        let failed = [
            (self.error, "error"),
            (self.warning, "warning"),
            (self.note, "note"),
        ];
        let others = [
            (self.pass, "pass"),
            (self.unknown, "unknown"),
            (self.not_applicable, "not applicable"),
            (self.waived, "waived"),
            (self.known, "known"),
        ];
        let failed = failed.into_iter().filter(|(count, _)| *count > 0);
        let others = others.into_iter().filter(|(count, _)| *count > 0);
        let parts: Vec<String> = failed
            .map(|(count, noun)| plural(count, noun))
            .chain(others.map(|(count, word)| format!("{count} {word}")))
            .collect();
        if parts.is_empty() {
            "nothing judged".to_owned()
        } else {
            parts.join(", ")
        }
    }

    fn slot(&mut self, entry: &Entry) -> &mut usize {
        if entry.waived.is_some() {
            return &mut self.waived;
        }
        if entry.history == Some(History::Known) {
            return &mut self.known;
        }
        match (entry.standing, entry.severity) {
            (Standing::Pass, _) => &mut self.pass,
            (Standing::Fail, Severity::Error) => &mut self.error,
            (Standing::Fail, Severity::Warning) => &mut self.warning,
            (Standing::Fail, Severity::Note) => &mut self.note,
            (Standing::Unknown, _) => &mut self.unknown,
            (Standing::NotApplicable, _) => &mut self.not_applicable,
        }
    }
}
