//! One entry of the checklist: its line, and what stands below a failure.

use std::io;

use super::layout::{Piece, Printer, columns, join, pad, window, wrap};
use crate::report::{Culprit, Entry, Options, Place, Sealed, Standing, Tone, escape};
use crate::spec::Severity;
use crate::value::plural;

/// Where the rule's id starts: behind the sign and the word.
const DETAIL: usize = 13;

/// Returns an entry's sign, word and tone.
pub(super) fn badge(entry: &Entry) -> (&'static str, &'static str, Tone) {
    if entry.waived.is_some() {
        return ("~", "waived", Tone::Faint);
    }
    if !entry.is_open() {
        return ("~", "known", Tone::Faint);
    }
    match (entry.standing, entry.severity) {
        (Standing::Pass, _) => ("✓", "pass", Tone::Good),
        (Standing::Fail, Severity::Error) => ("✗", "error", Tone::Bad),
        (Standing::Fail, Severity::Warning) => ("!", "warning", Tone::Warn),
        (Standing::Fail, Severity::Note) => ("·", "note", Tone::Note),
        (Standing::Unknown, _) => ("?", "unknown", Tone::Unknown),
        (Standing::NotApplicable, _) => ("-", "n/a", Tone::Faint),
    }
}

/// How the entries of a section are set.
#[derive(Clone, Copy)]
pub(super) struct Setting {
    /// The columns of the rule's id.
    pub(super) rule: usize,
    /// Whether each line names its subject.
    pub(super) with_subject: bool,
}

/// Entries that say the same, each of another driver; most often one alone.
pub(super) struct Told<'a> {
    /// The first of them.
    pub(super) entry: &'a Entry,
    /// The other drivers.
    pub(super) others: Vec<&'a Sealed>,
    /// Whether no driver is told anything else by the rule.
    pub(super) all: bool,
}

