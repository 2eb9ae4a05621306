#![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

use std::fs;

use super::prepare;
use crate::facts::{Count, Service, Value};
use crate::inputs::progress::Progress;
use crate::inputs::{project, python};

/// Writes a project, and returns what its deploy files start.
fn services(files: &[(&str, &str)]) -> Vec<Service> {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let mut environments = project::discover(folder.path()).environments;
    let names = ["DATABASE_URL".to_owned()];
    let services = prepare(folder.path(), &mut environments, &names);
    let code = python::scan(python::read(folder.path(), &Progress::default()));
    let engines = code.findings(&environments, &Progress::default()).engines;
    services.reaching(&code, &engines)
}

/// Returns the engines that the only process of the only service reaches.
fn reached(files: &[(&str, &str)]) -> Vec<(String, u32)> {
    let services = services(files);
    assert_eq!(services.len(), 1, "{services:?}");
    assert_eq!(services[0].processes.len(), 1, "{services:?}");
    services[0].processes[0].engines.clone()
}

const ENGINE: &str =
    "from sqlalchemy import create_engine\nengine = create_engine('postgresql+psycopg://h/d')\n";

fn at(path: &str) -> Vec<(String, u32)> {
    vec![(path.to_owned(), 2)]
}

#[test]
fn a_start_command_leads_to_its_engine_and_to_no_other() {
    let code = [
        ("app/main.py", "from app.db import engine\n"),
        ("app/db.py", ENGINE),
        ("backend/app/main.py", "from app.db import engine\n"),
        ("backend/app/db.py", ENGINE),
        ("tools/once.py", ENGINE),
    ];
    for (deploy, text, wanted) in [
        (
            "render.yaml",
            "services:\n- {type: web, name: api, runtime: python, startCommand: 'uvicorn app.main:app --workers 2'}\n",
            "app/db.py",
        ),
        (
            "render.yaml",
            "services:\n- {type: web, name: api, rootDir: backend, startCommand: 'poetry run gunicorn app.main:app'}\n",
            "backend/app/db.py",
        ),
        (
            "Procfile",
            "web: cd backend && gunicorn app.main:app\n",
            "backend/app/db.py",
        ),
        (
            "Procfile",
            "web: gunicorn --chdir backend app.main:app\n",
            "backend/app/db.py",
        ),
        (
            "Procfile",
            "web: uvicorn --app-dir backend app.main:app\n",
            "backend/app/db.py",
        ),
        (
            "Procfile",
            "web: cd /app/backend && python -m app.main\n",
            "backend/app/db.py",
        ),
        (
            "Procfile",
            "worker: python tools/once.py\n",
            "tools/once.py",
        ),
        (
            "fly.toml",
            "[processes]\nweb = 'fastapi run backend/app/main.py'\n",
            "backend/app/db.py",
        ),
        (
            "compose.yaml",
            "services:\n  api: {image: 'python:3.13', command: [sh, -c, 'cd backend && uvicorn app.main:app']}\n",
            "backend/app/db.py",
        ),
    ] {
        let mut files = code.to_vec();
        files.push((deploy, text));
        assert_eq!(reached(&files), at(wanted), "{text}");
    }
}

#[test]
fn a_dockerfile_tells_the_command_the_folder_and_what_lies_there() {
    let code = [
        ("server/app/main.py", "from app.db import engine\n"),
        ("server/app/db.py", ENGINE),
        ("app/db.py", ENGINE),
    ];
    let dockerfile = "FROM python:3.13\nWORKDIR /code\nENV DB_POOL_SIZE=7\nCOPY app /code/app\n\
                      CMD [\"uvicorn\", \"app.main:app\", \"--workers\", \"3\"]\n";
    for (deploy, text, place) in [
        (
            "compose.yaml",
            "services:\n  api: {build: ./server}\n  db: {image: 'postgres:17'}\n",
            "server/Dockerfile",
        ),
        (
            "render.yaml",
            "services:\n- {type: web, name: api, runtime: docker, dockerfilePath: ./docker/api, dockerContext: server}\n",
            "docker/api",
        ),
        ("server/fly.toml", "app = 'x'\n", "server/Dockerfile"),
    ] {
        let mut files = code.to_vec();
        files.extend([(deploy, text), (place, dockerfile)]);
        let services = services(&files);
        assert_eq!(services.len(), 1, "{services:?}");
        let process = &services[0].processes[0];
        assert_eq!(process.engines, at("server/app/db.py"), "{text}");
        assert_eq!(process.workers, Count::Known(3, "--workers 3".to_owned()));
    }
}

