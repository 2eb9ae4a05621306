//! The JSON report, version 1: CONTRACT 5 to the letter. Keys are only ever added.

use std::io;

use serde::Serialize;

use super::entry::severity_name;
use super::view::{Connection, Engine, Metric, Url};
use super::{
    Comparison, EngineSummary, Entry, ExitStatus, History, Options, Place, Sealed, Sheet, Summary,
    escape,
};

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
    #[serde(skip_serializing_if = "Option::is_none")]
    engine_summary: Option<&'a EngineSummary>,
    connections: &'a [Connection],
    #[serde(skip_serializing_if = "Option::is_none")]
    metrics: Option<&'a [Metric]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline: Option<&'a Comparison>,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    known: Option<usize>,
}

#[derive(Serialize)]
struct Line<'a> {
    rule: &'static str,
    result: &'static str,
    severity: &'static str,
    waived: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline: Option<&'static str>,
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
            summary: Counts::new(sheet.summary, sheet.baseline.is_some()),
            entries: sheet.entries.iter().map(Line::new).collect(),
            urls: &sheet.urls,
            engines: &sheet.engines,
            engine_summary: sheet.engine_summary.as_ref(),
            connections: &sheet.connections,
            metrics: has_metrics.then_some(&sheet.metrics),
            baseline: sheet.baseline.as_ref(),
        }
    }
}

