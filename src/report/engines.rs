//! How many engines pass, and whether the ones that deploy files start do: the last line of `code`
//! and `check`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{Gate, Report, Sealed};
use crate::facts::{Engine, Facts, Service, SettingFrom};
use crate::rules::{Judgement, Verdict};
use crate::spec::Severity;
use crate::value::{Origin, plural};

/// How an engine stands, by the worst of its entries; the worst one is the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum EngineResult {
    /// Everything that applies holds.
    Pass,
    /// Something is not known, and nothing fails.
    Unknown,
    /// Something fails at or above `--fail-on`.
    Fail,
}

impl EngineResult {
    fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Unknown => "unknown",
            Self::Fail => "fail",
        }
    }
}

/// How many engines pass, and the deployed ones.
#[derive(Debug, Serialize)]
pub struct EngineSummary {
    /// How many engines were judged.
    pub total: usize,
    /// How many pass.
    pub pass: usize,
    /// How many fail.
    pub fail: usize,
    /// Of how many that is not known.
    pub unknown: usize,
    /// Those that deploy files start.
    pub deployed: Deployed,
    /// The line.
    pub text: Sealed,
}

/// The engines that deploy files start.
#[derive(Debug, Serialize)]
pub struct Deployed {
    /// The worst of them; unknown where there may be others.
    pub result: EngineResult,
    /// Each of them.
    pub engines: Vec<DeployedEngine>,
    /// Why there may be others, or none is known.
    pub unknown: Vec<Sealed>,
}

/// An engine that deploy files start.
#[derive(Debug, Serialize)]
pub struct DeployedEngine {
    /// The engine: `server/main.py:41`.
    pub engine: Sealed,
    /// How it stands where it is started.
    pub result: EngineResult,
    /// The services that start it.
    pub environments: Vec<Sealed>,
}

/// How each engine stands: by its subject and environment.
type Standings<'a> = BTreeMap<(&'a str, Option<&'a str>), EngineResult>;

/// The most engines and reasons that the line names.
const NAMED: usize = 4;

impl EngineSummary {
    /// Sums up a report; `None` where it judges no engine.
    pub(super) fn new(report: &Report<'_>, gate: &Gate) -> Option<Self> {
        let standings = standings(report);
        let mut worst: BTreeMap<&str, EngineResult> = BTreeMap::new();
        for ((subject, _), result) in &standings {
            let known = worst.entry(subject).or_insert(EngineResult::Pass);
            *known = (*known).max(*result);
        }
        if worst.is_empty() {
            return None;
        }
        let count = |wanted| worst.values().filter(|one| **one == wanted).count();
        let (started, reasons) = started(report.facts, &standings, &worst);
        let result = started
            .iter()
            .map(|one| one.1)
            .chain((started.is_empty() || !reasons.is_empty()).then_some(EngineResult::Unknown))
            .max()
            .unwrap_or(EngineResult::Unknown);
        let (pass, fail, unknown) = (
            count(EngineResult::Pass),
            count(EngineResult::Fail),
            count(EngineResult::Unknown),
        );
        let engines = plural(worst.len(), "engine");
        let text = format!(
            "{engines}: {pass} pass, {fail} fail, {unknown} unknown; {}",
            words(&started, &reasons)
        );
        Some(Self {
            total: worst.len(),
            pass,
            fail,
            unknown,
            deployed: Deployed {
                result,
                engines: started
                    .iter()
                    .map(|(engine, result, environments)| DeployedEngine {
                        engine: gate.seal(engine),
                        result: *result,
                        environments: environments.iter().map(|name| gate.seal(*name)).collect(),
                    })
                    .collect(),
                unknown: reasons
                    .iter()
                    .map(|reason| gate.seal(reason).one_line())
                    .collect(),
            },
            text: gate.seal(&text).one_line(),
        })
    }
}

