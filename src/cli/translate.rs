//! `dbharden translate` and `dbharden url --fix`: a connection string, written anew.

use std::io::{self, Write};

use super::args::{TranslateArgs, TranslationFormat, UrlArgs};
use super::failure::Failure;
use super::gather;
use super::output::quietly_closed;
use super::plan::Plan;
use crate::conninfo::redact;
use crate::driver::{Translation, translate};
use crate::facts::{DatabaseUrl, Facts};
use crate::inputs::ambient;
use crate::report::{ExitStatus, Gate, escape};
use crate::value::Secret;

pub(super) fn run(args: &TranslateArgs, plan: &Plan<'_>) -> Result<ExitStatus, Failure> {
    let environment = gather::local_environment(plan)?;
    let url = gather::url_of(args.url.url.as_deref(), &environment, plan)?;
    let translated = translate(text_of(&url)?, plan.drivers.first(), &args.to);
    let translated =
        translated.map_err(|error| cannot("translate the connection string", error))?;
    let facts = Facts {
        urls: vec![url],
        environments: vec![environment],
        ..Facts::default()
    };
    let gate = Gate::of(&facts, facts.environments.iter().flat_map(ambient::secrets));
    match args.format {
        TranslationFormat::Human => say(&translated, args.reveal, &gate),
        TranslationFormat::Json => say_json(&translated, args.reveal, &gate),
    }
}

/// Prints the string that a driver takes instead of this one.
pub(super) fn run_fix(args: &UrlArgs, plan: &Plan<'_>) -> Result<ExitStatus, Failure> {
    let environment = gather::local_environment(plan)?;
    let url = gather::url_of(args.url.url.as_deref(), &environment, plan)?;
    let doing = "correct the connection string";
    let text = text_of(&url)?;
    let [reader] = url.readers.as_slice() else {
        let cause = anyhow::anyhow!("{} drivers read it", url.readers.len());
        return Err(Failure::new(doing, cause).hint("name the one to correct it for with --driver"));
    };
    let fixed = translate(text, Some(&reader.driver), &reader.driver);
    let fixed = fixed.map_err(|error| Failure::new(doing, error))?;
    let facts = Facts {
        urls: vec![url],
        environments: vec![environment],
        ..Facts::default()
    };
    let gate = Gate::of(&facts, facts.environments.iter().flat_map(ambient::secrets));
    say(&fixed, args.reveal, &gate)
}

/// Returns the text of a connection string that is set and known.
fn text_of(url: &DatabaseUrl) -> Result<&str, Failure> {
    url.text
        .known()
        .map(Secret::expose)
        .filter(|text| !text.is_empty())
        .ok_or_else(|| {
            let cause = anyhow::anyhow!("{} is not set", url.subject);
            Failure::new("read the connection string", cause)
                .hint("give it as an argument, or - to read it from standard input")
        })
}

fn cannot(doing: &str, error: impl Into<anyhow::Error>) -> Failure {
    Failure::new(doing, error).hint("dbharden url says what is wrong with it")
}

/// Returns a string as it is printed: redacted, unless the user wants to see it.
fn shown(url: &Secret, reveal: bool) -> String {
    if reveal {
        url.expose().to_owned()
    } else {
        redact(url.expose()).text
    }
}

/// Prints the string alone to standard output, and what it cannot say to standard error.
fn say(translated: &Translation, reveal: bool, gate: &Gate) -> Result<ExitStatus, Failure> {
    let mut notes = String::new();
    for (label, lines) in [
        ("lost", &translated.lost),
        ("warning", &translated.warnings),
    ] {
        for line in lines {
            notes = notes + label + ": " + line + "\n";
        }
    }
    if let Some(code) = &translated.connect_args {
        notes = notes + "in code:\n" + code + "\n";
    }
    let notes = gate.seal(&notes);
    let lines = notes
        .as_str()
        .lines()
        .map(escape::terminal)
        .fold(String::new(), |all, line| all + &line + "\n");
    // Nobody to tell when standard error is closed.
    let _ = io::stderr().lock().write_all(lines.as_bytes());
    quietly_closed(writeln!(
        io::stdout().lock(),
        "{}",
        shown(&translated.url, reveal)
    ))?;
    Ok(ExitStatus::Pass)
}

fn say_json(translated: &Translation, reveal: bool, gate: &Gate) -> Result<ExitStatus, Failure> {
    let sealed = |lines: &[String]| lines.iter().map(|line| gate.seal(line)).collect::<Vec<_>>();
    let object = serde_json::json!({
        "version": 1,
        "url": shown(&translated.url, reveal),
        "connect_args": translated.connect_args.as_ref().map(|code| gate.seal(code)),
        "lost": sealed(&translated.lost),
        "warnings": sealed(&translated.warnings),
    });
    quietly_closed(writeln!(io::stdout().lock(), "{object:#}"))?;
    Ok(ExitStatus::Pass)
}
