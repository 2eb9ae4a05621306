//! The JSON report, version 1: CONTRACT 5 to the letter. Keys are only ever added.

use std::io;

use serde::Serialize;

use super::entry::severity_name;
use super::view::{Connection, Engine, Metric, Url};
use super::{Entry, ExitStatus, Options, Place, Sealed, Sheet, Summary, escape};

#[derive(Serialize)]
struct Document<'a> {
    version: u8,
    tool: Tool,
    command: &'static str,
    profile: &'a Sealed,
    verdict: &'static str,
    complete: bool,
    summary: Counts,
    entries: Vec<Line<'a>>,
    urls: &'a [Url],
    engines: &'a [Engine],
    connections: &'a [Connection],
    #[serde(skip_serializing_if = "Option::is_none")]
    metrics: Option<&'a [Metric]>,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Counts {
    pass: usize,
    error: usize,
    warning: usize,
    note: usize,
    unknown: usize,
    not_applicable: usize,
    waived: usize,
}

#[derive(Serialize)]
struct Line<'a> {
    rule: &'static str,
    result: &'static str,
    severity: &'static str,
    waived: bool,
    subject: &'a Sealed,
    driver: Option<&'a Sealed>,
    environment: Option<&'a Sealed>,
    message: &'a Sealed,
    observed: Option<&'a Sealed>,
    expected: Option<&'a Sealed>,
    fix: Option<&'a Sealed>,
    origins: Vec<Origin<'a>>,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Origin<'a> {
    Env {
        name: &'a Sealed,
    },
    File {
        path: &'a Sealed,
        line: u32,
        column: u32,
    },
    Flag {
        name: &'a Sealed,
    },
    Server {
        host: &'a Sealed,
        port: u16,
    },
}

/// Writes the report as one JSON object.
pub(super) fn render(
    sheet: &Sheet,
    _options: &Options<'_>,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    write(&Document::new(sheet), out)
}

/// Writes a value as JSON that a terminal may show.
pub(super) fn write(value: &impl Serialize, out: &mut dyn io::Write) -> io::Result<()> {
    let text = serde_json::to_string_pretty(value)?;
    writeln!(out, "{}", escape::json(&text))
}

/// Returns the word for what a run came to.
pub(super) fn verdict(status: ExitStatus) -> &'static str {
    match status {
        ExitStatus::Pass => "pass",
        ExitStatus::Fail | ExitStatus::Error | ExitStatus::Interrupted => "fail",
    }
}

impl<'a> Document<'a> {
    fn new(sheet: &'a Sheet) -> Self {
        let has_metrics = matches!(sheet.command, "health" | "logs");
        Self {
            version: 1,
            tool: Tool {
                name: env!("CARGO_PKG_NAME"),
                version: env!("CARGO_PKG_VERSION"),
            },
            command: sheet.command,
            profile: &sheet.profile,
            verdict: verdict(sheet.status),
            complete: sheet.complete,
            summary: Counts::new(sheet.summary),
            entries: sheet.entries.iter().map(Line::new).collect(),
            urls: &sheet.urls,
            engines: &sheet.engines,
            connections: &sheet.connections,
            metrics: has_metrics.then_some(&sheet.metrics),
        }
    }
}

impl Counts {
    fn new(summary: Summary) -> Self {
        Self {
            pass: summary.pass,
            error: summary.error,
            warning: summary.warning,
            note: summary.note,
            unknown: summary.unknown,
            not_applicable: summary.not_applicable,
            waived: summary.waived,
        }
    }
}

impl<'a> Line<'a> {
    fn new(entry: &'a Entry) -> Self {
        Self {
            rule: entry.rule.id,
            result: entry.standing.name(),
            severity: severity_name(entry.severity),
            waived: entry.waived.is_some(),
            subject: &entry.subject,
            driver: entry.driver.as_ref(),
            environment: entry.environment.as_ref(),
            message: &entry.message,
            observed: entry.observed.as_ref(),
            expected: entry.expected.as_ref(),
            fix: entry.fix.as_ref(),
            origins: entry.origins.iter().map(Origin::new).collect(),
        }
    }
}

impl<'a> Origin<'a> {
    fn new(place: &'a Place) -> Self {
        match place {
            Place::Env(name) => Self::Env { name },
            Place::File { path, line, column } => Self::File {
                path,
                line: *line,
                column: *column,
            },
            Place::Flag(name) => Self::Flag { name },
            Place::Server { host, port } => Self::Server { host, port: *port },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::Sample;
    use super::super::{Format, Options, render};

    fn rendered(sample: &Sample) -> String {
        let mut out = Vec::new();
        render(Format::Json, &sample.sheet(), &Options::default(), &mut out)
            .unwrap_or_else(|error| panic!("{error}"));
        String::from_utf8(out).unwrap_or_default()
    }

    #[test]
    fn no_key_is_renamed_dropped_or_moved() {
        insta::assert_snapshot!(rendered(&Sample::new()), @"");
    }

    #[test]
    fn only_health_and_logs_have_metrics() {
        let mut sample = Sample::filled("text");
        assert!(rendered(&sample).contains("\"metrics\""));
        sample.command = "check";
        assert!(!rendered(&sample).contains("\"metrics\""));
    }
}
