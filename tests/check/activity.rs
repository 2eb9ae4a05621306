//! `dbharden activity`: counts by application name, for ordinary and privileged roles.

use serde_json::Value;

use crate::program::{Program, Report};
use crate::support::{PostgreSql, Role, Session};

const PASSWORD: &str = "s3cr3t-Pa55";

fn server() -> PostgreSql {
    let server = PostgreSql::start();
    server.create(&Role::new("app").password(PASSWORD));
    server.create(&Role::new("watcher").password(PASSWORD).monitor());
    server
}

fn activity(server: &PostgreSql, role: &str, arguments: &[&str]) -> Report {
    let url = format!(
        "postgresql://{role}:{PASSWORD}@localhost:{}/postgres",
        server.port()
    );
    Program::new()
        .env("DATABASE_URL", &url)
        .json(&[&["activity"], arguments].concat())
}

fn row<'a>(report: &'a Report, name: &str) -> Option<&'a Value> {
    let connections = report.json["connections"].as_array().unwrap();
    let rows = connections.last().unwrap()["activity"].as_array().unwrap();
    rows.iter().find(|row| row["application_name"] == name)
}

fn open(server: &PostgreSql, name: &str) -> Session {
    Session::open(&format!(
        "{} application_name={name}",
        server.conninfo("app", PASSWORD)
    ))
}

#[test]
fn sessions_are_counted_by_application_name_without_our_own() {
    let server = server();
    let mut first = open(&server, "hiremebahamas");
    let _second = open(&server, "hiremebahamas");
    first.run("begin");
    let report = activity(&server, "watcher", &["--app", "hiremebahamas"]);
    let row_ = row(&report, "hiremebahamas").unwrap();
    assert_eq!(
        (&row_["total"], &row_["idle"], &row_["idle_in_transaction"]),
        (&2.into(), &1.into(), &1.into())
    );
    assert!(row_["oldest_transaction_s"].as_f64().is_some(), "{row_}");
    assert!(row(&report, "dbharden").is_none(), "{:#}", report.json);
    assert_eq!(report.result("activity-application-name"), "pass");
    assert_eq!(report.result("activity-count"), "unknown");
}

#[test]
fn what_an_ordinary_role_may_not_see_is_null_and_unknown() {
    let server = server();
    server.create(&Role::new("other").password(PASSWORD));
    let _foreign = Session::open(&format!(
        "{} application_name=foreign",
        server.conninfo("other", PASSWORD)
    ));
    let report = activity(&server, "app", &[]);
    assert_eq!(report.result("activity-idle-in-transaction"), "unknown");
    assert_eq!(report.json["complete"], false);
    let privileged = activity(&server, "watcher", &[]);
    assert_eq!(privileged.result("activity-idle-in-transaction"), "pass");
}

#[test]
fn sessions_under_another_name_alone_fail() {
    let server = server();
    let _session = open(&server, "psql");
    let report = activity(&server, "app", &["--app", "hiremebahamas"]);
    assert_eq!(
        (report.status, report.result("activity-application-name")),
        (1, "fail")
    );
}

#[test]
fn a_server_without_the_applications_sessions_is_unknown() {
    let report = activity(&server(), "app", &["--app", "hiremebahamas"]);
    assert_eq!(
        (report.status, report.result("activity-application-name")),
        (0, "unknown")
    );
}

#[test]
fn a_session_that_waits_for_a_lock_is_counted() {
    let server = server();
    server.sql("create table t (a int); grant all on t to app");
    let mut holder = open(&server, "holder");
    holder.run("begin; lock table t");
    let mut waiter = open(&server, "waiter");
    waiter.send("select * from t;");
    let waiting = (0..50).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        let report = activity(&server, "watcher", &[]);
        row(&report, "waiter").is_some_and(|row| row["waiting"] == 1)
    });
    assert!(waiting);
}
