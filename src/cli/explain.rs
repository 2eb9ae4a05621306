//! `dbharden explain`: a rule's page, or the failure behind a pasted error text.

use std::io::{self, BufWriter, Read, Write};

use super::args::{ExplainArgs, PageFormatArg};
use super::failure::Failure;
use super::output::{colored, quietly_closed};
use super::surroundings::Surroundings;
use crate::causes::{self, Cause};
use crate::report::{ExitStatus, Page, PageFormat, Style, render_pages};
use crate::rules::{RULES, Rule};

/// The most that is read of a pasted text.
const MOST: u64 = 16 << 20;
/// The most failures whose pages a person is shown for one text; the others are named.
const SHOWN: usize = 5;
/// The most failures that a program is given: as many as share one text, and some more.
const GIVEN: usize = 24;

pub(super) fn run(args: &ExplainArgs, surroundings: &Surroundings) -> Result<ExitStatus, Failure> {
    let format = match args.format {
        PageFormatArg::Human => PageFormat::Human,
        PageFormatArg::Json => PageFormat::Json,
        PageFormatArg::Markdown => PageFormat::Markdown,
    };
    let mut pages = match args.what.as_deref() {
        None if format == PageFormat::Human => return list(),
        None => RULES.iter().map(|rule| of_rule(rule)).collect(),
        Some("-") => {
            let mut text = Vec::new();
            let read = io::stdin().lock().take(MOST).read_to_end(&mut text);
            read.map_err(|error| Failure::new("read the text from standard input", error))?;
            search(&text)
        }
        Some(what) => match crate::rules::find(what) {
            Some(rule) => vec![of_rule(rule)],
            None => causes::find(what).map_or_else(
                || search(what.as_bytes()),
                |cause| vec![of_cause(cause, 1.0)],
            ),
        },
    };
    if pages.is_empty() && format == PageFormat::Human {
        return nothing(args.what.as_deref().unwrap_or_default());
    }
    let more = match format {
        PageFormat::Human => pages.split_off(pages.len().min(SHOWN)),
        PageFormat::Json | PageFormat::Markdown => Vec::new(),
    };
    let style = if colored(args.color, surroundings.stdout_is_terminal, surroundings) {
        Style::ansi()
    } else {
        Style::default()
    };
    let width = surroundings.columns.unwrap_or(80);
    let mut out = BufWriter::new(io::stdout().lock());
    quietly_closed(
        render_pages(format, &pages, style, width, &mut out)
            .and_then(|()| name(&more, &mut out))
            .and_then(|()| out.flush()),
    )?;
    Ok(if pages.is_empty() {
        ExitStatus::Fail
    } else {
        ExitStatus::Pass
    })
}

/// Names the failures that fit as well and whose pages are not shown.
fn name(more: &[Page], out: &mut impl Write) -> io::Result<()> {
    if more.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nIt may also be (dbharden explain ID shows each):")?;
    for page in more {
        writeln!(out, "  {:<30} {}", page.id, page.title)?;
    }
    Ok(())
}

/// Lists the rules by family.
fn list() -> Result<ExitStatus, Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    let mut family = "";
    let mut write = || -> io::Result<()> {
        for rule in RULES.iter() {
            if rule.family() != family {
                if !family.is_empty() {
                    writeln!(out)?;
                }
                family = rule.family();
                writeln!(out, "{family}")?;
            }
            writeln!(out, "  {:<30} {}", rule.id, rule.summary)?;
        }
        writeln!(
            out,
            "\ndbharden explain RULE shows a rule; dbharden explain \"ERROR TEXT\" finds a failure"
        )?;
        out.flush()
    };
    quietly_closed(write())?;
    Ok(ExitStatus::Pass)
}

/// Says that no page fits; a text like a rule's id gets the nearest one. The text may hold a
/// secret, so it is not repeated.
fn nothing(what: &str) -> Result<ExitStatus, Failure> {
    let near = crate::spec::nearest(what, RULES.iter().map(|rule| rule.id));
    let hint = near.map(|id| format!("did you mean `{id}`?\n"));
    let text = format!(
        "no known failure has this text\n{}",
        hint.unwrap_or_default()
    );
    quietly_closed(io::stdout().lock().write_all(text.as_bytes()))?;
    Ok(ExitStatus::Fail)
}

fn search(text: &[u8]) -> Vec<Page> {
    causes::search(text)
        .into_iter()
        .take(GIVEN)
        .map(|found| of_cause(found.cause, found.score))
        .collect()
}

pub(super) fn of_cause(cause: &'static Cause, score: f64) -> Page {
    Page {
        id: cause.id,
        title: cause.title,
        score,
        what: cause.what,
        why: cause.why,
        check: cause.check.to_owned(),
        fix: cause.fix,
        drivers: cause.drivers.to_vec(),
        references: &[],
    }
}

pub(super) fn of_rule(rule: &'static Rule) -> Page {
    let command = match rule.family() {
        family @ ("url" | "pool" | "activity") => format!("dbharden {family}"),
        "connect" | "tls" | "server" => "dbharden connect".to_owned(),
        "health" => "dbharden health URL".to_owned(),
        "log" => "dbharden logs FILE".to_owned(),
        _ => "dbharden check".to_owned(),
    };
    Page {
        id: rule.id,
        title: rule.summary,
        score: 1.0,
        what: rule.summary,
        why: rule.rationale,
        check: command,
        fix: rule.fix,
        drivers: Vec::new(),
        references: rule.references,
    }
}
