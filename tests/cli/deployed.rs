//! Which engine the deploy files start, and that a project never passes on the ones beside it.

use crate::program::Program;

const GOOD: &str = r#"import os
from sqlalchemy import create_engine
engine = create_engine(
    "postgresql+psycopg2://app@db.example.com:5432/app?sslmode=require",
    pool_pre_ping=True,
    pool_recycle=1800,
    pool_size=int(os.getenv("DB_POOL_SIZE", "5")),
    connect_args={"application_name": "api"},
)
"#;

const BAD: &str = "from sqlalchemy import create_engine\nengine = create_engine('postgresql+psycopg2://app@db.example.com:5432/app')\n";

/// A project with a good engine, a bad one, and the bad one again among scripts.
fn project() -> Program {
    Program::new()
        .file("app/db.py", GOOD)
        .file("app/main.py", "from app.db import engine\n")
        .file("server/main.py", BAD)
        .file("scripts/worker.py", BAD)
}

/// Returns the last lines but one of `code`, joined, after checking that JSON says the same.
fn summary(program: &Program) -> String {
    let said = program.run(&["code", "."]);
    let lines: Vec<&str> = said.stdout.lines().map(str::trim_end).collect();
    let last = lines
        .iter()
        .rposition(|line| line.contains("the deployed one"));
    let last = last.unwrap_or_else(|| panic!("{}", said.stdout));
    let counts = ["engine: ", "engines: "];
    let first = lines
        .iter()
        .rposition(|line| counts.iter().any(|word| line.contains(word)));
    let first = first.unwrap();
    let mut text: Vec<&str> = lines[first..].iter().map(|line| line.trim()).collect();
    assert!(text.pop().unwrap().contains("pass"), "{}", said.stdout);
    assert!(last >= first);
    let text = text.join(" ");
    let json = program.json(&["code", "."]).json;
    assert_eq!(json["engine_summary"]["text"], text);
    text
}

fn render(command: &str) -> String {
    format!(
        "services:\n- type: web\n  name: api\n  runtime: python\n  startCommand: {command}\n  envVars: [{{key: DB_POOL_SIZE, value: 5}}]\n"
    )
}

#[test]
fn the_engine_that_is_started_is_named_with_its_result() {
    let good = project().file("render.yaml", render("uvicorn app.main:app"));
    assert_eq!(
        summary(&good),
        "2 engines: 1 pass, 1 fail, 0 unknown; the deployed one: pass (app/db.py:3)"
    );
    let bad = project().file("render.yaml", render("gunicorn server.main:app"));
    assert_eq!(
        summary(&bad),
        "2 engines: 1 pass, 1 fail, 0 unknown; the deployed one: fail (server/main.py:2)"
    );
    let report = bad.json(&["code", "."]);
    assert_eq!(report.status, 1);
    let deployed = &report.json["engine_summary"]["deployed"];
    assert_eq!(deployed["result"], "fail");
    assert_eq!(deployed["engines"][0]["environments"][0], "render.yaml:api");
    let engines = report.json["engines"].as_array().unwrap();
    let started: Vec<_> = engines
        .iter()
        .filter(|one| one["started_by"][0] == "render.yaml:api")
        .collect();
    assert!(started.iter().all(|one| one["path"] == "server/main.py"));
    assert!(!started.is_empty());
}

#[test]
fn a_string_that_its_driver_refuses_fails_the_engine_that_reads_it() {
    let module = GOOD
        .replace("create_engine", "create_async_engine")
        .replace(
            "from sqlalchemy import",
            "from sqlalchemy.ext.asyncio import",
        )
        .replace(
            "\"postgresql+psycopg2://app@db.example.com:5432/app?sslmode=require\"",
            "os.environ[\"DATABASE_URL\"]",
        )
        .replace(
            "{\"application_name\": \"api\"}",
            "{\"server_settings\": {\"application_name\": \"api\"}}",
        );
    for (parameter, result) in [("sslmode", "fail"), ("ssl", "pass")] {
        let url = format!(
            "  - key: DATABASE_URL\n    value: postgresql+asyncpg://app@db.example.com:5432/app?{parameter}=require\n"
        );
        let service = render("uvicorn app.db:app").replace("[{key: DB_POOL_SIZE, value: 5}]", "");
        let program = Program::new()
            .file("app/db.py", module.as_str())
            .file("render.yaml", format!("{service}{url}"));
        for command in [&["code", "."][..], &["check", "--offline", "."]] {
            let report = program.json(command).json;
            let deployed = &report["engine_summary"]["deployed"];
            assert_eq!(deployed["result"], result, "{command:?}: {deployed}");
            assert_eq!(deployed["engines"][0]["result"], result, "{command:?}");
        }
    }
}

