//! Runs rules over facts: the only place that pairs a rule with its subjects, and that applies
//! severities and waivers.

use super::budget::by_file;
use super::pool::names_a_pool;
use super::{Check, Context, Judgement, Outcome, PoolVariable, Rule, Verdict};
use crate::facts::{
    Connection, DatabaseUrl, Engine, Environment, Missing, ProjectFile, Role, Service, UrlText,
    is_started,
};
use crate::spec::{Level, PoolSetting};
use crate::value::Origin;

/// Runs each rule over every subject of its kind, in the order of the rules.
pub fn judge<'a>(
    rules: impl IntoIterator<Item = &'a &'static Rule>,
    context: Context<'_>,
) -> Vec<Judgement> {
    let mut judgements = Vec::new();
    for rule in rules {
        let level = context.spec.level(rule.id);
        if level == Some(Level::Off) {
            continue;
        }
        for mut judgement in judge_rule(rule, context) {
            if let Some(Level::At(severity)) = level {
                judgement.severity = severity;
            }
            let waiver = context
                .spec
                .waiver(rule.id, &judgement.subject, context.today);
            judgement.waived = waiver.map(|waiver| waiver.reason.clone());
            let lapsed = context
                .spec
                .expired_waiver(rule.id, &judgement.subject, context.today);
            judgement.lapsed = lapsed
                .map(|waiver| format!("its waiver ended on {}: {}", waiver.until, waiver.reason));
            judgements.push(judgement);
        }
    }
    judgements
}

fn judge_rule(rule: &'static Rule, context: Context<'_>) -> Vec<Judgement> {
    let facts = context.facts;
    match rule.check {
        Check::Url(check) => facts
            .urls
            .iter()
            .map(|url| {
                of_url(
                    rule,
                    url,
                    or_unset(url, rule).unwrap_or_else(|| check(url, context)),
                )
            })
            .collect(),
        Check::Reader(check) => facts
            .urls
            .iter()
            .flat_map(|url| {
                url.readers.iter().map(move |reader| Judgement {
                    driver: Some(reader.driver.to_string()),
                    ..of_url(
                        rule,
                        url,
                        or_unset(url, rule).unwrap_or_else(|| check(url, reader, context)),
                    )
                })
            })
            .collect(),
        Check::Pool(settings, check) => facts
            .environments
            .iter()
            .filter(|environment| sets_the_spec(environment, context))
            .flat_map(|environment| {
                settings
                    .iter()
                    .map(move |setting| pool_variable(*setting, environment, context))
            })
            .map(|case| of_pool(rule, &case, context, check(&case, context)))
            .collect(),
        Check::Variable(check) => facts
            .environments
            .iter()
            .flat_map(|environment| {
                environment
                    .variables
                    .iter()
                    .map(move |one| (one, environment))
            })
            .filter(|(variable, _)| names_a_pool(&variable.name, context))
            .map(|(variable, environment)| Judgement {
                subject: variable.name.clone(),
                environment: Some(environment.name.clone()),
                origin: Some(variable.origin.clone()),
                ..bare(rule, check(variable, environment, context))
            })
            .collect(),
        Check::Engine(check) => facts
            .engines
            .iter()
            .filter(|engine| {
                let is_ours = engine.role == Role::App || context.spec.all_roles;
                is_ours || is_started(engine, &facts.services)
            })
            .map(|engine| of_engine(rule, engine, check(engine, context)))
            .collect(),
        Check::Connection(check) => by_database(&facts.connections)
            .into_iter()
            .map(|tries| of_connection(rule, &tries, check(&tries, context)))
            .collect(),
        Check::Deploy(check) => by_file(&facts.services)
            .into_iter()
            .map(|services| of_deploy(rule, &services, check(&services, context)))
            .collect(),
        Check::File(check) => facts
            .files
            .iter()
            .map(|file| Judgement {
                subject: file.path.clone(),
                origin: Some(of_file(file)),
                ..bare(rule, check(file, context))
            })
            .collect(),
        Check::Project(check) => {
            vec![Judgement {
                subject: "project".to_owned(),
                ..bare(rule, check(context))
            }]
        }
    }
}

/// Returns the outcome of a rule on a connection string that is not there or not known; only
/// `url-present` judges an empty one.
fn or_unset(url: &DatabaseUrl, rule: &Rule) -> Option<Outcome> {
    match &url.text {
        UrlText::Unknown(reason) => Some(Err(Missing::new(format!(
            "the value of {}, which is {reason}",
            url.subject
        )))),
        UrlText::Known(text) if !text.expose().trim().is_empty() => None,
        UrlText::Unset | UrlText::Known(_) => (rule.id != "url-present")
            .then(|| Verdict::not_applicable("there is no connection string")),
    }
}

