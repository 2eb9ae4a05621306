//! Markdown, for job summaries and pull requests: what failed first, the rest folded away.

use std::io;

use super::entry::severity_name;
use super::escape::markdown;
use super::{Entry, ExitStatus, Options, Sheet, Standing, markdown_sessions as sessions};
use crate::spec::Severity;

/// GitHub refuses a summary of more than 1,024 KiB; this leaves room for what others write.
const MOST_BYTES: usize = 900_000;

/// Writes the report as Markdown.
pub(super) fn render(
    sheet: &Sheet,
    options: &Options<'_>,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let sign = match sheet.status {
        ExitStatus::Pass => "✓ pass",
        ExitStatus::Fail | ExitStatus::Error | ExitStatus::Interrupted => "✗ fail",
    };
    writeln!(out, "## dbharden {}: {sign}\n", sheet.command)?;
    if let Some(summary) = &sheet.engine_summary {
        writeln!(out, "{}\n", markdown(summary.text.as_str()))?;
    }
    writeln!(out, "{}\n", markdown(&sheet.words()))?;
    let (open, rest): (Vec<&Entry>, Vec<&Entry>) = sheet.entries.iter().partition(|entry| {
        entry.is_open() && matches!(entry.standing, Standing::Fail | Standing::Unknown)
    });
    let mut room = MOST_BYTES;
    if !open.is_empty() {
        table(&open, options, &mut room, out)?;
        writeln!(out)?;
    }
    if !rest.is_empty() {
        writeln!(out, "<details><summary>{} more</summary>\n", rest.len())?;
        table(&rest, options, &mut room, out)?;
        writeln!(out, "\n</details>")?;
    }
    for connection in &sheet.connections {
        sessions::render(connection, out)?;
    }
    for gone in sheet.baseline.iter().flat_map(|one| &one.fixed) {
        writeln!(
            out,
            "\n- fixed since the baseline: {}",
            markdown(&gone.text())
        )?;
    }
    Ok(())
}

fn table(
    entries: &[&Entry],
    options: &Options<'_>,
    room: &mut usize,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    writeln!(out, "| | rule | what | where | fix |")?;
    writeln!(out, "|---|---|---|---|---|")?;
    for (index, entry) in entries.iter().enumerate() {
        let row = row(entry, options);
        let Some(left) = room.checked_sub(row.len() + 1) else {
            return writeln!(out, "\n{} more are left out.", entries.len() - index);
        };
        *room = left;
        writeln!(out, "{row}")?;
    }
    Ok(())
}

fn row(entry: &Entry, options: &Options<'_>) -> String {
    let badge = if entry.waived.is_some() {
        "~ waived".to_owned()
    } else if !entry.is_open() {
        "~ known".to_owned()
    } else {
        match entry.standing {
            Standing::Pass => "✓ pass".to_owned(),
            Standing::Fail => {
                let sign = match entry.severity {
                    Severity::Error => "✗",
                    Severity::Warning => "!",
                    Severity::Note => "·",
                };
                format!("{sign} {}", severity_name(entry.severity))
            }
            Standing::Unknown => "? unknown".to_owned(),
            Standing::NotApplicable => "- n/a".to_owned(),
        }
    };
    let mut what = vec![format!("{}: {}", entry.target(), entry.message.as_str())];
    what.extend(entry.values());
    if let Some(culprit) = &entry.culprit {
        what.push(culprit.text.as_str().to_owned());
    }
    if options.explain && entry.standing == Standing::Fail {
        what.push(entry.rule.rationale.to_owned());
    }
    what.extend(entry.pardon());
    let what: Vec<String> = what.iter().map(|line| markdown(line)).collect();
    let places: Vec<String> = entry
        .origins
        .iter()
        .map(|place| markdown(&place.text()))
        .collect();
    let fix = entry.fix.as_ref().map(|fix| markdown(fix.as_str()));
    let cells = [
        badge,
        entry.rule.id.to_owned(),
        what.join("<br>"),
        places.join("<br>"),
        fix.unwrap_or_default(),
    ];
    format!("| {} |", cells.join(" | "))
}
