//! The programs that start Python applications, and what their arguments mean.
//!
//! Read after gunicorn 23, uvicorn 0.38, hypercorn 0.18, granian 2.5, `fastapi` 0.0.16,
//! Flask 3.1, Django 5.2, Celery 5.5, dramatiq 1.18, RQ 2.6, daphne 4.2 and waitress 3.0.

use super::arguments::Arguments;
use super::framework::{celery, django, dramatiq, fastapi, flask, python};
use super::options::{DAPHNE, GRANIAN, HYPERCORN, WAITRESS};
use super::server::{gunicorn, one_flag, uvicorn};
use super::shell::Word;
use super::wrapper::{after_options, unwrapped};
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
    /// A program that runs no Python: `npm`, `redis-server`.
    Foreign,
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

/// Programs that run no Python of the project.
const FOREIGN: [&str; 34] = [
    "bun",
    "bundle",
    "caddy",
    "cloudflared",
    "cron",
    "crond",
    "deno",
    "docker",
    "dotnet",
    "go",
    "httpd",
    "java",
    "memcached",
    "minio",
    "mix",
    "mongod",
    "mysqld",
    "nginx",
    "node",
    "npx",
    "pgbouncer",
    "php",
    "pnpm",
    "postgres",
    "rabbitmq-server",
    "rails",
    "redis-server",
    "ruby",
    "serve",
    "server",
    "supercronic",
    "tail",
    "traefik",
    "yarn",
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
    if extension(name) == Some("sh") && script(first, rest, around, &state, processes, depth) {
        return;
    }
    processes.extend(program(name, &first.text, rest, around, state));
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
    if let Some(text) = inline.and_then(|at| rest.get(at + 1)) {
        return run(&text.text, around, state, processes, depth + 1);
    }
    let words = after_options(rest, &["-o"]);
    let script = words.first();
    if let Some(script) = script
        && self::script(script, &words[1..], around, &state, processes, depth)
    {
        return;
    }
    let target = script.map(|word| Target::Script(word.text.clone()));
    processes.push(plain(
        Program::Shell,
        target,
        state,
        "not known: a script starts them",
    ));
}

/// Reads the text of a script, where it can be; returns whether it could.
fn script(
    path: &Word,
    arguments: &[Word],
    around: Around<'_>,
    state: &State,
    processes: &mut Vec<Process>,
    depth: usize,
) -> bool {
    if path.unknown.is_some() || depth >= MAX_WRAPS {
        return false;
    }
    let Some(text) = (around.file)(&joined(&state.folder, path)) else {
        return false;
    };
    let given: Vec<&str> = arguments.iter().map(|word| word.text.as_str()).collect();
    let given = given.join(" ");
    let text = text.replace("\"$@\"", &given).replace("$@", &given);
    let before = processes.len();
    run(&text, around, state.clone(), processes, depth + 1);
    // Of several that a branch chooses from, any may run.
    let branches = |word: &str| text.lines().any(|line| line.trim_start().starts_with(word));
    if branches("if ") || branches("case ") {
        for process in &mut processes[before..] {
            let why = format!("decided by a branch of {}", path.text);
            process.workers = Count::Unknown(why);
        }
    }
    true
}

pub(super) fn plain(program: Program, target: Option<Target>, state: State, why: &str) -> Process {
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
pub(super) fn program(
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
        _ if FOREIGN.contains(&name) => Some(single(Program::Foreign, None, state)),
        "manage.py" => django(arguments, state),
        _ if extension(name) == Some("sh") => {
            let target = Some(Target::Script(path.to_owned()));
            Some(plain(
                Program::Shell,
                target,
                state,
                "not known: a script starts them",
            ))
        }
        _ if extension(name) == Some("py") => Some(single(
            Program::Python,
            Some(Target::File(path.to_owned())),
            state,
        )),
        _ => Some(plain(
            Program::Other,
            None,
            state,
            "not known: neither is the program",
        )),
    }
}

pub(super) fn single(program: Program, target: Option<Target>, state: State) -> Process {
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
pub(super) fn of_variable(
    name: &str,
    default: &str,
    state: &State,
    around: Around<'_>,
) -> (Count, String) {
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

fn extension(name: &str) -> Option<&str> {
    name.rsplit_once('.').map(|(_, end)| end)
}
