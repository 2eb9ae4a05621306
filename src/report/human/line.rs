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

/// Writes an entry.
pub(super) fn write(
    printer: &mut Printer<'_>,
    entry: &Entry,
    setting: Setting,
    options: &Options<'_>,
) -> io::Result<()> {
    let (sign, word, tone) = badge(entry);
    let start = DETAIL + setting.rule + 2;
    let room = printer.width.saturating_sub(start).max(24);
    let lead = lead(entry, setting);
    let owned = |lines: Vec<&str>| lines.into_iter().map(str::to_owned).collect();
    let mut lines = match entry.standing {
        Standing::Pass if entry.observed.is_some() => {
            let mut parts = values(entry, false);
            if let Some(first) = parts.first_mut() {
                first.insert_str(0, &lead);
            }
            join(&parts, room)
        }
        Standing::Pass => {
            let mut parts = vec![format!("{lead}{}", shown(&entry.message))];
            parts.extend(places(entry));
            owned(wrap(&parts.join(" · "), room))
        }
        Standing::Fail | Standing::Unknown | Standing::NotApplicable => {
            owned(wrap(&format!("{lead}{}", shown(&entry.message)), room))
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
    entries: &[&Entry],
    setting: Setting,
) -> io::Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    let start = DETAIL + setting.rule + 2;
    let ids: Vec<&str> = entries.iter().map(|entry| entry.rule.id).collect();
    let text = format!("likewise {}", ids.join(", "));
    for line in wrap(&text, printer.width.saturating_sub(start).max(24)) {
        printer.line(start, &[(Tone::Faint, line.to_owned())])?;
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

/// Returns what stands before an entry's text: its subject where the group does not say it, its driver.
fn lead(entry: &Entry, setting: Setting) -> String {
    let subject = setting.with_subject.then(|| shown(&entry.subject));
    // Most messages name the driver themselves.
    let says_message = entry.standing != Standing::Pass || entry.observed.is_none();
    let driver = entry.driver.as_ref().map(shown);
    let driver =
        driver.filter(|name| !(says_message && entry.message.as_str().starts_with(name.as_str())));
    let words: Vec<String> = subject.into_iter().chain(driver).collect();
    if words.is_empty() {
        String::new()
    } else {
        format!("{}: ", words.join(", "))
    }
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