impl<'a> Told<'a> {
    /// Brings entries together that differ in their driver alone.
    pub(super) fn by_driver(entries: &[&'a Entry]) -> Vec<Self> {
        let mut told: Vec<Self> = Vec::new();
        for &entry in entries {
            let of_rule = told
                .iter()
                .rposition(|one| one.entry.rule.id != entry.rule.id);
            let of_rule = &mut told[of_rule.map_or(0, |before| before + 1)..];
            let same = of_rule
                .iter()
                .position(|one| say_the_same(one.entry, entry));
            if let (Some(same), Some(driver)) = (same, &entry.driver) {
                of_rule[same].others.push(driver);
                continue;
            }
            for one in of_rule.iter_mut() {
                one.all = false;
            }
            let all = of_rule.is_empty();
            told.push(Self {
                entry,
                others: Vec::new(),
                all,
            });
        }
        told
    }

    /// Takes an entry alone.
    pub(super) fn one(entry: &'a Entry) -> Self {
        Self {
            entry,
            others: Vec::new(),
            all: false,
        }
    }

    /// Returns what stands before the text: the subject where the group does not say it, the drivers.
    fn lead(&self, setting: Setting) -> String {
        let subject = setting.with_subject.then(|| shown(&self.entry.subject));
        // Most messages name the driver themselves.
        let says_message = self.entry.standing != Standing::Pass || self.entry.observed.is_none();
        let first = self.entry.driver.as_ref().filter(|_| {
            !self.others.is_empty() || !says_message || behind_driver(self.entry).is_none()
        });
        let drivers: Vec<String> = match self.others.len() {
            more @ 2.. if self.all => vec![format!("all {} drivers", more + 1)],
            _ => first
                .into_iter()
                .chain(self.others.iter().copied())
                .map(shown)
                .collect(),
        };
        let words: Vec<String> = subject.into_iter().chain(drivers).collect();
        if words.is_empty() {
            String::new()
        } else {
            format!("{}: ", words.join(", "))
        }
    }

    /// Returns the message; without the driver's name in front, where it is of several.
    fn message(&self) -> String {
        let text = self.entry.message.as_str();
        let behind = behind_driver(self.entry).filter(|_| !self.others.is_empty());
        escape::terminal(behind.unwrap_or(text))
    }
}

/// Returns an entry's message behind the name of its driver, where it starts with that.
fn behind_driver(entry: &Entry) -> Option<&str> {
    let name = entry.driver.as_ref()?.as_str();
    let rest = entry.message.as_str().strip_prefix(name)?;
    // `psycopg` does not start a message about `psycopg2`.
    let text = rest.trim_start_matches([':', ' ']);
    (text.len() < rest.len()).then_some(text)
}

/// Returns whether two entries of a rule say the same, of two drivers.
fn say_the_same(one: &Entry, next: &Entry) -> bool {
    let same_message = match (behind_driver(one), behind_driver(next)) {
        (None, None) => one.message == next.message,
        (one, next) => one == next,
    };
    one.driver != next.driver
        && (one.standing, one.severity) == (next.standing, next.severity)
        && (&one.waived, one.history) == (&next.waived, next.history)
        && (&one.subject, &one.environment) == (&next.subject, &next.environment)
        && (&one.observed, &one.expected) == (&next.observed, &next.expected)
        && (&one.fix, &one.origins, &one.culprit) == (&next.fix, &next.origins, &next.culprit)
        && same_message
}

/// Writes an entry, or several that say the same.
pub(super) fn write(
    printer: &mut Printer<'_>,
    told: &Told<'_>,
    setting: Setting,
    options: &Options<'_>,
) -> io::Result<()> {
    let entry = told.entry;
    let (sign, word, tone) = badge(entry);
    let start = DETAIL + setting.rule + 2;
    let room = printer.width.saturating_sub(start).max(24);
    let lead = told.lead(setting);
    let mut lines = match entry.standing {
        Standing::Pass if entry.observed.is_some() => {
            let mut parts = values(entry, false);
            if let Some(first) = parts.first_mut() {
                first.insert_str(0, &lead);
            }
            if told.others.is_empty() {
                join(&parts, room)
            } else {
                wrap(&parts.join(" · "), room)
            }
        }
        Standing::Pass => {
            let mut parts = vec![format!("{lead}{}", told.message())];
            parts.extend(places(entry));
            wrap(&parts.join(" · "), room)
        }
        Standing::Fail | Standing::Unknown | Standing::NotApplicable => {
            wrap(&format!("{lead}{}", told.message()), room)
        }
    }
    .into_iter();
    let body = match entry.standing {
        Standing::NotApplicable => Tone::Faint,
        Standing::Pass | Standing::Fail | Standing::Unknown => Tone::Plain,
    };
    printer.line(
        2,
        &[
            (tone, format!("{sign} {}", pad(word, 9))),
            (Tone::Plain, pad(entry.rule.id, setting.rule + 2)),
            (body, lines.next().unwrap_or_default()),
        ],
    )?;
    for line in lines {
        printer.line(start, &[(body, line)])?;
    }
    if entry.standing == Standing::Fail {
        below(printer, entry, options)?;
    }
    waiver(printer, entry)
}

/// Names the rules that say what the line above says.
pub(super) fn write_likewise(
    printer: &mut Printer<'_>,
    told: &[Told<'_>],
    setting: Setting,
) -> io::Result<()> {
    if told.is_empty() {
        return Ok(());
    }
    let start = DETAIL + setting.rule + 2;
    let ids: Vec<&str> = told.iter().map(|one| one.entry.rule.id).collect();
    let text = format!("likewise {}", ids.join(", "));
    for line in wrap(&text, printer.width.saturating_sub(start).max(24)) {
        printer.line(start, &[(Tone::Faint, line)])?;
    }
    Ok(())
}

/// Says how many files were read.
pub(super) fn write_files(
    printer: &mut Printer<'_>,
    count: usize,
    setting: Setting,
) -> io::Result<()> {
    printer.line(
        2,
        &[
            (Tone::Good, format!("✓ {}", pad("pass", 9))),
            (Tone::Plain, pad("project-files", setting.rule + 2)),
            (Tone::Plain, format!("{} were read", plural(count, "file"))),
        ],
    )
}

/// Writes what stands below a failure: the values, the culprit, the fix.
fn below(printer: &mut Printer<'_>, entry: &Entry, options: &Options<'_>) -> io::Result<()> {
    let room = printer.width.saturating_sub(DETAIL).max(24);
    for line in join(&values(entry, true), room) {
        printer.line(DETAIL, &[(Tone::Plain, line)])?;
    }
    if let Some(culprit) = &entry.culprit {
        mark(printer, culprit)?;
    }
    if let Some(fix) = &entry.fix {
        let label: Piece = (Tone::Note, "fix: ".into());
        printer.labelled(DETAIL, &label, Tone::Plain, &shown(fix))?;
    }
    if options.explain {
        let label: Piece = (Tone::Faint, "why: ".into());
        printer.labelled(DETAIL, &label, Tone::Faint, entry.rule.rationale)?;
    }
    let more = format!("more: dbharden explain {}", entry.rule.id);
    printer.line(DETAIL, &[(Tone::Faint, more)])
}

fn mark(printer: &mut Printer<'_>, culprit: &Culprit) -> io::Result<()> {
    let text = culprit.text.as_str();
    let start = text.floor_char_boundary(culprit.mark.start);
    let end = text.floor_char_boundary(culprit.mark.end).max(start);
    let parts = [&text[..start], &text[start..end], &text[end..]].map(escape::terminal);
    let room = printer.width.saturating_sub(DETAIL).max(24);
    let (text, before, len) = window((&parts[0], &parts[1], &parts[2]), room);
    printer.line(DETAIL, &[(Tone::Plain, text)])?;
    printer.line(DETAIL + before, &[(Tone::Bad, "^".repeat(len))])
}

fn waiver(printer: &mut Printer<'_>, entry: &Entry) -> io::Result<()> {
    let Some(reason) = &entry.waived else {
        return Ok(());
    };
    let label: Piece = (Tone::Faint, "waived: ".into());
    printer.labelled(DETAIL, &label, Tone::Faint, &shown(reason))
}

/// Returns the value seen, the value wanted, and where it comes from.
fn values(entry: &Entry, with_label: bool) -> Vec<String> {
    let observed = entry.observed.as_ref().map(quoted);
    let seen = observed.map(|text| {
        if with_label {
            format!("seen {text}")
        } else {
            text
        }
    });
    let want = entry.expected.as_ref();
    let want = want.map(|text| format!("want {}", quoted(text)));
    seen.into_iter().chain(want).chain(places(entry)).collect()
}

/// Says where the value comes from, where the heading above does not say so already.
fn places(entry: &Entry) -> Option<String> {
    let in_heading = |place: &&Place| {
        let text = place.text();
        entry.rule.family() == "url" && text.trim_start_matches('$') == entry.subject.as_str()
    };
    let places: Vec<String> = entry
        .origins
        .iter()
        .filter(|place| !in_heading(place))
        .map(|place| escape::terminal(&place.text()))
        .collect();
    (!places.is_empty()).then(|| format!("from {}", places.join(", ")))
}

/// Returns a text for a terminal.
pub(super) fn shown(text: &Sealed) -> String {
    escape::terminal(text.as_str())
}

/// Returns a value for a terminal, between quotes where its ends could not be seen.
fn quoted(value: &Sealed) -> String {
    let text = shown(value);
    if columns(&text) == 0 || text.trim() != text {
        format!("\"{text}\"")
    } else {
        text
    }
}
