//! Runs cases in reality and in the resolver, and compares.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Write as _;
use std::process::{Command, Stdio};

use dbharden::facts::{
    ArgumentValue, Engine, Environment, EnvironmentKind, Known, Value, Variable,
};
use dbharden::inputs::python::{ProjectSources, scan};
use dbharden::value::{Origin, Secret};
use serde_json::{Value as Json, json};

use crate::case::Case;

/// What a run of cases came to.
#[derive(Debug, Default)]
pub(crate) struct Score {
    pub(crate) cases: usize,
    pub(crate) runs: usize,
    pub(crate) calls: usize,
    /// Values of resolvable cases that reality has.
    pub(crate) values: usize,
    /// Those of them that we call unknown.
    pub(crate) unknown: usize,
    pub(crate) wrong: Vec<String>,
    pub(crate) unresolved: Vec<String>,
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} cases, {} runs, {} calls, {} values: {} unknown, {} wrong",
            self.cases,
            self.runs,
            self.calls,
            self.values,
            self.unknown,
            self.wrong.len()
        )
    }
}

/// Runs the cases.
pub(crate) fn run(cases: &[Case]) -> Score {
    let folder = tempfile::tempdir().unwrap();
    let mut jobs = Vec::new();
    for (index, case) in cases.iter().enumerate() {
        let root = folder.path().join(format!("case{index}"));
        for (path, text) in &case.files {
            let path = root.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        for environment in &case.environments {
            jobs.push(json!({"dir": root, "module": case.module(), "call": case.call, "env": environment}));
        }
    }
    let answers = ask(&json!(jobs));
    let mut answers = answers.as_array().unwrap().iter();
    let mut score = Score {
        cases: cases.len(),
        ..Score::default()
    };
    for case in cases {
        let environments: Vec<Environment> = case
            .environments
            .iter()
            .enumerate()
            .map(environment)
            .collect();
        let sources = ProjectSources::from_texts(case.files.iter().cloned());
        let engines = scan(sources).engines(&environments);
        for (index, environment) in environments.iter().enumerate() {
            let answer = answers.next().unwrap();
            score.runs += 1;
            compare(&mut score, case, index, &environment.name, &engines, answer);
        }
    }
    score
}

fn environment((index, variables): (usize, &BTreeMap<String, String>)) -> Environment {
    Environment {
        name: format!("env{index}"),
        kind: EnvironmentKind::Process,
        variables: variables
            .iter()
            .map(|(name, value)| {
                Variable::new(
                    name.clone(),
                    Value::Known(Secret::from(value.as_str())),
                    Origin::env(name),
                )
            })
            .collect(),
        deployment: None,
    }
}

fn ask(jobs: &Json) -> Json {
    let python = std::env::var("DBHARDEN_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python/judge.py");
    let mut child = Command::new(python)
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(jobs.to_string().as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "the judge failed");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn compare(
    score: &mut Score,
    case: &Case,
    index: usize,
    environment: &str,
    engines: &[Engine],
    answer: &Json,
) {
    let label = format!("{} [{:?}]", case.name, case.environments[index]);
    let calls = answer["calls"].as_array().unwrap();
    let raised = answer["raised"].as_str();
    let mut seen: Vec<(String, u64)> = Vec::new();
    for call in calls {
        score.calls += 1;
        let (path, line) = (
            call["path"].as_str().unwrap(),
            call["line"].as_u64().unwrap(),
        );
        seen.push((path.to_owned(), line));
        let Some(engine) = pick(engines, path, line, environment) else {
            score.wrong.push(format!(
                "{label}: {path}:{line} is an engine that was not found"
            ));
            continue;
        };
        arguments(score, case, &label, engine, &call["arguments"]);
        address(score, case, &label, engine, call["url"].as_str());
    }
    if raised.is_none() {
        for engine in engines.iter().filter(|engine| engine.environment.is_none()) {
            let line = u64::from(engine.line);
            let here = pick(engines, &engine.path, line, environment).unwrap_or(engine);
            let real = seen
                .iter()
                .any(|(path, seen)| *path == engine.path && *seen == line);
            if here.details.reached == Some(true)
                && !real
                && case.call.is_empty() != calls.is_empty()
            {
                score.wrong.push(format!(
                    "{label}: {}:{line} is claimed to be reached",
                    engine.path
                ));
            }
        }
    }
}

/// Returns the engine in an environment, or by the code alone where no variable matters.
fn pick<'e>(engines: &'e [Engine], path: &str, line: u64, environment: &str) -> Option<&'e Engine> {
    let at = |engine: &&Engine| engine.path == path && u64::from(engine.line) == line;
    engines
        .iter()
        .filter(at)
        .find(|engine| engine.environment.as_deref() == Some(environment))
        .or_else(|| {
            engines
                .iter()
                .filter(at)
                .find(|engine| engine.environment.is_none())
        })
}

