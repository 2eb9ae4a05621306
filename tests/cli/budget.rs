//! `budget-connections` without a server: the sum of a deploy file against the plan's limit.

use serde_json::Value;

use crate::program::Program;

/// An engine with these arguments of its pool.
fn engine(arguments: &str) -> String {
    format!(
        "import os\nfrom sqlalchemy import create_engine\nfrom sqlalchemy.pool import NullPool\nengine = create_engine(os.environ['DATABASE_URL'], {arguments})\n"
    )
}

fn project(arguments: &str) -> Program {
    Program::new()
        .file("app/db.py", engine(arguments))
        .file("app/main.py", "from app.db import engine\n")
}

/// A blueprint with a web service and a database of this plan.
fn render(scale: &str, command: &str, plan: &str) -> String {
    format!(
        "databases: [{{name: db, plan: {plan}}}]\nservices:\n- type: web\n  name: api\n  runtime: python\n  {scale}\n  startCommand: {command}\n  envVars:\n  - key: DATABASE_URL\n    fromDatabase: {{name: db, property: connectionString}}\n"
    )
}

fn entry(program: &Program) -> Value {
    let report = program.json(&["check", ".", "--offline"]);
    report.entry("budget-connections").clone()
}

/// Returns the result with its severity where it fails, and the message.
fn judged(program: &Program) -> (String, String) {
    let entry = entry(program);
    let text = |key: &str| entry[key].as_str().unwrap().to_owned();
    let result = match text("result").as_str() {
        "fail" => text("severity"),
        other => other.to_owned(),
    };
    (result, text("message"))
}

#[test]
fn the_sum_is_judged_once_and_twice_against_the_plan() {
    // 100 connections less 10 that Render advises to keep.
    for (instances, pool, result, sum) in [
        (
            3,
            "pool_size=5",
            "pass",
            "api: 3 instances × 1 worker × (5 + 10) = 45",
        ),
        (
            4,
            "max_overflow=5",
            "pass",
            "api: 4 instances × 1 worker × (5 + 5) = 40",
        ),
        (
            4,
            "pool_size=2",
            "warning",
            "api: 4 instances × 1 worker × (2 + 10) = 48",
        ),
        (
            6,
            "pool_size=5",
            "warning",
            "api: 6 instances × 1 worker × (5 + 10) = 90",
        ),
        (
            7,
            "pool_size=3",
            "error",
            "api: 7 instances × 1 worker × (3 + 10) = 91",
        ),
    ] {
        let scale = format!("numInstances: {instances}");
        let command = "uvicorn app.main:app --workers 1";
        let program = project(pool).file("render.yaml", render(&scale, command, "basic-256mb"));
        let (found, message) = judged(&program);
        assert_eq!(found, result, "{message}");
        assert!(message.starts_with(sum), "{message}");
    }
}

#[test]
fn services_workers_and_engines_multiply_and_scaling_counts_at_its_most() {
    let blueprint = render(
        "scaling: {minInstances: 1, maxInstances: 3}",
        "gunicorn -w 2 app.main:app",
        "pro-8gb",
    ) + "- type: worker\n  name: jobs\n  runtime: python\n  startCommand: celery -A app.jobs worker -c 4\n  envVars:\n  - key: DATABASE_URL\n    fromDatabase: {name: db, property: connectionString}\n";
    let program = project("pool_size=5")
        .file("app/other.py", engine("pool_size=1, max_overflow=0"))
        .file(
            "app/jobs.py",
            "from app.db import engine\nfrom app.other import engine as other\n",
        )
        .file("render.yaml", blueprint);
    let entry = entry(&program);
    assert_eq!(entry["result"], "fail", "{entry:#}");
    assert_eq!(entry["severity"], "warning");
    assert_eq!(entry["subject"], "render.yaml");
    assert_eq!(entry["observed"], "154");
    let message = entry["message"].as_str().unwrap();
    let sum = "api: 3 instances × 2 workers × (5 + 10) = 90; jobs: 1 instance × 4 workers × (5 + 10 + 1 + 0) = 64; 90 + 64 = 154";
    assert!(message.starts_with(sum), "{message}");
    assert!(
        entry["expected"]
            .as_str()
            .unwrap()
            .contains("200 − 10 reserved = 190")
    );
}

