//! The sections of the checklist, their groups, and the last line.

use std::io;

use super::layout::{Piece, Printer, columns, cut};
use super::line::{Setting, Told, shown};
use super::{line, sessions, tables};
use crate::report::sheet::heading;
use crate::report::{
    Detail, EngineResult, Entry, ExitStatus, Options, Sealed, Sheet, Standing, Tone, escape,
};

/// A report on its way to a terminal.
pub(super) struct Page<'a> {
    pub(super) printer: Printer<'a>,
    pub(super) sheet: &'a Sheet,
    pub(super) options: &'a Options<'a>,
}

/// Returns whether two entries say the same, so that one line is enough for both.
fn are_alike(one: &Told<'_>, next: &Told<'_>) -> bool {
    if !one.others.is_empty() || !next.others.is_empty() {
        return false;
    }
    let (one, next) = (one.entry, next.entry);
    let both = |standing| one.standing == standing && next.standing == standing;
    let same_rule = one.rule.id == next.rule.id;
    (both(Standing::Unknown) && one.message == next.message && !same_rule)
        || (both(Standing::Pass) && one.rule.id == "project-files" && same_rule)
}

/// What the entries of a group share.
type Group<'a> = (Option<&'a Sealed>, Option<&'a Sealed>);

impl<'a> Page<'a> {
    /// Writes a family's section, where it has anything to show.
    pub(super) fn section(&mut self, family: &'static str) -> io::Result<()> {
        let sheet = self.sheet;
        let entries: Vec<&Entry> = sheet
            .entries
            .iter()
            .filter(|entry| entry.rule.family() == family && self.shows(entry))
            .collect();
        let has_facts = self.options.detail != Detail::Quiet && self.has_facts(family);
        if entries.is_empty() && !has_facts {
            return Ok(());
        }
        let by_subject = !matches!(family, "pool" | "budget" | "project" | "health" | "log");
        let groups = groups(&entries, by_subject);
        let title = (Tone::Heading, heading(family).to_owned());
        if let [(group, _)] = groups.as_slice()
            && family != "engine"
        {
            let name = (Tone::Plain, group_name(*group));
            let gap = (
                Tone::Plain,
                if name.1.is_empty() { "" } else { "  " }.into(),
            );
            self.printer.line(0, &[title, gap, name])?;
        } else {
            self.printer.line(0, &[title])?;
        }
        if has_facts {
            self.facts(family)?;
        }
        let rule = entries.iter().map(|entry| columns(entry.rule.id)).max();
        for (index, (group, entries)) in groups.iter().enumerate() {
            if index > 0 && family == "engine" && self.options.detail != Detail::Quiet {
                self.printer.gap()?;
            }
            if groups.len() > 1 && family != "engine" {
                self.printer
                    .line(1, &[(Tone::Heading, group_name(*group))])?;
            }
            self.group(family, *group, entries, rule.unwrap_or(0), by_subject)?;
        }
        self.printer.gap()
    }