/// Returns whether an environment sets a variable that the spec is about.
fn sets_the_spec(environment: &Environment, context: Context<'_>) -> bool {
    let names = &context.spec.variables;
    let pool = PoolSetting::ALL
        .iter()
        .flat_map(|setting| names.pool(*setting));
    environment
        .first_of(names.database_url.iter().chain(pool))
        .is_some()
        || context.facts.environments.len() == 1
}

fn pool_variable<'a>(
    setting: PoolSetting,
    environment: &'a Environment,
    context: Context<'_>,
) -> PoolVariable<'a> {
    PoolVariable {
        setting,
        environment,
        variable: environment.first_of(context.spec.variables.pool(setting)),
    }
}

/// Groups the tries by the connection string that was dialled, in their order.
fn by_database(connections: &[Connection]) -> Vec<Vec<&Connection>> {
    let mut groups: Vec<Vec<&Connection>> = Vec::new();
    for connection in connections {
        match groups
            .iter_mut()
            .find(|group| group[0].url == connection.url)
        {
            Some(group) => group.push(connection),
            None => groups.push(vec![connection]),
        }
    }
    groups
}

fn of_url(rule: &'static Rule, url: &DatabaseUrl, outcome: Outcome) -> Judgement {
    let is_marked = matches!(&outcome, Ok(Verdict::Fail(finding)) if finding.mark.is_some());
    Judgement {
        subject: url.subject.clone(),
        environment: url.environment.clone(),
        origin: url.origin.clone(),
        redacted: is_marked.then(|| url.redacted.text.clone()),
        ..bare(rule, outcome)
    }
}

fn of_pool(
    rule: &'static Rule,
    case: &PoolVariable<'_>,
    context: Context<'_>,
    outcome: Outcome,
) -> Judgement {
    let usual = context.spec.variables.pool(case.setting).first();
    Judgement {
        subject: case
            .variable
            .map(|variable| variable.name.clone())
            .or_else(|| usual.cloned())
            .unwrap_or_else(|| case.setting.argument().to_owned()),
        environment: Some(case.environment.name.clone()),
        origin: case.variable.map(|variable| variable.origin.clone()),
        ..bare(rule, outcome)
    }
}

fn of_engine(rule: &'static Rule, engine: &Engine, outcome: Outcome) -> Judgement {
    Judgement {
        subject: format!("{}:{}", engine.path, engine.line),
        driver: engine.driver.as_ref().map(ToString::to_string),
        environment: engine.environment.clone(),
        origin: Some(Origin::file(&engine.path, engine.line, 1)),
        ..bare(rule, outcome)
    }
}

fn of_connection(rule: &'static Rule, tries: &[&Connection], outcome: Outcome) -> Judgement {
    let hosts: Vec<_> = tries
        .iter()
        .map(|try_| format!("{}:{}", try_.host, try_.port))
        .collect();
    let mut distinct = hosts.clone();
    distinct.dedup();
    Judgement {
        subject: distinct.join(","),
        environment: tries.first().and_then(|first| first.url.1.clone()),
        origin: tries.last().map(|last| Origin::Server {
            host: last.host.clone(),
            port: last.port,
        }),
        ..bare(rule, outcome)
    }
}

fn of_deploy(rule: &'static Rule, services: &[&Service], outcome: Outcome) -> Judgement {
    let first = services.first();
    Judgement {
        subject: first.map_or_else(|| "project".to_owned(), |service| service.file.clone()),
        origin: services.iter().find_map(|service| service.origin.clone()),
        ..bare(rule, outcome)
    }
}

fn of_file(file: &ProjectFile) -> Origin {
    let place = file
        .problem
        .as_ref()
        .map(|problem| (problem.line.unwrap_or(1), problem.column.unwrap_or(1)));
    let (line, column) = place.unwrap_or((1, 1));
    Origin::file(&file.path, line, column)
}

/// Returns a judgement that has only a rule and an outcome.
fn bare(rule: &'static Rule, outcome: Outcome) -> Judgement {
    let severity = match &outcome {
        Ok(Verdict::Fail(finding)) => finding.severity.unwrap_or(rule.severity),
        _ => rule.severity,
    };
    Judgement {
        rule,
        subject: String::new(),
        driver: None,
        environment: None,
        origin: None,
        redacted: None,
        outcome,
        severity,
        waived: None,
        lapsed: None,
    }
}
