//! The **url** family: a connection string, and what its readers make of it.

mod ambiguous;
mod application_name;
mod clean;
mod connect_timeout;
mod database;
mod driver;
mod engines;
mod files;
mod host;
mod parameters;
mod pooler_parameters;
mod port;
mod present;
mod scheme;
mod secret_in_repo;
mod syntax;
mod tls;
mod tls_verify;
mod user;
mod without;

use super::Rule;
use crate::conninfo::{HostSpec, Parsed, core, redact};
use crate::driver::translate;
use crate::facts::{DatabaseUrl, Missing, Reader};
use crate::provider::is_local_or_private;
use crate::value::{Secret, Span};

/// The rules of the family, in report order.
pub(super) static RULES: &[&Rule] = &[
    &present::RULE,
    &clean::RULE,
    &syntax::RULE,
    &ambiguous::RULE,
    &scheme::RULE,
    &driver::RULE,
    &parameters::RULE,
    &host::RULE,
    &port::RULE,
    &user::RULE,
    &database::RULE,
    &tls::RULE,
    &tls_verify::RULE,
    &application_name::RULE,
    &connect_timeout::RULE,
    &pooler_parameters::RULE,
    &secret_in_repo::RULE,
];

/// Returns the parts of a connection string, which a rule needs.
fn parts(url: &DatabaseUrl) -> Result<&Parsed, Missing> {
    url.parts
        .as_ref()
        .map_err(|_| Missing::new("a connection string that parses (url-syntax)"))
}

/// Returns the text that a driver gets to read: as its engine hands it on, else as it is set.
fn text_for<'a>(url: &'a DatabaseUrl, reader: &'a Reader) -> Option<&'a str> {
    reader
        .handed_on
        .as_ref()
        .or(url.text.known())
        .map(Secret::expose)
}

/// Returns where the scheme stands in the redacted string.
fn scheme_mark(url: &DatabaseUrl) -> Span {
    let text = url.text.known().map_or("", Secret::expose);
    url.redacted.map(core(text).scheme.unwrap_or_default())
}

/// Returns the string in a driver's own spelling, redacted, with the code to add where a string
/// cannot say it; `None` where nothing can be made of it.
fn corrected(url: &DatabaseUrl, reader: &Reader) -> Option<String> {
    let text = text_for(url, reader)?;
    let translated = translate(text, Some(&reader.driver), &reader.driver).ok()?;
    let shown = redact(translated.url.expose()).text;
    Some(match translated.connect_args {
        Some(code) => format!("{shown} with {}", code.replace('\n', "; ")),
        None => shown,
    })
}

/// Returns whether all hosts are sockets, or local or private: those that the string names, else those
/// that the driver finds without it, in `PGHOST` say.
fn stays_near(url: &DatabaseUrl, reader: &Reader) -> Result<bool, Missing> {
    let hosts = parts(url)?.hosts();
    let kind = reader.driver.kind;
    let has_address = hosts.iter().any(|host| host.hostaddr.is_some());
    let named = has_address || hosts.iter().any(|host| host.host.is_some());
    for (name, is_given) in [("PGHOST", named), ("PGHOSTADDR", has_address)] {
        if !is_given && url.variables.hides(name, kind) {
            return Err(Missing::new(format!("the value of {name}")));
        }
    }
    if let Some(addresses) = url.variables.hostaddr(kind).filter(|_| !has_address) {
        return Ok(addresses.split(',').all(is_local_or_private));
    }
    let found = &reader.prediction.hosts;
    if named || found.is_empty() {
        return Ok(hosts.iter().all(is_near));
    }
    Ok(found
        .iter()
        .all(|(host, _)| host.starts_with(['/', '@']) || is_local_or_private(host)))
}

/// Returns what is missing where the mode of TLS stands in a variable that nobody knows.
fn hidden_mode(url: &DatabaseUrl, reader: &Reader) -> Result<(), Missing> {
    let parts = parts(url)?;
    let is_given = parts.get("sslmode").is_some() || parts.get("ssl").is_some();
    if !is_given && url.variables.hides("PGSSLMODE", reader.driver.kind) {
        return Err(Missing::new("the value of PGSSLMODE"));
    }
    Ok(())
}

/// Returns whether a host is a Unix socket: a folder, or an abstract name.
fn is_socket(host: &HostSpec) -> bool {
    host.hostaddr.is_none()
        && host
            .host
            .as_deref()
            .is_some_and(|host| host.starts_with(['/', '@']))
}

/// Returns whether a host is a Unix socket, or local or private.
fn is_near(host: &HostSpec) -> bool {
    let name = host.host.as_deref().or(host.hostaddr.as_deref());
    is_socket(host) || name.is_none_or(is_local_or_private)
}

#[cfg(test)]
pub(in crate::rules) mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

    use crate::conninfo::{parse, parse_parts, redact};
    use crate::driver::{Driver, Kind, Variables, predict};
    use crate::facts::{DatabaseUrl, Facts, Reader, UrlText};
    use crate::rules::{Context, Outcome, Verdict, find, judge};
    use crate::spec::Spec;
    use crate::value::Origin;

    /// An outcome without its words.
    #[derive(Debug, PartialEq)]
    pub(in crate::rules::url) enum Expected {
        Pass,
        Fail,
        Unknown,
        NotApplicable,
    }

    /// A connection string of the process environment, read by libpq.
    pub(in crate::rules) fn sample(text: &str) -> DatabaseUrl {
        DatabaseUrl {
            subject: "DATABASE_URL".to_owned(),
            environment: Some("process".to_owned()),
            origin: Some(Origin::env("DATABASE_URL")),
            text: UrlText::Known(text.into()),
            redacted: redact(text),
            parsed: parse(text),
            parts: parse_parts(text),
            provider: None,
            absent_files: None,
            variables: Variables::default(),
            readers: vec![read_by(Kind::Libpq, text)],
        }
    }

    pub(in crate::rules) fn read_by(kind: Kind, text: &str) -> Reader {
        let driver = Driver::newest(kind);
        Reader {
            prediction: predict(&driver, text),
            because: "the test".to_owned(),
            handed_on: None,
            driver,
        }
    }

    pub(in crate::rules::url) fn outcome(rule: &str, url: DatabaseUrl) -> Outcome {
        let spec = Spec::profile("enterprise").unwrap();
        let facts = Facts {
            urls: vec![url],
            ..Facts::default()
        };
        let context = Context {
            spec: &spec,
            facts: &facts,
            today: jiff::civil::date(2026, 11, 24),
        };
        judge([&find(rule).unwrap()], context)
            .swap_remove(0)
            .outcome
    }

    pub(in crate::rules::url) fn judge_url(rule: &str, url: DatabaseUrl) -> Expected {
        match outcome(rule, url) {
            Ok(Verdict::Pass(_)) => Expected::Pass,
            Ok(Verdict::Fail(_)) => Expected::Fail,
            Ok(Verdict::NotApplicable(_)) => Expected::NotApplicable,
            Err(_) => Expected::Unknown,
        }
    }

    pub(in crate::rules::url) fn judge_text(rule: &str, text: &str) -> Expected {
        judge_url(rule, sample(text))
    }
}
