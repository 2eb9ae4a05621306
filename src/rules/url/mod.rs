//! The **url** family: a connection string, and what its readers make of it.

mod ambiguous;
mod application_name;
mod clean;
mod connect_timeout;
mod contradiction;
mod database;
mod driver;
mod engines;
mod files;
mod host;
mod near;
mod parameters;
mod pooler_parameters;
mod port;
mod present;
mod refused;
mod scheme;
mod secret_in_repo;
mod syntax;
mod tls;
mod tls_verify;
mod user;
mod without;

use near::{hidden_mode, is_near, is_socket, stays_near};

use super::Rule;
use crate::conninfo::{Parsed, core, redact};
use crate::driver::translate;
use crate::facts::{DatabaseUrl, Missing, Reader};
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

/// Returns what is missing where a reader refuses the string: the same for each, so that one line is
/// enough for all of them.
fn string_that_is_taken() -> Missing {
    Missing::new("a connection string that the driver takes")
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
