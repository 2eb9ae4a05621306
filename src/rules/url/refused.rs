//! A string that parses, and that a driver does not take for what stands before its parameters: which
//! part is to blame. Found by putting a plain value in a part's place.

use super::without::Source;
use super::{corrected, text_for};
use crate::conninfo::{Form, HostSpec, Parameter, Parsed, parse_parts};
use crate::driver::{RefusedBy, translate};
use crate::facts::{DatabaseUrl, Reader};
use crate::rules::{Finding, Seen};

/// What stands for each part in a string that every driver takes.
const PLAIN: [(&str, &str); 5] = [
    ("password", "x"),
    ("user", "x"),
    ("dbname", "x"),
    ("host", "localhost"),
    ("port", "5432"),
];

/// Returns what is wrong with a string that drivers do not take, each with its words and the first with
/// its fix.
pub(super) fn refused(url: &DatabaseUrl) -> Option<Finding> {
    let mut findings = url.readers.iter().filter_map(|reader| by(url, reader));
    let mut first = findings.next()?;
    for other in findings {
        first.seen.message = format!("{}; {}", first.seen.message, other.seen.message);
    }
    Some(first)
}

/// Returns what is wrong with a string that a driver does not take, where its parameters, its scheme
/// and the variables of the process are not to blame: those have rules of their own, as has a part
/// that is left out and a port that is none.
fn by(url: &DatabaseUrl, reader: &Reader) -> Option<Finding> {
    if reader.prediction.accepts {
        return None;
    }
    let text = text_for(url, reader)?;
    let handed_on = reader
        .handed_on
        .as_ref()
        .and_then(|_| parse_parts(text).ok());
    let parts = handed_on.as_ref().or(url.parts.as_ref().ok())?;
    let plain = Source { text, parts }.with(&[]);
    let alone = url.predict_alone(&reader.driver, &plain);
    if alone.accepts || is_judged_elsewhere(parts) {
        return None;
    }
    let blamed = blamed(url, reader, &plain);
    let who = &reader.driver;
    let what = blamed.map_or("the string", |(_, name)| name);
    let error = alone.error.unwrap_or_default();
    let seen = Seen::new(if alone.refused_by == Some(RefusedBy::Server) {
        format!("{who} cannot start a session with {what}; the server would say: {error}")
    } else {
        format!("{who} does not take {what}: {error}")
    });
    let finding = seen.fail(fix(url, reader, text, what));
    let place = blamed.and_then(|(keyword, _)| parts.get(keyword));
    Some(match place.filter(|_| handed_on.is_none()) {
        Some(part) => finding.mark(url.redacted.map(part.value_span)),
        None => finding,
    })
}

/// Returns whether another rule fails for a part: no user, no host, or a port that is none.
fn is_judged_elsewhere(parts: &Parsed) -> bool {
    let lacks = |keyword| {
        let value = parts.get(keyword).map(|part| part.value.expose());
        value.unwrap_or_default().is_empty()
    };
    let is_port = |host: &HostSpec| {
        let port = host.port.as_deref().unwrap_or("5432").trim();
        let port = port.trim_start_matches('+').parse::<u16>();
        port.is_ok_and(|port| port > 0)
    };
    let named = !lacks("host") || !lacks("hostaddr");
    lacks("user") || !named || !parts.hosts().iter().all(is_port)
}

/// Returns the part, by libpq's keyword and by its name, with a plain value of which the driver takes
/// the string.
fn blamed(url: &DatabaseUrl, reader: &Reader, plain: &str) -> Option<(&'static str, &'static str)> {
    let parts = parse_parts(plain).ok()?;
    let with = |keyword: &str, value: &str| {
        let part = parts.get(keyword).filter(|part| own(&parts, part))?;
        let (before, after) = plain.split_at(part.value_span.start);
        let after = &after[part.value_span.len()..];
        // The brackets of an address go with it.
        let before = before.strip_suffix('[').unwrap_or(before);
        let after = after.strip_prefix(']').unwrap_or(after);
        Some(format!("{before}{value}{after}"))
    };
    let (keyword, _) = PLAIN.iter().find(|(keyword, value)| {
        with(keyword, value).is_some_and(|text| url.predict_alone(&reader.driver, &text).accepts)
    })?;
    Some((keyword, name(keyword)))
}

/// Returns whether a part stands where a URI has it.
fn own(parts: &Parsed, part: &Parameter) -> bool {
    parts.form == Form::Uri && part.keyword_span.is_empty()
}

fn name(keyword: &str) -> &'static str {
    match keyword {
        "password" => "the password",
        "user" => "the user's name",
        "dbname" => "the database's name",
        "host" => "the host",
        _ => "the port",
    }
}

/// Returns the string in the driver's own spelling, where the driver takes that.
fn fix(url: &DatabaseUrl, reader: &Reader, text: &str, what: &str) -> String {
    let driver = &reader.driver;
    let spelled = translate(text, Some(driver), driver).ok();
    let helps = spelled.is_some_and(|one| url.predict_alone(driver, one.url.expose()).accepts);
    match corrected(url, reader).filter(|_| helps) {
        Some(corrected) => format!("write {corrected}"),
        None => format!("change {what}: no spelling of it reaches the server through {driver}"),
    }
}
