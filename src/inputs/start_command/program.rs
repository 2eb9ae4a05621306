//! The programs that start Python applications, and what their arguments mean.
//!
//! Read after gunicorn 23, uvicorn 0.38, hypercorn 0.18, granian 2.5, FastAPI's CLI 0.0.16,
//! Flask 3.1, Django 5.2, Celery 5.5, dramatiq 1.18, RQ 2.6, daphne 4.2 and waitress 3.0.

use super::gunicorn_config;
use super::shell::{self, Word};
use super::{Around, Count, MAX_WRAPS, Process, State, Target, joined, run, split_assignments};
use crate::facts::Value;

/// A program that starts an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// gunicorn
    Gunicorn,
    /// uvicorn
    Uvicorn,
    /// hypercorn
    Hypercorn,
    /// granian
    Granian,
    /// daphne
    Daphne,
    /// waitress-serve
    Waitress,
    /// `fastapi run`
    Fastapi,
    /// `flask run`
    Flask,
    /// `manage.py runserver`
    Django,
    /// celery
    Celery,
    /// dramatiq
    Dramatiq,
    /// `rq worker`
    Rq,
    /// arq
    Arq,
    /// `python file.py`, `python -m module`
    Python,
    /// A shell script.
    Shell,
    /// Something else.
    Other,
}

/// Commands that prepare and end.
const PREPARING: [&str; 24] = [
    "alembic",
    "apt-get",
    "cat",
    "chmod",
    "chown",
    "cp",
    "curl",
    "echo",
    "false",
    "flyway",
    "ls",
    "mkdir",
    "mv",
    "npm",
    "pip",
    "printf",
    "psql",
    "pwd",
    "rm",
    "sleep",
    "test",
    "touch",
    "true",
    "wait-for-it.sh",
];

/// Commands in front of another one, with the options of theirs that take a value.
const WRAPPERS: [(&str, &[&str]); 17] = [
    ("exec", &["-a"]),
    ("env", &["-u", "--unset", "-C", "--chdir"]),
    ("nohup", &[]),
    ("time", &[]),
    ("nice", &["-n"]),
    ("tini", &["-e", "-p"]),
    ("dumb-init", &["--rewrite"]),
    ("sudo", &["-u", "-g"]),
    ("gosu", &[]),
    ("ddtrace-run", &[]),
    (
        "opentelemetry-instrument",
        &[
            "--service_name",
            "--traces_exporter",
            "--metrics_exporter",
            "--exporter_otlp_endpoint",
        ],
    ),
    ("timeout", &["-s", "-k", "--signal", "--kill-after"]),
    ("stdbuf", &["-i", "-o", "-e"]),
    ("doppler", &["-p", "-c"]),
    ("honcho", &["-e", "-f"]),
    ("watchmedo", &["-d", "-p"]),
    ("dotenv", &["-f", "--file"]),
];

/// `poetry run`, `uv run` and their like, with the options that take a value.
const RUNNERS: [(&str, &[&str]); 6] = [
    ("poetry", &["-C", "--directory", "-P", "--project"]),
    (
        "uv",
        &[
            "--directory",
            "--project",
            "--extra",
            "--group",
            "--with",
            "-p",
            "--python",
            "--env-file",
            "--package",
        ],
    ),
    ("pipenv", &[]),
    ("pdm", &["-p", "--project"]),
    ("hatch", &["-e", "--env"]),
    ("rye", &[]),
];