    fn group(
        &mut self,
        family: &'static str,
        group: Group<'a>,
        entries: &[&'a Entry],
        rule: usize,
        by_subject: bool,
    ) -> io::Result<()> {
        let is_quiet = self.options.detail == Detail::Quiet;
        if !is_quiet && family == "url" {
            self.redacted(group)?;
        }
        let block = !is_quiet && family == "engine" && self.engine_block(group)?;
        if is_quiet && family == "engine" {
            self.printer
                .line(1, &[(Tone::Heading, group_name(group))])?;
        }
        let subjects = entries.iter().map(|entry| &entry.subject);
        let setting = Setting {
            rule,
            with_subject: !by_subject && {
                let mut subjects: Vec<_> = subjects.collect();
                subjects.dedup();
                subjects.len() > 1
            },
        };
        let detail = self.options.detail;
        // The engine's table has said it.
        let is_told = |entry: &&Entry| {
            let judged = tables::JUDGED
                .iter()
                .any(|(_, rule)| *rule == entry.rule.id);
            block && entry.standing == Standing::Pass && judged
        };
        let left: Vec<&Entry> = entries
            .iter()
            .copied()
            .filter(|entry| !is_told(entry))
            .collect();
        let told = if detail == Detail::Verbose {
            left.into_iter().map(Told::one).collect()
        } else {
            Told::by_driver(&left)
        };
        for alike in told.chunk_by(|one, next| detail != Detail::Verbose && are_alike(one, next)) {
            if let [first, .., last] = alike
                && first.entry.rule.id == last.entry.rule.id
            {
                line::write_files(&mut self.printer, alike.len(), setting)?;
            } else {
                line::write(&mut self.printer, &alike[0], setting, self.options)?;
                line::write_likewise(&mut self.printer, &alike[1..], setting)?;
            }
        }
        if !is_quiet && family == "url" && self.shows_drivers() {
            for url in self
                .sheet
                .urls
                .iter()
                .filter(|url| (Some(&url.subject), url.environment.as_ref()) == group)
            {
                tables::drivers(&mut self.printer, url)?;
            }
        }
        Ok(())
    }

    fn shows_drivers(&self) -> bool {
        self.sheet.command == "url" || self.options.detail == Detail::Verbose
    }

    fn redacted(&mut self, group: Group<'a>) -> io::Result<()> {
        let url = self
            .sheet
            .urls
            .iter()
            .find(|url| (Some(&url.subject), url.environment.as_ref()) == group);
        let Some(text) = url.and_then(|url| url.redacted.as_ref()) else {
            return Ok(());
        };
        let text = cut(&shown(text), self.printer.width.saturating_sub(2));
        self.printer.line(2, &[(Tone::Faint, text)])
    }

    /// Writes the block of a group's engine; returns whether there is one.
    fn engine_block(&mut self, group: Group<'a>) -> io::Result<bool> {
        let sheet = self.sheet;
        let engine = sheet.engines.iter().find(|engine| {
            let subject = tables::engine_subject(engine);
            group.0.is_some_and(|name| name.as_str() == subject)
                && group.1 == engine.environment.as_ref()
        });
        if let Some(engine) = engine {
            tables::engine(&mut self.printer, engine, sheet)?;
        } else {
            self.printer
                .line(2, &[(Tone::Heading, group_name(group))])?;
        }
        Ok(engine.is_some())
    }

    fn has_facts(&self, family: &str) -> bool {
        let connections = &self.sheet.connections;
        match family {
            "connect" => !connections.is_empty(),
            "tls" => connections.iter().any(|one| one.tls.is_some()),
            "server" => connections.iter().any(|one| one.server.is_some()),
            "activity" => connections
                .iter()
                .any(|one| !one.activity.is_empty() || one.sessions.is_some()),
            "health" => self.sheet.command == "health" && !self.sheet.metrics.is_empty(),
            "log" => self.sheet.command == "logs" && !self.sheet.metrics.is_empty(),
            _ => false,
        }
    }

    fn facts(&mut self, family: &str) -> io::Result<()> {
        let sheet = self.sheet;
        if matches!(family, "health" | "log") {
            return tables::metrics(&mut self.printer, &sheet.metrics);
        }
        for connection in &sheet.connections {
            match family {
                "connect" => tables::stages(&mut self.printer, connection)?,
                "tls" => tables::tls(&mut self.printer, connection)?,
                "server" => tables::server(&mut self.printer, connection)?,
                _ => sessions::write(&mut self.printer, connection)?,
            }
        }
        Ok(())
    }

    /// Writes how many engines pass, and the deployed ones.
    fn engine_summary(&mut self) -> io::Result<()> {
        let Some(summary) = &self.sheet.engine_summary else {
            return Ok(());
        };
        let (counts, deployed) = summary
            .text
            .as_str()
            .split_once("; ")
            .unwrap_or((summary.text.as_str(), ""));
        let tone = match summary.deployed.result {
            EngineResult::Pass => Tone::Good,
            EngineResult::Unknown => Tone::Unknown,
            EngineResult::Fail => Tone::Bad,
        };
        let (counts, deployed) = (format!("{counts}; "), escape::terminal(deployed));
        if columns(&counts) + columns(&deployed) <= self.printer.width {
            return self
                .printer
                .line(0, &[(Tone::Plain, counts), (tone, deployed)]);
        }
        self.printer
            .line(0, &[(Tone::Plain, counts.trim_end().to_owned())])?;
        let nothing = (Tone::Plain, String::new());
        self.printer.labelled(2, &nothing, tone, &deployed)
    }

    fn shows(&self, entry: &Entry) -> bool {
        match self.options.detail {
            Detail::Quiet => {
                let is_strict_unknown =
                    self.sheet.fail_on.strict && entry.standing == Standing::Unknown;
                entry.is_open() && (entry.standing == Standing::Fail || is_strict_unknown)
            }
            Detail::Normal => entry.standing != Standing::NotApplicable,
            Detail::Verbose => true,
        }
    }

    /// Writes the last lines: the engines, what the run came to, the counts, the time.
    pub(super) fn verdict(&mut self) -> io::Result<()> {
        self.engine_summary()?;
        self.baseline()?;
        let (tone, word) = match self.sheet.status {
            ExitStatus::Pass => (Tone::Good, "✓ pass"),
            ExitStatus::Fail | ExitStatus::Error | ExitStatus::Interrupted => (Tone::Bad, "✗ fail"),
        };
        let label: Piece = (tone, format!("{word}: "));
        let words = self.sheet.words();
        self.printer.labelled(0, &label, Tone::Plain, &words)
    }
}

impl Page<'_> {
    /// Says what the baseline has and the project no longer has, and what was not judged.
    fn baseline(&mut self) -> io::Result<()> {
        let Some(comparison) = &self.sheet.baseline else {
            return Ok(());
        };
        for (label, tone, gone) in [
            ("fixed since the baseline: ", Tone::Good, &comparison.fixed),
            (
                "of the baseline, not judged: ",
                Tone::Unknown,
                &comparison.unjudged,
            ),
        ] {
            for one in gone {
                let text = escape::terminal(&one.text());
                self.printer
                    .labelled(0, &(tone, label.into()), Tone::Plain, &text)?;
            }
        }
        if !comparison.fixed.is_empty() {
            let advice = "Write the baseline anew, so that what is fixed stays fixed.";
            self.printer.line(0, &[(Tone::Faint, advice.into())])?;
        }
        if comparison.fixed.is_empty() && comparison.unjudged.is_empty() {
            return Ok(());
        }
        self.printer.gap()
    }
}

/// Returns the entries by what they share, in order of first appearance.
fn groups<'a>(entries: &[&'a Entry], by_subject: bool) -> Vec<(Group<'a>, Vec<&'a Entry>)> {
    let mut groups: Vec<(Group<'a>, Vec<&'a Entry>)> = Vec::new();
    for entry in entries {
        let subject = by_subject.then_some(&entry.subject);
        let group = (subject, entry.environment.as_ref());
        match groups.iter_mut().find(|(known, _)| *known == group) {
            Some((_, members)) => members.push(entry),
            None => groups.push((group, vec![entry])),
        }
    }
    groups
}

fn group_name((subject, environment): Group<'_>) -> String {
    let subject = subject.map(shown);
    let place = environment.map(|name| match name.as_str() {
        "process" => "the process environment".to_owned(),
        _ => shown(name),
    });
    match (subject, place) {
        (Some(subject), Some(place)) => format!("{subject} in {place}"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => String::new(),
    }
}
