//! GitHub workflow commands: an annotation per failure, one notice for all that is unknown.
//!
//! GitHub shows ten errors and ten warnings of a step, so the worst come first.

use std::io;

use super::escape::{github_data, github_property};
use super::{Entry, Gone, History, Options, Place, Sheet, Standing};
use crate::spec::Severity;

/// Writes the report as workflow commands, and a last line that is none.
pub(super) fn render(
    sheet: &Sheet,
    _options: &Options<'_>,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    for severity in [Severity::Error, Severity::Warning, Severity::Note] {
        let failed = sheet.entries.iter().filter(|entry| {
            entry.standing == Standing::Fail && entry.is_open() && entry.severity == severity
        });
        for entry in failed {
            annotation(entry, out)?;
        }
    }
    unknown(sheet, out)?;
    baseline(sheet, out)?;
    writeln!(out, "dbharden: {}", github_data(&sheet.words()))
}

fn annotation(entry: &Entry, out: &mut dyn io::Write) -> io::Result<()> {
    let command = match entry.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let mut properties = Vec::new();
    let file = entry.origins.iter().find_map(|place| match place {
        Place::File { path, line, column } => Some((path, line, column)),
        Place::Env(_) | Place::Flag(_) | Place::Server { .. } => None,
    });
    if let Some((path, line, column)) = file {
        let path = github_property(path.as_str());
        properties.push(format!("file={path},line={line},col={column}"));
    }
    let title = github_property(&format!("dbharden {}", entry.rule.id));
    properties.push(format!("title={title}"));
    let mut lines = vec![format!("{}: {}", entry.target(), entry.message.as_str())];
    lines.extend(entry.values());
    if let Some(culprit) = &entry.culprit {
        lines.push(culprit.text.as_str().to_owned());
    }
    if let Some(fix) = &entry.fix {
        lines.push(format!("fix: {}", fix.as_str()));
    }
    let lines: Vec<String> = lines.iter().map(|line| github_data(line)).collect();
    // An escaped line break: the command itself is one line.
    let message = lines.join("%0A");
    writeln!(out, "::{command} {}::{message}", properties.join(","))
}

fn unknown(sheet: &Sheet, out: &mut dyn io::Write) -> io::Result<()> {
    let unknown: Vec<String> = sheet
        .entries
        .iter()
        .filter(|entry| entry.standing == Standing::Unknown && entry.is_open())
        .map(|entry| {
            let message = entry.message.as_str();
            github_data(&format!("{}: {}: {message}", entry.rule.id, entry.target()))
        })
        .collect();
    if unknown.is_empty() {
        return Ok(());
    }
    let title = format!("title=dbharden%3A {} unknown", unknown.len());
    writeln!(out, "::notice {title}::{}", unknown.join("%0A"))
}

/// Names what the baseline has, and what it no longer needs to have.
fn baseline(sheet: &Sheet, out: &mut dyn io::Write) -> io::Result<()> {
    let known = sheet.entries.iter();
    let known = known.filter(|entry| entry.history == Some(History::Known));
    let known = known.map(|entry| format!("{}: {}", entry.rule.id, entry.target()));
    let fixed = sheet.baseline.iter().flat_map(|one| &one.fixed);
    let fixed = fixed.map(Gone::text);
    for (word, lines) in [
        ("known", known.collect::<Vec<_>>()),
        ("fixed since the baseline", fixed.collect()),
    ] {
        if !lines.is_empty() {
            let title = format!("title=dbharden%3A {} {word}", lines.len());
            let lines: Vec<String> = lines.iter().map(|line| github_data(line)).collect();
            writeln!(out, "::notice {title}::{}", lines.join("%0A"))?;
        }
    }
    Ok(())
}
