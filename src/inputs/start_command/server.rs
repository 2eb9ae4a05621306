//! The web servers: gunicorn, uvicorn, hypercorn, granian.
//!
//! Read after gunicorn 23, uvicorn 0.38, hypercorn 0.18 and granian 2.5.

use super::arguments::{Arguments, module};
use super::options::{GUNICORN, Options, UVICORN};
use super::program::{of_variable, single};
use super::shell::{self, Word};
use super::{Count, Process, Program, State, gunicorn_config, joined};
use crate::facts::Value;

pub(super) fn one_flag(
    program: Program,
    options: &Options,
    variable: Option<&str>,
    arguments: Arguments<'_>,
    mut state: State,
) -> Process {
    if let Some((folder, unknown)) = arguments.option(&["--working-dir"]) {
        state.folder = joined(&state.folder, &word(folder, unknown));
    }
    let given = arguments.count(options.workers);
    let default = "the server's default";
    let (workers, workers_from) = given.unwrap_or_else(|| match variable {
        Some(name) => of_variable(name, default, &state, arguments.around),
        None => (Count::Known(1), default.to_owned()),
    });
    Process {
        workers,
        workers_from,
        ..single(program, arguments.target(options, Some("app")), state)
    }
}

pub(super) fn word(text: &str, unknown: Option<&str>) -> Word {
    Word {
        text: text.to_owned(),
        unknown: unknown.map(str::to_owned),
    }
}

pub(super) fn gunicorn(arguments: Arguments<'_>, mut state: State) -> Process {
    let around = arguments.around;
    // GUNICORN_CMD_ARGS stands between the configuration file and the command line.
    let given = state.get("GUNICORN_CMD_ARGS", around);
    let of_variable_text = match &given {
        Some(Value::Known(text)) => shell::commands(text.expose(), &|_| None)
            .into_iter()
            .flatten()
            .collect(),
        _ => Vec::new(),
    };
    let more = Arguments {
        words: &of_variable_text,
        around,
    };
    let either = |names: &[&str]| {
        let own = arguments.option(names).or_else(|| more.option(names));
        own.map(|(text, unknown)| word(text, unknown))
    };
    let named = either(&["-c", "--config"]);
    let path = match &named {
        Some(word) => word
            .text
            .strip_prefix("file:")
            .unwrap_or(&word.text)
            .to_owned(),
        None => "gunicorn.conf.py".to_owned(),
    };
    let folder = state.folder.clone();
    let lookup = |name: &str| state.get(name, around);
    let config = (around.file)(&joined(&folder, &word(&path, None)))
        .map(|text| gunicorn_config::read(&text, &lookup))
        .unwrap_or_default();
    let unread = named.is_some()
        && config == gunicorn_config::Config::default()
        && (around.file)(&joined(&folder, &word(&path, None))).is_none();
    let hidden = match &given {
        Some(Value::Unknown(reason)) => Some(reason.clone()),
        _ => None,
    };
    let of_config = config.workers.map(|count| (count, path.clone()));
    let (workers, workers_from) = arguments
        .count(GUNICORN.workers)
        .or_else(|| Some((Count::Unknown(hidden?), "$GUNICORN_CMD_ARGS".to_owned())))
        .or_else(|| more.count(GUNICORN.workers))
        .or(of_config)
        .or_else(|| {
            unread.then(|| {
                (
                    Count::Unknown(format!("not known: {path} was not read")),
                    path.clone(),
                )
            })
        })
        .unwrap_or_else(|| of_variable("WEB_CONCURRENCY", "gunicorn's default", &state, around));
    let chdir = either(&["--chdir"]).or_else(|| Some(word(&config.chdir?, None)));
    if let Some(to) = chdir {
        state.folder = joined(&state.folder, &to);
    }
    let target = arguments
        .target(&GUNICORN, Some("application"))
        .or_else(|| module(&config.wsgi_app?, Some("application")));
    Process {
        workers,
        workers_from,
        ..single(Program::Gunicorn, target, state)
    }
}

pub(super) fn uvicorn(arguments: Arguments<'_>, mut state: State) -> Process {
    let (workers, workers_from) = if arguments.has("--reload") {
        (Count::Known(1), "--reload".to_owned())
    } else {
        arguments.count(UVICORN.workers).unwrap_or_else(|| {
            of_variable(
                "WEB_CONCURRENCY",
                "uvicorn's default",
                &state,
                arguments.around,
            )
        })
    };
    let target = arguments.target(&UVICORN, None);
    if let Some((folder, unknown)) = arguments.option(&["--app-dir"]) {
        state.folder = joined(&state.folder, &word(folder, unknown));
    }
    Process {
        workers,
        workers_from,
        ..single(Program::Uvicorn, target, state)
    }
}