/// Reads one simple command and adds the processes that it leaves running.
pub(super) fn read(
    words: &[Word],
    around: Around<'_>,
    state: State,
    processes: &mut Vec<Process>,
    depth: usize,
) {
    let Some(first) = words.first() else { return };
    if depth > MAX_WRAPS {
        return processes.push(plain(
            Program::Other,
            None,
            state,
            "not known: the command wraps too many others",
        ));
    }
    let name = first.text.rsplit('/').next().unwrap_or_default();
    let rest = &words[1..];
    if first.unknown.is_some() {
        return processes.push(plain(
            Program::Other,
            None,
            state,
            "not known: the command is not",
        ));
    }
    if PREPARING.contains(&name) {
        return;
    }
    if let Some(inner) = unwrapped(name, rest) {
        let (assignments, inner) = split_assignments(inner.to_vec());
        let mut state = state;
        state.variables.extend(assignments);
        return read(&inner, around, state, processes, depth + 1);
    }
    if matches!(name, "sh" | "bash" | "dash" | "ash" | "zsh") {
        return shell(rest, around, state, processes, depth);
    }
    processes.extend(program(name, &first.text, rest, around, state));
}

/// Returns the command inside a wrapper.
fn unwrapped<'w>(name: &str, rest: &'w [Word]) -> Option<&'w [Word]> {
    if let Some((_, valued)) = RUNNERS.iter().find(|(runner, _)| *runner == name) {
        let at = rest.iter().position(|word| word.text == "run")?;
        return Some(after_options(&rest[at + 1..], valued));
    }
    if matches!(name, "newrelic-admin") && rest.first()?.text == "run-program" {
        return Some(&rest[1..]);
    }
    let (_, valued) = WRAPPERS.iter().find(|(wrapper, _)| *wrapper == name)?;
    let inner = after_options(rest, valued);
    Some(match name {
        // A duration, a user or a subcommand stands before the command.
        "timeout" | "gosu" => inner.get(1..).unwrap_or_default(),
        "doppler" | "honcho" | "dotenv" | "watchmedo" => {
            let inner = inner.get(1..).unwrap_or_default();
            after_options(inner, valued)
        }
        _ => inner,
    })
}

/// Skips options, and the values of those that take one.
fn after_options<'w>(mut words: &'w [Word], valued: &[&str]) -> &'w [Word] {
    while let Some(word) = words.first() {
        if word.text == "--" {
            return &words[1..];
        }
        if !word.text.starts_with('-') {
            break;
        }
        let skip = if valued.contains(&word.text.as_str()) {
            2
        } else {
            1
        };
        words = words.get(skip..).unwrap_or_default();
    }
    words
}

/// Reads `sh -c "…"` or `sh script.sh`.
fn shell(
    rest: &[Word],
    around: Around<'_>,
    state: State,
    processes: &mut Vec<Process>,
    depth: usize,
) {
    let inline = rest.iter().position(|word| {
        word.text.starts_with('-') && !word.text.starts_with("--") && word.text.ends_with('c')
    });
    match inline.and_then(|at| rest.get(at + 1)) {
        Some(text) => run(&text.text, around, state, processes, depth + 1),
        None => {
            let script = after_options(rest, &["-o"]).first();
            let target = script.map(|word| Target::Script(word.text.clone()));
            processes.push(plain(
                Program::Shell,
                target,
                state,
                "not known: a script starts them",
            ));
        }
    }
}

fn plain(program: Program, target: Option<Target>, state: State, why: &str) -> Process {
    Process {
        program,
        target,
        folder: state.folder,
        workers: Count::Unknown(why.to_owned()),
        workers_from: "the command".to_owned(),
        variables: state.variables,
    }
}

