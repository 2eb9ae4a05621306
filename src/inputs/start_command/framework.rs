//! The frameworks' own commands, the task queues, and Python itself.
//!
//! Read after `fastapi` 0.0.16, Flask 3.1, Django 5.2, Celery 5.5 and dramatiq 1.18.

use super::arguments::{Arguments, module};
use super::options::{DRAMATIQ, FASTAPI};
use super::program::{of_variable, plain, program, single};
use super::server::word;
use super::{Count, Process, Program, State, Target, joined};
use crate::facts::Value;

pub(super) fn fastapi(arguments: Arguments<'_>, state: State) -> Option<Process> {
    let positional = arguments.positional(&FASTAPI);
    let command = positional.first().map(|word| word.text.as_str());
    let (workers, workers_from) = match command {
        Some("dev") => (Count::Known(1), "fastapi dev".to_owned()),
        Some("run") => arguments.count(FASTAPI.workers).unwrap_or_else(|| {
            of_variable(
                "WEB_CONCURRENCY",
                "fastapi's default",
                &state,
                arguments.around,
            )
        }),
        _ => return None,
    };
    let entry = arguments
        .option(&["-e", "--entrypoint"])
        .and_then(|(text, _)| module(text, Some("app")));
    let target = entry.or_else(|| Some(Target::File(positional.get(1)?.text.clone())));
    Some(Process {
        workers,
        workers_from,
        ..single(Program::Fastapi, target, state)
    })
}

pub(super) fn flask(arguments: Arguments<'_>, state: State) -> Option<Process> {
    if !arguments.has("run") {
        return None;
    }
    let given = arguments
        .option(&["-A", "--app"])
        .map(|(text, _)| text.to_owned());
    let named = given.or_else(|| match state.get("FLASK_APP", arguments.around) {
        Some(Value::Known(text)) => Some(text.expose().to_owned()),
        _ => None,
    });
    let target = named.and_then(|text| of_name_or_file(&text));
    Some(single(Program::Flask, target, state))
}

/// Reads `module:attribute`, `module` or `path/file.py:attribute`.
pub(super) fn of_name_or_file(text: &str) -> Option<Target> {
    let path = text.split(':').next().unwrap_or_default();
    match path.strip_suffix(".py") {
        Some(_) => Some(Target::File(path.to_owned())),
        None => module(text, None),
    }
}

pub(super) fn django(arguments: Arguments<'_>, state: State) -> Option<Process> {
    let command = arguments
        .words
        .iter()
        .find(|word| !word.text.starts_with('-'))?;
    if !matches!(
        command.text.as_str(),
        "runserver" | "runserver_plus" | "qcluster" | "rqworker" | "process_tasks" | "db_worker"
    ) {
        return None;
    }
    let target = match state.get("DJANGO_SETTINGS_MODULE", arguments.around) {
        Some(Value::Known(text)) => module(text.expose(), None),
        _ => None,
    };
    Some(single(Program::Django, target, state))
}

pub(super) fn celery(arguments: Arguments<'_>, mut state: State) -> Option<Process> {
    let target = arguments
        .option(&["-A", "--app"])
        .and_then(|(text, _)| module(text, None));
    if let Some((folder, unknown)) = arguments.option(&["--workdir"]) {
        state.folder = joined(&state.folder, &word(folder, unknown));
    }
    if arguments.has("worker") {
        let pool = arguments.option(&["-P", "--pool"]).map(|(text, _)| text);
        let (workers, workers_from) = match pool {
            Some("solo" | "threads" | "gevent" | "eventlet") => (
                Count::Known(1),
                "one process with a pool of threads".to_owned(),
            ),
            _ => arguments
                .count(&["-c", "--concurrency"])
                .unwrap_or_else(|| {
                    let why = "as many as there are CPUs (celery's default)";
                    (
                        Count::Unknown(why.to_owned()),
                        "celery's default".to_owned(),
                    )
                }),
        };
        return Some(Process {
            workers,
            workers_from,
            ..single(Program::Celery, target, state)
        });
    }
    arguments
        .has("beat")
        .then(|| single(Program::Celery, target, state))
}

pub(super) fn dramatiq(arguments: Arguments<'_>, state: State) -> Process {
    let (workers, workers_from) = arguments.count(DRAMATIQ.workers).unwrap_or_else(|| {
        let why = "as many as there are CPUs (dramatiq's default)";
        (
            Count::Unknown(why.to_owned()),
            "dramatiq's default".to_owned(),
        )
    });
    Process {
        workers,
        workers_from,
        ..single(Program::Dramatiq, arguments.target(&DRAMATIQ, None), state)
    }
}

/// Reads `python -m …` and `python file.py …`.
pub(super) fn python(arguments: Arguments<'_>, state: State) -> Option<Process> {
    let mut words = arguments.words;
    while let Some(word) = words.first() {
        match word.text.as_str() {
            "-m" => {
                let module_ = words.get(1)?;
                let rest = Arguments {
                    words: &words[2..],
                    around: arguments.around,
                };
                return python_module(&module_.text, rest, state);
            }
            "-c" => {
                return Some(plain(
                    Program::Python,
                    None,
                    state,
                    "not known: the program is in the command",
                ));
            }
            "-W" | "-X" => words = words.get(2..).unwrap_or_default(),
            option if option.starts_with('-') => words = &words[1..],
            file => {
                let rest = Arguments {
                    words: &words[1..],
                    around: arguments.around,
                };
                if file.rsplit('/').next() == Some("manage.py") {
                    return django(rest, state);
                }
                return Some(single(
                    Program::Python,
                    Some(Target::File(file.to_owned())),
                    state,
                ));
            }
        }
    }
    None
}

/// Reads `python -m gunicorn …`, or a module of the project.
pub(super) fn python_module(name: &str, rest: Arguments<'_>, state: State) -> Option<Process> {
    const KNOWN: [&str; 11] = [
        "gunicorn",
        "uvicorn",
        "hypercorn",
        "granian",
        "daphne",
        "fastapi",
        "flask",
        "celery",
        "dramatiq",
        "rq",
        "arq",
    ];
    if KNOWN.contains(&name) {
        return program(name, name, rest.words, rest.around, state);
    }
    if matches!(name, "waitress") {
        return program("waitress-serve", name, rest.words, rest.around, state);
    }
    if matches!(
        name,
        "alembic" | "pip" | "compileall" | "flask.cli" | "pytest"
    ) {
        return None;
    }
    let target = module(name, None);
    Some(single(Program::Python, target, state))
}