fn arguments(score: &mut Score, case: &Case, label: &str, engine: &Engine, real: &Json) {
    let real = real.as_object().unwrap();
    for (name, value) in real {
        score.values += usize::from(case.resolvable);
        let ours = engine
            .details
            .argument(name)
            .map(|argument| &argument.value);
        let above = name
            .match_indices('.')
            .map(|(at, _)| &name[..at])
            .chain([""]);
        let open = above
            .into_iter()
            .any(|path| engine.details.open_at(path).is_some());
        let unknown = match ours {
            Some(ArgumentValue::Unknown(_)) => true,
            None => open,
            Some(_) => false,
        };
        if unknown {
            if case.resolvable {
                score.unknown += 1;
                score.unresolved.push(format!(
                    "{label}: {name} is {value}, unknown to us: {ours:?} {:?}",
                    engine.details.open
                ));
            }
        } else if !ours.is_some_and(|ours| agrees(ours, value)) {
            score
                .wrong
                .push(format!("{label}: {name} is {value}, claimed {ours:?}"));
        }
    }
    for argument in &engine.details.arguments {
        let claimed = !matches!(argument.value, ArgumentValue::Unknown(_));
        let config = argument.name.starts_with("SQLALCHEMY_");
        if claimed && !config && !real.contains_key(&argument.name) {
            score.wrong.push(format!(
                "{label}: {} is not given, claimed {:?}",
                argument.name, argument.value
            ));
        }
    }
}

fn address(score: &mut Score, case: &Case, label: &str, engine: &Engine, real: Option<&str>) {
    let Some(real) = real else { return };
    score.values += usize::from(case.resolvable);
    match (&engine.details.url.text, &engine.details.url.prefix) {
        (Some(text), _) if text.expose() == real => {}
        (None, Some(prefix)) if real.starts_with(prefix.as_str()) => {}
        (None, None) => {
            if case.resolvable {
                score.unknown += 1;
                score
                    .unresolved
                    .push(format!("{label}: the URL is unknown to us"));
            }
        }
        (text, prefix) => score.wrong.push(format!(
            "{label}: the URL is {real}, claimed {:?} {prefix:?}",
            text.as_ref().map(Secret::expose)
        )),
    }
}

fn agrees(ours: &ArgumentValue, real: &Json) -> bool {
    match ours {
        ArgumentValue::Plain(known) => {
            let Some(plain) = real.get("plain") else {
                return false;
            };
            match known {
                Known::None => plain.is_null(),
                Known::Bool(truth) => plain.as_bool() == Some(*truth),
                Known::Int(number) => plain.as_i64() == Some(*number),
                Known::Float(number) => plain.is_f64() && plain.as_f64() == Some(*number),
                Known::Text(_) => false,
            }
        }
        ArgumentValue::Text(text) => real["text"].as_str() == Some(text.expose()),
        ArgumentValue::Object(name) => real.get("object").is_some_and(|object| {
            let last = name.rsplit('.').next().unwrap();
            object.as_str() == Some(last) || last.chars().next().is_some_and(char::is_lowercase)
        }),
        ArgumentValue::Unknown(_) => true,
    }
}