#[test]
fn a_dockerfile_at_the_top_copies_the_project() {
    let services = services(&[
        ("app/main.py", "from app.db import engine\n"),
        ("app/db.py", ENGINE),
        (
            "Dockerfile",
            "FROM python:3.13\nWORKDIR /srv\nCOPY . .\nCMD uvicorn app.main:app\n",
        ),
        ("compose.yaml", "services: {api: {build: .}}\n"),
    ]);
    assert_eq!(
        services[0].processes[0].engines,
        at("app/db.py"),
        "{services:?}"
    );
}

#[test]
fn what_cannot_be_followed_says_why() {
    for (deploy, text, why) in [
        (
            "Procfile",
            "web: ./start.sh\n",
            "the script ./start.sh cannot be read",
        ),
        (
            "Procfile",
            "web: gunicorn lost:app\n",
            "no file of the project is the module lost",
        ),
        (
            "Procfile",
            "web: gunicorn $APP\n",
            "the start command names no module",
        ),
        (
            "Procfile",
            "web: mystery\n",
            "what the start command runs is not known",
        ),
    ] {
        let services = services(&[("app/db.py", ENGINE), (deploy, text)]);
        let process = &services[0].processes[0];
        assert_eq!(process.engines, []);
        assert_eq!(process.doubt.as_deref(), Some(why), "{text}");
    }
    for (text, why) in [
        (
            "services: {api: {image: x, environment: {DATABASE_URL: a}}}\n",
            "the image that it runs says what starts",
        ),
        ("services: {api: {build: .}}\n", "Dockerfile cannot be read"),
    ] {
        let services = services(&[("app/db.py", ENGINE), ("compose.yaml", text)]);
        assert_eq!(services[0].unknown.as_deref(), Some(why));
    }
}

#[test]
fn what_runs_no_python_is_no_process_of_the_application() {
    let services = services(&[
        ("app/db.py", ENGINE),
        (
            "render.yaml",
            "services:\n- {type: web, name: site, runtime: static}\n- {type: web, name: front, runtime: node, startCommand: node server.js}\n",
        ),
        (
            "compose.yaml",
            "services: {cache: {image: 'redis:7', command: redis-server --save 60}}\n",
        ),
    ]);
    let processes: usize = services.iter().map(|service| service.processes.len()).sum();
    assert_eq!(processes, 0);
    assert!(
        services.iter().all(|service| service.unknown.is_none()),
        "{services:?}"
    );
}

#[test]
fn a_command_s_variables_are_the_service_s() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("Procfile"),
        "web: DB_POOL_SIZE=50 gunicorn app:app\n",
    )
    .unwrap();
    let mut environments = project::discover(folder.path()).environments;
    prepare(folder.path(), &mut environments, &[]);
    let size = environments[0].get("DB_POOL_SIZE").unwrap();
    assert_eq!(size.value, Value::Known("50".into()));
}

#[test]
fn a_platform_s_own_number_of_workers_is_not_known() {
    for (deploy, text, known) in [
        ("Procfile", "web: gunicorn app:app\n", false),
        (
            "Procfile",
            "web: WEB_CONCURRENCY=3 gunicorn app:app\n",
            true,
        ),
        ("fly.toml", "[processes]\nweb = 'gunicorn app:app'\n", true),
    ] {
        let services = services(&[("app.py", "app = 1\n"), (deploy, text)]);
        let workers = &services[0].processes[0].workers;
        assert_eq!(
            matches!(workers, Count::Known(..)),
            known,
            "{text} {workers:?}"
        );
    }
}