/// Reads a program with its arguments; `None` where it only prepares.
fn program(
    name: &str,
    path: &str,
    rest: &[Word],
    around: Around<'_>,
    state: State,
) -> Option<Process> {
    let arguments = Arguments {
        words: rest,
        around,
    };
    match name {
        "gunicorn" => Some(gunicorn(arguments, state)),
        "uvicorn" => Some(uvicorn(arguments, state)),
        "hypercorn" => Some(one_flag(
            Program::Hypercorn,
            &HYPERCORN,
            None,
            arguments,
            state,
        )),
        "granian" => Some(one_flag(
            Program::Granian,
            &GRANIAN,
            Some("GRANIAN_WORKERS"),
            arguments,
            state,
        )),
        "daphne" => Some(single(
            Program::Daphne,
            arguments.target(&DAPHNE, None),
            state,
        )),
        "waitress-serve" => Some(single(
            Program::Waitress,
            arguments.target(&WAITRESS, None),
            state,
        )),
        "fastapi" => fastapi(arguments, state),
        "flask" => flask(arguments, state),
        "django-admin" => django(arguments, state),
        "celery" => celery(arguments, state),
        "dramatiq" => Some(dramatiq(arguments, state)),
        "rq" | "rqworker" => Some(single(Program::Rq, None, state)),
        "arq" => Some(single(Program::Arq, arguments.dotted_target(), state)),
        _ if name.starts_with("python") || name == "pypy3" => python(arguments, state),
        "manage.py" => django(arguments, state),
        _ if name.ends_with(".sh") => {
            let target = Some(Target::Script(path.to_owned()));
            Some(plain(
                Program::Shell,
                target,
                state,
                "not known: a script starts them",
            ))
        }
        _ if std::path::Path::new(name)
            .extension()
            .is_some_and(|end| end == "py") =>
        {
            Some(single(
                Program::Python,
                Some(Target::File(path.to_owned())),
                state,
            ))
        }
        _ => Some(plain(
            Program::Other,
            None,
            state,
            "not known: neither is the program",
        )),
    }
}

/// The options of a server that matter.
struct Options {
    /// Those for the number of processes.
    workers: &'static [&'static str],
    /// Those that take a value, beside the ones for workers.
    valued: &'static [&'static str],
}

const GUNICORN: Options = Options {
    workers: &["-w", "--workers"],
    valued: &[
        "-b",
        "--bind",
        "-c",
        "--config",
        "-k",
        "--worker-class",
        "--threads",
        "-t",
        "--timeout",
        "--chdir",
        "--log-level",
        "--log-file",
        "--access-logfile",
        "--error-logfile",
        "-n",
        "--name",
        "--worker-connections",
        "--max-requests",
        "--max-requests-jitter",
        "--graceful-timeout",
        "--keep-alive",
        "--worker-tmp-dir",
        "-e",
        "--env",
        "-p",
        "--pid",
        "-u",
        "--user",
        "-g",
        "--group",
        "-m",
        "--umask",
        "--pythonpath",
        "--paste",
        "--forwarded-allow-ips",
        "--access-logformat",
        "--log-config",
        "--log-config-dict",
        "--certfile",
        "--keyfile",
        "--backlog",
        "--limit-request-line",
        "--proxy-allow-from",
        "--statsd-host",
        "--statsd-prefix",
        "--dogstatsd-tags",
        "--logger-class",
        "--reload-extra-file",
        "--reload-engine",
    ],
};

const UVICORN: Options = Options {
    workers: &["--workers"],
    valued: &[
        "--host",
        "--port",
        "--uds",
        "--fd",
        "--loop",
        "--http",
        "--ws",
        "--lifespan",
        "--interface",
        "--log-level",
        "--log-config",
        "--env-file",
        "--root-path",
        "--limit-concurrency",
        "--backlog",
        "--limit-max-requests",
        "--timeout-keep-alive",
        "--timeout-graceful-shutdown",
        "--ssl-keyfile",
        "--ssl-certfile",
        "--app-dir",
        "--forwarded-allow-ips",
        "--header",
        "--reload-dir",
        "--reload-include",
        "--reload-exclude",
        "--reload-delay",
        "--ws-max-size",
        "--ws-ping-interval",
        "--ws-ping-timeout",
        "--timeout-worker-healthcheck",
    ],
};

