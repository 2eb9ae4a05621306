//! What the program does to a server: who is dialled, how often, and what is left behind.

use crate::program::Program;
use crate::support::{PostgreSql, Role};

const PASSWORD: &str = "s3cr3t-Pa55";

fn server() -> PostgreSql {
    let server = PostgreSql::builder()
        .setting("log_connections", "on")
        .setting("log_disconnections", "on")
        .start();
    server.create(&Role::new("app").password(PASSWORD));
    server
}

fn url(server: &PostgreSql) -> String {
    format!(
        "postgresql://app:{PASSWORD}@localhost:{}/postgres",
        server.port()
    )
}

/// Counts the logins of the application's role.
fn logins(server: &PostgreSql) -> usize {
    server
        .log()
        .matches("connection authorized: user=app")
        .count()
}

#[test]
fn check_dials_the_environments_string_once() {
    let server = server();
    let report = Program::new()
        .env("DATABASE_URL", &url(&server))
        .json(&["check"]);
    assert_eq!(report.result("connect-query"), "pass", "{:#}", report.json);
    assert_eq!(logins(&server), 1, "{}", server.log());
}

#[test]
fn check_dials_an_env_files_string_and_a_flags() {
    let server = server();
    let program = Program::new().file("production.env", format!("DATABASE_URL={}\n", url(&server)));
    assert_eq!(
        program
            .json(&["check", "--env-file", "production.env"])
            .result("connect-query"),
        "pass"
    );
    assert_eq!(
        program
            .json(&["check", "--url", &url(&server)])
            .result("connect-query"),
        "pass"
    );
    assert_eq!(logins(&server), 2);
}

#[test]
fn check_never_dials_a_string_that_a_file_of_the_project_holds() {
    let server = server();
    let render = format!(
        "services:\n  - type: web\n    name: api\n    envVars:\n      - key: DATABASE_URL\n        value: {}\n",
        url(&server)
    );
    let program = Program::new()
        .file(".env", format!("DATABASE_URL={}\n", url(&server)))
        .file("render.yaml", render);
    let report = program.json(&["check"]);
    assert_eq!(
        report.json["urls"].as_array().unwrap().len(),
        2,
        "{:#}",
        report.json
    );
    assert_eq!(report.json["connections"].as_array().unwrap().len(), 0);
    assert_eq!(logins(&server), 0, "{}", server.log());
}

#[test]
fn offline_opens_no_connection() {
    let server = server();
    let report = Program::new()
        .env("DATABASE_URL", &url(&server))
        .json(&["check", "--offline"]);
    assert_eq!(report.json["connections"].as_array().unwrap().len(), 0);
    assert_eq!(logins(&server), 0);
}

#[test]
fn nothing_is_written_and_the_session_ends_cleanly() {
    let server = server();
    let before = server.sql("select pg_current_xact_id_if_assigned() is null, txid_snapshot_xmax(txid_current_snapshot())");
    Program::new()
        .env("DATABASE_URL", &url(&server))
        .json(&["check"]);
    let after = server.sql("select pg_current_xact_id_if_assigned() is null, txid_snapshot_xmax(txid_current_snapshot())");
    assert_eq!(before, after);
    let log = server.log();
    assert!(log.contains("application_name=dbharden"), "{log}");
    assert!(
        !log.contains("unexpected EOF on client connection"),
        "{log}"
    );
    assert!(!log.contains("ERROR"), "{log}");
}