impl Counts {
    fn new(summary: Summary, has_baseline: bool) -> Self {
        Self {
            pass: summary.pass,
            error: summary.error,
            warning: summary.warning,
            note: summary.note,
            unknown: summary.unknown,
            not_applicable: summary.not_applicable,
            waived: summary.waived,
            known: has_baseline.then_some(summary.known),
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
            baseline: entry.history.map(History::name),
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
    #[expect(clippy::too_many_lines, reason = "the document is long")]
    fn no_key_is_renamed_dropped_or_moved() {
        let mut sample = Sample::new();
        // A driver's finding, and one with a server's origin.
        let kept = ["url-parameters", "connect-auth"];
        sample
            .judgements
            .retain(|judgement| kept.contains(&judgement.rule.id));
        let text = rendered(&sample).replace(env!("CARGO_PKG_VERSION"), "0.0.0");
        insta::assert_snapshot!(text, @r#"
        {
          "version": 1,
          "tool": {
            "name": "dbharden",
            "version": "0.0.0"
          },
          "command": "check",
          "profile": "enterprise",
          "verdict": "fail",
          "complete": true,
          "summary": {
            "pass": 0,
            "error": 2,
            "warning": 0,
            "note": 0,
            "unknown": 0,
            "not_applicable": 0,
            "waived": 0
          },
          "entries": [
            {
              "rule": "url-parameters",
              "result": "fail",
              "severity": "error",
              "waived": false,
              "subject": "DATABASE_URL",
              "driver": "sqlalchemy+asyncpg",
              "environment": "render.yaml:api",
              "message": "asyncpg does not know sslmode in a SQLAlchemy URL and raises TypeError",
              "observed": "sslmode=require",
              "expected": "ssl=require",
              "fix": "write ssl=require instead of sslmode=require",
              "origins": [
                {
                  "kind": "file",
                  "path": "render.yaml",
                  "line": 134,
                  "column": 9
                }
              ]
            },
            {
              "rule": "connect-auth",
              "result": "fail",
              "severity": "error",
              "waived": false,
              "subject": "db.example.com:5432",
              "driver": null,
              "environment": null,
              "message": "the server refused the password of user \"app\"",
              "observed": null,
              "expected": null,
              "fix": "look in the server's log for the reason behind 28P01",
              "origins": [
                {
                  "kind": "server",
                  "host": "db.example.com",
                  "port": 5432
                }
              ]
            }
          ],
          "urls": [
            {
              "subject": "DATABASE_URL",
              "environment": "render.yaml:api",
              "redacted": "postgresql://app:***@ep-cool-1.eu-central-1.aws.neon.tech/app?sslmode=require&sslpassword=***",
              "hosts": [
                {
                  "host": "ep-cool-1.eu-central-1.aws.neon.tech",
                  "port": 5432
                }
              ],
              "user": "app",
              "dbname": "app",
              "parameters": {
                "sslmode": "require",
                "sslpassword": "***"
              },
              "provider": null,
              "pooled": null,
              "drivers": [
                {
                  "driver": "sqlalchemy+psycopg2",
                  "accepts": true,
                  "error": null,
                  "refused_by": null,
                  "hosts": [
                    {
                      "host": "ep-cool-1.eu-central-1.aws.neon.tech",
                      "port": 5432
                    }
                  ],
                  "user": "app",
                  "dbname": "app",
                  "application_name": null,
                  "tls": "required",
                  "verifies": "nothing",
                  "roots": null,
                  "plaintext_password": false
                },
                {
                  "driver": "sqlalchemy+asyncpg",
                  "accepts": false,
                  "error": "TypeError: connect() got an unexpected keyword argument 'sslmode'",
                  "refused_by": "driver",
                  "hosts": [],
                  "user": null,
                  "dbname": null,
                  "application_name": null,
                  "tls": null,
                  "verifies": null,
                  "roots": null,
                  "plaintext_password": null
                }
              ]
            }
          ],
          "engines": [
            {
              "path": "app/database.py",
              "line": 383,
              "function": "create_async_engine",
              "role": "app",
              "driver": "sqlalchemy+asyncpg",
              "url_from": "env:DATABASE_URL",
              "environment": null,
              "started_by": [],
              "settings": {
                "pool_size": {
                  "value": 5,
                  "code_value": 10,
                  "from": "env:DB_POOL_SIZE",
                  "line": 385
                },
                "pool_pre_ping": {
                  "value": false,
                  "code_value": false,
                  "from": "literal",
                  "line": 386
                },
                "pool_recycle": {
                  "value": null,
                  "code_value": null,
                  "from": "unknown",
                  "line": 387
                }
              }
            }
          ],
          "connections": [
            {
              "host": "db.example.com",
              "port": 5432,
              "address": "192.0.2.7",
              "stages": [
                {
                  "stage": "dns",
                  "result": "pass",
                  "ms": 1.204
                },
                {
                  "stage": "tcp",
                  "result": "pass",
                  "ms": 18.0
                },
                {
                  "stage": "tls",
                  "result": "pass",
                  "ms": 39.95
                },
                {
                  "stage": "auth",
                  "result": "fail",
                  "ms": 22.0
                },
                {
                  "stage": "query",
                  "result": "not-run",
                  "ms": null
                }
              ],
              "cause": null,
              "candidates": [
                "pw-wrong",
                "role-missing"
              ],
              "tls": {
                "version": "TLSv1.3",
                "cipher": "TLS13_AES_256_GCM_SHA384",
                "chain_verified": true,
                "host_verified": true,
                "not_after": "2027-01-01T00:00:00Z",
                "issuer": "CN=R11"
              },
              "server": {
                "version": "16.4",
                "pooler": "pgbouncer",
                "max_connections": 100,
                "in_recovery": false
              },
              "activity": [
                {
                  "application_name": "hiremebahamas",
                  "total": 4,
                  "active": 1,
                  "idle": 3,
                  "idle_in_transaction": 0,
                  "waiting": 0,
                  "unencrypted": null,
                  "oldest_transaction_s": 1.25
                },
                {
                  "application_name": "",
                  "total": 2,
                  "active": null,
                  "idle": null,
                  "idle_in_transaction": null,
                  "waiting": null,
                  "unencrypted": null,
                  "oldest_transaction_s": null
                }
              ]
            }
          ]
        }
        "#);
    }

    #[test]
    fn only_health_and_logs_have_metrics() {
        let mut sample = Sample::filled("text");
        assert!(rendered(&sample).contains("\"metrics\""));
        sample.command = "check";
        assert!(!rendered(&sample).contains("\"metrics\""));
    }
}