const HYPERCORN: Options = Options {
    workers: &["-w", "--workers"],
    valued: &[
        "-b",
        "--bind",
        "-c",
        "--config",
        "-k",
        "--worker-class",
        "--access-logfile",
        "--error-logfile",
        "--log-level",
        "--log-config",
        "--keep-alive",
        "--graceful-timeout",
        "--root-path",
        "--certfile",
        "--keyfile",
        "--insecure-bind",
        "--quic-bind",
        "-p",
        "--pid",
        "--max-requests",
    ],
};

const GRANIAN: Options = Options {
    workers: &["--workers"],
    valued: &[
        "--interface",
        "--host",
        "--port",
        "--loop",
        "--http",
        "--runtime-threads",
        "--blocking-threads",
        "--runtime-mode",
        "--backlog",
        "--backpressure",
        "--log-level",
        "--log-config",
        "--working-dir",
        "--env-files",
        "--ssl-keyfile",
        "--ssl-certificate",
        "--url-path-prefix",
        "--process-name",
        "--workers-lifetime",
        "--respawn-interval",
    ],
};

const DAPHNE: Options = Options {
    workers: &[],
    valued: &[
        "-b",
        "--bind",
        "-p",
        "--port",
        "-u",
        "--unix-socket",
        "--fd",
        "-e",
        "--endpoint",
        "-v",
        "--verbosity",
        "-t",
        "--http-timeout",
        "--access-log",
        "--log-fmt",
        "--ping-interval",
        "--ping-timeout",
        "--application-close-timeout",
        "--root-path",
        "-s",
        "--server-name",
    ],
};

const WAITRESS: Options = Options {
    workers: &[],
    valued: &["--app"],
};

/// The words behind a program's name.
#[derive(Clone, Copy)]
struct Arguments<'w> {
    words: &'w [Word],
    around: Around<'w>,
}

impl<'w> Arguments<'w> {
    /// Returns the last value of an option, in any of its spellings: `-w 4`, `-w4`, `--workers=4`.
    fn option(&self, names: &[&str]) -> Option<(&'w str, Option<&'w str>)> {
        let mut found = None;
        for (at, word) in self.words.iter().enumerate() {
            for name in names {
                let attached = word.text.strip_prefix(name).map(|tail| {
                    if name.starts_with("--") {
                        tail.strip_prefix('=')
                    } else {
                        Some(tail)
                    }
                });
                let value = match attached {
                    Some(Some("")) | Some(None) if word.text == *name => self.words.get(at + 1),
                    Some(Some(tail)) if !tail.is_empty() => {
                        found = Some((tail, word.unknown.as_deref()));
                        None
                    }
                    _ => None,
                };
                if let Some(value) = value {
                    found = Some((value.text.as_str(), value.unknown.as_deref()));
                }
            }
        }
        found
    }

    fn has(&self, flag: &str) -> bool {
        self.words.iter().any(|word| word.text == flag)
    }

    /// Returns the words that are neither options nor their values.
    fn positional(&self, options: &Options) -> Vec<&'w Word> {
        let mut found = Vec::new();
        let mut words = self.words.iter();
        while let Some(word) = words.next() {
            let name = word.text.as_str();
            if options.valued.contains(&name) || options.workers.contains(&name) {
                words.next();
            } else if !name.starts_with('-') {
                found.push(word);
            }
        }
        found
    }

    /// Returns `module:attribute` among the positional words.
    fn target(&self, options: &Options, default: Option<&str>) -> Option<Target> {
        let positional = self.positional(options);
        let word = positional
            .iter()
            .find(|word| word.text.contains(':'))
            .or(positional.first())?;
        if word.unknown.is_some() {
            return None;
        }
        module(&word.text, default)
    }

    /// Returns `package.module.Class` as a module with its attribute.
    fn dotted_target(&self) -> Option<Target> {
        let word = self.words.iter().find(|word| !word.text.starts_with('-'))?;
        let (module, attribute) = word.text.rsplit_once('.')?;
        Some(Target::Module {
            module: module.to_owned(),
            attribute: Some(attribute.to_owned()),
        })
    }

    /// Returns the number that an option gives, and how it is written.
    fn count(&self, names: &[&str]) -> Option<(Count, String)> {
        let (text, unknown) = self.option(names)?;
        let name = names.last().copied().unwrap_or_default();
        let count = match (unknown, text.parse::<u32>()) {
            (Some(why), _) => Count::Unknown(why.to_owned()),
            (None, Ok(count)) => Count::Known(count),
            (None, Err(_)) => Count::Unknown(format!("not known: `{name}` is given no number")),
        };
        let from = match &count {
            Count::Known(count) => format!("{name} {count}"),
            Count::Unknown(_) => name.to_owned(),
        };
        Some((count, from))
    }
}

