use proptest::prelude::*;

use super::{Around, Count, Process, Program, Target, parse};
use crate::facts::Value;

fn variable(name: &str) -> Option<Value> {
    match name {
        "PORT" => Some(Value::Known("10000".into())),
        "DASHBOARD" => Some(Value::Unknown("set in the dashboard".to_owned())),
        _ => None,
    }
}

fn file(path: &str) -> Option<String> {
    match path {
        "conf/gunicorn.py" => Some("workers = 7\nwsgi_app = 'conf.app:app'\n".to_owned()),
        "server/gunicorn.conf.py" => {
            Some("import os\nworkers = int(os.getenv('N', '6'))\n".to_owned())
        }
        "start.sh" => Some(
            "#!/bin/sh\nset -e\nif [ -n \"$X\" ]; then\n  exec uvicorn app.main:app --workers 2\nfi\n"
                .to_owned(),
        ),
        "entrypoint.sh" => Some("alembic upgrade head\nexec \"$@\"\n".to_owned()),
        _ => None,
    }
}

fn read(command: &str) -> Vec<Process> {
    let around = Around {
        variable: &variable,
        file: &file,
    };
    parse(command, around)
}

/// Shows a process as `program target @folder workers`.
fn shown(process: &Process) -> String {
    let target = match &process.target {
        Some(Target::Module { module, attribute }) => {
            format!("{module}:{}", attribute.as_deref().unwrap_or("-"))
        }
        Some(Target::File(path)) => format!("file {path}"),
        Some(Target::Script(path)) => format!("script {path}"),
        None => "-".to_owned(),
    };
    let workers = match &process.workers {
        Count::Known(count) => count.to_string(),
        Count::Unknown(_) => "?".to_owned(),
    };
    format!(
        "{:?} {target} @{} {workers}",
        process.program, process.folder
    )
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn commands_name_their_program_module_folder_and_workers() {
    for (command, wanted) in [
        ("gunicorn app.main:app -w 4", "Gunicorn app.main:app @. 4"),
        ("gunicorn -w4 app.main:app", "Gunicorn app.main:app @. 4"),
        (
            "gunicorn --workers=4 -k uvicorn.workers.UvicornWorker app:app",
            "Gunicorn app:app @. 4",
        ),
        (
            "gunicorn --bind 0.0.0.0:$PORT app:create_app()",
            "Gunicorn app:create_app @. 1",
        ),
        (
            "gunicorn 'app:create_app(\"x\")' --timeout 120",
            "Gunicorn app:create_app @. 1",
        ),
        (
            "gunicorn mysite.wsgi",
            "Gunicorn mysite.wsgi:application @. 1",
        ),
        ("gunicorn -c conf/gunicorn.py", "Gunicorn conf.app:app @. 7"),
        (
            "gunicorn -c conf/gunicorn.py -w 2 x:app",
            "Gunicorn x:app @. 2",
        ),
        ("gunicorn -c lost.py x:app", "Gunicorn x:app @. ?"),
        (
            "cd server && gunicorn app:app",
            "Gunicorn app:app @server 6",
        ),
        (
            "cd server && N=8 gunicorn app:app",
            "Gunicorn app:app @server 8",
        ),
        (
            "gunicorn --chdir server app:app",
            "Gunicorn app:app @server 1",
        ),
        (
            "cd /app/x && gunicorn app:app",
            "Gunicorn app:app @/app/x 1",
        ),
        ("cd $DASHBOARD && gunicorn app:app", "Gunicorn app:app @? 1"),
        (
            "cd a/b && cd .. && gunicorn app:app",
            "Gunicorn app:app @a 1",
        ),
        (
            "WEB_CONCURRENCY=3 gunicorn app:app",
            "Gunicorn app:app @. 3",
        ),
        ("gunicorn -w ${WORKERS:-5} app:app", "Gunicorn app:app @. 5"),
        ("gunicorn -w $DASHBOARD app:app", "Gunicorn app:app @. ?"),
        ("gunicorn -w $(nproc) app:app", "Gunicorn app:app @. ?"),
        (
            "GUNICORN_CMD_ARGS='-w 9' gunicorn app:app",
            "Gunicorn app:app @. 9",
        ),
        (
            "export WEB_CONCURRENCY=2; gunicorn app:app",
            "Gunicorn app:app @. 2",
        ),
        (
            "uvicorn app.main:app --host 0.0.0.0 --port $PORT",
            "Uvicorn app.main:app @. 1",
        ),
        (
            "uvicorn app.main:app --workers 3",
            "Uvicorn app.main:app @. 3",
        ),
        (
            "uvicorn --factory app:make --reload --workers 3",
            "Uvicorn app:make @. 1",
        ),
        ("uvicorn --app-dir src main:app", "Uvicorn main:app @src 1"),
        (
            "python -m uvicorn app.main:app --workers 2",
            "Uvicorn app.main:app @. 2",
        ),
        ("python3.12 -u -m gunicorn app:app", "Gunicorn app:app @. 1"),
        (
            "hypercorn app:app -w 2 --bind 0.0.0.0:80",
            "Hypercorn app:app @. 2",
        ),
        (
            "granian --interface asgi app:app --workers 2",
            "Granian app:app @. 2",
        ),
        (
            "daphne -b 0.0.0.0 -p 80 proj.asgi:application",
            "Daphne proj.asgi:application @. 1",
        ),
        ("waitress-serve --port=80 app:app", "Waitress app:app @. 1"),
        (
            "fastapi run app/main.py --workers 4",
            "Fastapi file app/main.py @. 4",
        ),
        ("fastapi dev", "Fastapi - @. 1"),
        (
            "flask --app server.app run --host 0.0.0.0",
            "Flask server.app:- @. 1",
        ),
        (
            "FLASK_APP=server/app.py flask run",
            "Flask file server/app.py @. 1",
        ),
        ("python manage.py runserver 0.0.0.0:8000", "Django - @. 1"),
        (
            "DJANGO_SETTINGS_MODULE=a.b python manage.py runserver",
            "Django a.b:- @. 1",
        ),
        ("python -m app.jobs", "Python app.jobs:- @. 1"),
        ("python server/run.py --x", "Python file server/run.py @. 1"),
        ("celery -A app.jobs worker -c 4", "Celery app.jobs:- @. 4"),
        (
            "celery -A app.jobs:app worker --concurrency=2 -l info",
            "Celery app.jobs:app @. 2",
        ),
        ("celery -A app.jobs worker", "Celery app.jobs:- @. ?"),
        (
            "celery -A app.jobs worker -P gevent -c 500",
            "Celery app.jobs:- @. 1",
        ),
        ("celery -A app.jobs beat", "Celery app.jobs:- @. 1"),
        ("dramatiq app.jobs -p 2 -t 8", "Dramatiq app.jobs:- @. 2"),
        ("arq app.jobs.Settings", "Arq app.jobs:Settings @. 1"),
        ("poetry run gunicorn app:app -w 2", "Gunicorn app:app @. 2"),
        (
            "uv run --no-dev --group web uvicorn app:app",
            "Uvicorn app:app @. 1",
        ),
        (
            "exec newrelic-admin run-program gunicorn app:app",
            "Gunicorn app:app @. 1",
        ),
        (
            "env A=1 ddtrace-run gunicorn app:app -w 2",
            "Gunicorn app:app @. 2",
        ),
        (
            "sh -c 'alembic upgrade head && exec uvicorn app:app --workers 2'",
            "Uvicorn app:app @. 2",
        ),
        (
            "/usr/bin/bash -lc \"gunicorn app:app\"",
            "Gunicorn app:app @. 1",
        ),
        (
            "alembic upgrade head && gunicorn app:app",
            "Gunicorn app:app @. 1",
        ),
        ("./lost.sh", "Shell script ./lost.sh @. ?"),
        (
            "bash scripts/run.sh prod",
            "Shell script scripts/run.sh @. ?",
        ),
        ("bash start.sh", "Uvicorn app.main:app @. ?"),
        (
            "./entrypoint.sh gunicorn app:app -w 3",
            "Gunicorn app:app @. 3",
        ),
        ("node server.js", "Foreign - @. 1"),
        ("redis-server --save 60", "Foreign - @. 1"),
        ("mystery --serve", "Other - @. ?"),
        ("$CMD", "Other - @. ?"),
    ] {
        let found: Vec<String> = read(command).iter().map(shown).collect();
        assert_eq!(found, [wanted], "{command}");
    }
}

#[test]
fn what_only_prepares_is_no_process_and_what_runs_beside_is_one() {
    for command in [
        "",
        "alembic upgrade head",
        "python manage.py migrate",
        "python -m pytest",
        "flask db upgrade",
        "echo 'gunicorn app:app'",
        "celery -A app inspect ping",
    ] {
        assert_eq!(read(command), [], "{command}");
    }
    let both = read("celery -A jobs worker -c 2 & gunicorn app:app -w 3");
    let both: Vec<String> = both.iter().map(shown).collect();
    assert_eq!(both, ["Celery jobs:- @. 2", "Gunicorn app:app @. 3"]);
}

#[test]
fn a_process_knows_its_variables_and_where_its_workers_come_from() {
    let processes = read("export A=1 && B=$DASHBOARD gunicorn app:app -w 2");
    let process = processes
        .first()
        .cloned()
        .unwrap_or_else(|| panic!("no process"));
    assert_eq!(process.program, Program::Gunicorn);
    assert_eq!(process.workers_from, "--workers 2");
    assert_eq!(
        process.variables,
        [
            ("A".to_owned(), Value::Known("1".into())),
            (
                "B".to_owned(),
                Value::Unknown("set in the dashboard".to_owned())
            ),
        ]
    );
}

#[test]
fn deep_wrapping_ends() {
    let command = "exec ".repeat(1_000) + "gunicorn app:app";
    assert_eq!(read(&command).len(), 1);
    let command = (0..20).fold("gunicorn app:app".to_owned(), |inner, _| {
        format!("sh -c {}", inner.replace(' ', "\\ "))
    });
    assert!(read(&command).len() <= 1);
    assert_eq!(read(&"x ".repeat(1_000_000)), []);
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(
        text in "(gunicorn|uvicorn|celery|python|-m|-w|--workers=|4|app:app|cd|sh -c|poetry run|env|&&|;|'|\"|\\$X| ){0,30}"
    ) {
        read(&text);
    }
}
