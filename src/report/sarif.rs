//! SARIF 2.1.0, for code-scanning services.
//!
//! Failures are results; what is unknown is a notification; nothing else is written, for services
//! show each result as an alert. They also refuse a whole file for one result without a place, so
//! each result has one: a file that is an origin of the entry; else the engine that it judges; else
//! the file that declares the variable; else the file that sets a connection string; else any file
//! that was read; else `dbharden.toml`, which is where a project answers for what no file of it says.

use std::collections::BTreeMap;
use std::io;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::entry::severity_name;
use super::spelling::hex_digits;
use super::{Entry, ExitStatus, History, Options, Place, Sheet, Standing, json};
use crate::rules::Rule;

/// What a path keeps in a URI.
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/');

/// Writes the report as one SARIF log with one run.
pub(super) fn render(
    sheet: &Sheet,
    options: &Options<'_>,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let rules = all_rules(sheet, options);
    let log = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": env!("CARGO_PKG_NAME"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": matches!(sheet.status, ExitStatus::Pass | ExitStatus::Fail),
                "exitCode": sheet.status.code(),
                "toolExecutionNotifications": notifications(sheet),
            }],
            "results": results(sheet, &rules),
        }],
    });
    json::write(&log, out)
}

/// Returns every rule there is, and any other that an entry names.
fn all_rules(sheet: &Sheet, options: &Options<'_>) -> Vec<&'static Rule> {
    let mut rules = options.rules.to_vec();
    for entry in &sheet.entries {
        if rules.iter().all(|rule| rule.id != entry.rule.id) {
            rules.push(entry.rule);
        }
    }
    rules
}

fn descriptor(rule: &Rule) -> Value {
    let mut descriptor = json!({
        "id": rule.id,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.rationale},
        "help": {"text": format!("{}\n\nFix: {}", rule.rationale, rule.fix)},
        "defaultConfiguration": {"level": severity_name(rule.severity)},
        "properties": {"tags": [rule.family()]},
    });
    if let Some(reference) = rule.references.first() {
        descriptor["helpUri"] = json!(reference);
    }
    descriptor
}

fn notifications(sheet: &Sheet) -> Vec<Value> {
    let unknown = sheet
        .entries
        .iter()
        .filter(|entry| entry.standing == Standing::Unknown);
    let note = |id: &str, text: &str| {
        json!({
            "associatedRule": {"id": id},
            "level": "note",
            "message": {"text": plain(text)},
        })
    };
    // Not results with the state "absent": services that know no states would open them again.
    let fixed = sheet.baseline.iter().flat_map(|one| &one.fixed);
    let fixed = fixed.map(|gone| {
        let text = format!("fixed since the baseline: {}", gone.text());
        note(gone.rule.as_str(), &text)
    });
    unknown
        .map(|entry| {
            let text = format!(
                "{}: unknown for {}: {}",
                entry.rule.id,
                entry.target(),
                entry.message.as_str()
            );
            note(entry.rule.id, &text)
        })
        .chain(fixed)
        .collect()
}

fn results(sheet: &Sheet, rules: &[&'static Rule]) -> Vec<Value> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let failed = sheet
        .entries
        .iter()
        .filter(|entry| entry.standing == Standing::Fail);
    failed
        .map(|entry| {
            let mut result = json!({
                "ruleId": entry.rule.id,
                "ruleIndex": rules.iter().position(|rule| rule.id == entry.rule.id),
                "level": severity_name(entry.severity),
                "message": {"text": plain(&message(entry))},
                "locations": locations(entry, sheet),
                "partialFingerprints": {"dbharden/v1": fingerprint(entry, &mut seen)},
            });
            if let Some(history) = entry.history {
                result["baselineState"] = json!(match history {
                    History::Known => "unchanged",
                    History::New => "new",
                });
            }
            // A service that closes an alert for want of its result would open it again later.
            if let Some(pardon) = entry.pardon() {
                let reason = pardon.strip_prefix("waived: ").unwrap_or(&pardon);
                result["suppressions"] = json!([{
                    "kind": "external",
                    "status": "accepted",
                    "justification": reason,
                }]);
            }
            result
        })
        .collect()
}

fn message(entry: &Entry) -> String {
    let mut text = format!("{}: {}", entry.target(), entry.message.as_str());
    if let Some(values) = entry.values() {
        text = format!("{text} ({values})");
    }
    if let Some(culprit) = &entry.culprit {
        text = format!("{text}\n{}", culprit.text.as_str());
    }
    if let Some(fix) = &entry.fix {
        text = format!("{text}\nFix: {}", fix.as_str());
    }
    text
}

/// Keeps a text from being read as a link: SARIF's plain text knows `[text](target)`.
fn plain(text: &str) -> String {
    text.replace("](", "] (")
}

/// Returns where a finding is: its own files first, else the nearest one.
fn locations(entry: &Entry, sheet: &Sheet) -> Vec<Value> {
    let own: Vec<Value> = entry.origins.iter().filter_map(location).collect();
    if !own.is_empty() {
        return own;
    }
    let subject = entry.subject.as_str();
    let engine = sheet.engines.iter().find_map(|engine| {
        (subject == format!("{}:{}", engine.path.as_str(), engine.line))
            .then(|| physical(engine.path.as_str(), engine.line, 1))
    });
    let declared = || {
        let mut declared = sheet.declared.iter();
        declared
            .find(|(name, _)| *name == entry.subject)
            .and_then(|(_, place)| location(place))
    };
    let nearest = engine
        .or_else(declared)
        .or_else(|| sheet.nearest_file.as_ref().and_then(location));
    vec![nearest.unwrap_or_else(|| physical("dbharden.toml", 1, 1))]
}

fn location(place: &Place) -> Option<Value> {
    match place {
        Place::File { path, line, column } => Some(physical(path.as_str(), *line, *column)),
        Place::Env(_) | Place::Flag(_) | Place::Server { .. } => None,
    }
}

fn physical(path: &str, line: u32, column: u32) -> Value {
    let path = path.replace('\\', "/");
    let uri = utf8_percent_encode(path.trim_start_matches("./"), PATH).to_string();
    let artifact = if path.starts_with('/') {
        json!({"uri": format!("file://{uri}")})
    } else {
        json!({"uri": uri, "uriBaseId": "%SRCROOT%"})
    };
    json!({"physicalLocation": {
        "artifactLocation": artifact,
        "region": {"startLine": line.max(1), "startColumn": column.max(1)},
    }})
}

/// Returns what stays the same when lines move: the rule and what it judges, without its line; a
/// second one in the same file is told apart by its order.
fn fingerprint(entry: &Entry, seen: &mut BTreeMap<String, usize>) -> String {
    let subject = entry.subject.as_str();
    let lineless = match subject.rsplit_once(':') {
        Some((path, line)) if path.contains('.') && line.bytes().all(|b| b.is_ascii_digit()) => {
            path
        }
        _ => subject,
    };
    let text =
        |part: &Option<super::Sealed>| part.as_ref().map_or("", |one| one.as_str()).to_owned();
    let parts = [
        entry.rule.id.to_owned(),
        lineless.to_owned(),
        text(&entry.driver),
        text(&entry.environment),
    ];
    let target = parts.join("\u{1f}");
    let order = seen.entry(target.clone()).or_default();
    let digest = Sha256::digest(format!("{target}\u{1f}{order}"));
    *order += 1;
    String::from_utf8_lossy(&hex_digits(&digest[..16])).into_owned()
}