/// Splits `module:attribute`, `module:factory()` or a path.
fn module(text: &str, default: Option<&str>) -> Option<Target> {
    let (module, attribute) = match text.split_once(':') {
        Some((module, attribute)) => (module, Some(attribute)),
        None => (text, default),
    };
    let fits = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '.';
    if module.is_empty() || !module.chars().all(fits) {
        return None;
    }
    let attribute =
        attribute.map(|text| text.split(['(', '.']).next().unwrap_or_default().to_owned());
    Some(Target::Module {
        module: module.to_owned(),
        attribute: attribute.filter(|name| !name.is_empty()),
    })
}

fn single(program: Program, target: Option<Target>, state: State) -> Process {
    Process {
        program,
        target,
        folder: state.folder,
        workers: Count::Known(1),
        workers_from: "one process".to_owned(),
        variables: state.variables,
    }
}

/// Returns what a variable says of the number of workers; `default` where it is not set.
fn of_variable(name: &str, default: &str, state: &State, around: Around<'_>) -> (Count, String) {
    match state.get(name, around) {
        Some(Value::Known(text)) => {
            let count = text.expose().trim().parse().map_or_else(
                |_| Count::Unknown(format!("not known: {name} is no number")),
                Count::Known,
            );
            (count, format!("${name}"))
        }
        Some(Value::Unknown(reason)) => (Count::Unknown(reason), format!("${name}")),
        None => (Count::Known(1), default.to_owned()),
    }
}

fn one_flag(
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

fn word(text: &str, unknown: Option<&str>) -> Word {
    Word {
        text: text.to_owned(),
        unknown: unknown.map(str::to_owned),
    }
}

fn gunicorn(arguments: Arguments<'_>, mut state: State) -> Process {
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

fn uvicorn(arguments: Arguments<'_>, mut state: State) -> Process {
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

const FASTAPI: Options = Options {
    workers: &["--workers"],
    valued: &[
        "--host",
        "--port",
        "--root-path",
        "--app",
        "-e",
        "--entrypoint",
        "--forwarded-allow-ips",
    ],
};

fn fastapi(arguments: Arguments<'_>, state: State) -> Option<Process> {
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

fn flask(arguments: Arguments<'_>, state: State) -> Option<Process> {
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
fn of_name_or_file(text: &str) -> Option<Target> {
    let path = text.split(':').next().unwrap_or_default();
    match path.strip_suffix(".py") {
        Some(_) => Some(Target::File(path.to_owned())),
        None => module(text, None),
    }
}

fn django(arguments: Arguments<'_>, state: State) -> Option<Process> {
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

fn celery(arguments: Arguments<'_>, mut state: State) -> Option<Process> {
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

const DRAMATIQ: Options = Options {
    workers: &["-p", "--processes"],
    valued: &[
        "-t",
        "--threads",
        "-Q",
        "--queues",
        "--path",
        "--pid-file",
        "--log-file",
    ],
};

fn dramatiq(arguments: Arguments<'_>, state: State) -> Process {
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
fn python(arguments: Arguments<'_>, state: State) -> Option<Process> {
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
fn python_module(name: &str, rest: Arguments<'_>, state: State) -> Option<Process> {
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
