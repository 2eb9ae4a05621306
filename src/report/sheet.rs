//! A report after the gate: what every renderer reads.

use std::time::Duration;

use super::view::{Connection, Engine, Metric, Url};
use super::{
    Baseline, Comparison, EngineSummary, Entry, ExitStatus, FailOn, Gate, Place, Report, Sealed,
    Standing, Summary,
};
use crate::value::Origin;

/// A report without secrets, in the order in which it is shown.
#[derive(Debug)]
pub struct Sheet {
    /// The command.
    pub command: &'static str,
    /// The profile's name.
    pub profile: Sealed,
    /// What the run came to.
    pub status: ExitStatus,
    /// What makes the run fail.
    pub fail_on: FailOn,
    /// Whether nothing is unknown.
    pub complete: bool,
    /// The counts.
    pub summary: Summary,
    /// The entries, by section.
    pub entries: Vec<Entry>,
    /// The connection strings.
    pub urls: Vec<Url>,
    /// The engines.
    pub engines: Vec<Engine>,
    /// How many engines pass, and the deployed ones; for `code` and `check`.
    pub engine_summary: Option<EngineSummary>,
    /// The attempts to connect.
    pub connections: Vec<Connection>,
    /// What a health endpoint or a log said.
    pub metrics: Vec<Metric>,
    /// Where files declare variables, by name: what an entry without a file falls back to.
    pub declared: Vec<(Sealed, Place)>,
    /// The file that sets a connection string, else any that was read.
    pub nearest_file: Option<Place>,
    /// What came of it against a baseline, where there is one.
    pub baseline: Option<Comparison>,
    /// How long the run took.
    pub took: Duration,
}

/// The sections of a report, in their order: a family of rules, and the heading.
pub(super) const SECTIONS: &[(&str, &str)] = &[
    ("url", "Database URL"),
    ("pool", "Pool settings"),
    ("engine", "Engines"),
    ("budget", "Connection budget"),
    ("connect", "Connection"),
    ("tls", "TLS"),
    ("server", "Server"),
    ("activity", "Activity"),
    ("health", "Health endpoint"),
    ("log", "Startup log"),
    ("project", "Project"),
];

impl Sheet {
    pub(super) fn new(report: Report<'_>, gate: &Gate) -> Self {
        let engine_summary = matches!(report.command, "code" | "check")
            .then(|| EngineSummary::new(&report, gate))
            .flatten();
        let declared = declared(&report, gate);
        let nearest_file = nearest_file(&report, gate);
        let judgements = report.judgements.into_iter();
        let mut entries: Vec<Entry> = judgements.map(|one| Entry::new(one, gate)).collect();
        // Stable: within a section the rules' own order stays.
        entries.sort_by_cached_key(|entry| rank(entry.rule.family()));
        let facts = report.facts;
        Self {
            command: report.command,
            profile: gate.seal(report.profile),
            status: report.fail_on.status(&entries),
            fail_on: report.fail_on,
            complete: entries
                .iter()
                .all(|entry| entry.standing != Standing::Unknown),
            summary: Summary::of(&entries),
            entries,
            urls: facts.urls.iter().map(|url| Url::new(url, gate)).collect(),
            engines: facts
                .engines
                .iter()
                .map(|engine| Engine::new(engine, &facts.services, gate))
                .collect(),
            engine_summary,
            connections: facts
                .connections
                .iter()
                .map(|connection| Connection::new(connection, gate))
                .collect(),
            metrics: facts
                .metrics
                .iter()
                .map(|metric| Metric::new(metric, gate))
                .collect(),
            declared,
            nearest_file,
            baseline: None,
            took: report.took,
        }
    }

    /// Returns the baseline that knows everything that fails now.
    pub fn to_baseline(&self) -> Baseline {
        Baseline::of(&self.entries, self.fail_on.strict)
    }

    /// Marks what a baseline knows, so that it no longer fails.
    pub fn compare(&mut self, baseline: &Baseline, gate: &Gate) {
        let strict = self.fail_on.strict;
        self.baseline = Some(baseline.compare(&mut self.entries, strict, gate));
        self.summary = Summary::of(&self.entries);
        self.status = self.fail_on.status(&self.entries);
    }

    /// Returns the counts and the time in words.
    pub fn words(&self) -> String {
        let seconds = self.took.as_secs_f64();
        let took = if seconds < 0.1 {
            format!("{:.0} ms", seconds * 1000.0)
        } else {
            format!("{seconds:.2} s")
        };
        format!("{} · {took}", self.summary.words())
    }
}

/// Returns the heading of a family's section; a family without one is its own heading.
pub(super) fn heading(family: &'static str) -> &'static str {
    SECTIONS
        .get(rank(family))
        .map_or(family, |(_, heading)| heading)
}

fn rank(family: &str) -> usize {
    SECTIONS
        .iter()
        .position(|(known, _)| *known == family)
        .unwrap_or(SECTIONS.len())
}

fn declared(report: &Report<'_>, gate: &Gate) -> Vec<(Sealed, Place)> {
    let subjects = report.judgements.iter().map(|one| one.subject.as_str());
    let subjects: std::collections::BTreeSet<&str> = subjects.collect();
    let environments = report.facts.environments.iter();
    environments
        .flat_map(|environment| &environment.variables)
        .filter(|variable| {
            matches!(variable.origin, Origin::File { .. })
                && subjects.contains(variable.name.as_str())
        })
        .filter_map(|variable| {
            let place = Place::new(variable.origin.clone(), gate)?;
            Some((gate.seal(&variable.name), place))
        })
        .collect()
}

fn nearest_file(report: &Report<'_>, gate: &Gate) -> Option<Place> {
    let urls = report.facts.urls.iter();
    let setters = urls.filter_map(|url| url.origin.clone());
    let files = report.facts.files.iter();
    let others = files.map(|file| Origin::file(&file.path, 1, 1));
    setters
        .chain(others)
        .find(|origin| matches!(origin, Origin::File { .. }))
        .and_then(|origin| Place::new(origin, gate))
}