#[test]
fn an_unknown_factor_is_unknown_with_what_there_is_at_least() {
    for (pool, command, why) in [
        (
            "pool_size=5",
            "gunicorn app.main:app",
            "set by Render itself",
        ),
        (
            "pool_size=5",
            "celery -A app.main worker",
            "as many as there are CPUs",
        ),
        (
            "pool_size=5",
            "gunicorn -w $(nproc) app.main:app",
            "the output of a command",
        ),
        (
            "pool_size=int(os.environ['N'])",
            "uvicorn app.main:app --workers 1",
            "pool_size",
        ),
        (
            "poolclass=NullPool",
            "uvicorn app.main:app --workers 1",
            "NullPool",
        ),
        ("pool_size=5", "./lost.sh", "cannot be read"),
    ] {
        let program = project(pool).file(
            "render.yaml",
            render("numInstances: 2", command, "basic-1gb"),
        );
        let (found, message) = judged(&program);
        assert_eq!(found, "unknown", "{command}: {message}");
        assert!(message.contains(why), "{message}");
    }
    let program = project("pool_size=5").file(
        "render.yaml",
        render("numInstances: 2", "gunicorn app.main:app", "basic-1gb"),
    );
    let (_, message) = judged(&program);
    assert!(
        message.contains("at least 1 worker × (5 + 10) = at least 30"),
        "{message}"
    );
    // What is too much at the least is too much.
    let program = project("pool_size=50").file(
        "render.yaml",
        render("numInstances: 2", "gunicorn app.main:app", "basic-1gb"),
    );
    assert_eq!(judged(&program).0, "error");
}

#[test]
fn a_pool_without_a_limit_fits_nothing() {
    for pool in ["pool_size=0", "max_overflow=-1"] {
        let program = project(pool).file(
            "render.yaml",
            render("numInstances: 1", "uvicorn app.main:app", "basic-1gb"),
        );
        let (found, message) = judged(&program);
        assert_eq!(found, "error", "{message}");
        assert!(message.contains("no limit"), "{message}");
    }
}

#[test]
fn the_limit_is_the_plan_s_the_provider_s_or_the_one_in_dbharden_toml() {
    let url =
        "postgresql+psycopg2://app@ep-cool-1.eu-central-1.aws.neon.tech:5432/app?sslmode=require";
    let pooled = url.replace("cool-1", "cool-1-pooler");
    let deployment = |text: &str| format!("[deployment]\n{text}\n");
    for (url, toml, result, said) in [
        // Fits Neon's smallest compute, also twice.
        (url, "instances = 1\nworkers = 2", "pass", ""),
        (
            url,
            "instances = 2\nworkers = 2",
            "unknown",
            "104 to 4000 by the plan",
        ),
        (&pooled, "instances = 20\nworkers = 2", "pass", ""),
        (
            url,
            "instances = 20\nworkers = 20",
            "error",
            "more than the database takes",
        ),
        (
            url,
            "instances = 2\nworkers = 2\nplan_connections = 209",
            "pass",
            "",
        ),
        (
            url,
            "instances = 1\nworkers = 2\nplan_connections = 50",
            "warning",
            "not twice",
        ),
        (
            "postgresql+psycopg2://app@db.example.com:5432/app",
            "instances = 1\nworkers = 1",
            "unknown",
            "connection limit",
        ),
        (
            "postgresql+psycopg2://app@db.example.com:5432/app",
            "instances = 1\nworkers = 1\nplan_connections = 30",
            "pass",
            "",
        ),
        (url, "workers = 2", "unknown", "how many instances run"),
    ] {
        let program = project("pool_size=5")
            .file("dbharden.toml", deployment(toml))
            .env("DATABASE_URL", url);
        let (found, message) = judged(&program);
        assert_eq!(found, result, "{toml}: {message}");
        assert!(message.contains(said), "{message}");
    }
}

#[test]
fn each_deploy_file_has_its_own_budget_and_a_project_without_engines_none() {
    let compose = "services:\n  api:\n    image: python:3.13\n    command: uvicorn app.main:app --workers 2\n    environment: {DATABASE_URL: 'postgresql+psycopg2://app@db:5432/app'}\n    deploy: {replicas: 2}\n";
    let program = project("pool_size=5").file("compose.yaml", compose).file(
        "render.yaml",
        render(
            "numInstances: 1",
            "uvicorn app.main:app --workers 1",
            "basic-1gb",
        ),
    );
    let report = program.json(&["check", ".", "--offline"]);
    let mut subjects: Vec<&str> = report
        .entries("budget-connections")
        .map(|entry| entry["subject"].as_str().unwrap())
        .collect();
    subjects.sort_unstable();
    assert_eq!(subjects, ["compose.yaml", "render.yaml"]);
    let of_compose = report
        .entries("budget-connections")
        .find(|entry| entry["subject"] == "compose.yaml")
        .unwrap();
    let message = of_compose["message"].as_str().unwrap();
    assert!(
        message.contains("2 instances × 2 workers × (5 + 10) = 60"),
        "{message}"
    );
    assert_eq!(of_compose["result"], "unknown");
    let none = Program::new().file(
        "render.yaml",
        render("numInstances: 1", "uvicorn app:app", "free"),
    );
    assert_eq!(entry(&none)["result"], "not-applicable");
}