/// Returns how each engine stands; a finding about several engines counts for each that it names.
fn standings<'a>(report: &'a Report<'_>) -> Standings<'a> {
    let least = report.fail_on.least.unwrap_or(Severity::Error);
    let of_engines = report
        .judgements
        .iter()
        .filter(|judgement| judgement.rule.family() == "engine");
    let mut standings = Standings::new();
    let mut named: BTreeSet<String> = BTreeSet::new();
    for judgement in of_engines {
        let Some(result) = result(judgement, least) else {
            continue;
        };
        if judgement.subject == "project" {
            if let (EngineResult::Fail, Ok(Verdict::Fail(finding))) = (result, &judgement.outcome) {
                named.extend(finding.seen.origins.iter().filter_map(place));
            }
            continue;
        }
        let key = (judgement.subject.as_str(), judgement.environment.as_deref());
        let known = standings.entry(key).or_insert(EngineResult::Pass);
        *known = (*known).max(result);
    }
    let mut by_url: BTreeSet<(String, Option<String>)> = BTreeSet::new();
    let urls: Vec<&Judgement> = report
        .judgements
        .iter()
        .filter(|one| one.rule.family() == "url" && result(one, least) == Some(EngineResult::Fail))
        .collect();
    for engine in &report.facts.engines {
        // A string that its driver cannot take stops an engine, whatever its pool is.
        if urls.iter().any(|url| reads(engine, url)) {
            let key = (engine.subject(), engine.environment.clone());
            by_url.insert(key);
        }
    }
    for ((subject, environment), result) in &mut standings {
        let key = ((*subject).to_owned(), environment.map(str::to_owned));
        if named.contains(*subject) || by_url.contains(&key) {
            *result = EngineResult::Fail;
        }
    }
    standings
}

/// Returns whether a judgement is about the connection string that an engine reads.
fn reads(engine: &Engine, url: &Judgement) -> bool {
    let driver = engine.driver.as_ref().map(ToString::to_string);
    engine.environment.is_some()
        && engine.environment == url.environment
        && engine.details.url.variables.contains(&url.subject)
        && (url.driver.is_none() || url.driver == driver)
}

fn result(judgement: &Judgement, least: Severity) -> Option<EngineResult> {
    let waived = judgement.waived.is_some();
    match &judgement.outcome {
        Ok(Verdict::NotApplicable(_)) => None,
        Ok(Verdict::Fail(_)) if !waived && judgement.severity >= least => Some(EngineResult::Fail),
        Err(_) if !waived => Some(EngineResult::Unknown),
        Ok(Verdict::Pass(_) | Verdict::Fail(_)) | Err(_) => Some(EngineResult::Pass),
    }
}

fn place(origin: &Origin) -> Option<String> {
    match origin {
        Origin::File { path, line, .. } => Some(format!("{path}:{line}")),
        _ => None,
    }
}

/// An engine's subject, how it stands, and the services that start it.
type Started<'a> = (String, EngineResult, Vec<&'a str>);