#[test]
fn a_script_that_is_deployed_is_judged() {
    let program = Program::new()
        .file("app/db.py", GOOD)
        .file("scripts/worker.py", BAD)
        .file("render.yaml", render("python scripts/worker.py"));
    assert_eq!(
        summary(&program),
        "2 engines: 1 pass, 1 fail, 0 unknown; the deployed one: fail (scripts/worker.py:2)"
    );
    assert_eq!(program.run(&["code", "."]).status, 1);
    let alone = Program::new()
        .file("app/db.py", GOOD)
        .file("scripts/worker.py", BAD);
    assert_eq!(alone.run(&["code", "."]).status, 0);
}

#[test]
fn what_a_deploy_file_sets_decides_and_not_the_code_alone() {
    for (command, result) in [
        ("DB_POOL_SIZE=50 uvicorn app.main:app", "fail (app/db.py:3)"),
        ("DB_POOL_SIZE=4 uvicorn app.main:app", "pass (app/db.py:3)"),
    ] {
        let program = Program::new()
            .file("app/db.py", GOOD)
            .file("app/main.py", "from app.db import engine\n")
            .file("render.yaml", render(command));
        let text = summary(&program);
        assert!(
            text.ends_with(&format!("the deployed one: {result}")),
            "{text}"
        );
    }
}

#[test]
fn what_cannot_be_known_is_unknown_and_says_why() {
    for (deploy, text, why) in [
        ("README.md", "", "no deploy file says what starts"),
        (
            "Procfile",
            "web: ./lost.sh\n",
            "Procfile:web: the script ./lost.sh cannot be read",
        ),
        (
            "Procfile",
            "web: uvicorn app.main:app\n",
            "app/db.py:3 in Procfile:web",
        ),
        (
            "render.yaml",
            &render("python app/other.py"),
            "render.yaml:api starts app/other.py, which imports none",
        ),
        (
            "render.yaml",
            &render("uvicorn lost:app"),
            "render.yaml:api: no file of the project is the module lost",
        ),
    ] {
        let program = Program::new()
            .file("app/db.py", GOOD)
            .file("app/main.py", "from app.db import engine\n")
            .file("app/other.py", "print(1)\n")
            .file(deploy, text);
        let text = summary(&program);
        assert!(
            text.ends_with(&format!("the deployed one: unknown ({why})")),
            "{text}"
        );
    }
}

#[test]
fn modules_loaded_by_name_may_hide_an_engine_that_fails() {
    let main = "import importlib\nfrom app.db import engine\nimportlib.import_module(name)\n";
    let hidden = project()
        .file("app/main.py", main)
        .file("render.yaml", render("uvicorn app.main:app"));
    assert!(
        summary(&hidden).contains("unknown (render.yaml:api: app/main.py:3 loads modules by name)")
    );
    let only = Program::new()
        .file("app/db.py", GOOD)
        .file("app/main.py", main)
        .file("render.yaml", render("uvicorn app.main:app"));
    assert!(summary(&only).ends_with("the deployed one: pass (app/db.py:3)"));
}

#[test]
fn each_deploy_file_counts_and_compose_only_where_it_stands_alone() {
    let compose = "services: {api: {image: 'python:3.13', command: uvicorn app.main:app}}\n";
    let both = project()
        .file("compose.yaml", compose)
        .file("render.yaml", render("uvicorn server.main:app"));
    assert!(summary(&both).ends_with("the deployed one: fail (server/main.py:2)"));
    let alone = project().file("compose.yaml", compose);
    assert!(summary(&alone).ends_with("the deployed one: pass (app/db.py:3)"));
    let two = project()
        .file("render.yaml", render("uvicorn app.main:app"))
        .file("api/render.yaml", render("uvicorn server.main:app"));
    assert!(
        summary(&two).ends_with("the deployed ones: fail (server/main.py:2), pass (app/db.py:3)")
    );
}

#[test]
fn check_ends_with_the_same_line_on_a_narrow_page() {
    let program = project().file("render.yaml", render("gunicorn server.main:app"));
    let said = program.run(&["check", ".", "--offline"]);
    let lines: Vec<&str> = said.stdout.lines().collect();
    assert!(
        lines[lines.len() - 2].contains("the deployed one: fail (server/main.py:2)"),
        "{}",
        said.stdout
    );
    assert!(
        lines.iter().all(|line| line.chars().count() <= 80),
        "{}",
        said.stdout
    );
    let quiet = program.run(&["code", ".", "--quiet"]);
    assert!(
        quiet.stdout.contains("the deployed one: fail"),
        "{}",
        quiet.stdout
    );
}
