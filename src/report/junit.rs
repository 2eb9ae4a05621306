//! `JUnit` XML: a suite per section, a case per entry.

use std::io;

use super::entry::severity_name;
use super::sheet::heading;
use super::{Entry, Gone, Options, Sheet, Standing, escape};

/// Writes the report as `JUnit` XML.
pub(super) fn render(
    sheet: &Sheet,
    _options: &Options<'_>,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let all: Vec<&Entry> = sheet.entries.iter().collect();
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(
        out,
        r#"<testsuites name="dbharden" {} time="{:.3}">"#,
        counts(&all, fixed(sheet).len()),
        sheet.took.as_secs_f64()
    )?;
    let mut rest = all.as_slice();
    while let Some(first) = rest.first() {
        let family = first.rule.family();
        let end = rest
            .iter()
            .position(|entry| entry.rule.family() != family)
            .unwrap_or(rest.len());
        let (suite, others) = rest.split_at(end);
        let name = escape::xml(heading(family));
        writeln!(out, r#"  <testsuite name="{name}" {}>"#, counts(suite, 0))?;
        for entry in suite {
            case(entry, out)?;
        }
        writeln!(out, "  </testsuite>")?;
        rest = others;
    }
    let fixed = fixed(sheet);
    if !fixed.is_empty() {
        let counts = counts(&[], fixed.len());
        writeln!(
            out,
            r#"  <testsuite name="Fixed since the baseline" {counts}>"#
        )?;
        for gone in fixed {
            let name = escape::xml(&gone.text());
            writeln!(
                out,
                r#"    <testcase classname="dbharden.baseline" name="{name}"/>"#
            )?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

/// Returns what the baseline has and the project no longer has.
fn fixed(sheet: &Sheet) -> &[Gone] {
    sheet.baseline.as_ref().map_or(&[], |one| &one.fixed)
}

/// Returns the counts of some entries, and of so many other cases that pass.
fn counts(entries: &[&Entry], others: usize) -> String {
    let failures = entries.iter().filter(|entry| is_failure(entry)).count();
    let skipped = entries.iter().filter(|entry| is_skipped(entry)).count();
    format!(
        r#"tests="{}" failures="{failures}" errors="0" skipped="{skipped}""#,
        entries.len() + others
    )
}

fn is_failure(entry: &Entry) -> bool {
    entry.standing == Standing::Fail && entry.is_open()
}

fn is_skipped(entry: &Entry) -> bool {
    !is_failure(entry) && entry.standing != Standing::Pass
}

fn case(entry: &Entry, out: &mut dyn io::Write) -> io::Result<()> {
    let name = escape::xml(&format!("{}: {}", entry.rule.id, entry.target()));
    let class = escape::xml(&format!("dbharden.{}", entry.rule.family()));
    write!(out, r#"    <testcase classname="{class}" name="{name}""#)?;
    let message = escape::xml(entry.message.as_str());
    if is_failure(entry) {
        let kind = severity_name(entry.severity);
        writeln!(out, r#"><failure type="{kind}" message="{message}">"#)?;
        for line in details(entry) {
            writeln!(out, "{}", escape::xml(&line))?;
        }
        writeln!(out, "</failure></testcase>")
    } else if is_skipped(entry) {
        let why = match entry.pardon() {
            Some(pardon) => escape::xml(&pardon),
            None => format!("{}: {message}", entry.standing.name()),
        };
        writeln!(out, r#"><skipped message="{why}"/></testcase>"#)
    } else {
        writeln!(out, "/>")
    }
}

fn details(entry: &Entry) -> Vec<String> {
    let mut lines: Vec<String> = entry.values().into_iter().collect();
    lines.extend(
        entry
            .origins
            .iter()
            .map(|place| format!("from {}", place.text())),
    );
    if let Some(culprit) = &entry.culprit {
        lines.push(culprit.text.as_str().to_owned());
    }
    if let Some(fix) = &entry.fix {
        lines.push(format!("fix: {}", fix.as_str()));
    }
    lines
}