/// Returns the engines that deploy files start, and why there may be others.
fn started<'a>(
    facts: &'a Facts,
    standings: &Standings<'_>,
    worst: &BTreeMap<&str, EngineResult>,
) -> (Vec<Started<'a>>, Vec<String>) {
    let services = counted(&facts.services);
    let mut started: Vec<Started<'a>> = Vec::new();
    let mut reasons = Vec::new();
    let mut nothing = Vec::new();
    for service in &services {
        let name = service.environment.as_str();
        reasons.extend(service.unknown.iter().map(|why| format!("{name}: {why}")));
        for process in &service.processes {
            let judged = process.engines.iter().filter_map(|(path, line)| {
                let subject = format!("{path}:{line}");
                worst.contains_key(subject.as_str()).then_some(subject)
            });
            let judged: Vec<String> = judged.collect();
            if judged.is_empty() && process.doubt.is_none() {
                nothing.push(format!(
                    "{name} starts {}, which imports none",
                    process.starts
                ));
            }
            for subject in &judged {
                let result = standing(subject, service, facts, standings);
                match started.iter_mut().find(|(known, ..)| known == subject) {
                    Some((_, known, services)) => {
                        *known = (*known).max(result);
                        services.push(name);
                    }
                    None => started.push((subject.clone(), result, vec![name])),
                }
            }
            // What may be reached beside these is no doubt where everything passes.
            let others = worst.iter().any(|(subject, result)| {
                *result != EngineResult::Pass && !judged.iter().any(|known| known == subject)
            });
            if let Some(doubt) = &process.doubt
                && (judged.is_empty() || others)
            {
                reasons.push(format!("{name}: {doubt}"));
            }
        }
    }
    if started.is_empty() && reasons.is_empty() {
        reasons = nothing;
        if reasons.is_empty() {
            reasons.push("no deploy file says what starts".to_owned());
        }
    }
    for (_, _, services) in &mut started {
        services.dedup();
    }
    reasons.dedup();
    started.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    (started, reasons)
}

/// Leaves out Compose's services, which are for development, where another platform starts some.
fn counted(services: &[Service]) -> Vec<&Service> {
    let is_dev = |service: &&Service| service.platform == "compose";
    let says = |service: &&Service| !service.processes.is_empty() || service.unknown.is_some();
    let elsewhere = services.iter().any(|one| !is_dev(&one) && says(&one));
    services
        .iter()
        .filter(|service| !elsewhere || !is_dev(service))
        .collect()
}

/// Returns how an engine stands in a service: by its values there, where there are any.
fn standing(
    subject: &str,
    service: &Service,
    facts: &Facts,
    standings: &Standings<'_>,
) -> EngineResult {
    let here = standings.get(&(subject, Some(service.environment.as_str())));
    let result = here.or_else(|| standings.get(&(subject, None)));
    let result = result.copied().unwrap_or(EngineResult::Unknown);
    if result == EngineResult::Pass && may_be_set(subject, service, facts) {
        return EngineResult::Unknown;
    }
    result
}

/// Returns whether a setting that rests on a default may be set where no file shows it.
fn may_be_set(subject: &str, service: &Service, facts: &Facts) -> bool {
    if service.unseen.is_empty() {
        return false;
    }
    let of_service = |engine: &&Engine| {
        engine.subject() == subject && engine.environment.as_ref() == Some(&service.environment)
    };
    let of_code = |engine: &&Engine| engine.subject() == subject && engine.environment.is_none();
    let mut engines = facts.engines.iter();
    let engine = engines
        .clone()
        .find(of_service)
        .or_else(|| engines.find(of_code));
    engine.is_some_and(|engine| {
        let mut settings = engine.settings.iter();
        settings.any(|(_, setting)| matches!(setting.from, SettingFrom::EnvDefault(_)))
    })
}

/// Says which engines are deployed, and how they stand.
fn words(started: &[Started<'_>], reasons: &[String]) -> String {
    let mut parts: Vec<String> = started
        .iter()
        .map(|(subject, result, services)| match result {
            EngineResult::Unknown => format!("unknown ({subject} in {})", services.join(", ")),
            EngineResult::Pass | EngineResult::Fail => format!("{} ({subject})", result.word()),
        })
        .collect();
    let failing = started
        .iter()
        .filter(|(_, result, _)| *result == EngineResult::Fail)
        .count();
    // What is not known comes before what passes.
    for (at, reason) in reasons.iter().enumerate() {
        parts.insert(failing + at, format!("unknown ({reason})"));
    }
    let label = if parts.len() == 1 {
        "the deployed one"
    } else {
        "the deployed ones"
    };
    let more = parts.len().saturating_sub(NAMED);
    parts.truncate(NAMED);
    if more > 0 {
        parts.push(format!("and {more} more"));
    }
    format!("{label}: {}", parts.join(", "))
}
