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

/// Returns the last connection of a report.
fn connection(report: &Report) -> &Value {
    report.json["connections"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()
}

/// Returns a single session by its application name.
fn session<'a>(report: &'a Report, name: &str) -> &'a Value {
    let sessions = connection(report)["sessions"].as_array().unwrap();
    let found = sessions.iter().find(|one| one["application_name"] == name);
    found.unwrap_or_else(|| panic!("no {name} in {sessions:#?}"))
}

fn human(server: &PostgreSql, role: &str, arguments: &[&str]) -> String {
    let url = format!(
        "postgresql://{role}:{PASSWORD}@localhost:{}/postgres",
        server.port()
    );
    let output = Program::new()
        .env("DATABASE_URL", &url)
        .run(&[&["activity", "--fail-on=never"], arguments].concat());
    assert_eq!(output.status, 0, "{}", output.stderr);
    output.stdout
}

/// A holder of a lock, one that waits for it, one that waits behind that, and a stranger who may
/// see nothing of them.
fn queue(server: &PostgreSql) -> [Session; 3] {
    server.sql("create table t (a int); grant all on t to app");
    server.create(&Role::new("stranger").password(PASSWORD));
    let mut holder = open(server, "holder");
    holder.run("begin; lock table t; select /* s3cret */ 'pa''ss', 12345");
    let mut first = open(server, "first");
    first.send("begin; lock table t");
    wait_for(server, "first", 1);
    let mut second = open(server, "second");
    second.send("select * from t where a = 77");
    wait_for(server, "second", 2);
    [holder, first, second]
}

/// Waits until a session is among those that wait for a lock.
fn wait_for(server: &PostgreSql, name: &str, waiting: u32) {
    let waits = || {
        let count = server.sql("select count(distinct pid) from pg_locks where not granted");
        count.trim() == waiting.to_string()
    };
    let came = (0..300).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        waits()
    });
    assert!(came, "{name} does not wait");
}

#[test]
fn a_chain_of_waiters_is_told_to_everybody_and_their_doings_to_who_may_know() {
    let server = server();
    let _queue = queue(&server);
    let report = activity(&server, "watcher", &[]);
    let pid = |name: &str| session(&report, name)["pid"].clone();
    let blockers = |name: &str| {
        session(&report, name)["blocked_by"]
            .as_array()
            .unwrap()
            .clone()
    };
    assert!(blockers("holder").is_empty());
    assert_eq!(blockers("first"), [pid("holder")]);
    assert!(blockers("second").contains(&pid("first")));
    assert_eq!(session(&report, "holder")["state"], "idle in transaction");
    assert_eq!(session(&report, "first")["wait"], "Lock:relation");
    assert!(session(&report, "first")["waited_s"].as_f64().is_some());
    assert!(session(&report, "holder")["transaction_s"].as_f64() > Some(0.0));
    assert_eq!(session(&report, "holder")["query"], Value::Null);
    let text = human(&server, "watcher", &[]);
    let tree = text.split("Who waits for whom").nth(1).unwrap();
    let at = |name: &str| tree.find(&format!("{} {name} (app)", pid(name))).unwrap();
    assert!(
        at("holder") < at("first") && at("first") < at("second"),
        "{tree}"
    );
    assert!(tree.contains("       └─ "), "{tree}");

    let report = activity(&server, "stranger", &[]);
    let first = session(&report, "first");
    assert_eq!(first["blocked_by"].as_array().unwrap().len(), 1);
    for hidden in [
        "state",
        "wait",
        "transaction_s",
        "state_s",
        "client",
        "query",
    ] {
        assert_eq!(first[hidden], Value::Null, "{hidden}");
    }
    let text = human(&server, "stranger", &["--queries"]);
    assert!(text.contains("state hidden"), "{text}");
    assert!(text.contains("GRANT pg_read_all_stats"), "{text}");
}

#[test]
fn statements_are_shown_when_asked_for_and_never_their_literals() {
    let server = server();
    let _queue = queue(&server);
    let report = activity(&server, "watcher", &["--queries"]);
    assert_eq!(session(&report, "holder")["query"], "select ?, ?;");
    assert_eq!(
        session(&report, "second")["query"],
        "select * from t where a = ?;"
    );
    let text = human(&server, "watcher", &["--queries"]);
    assert!(text.contains("select * from t where a = ?"), "{text}");
    for literal in ["pa''ss", "12345", "77", "s3cret"] {
        let statements = text.split("Last statements").nth(1).unwrap();
        let shown = statements.split("activity-").next().unwrap();
        let words: Vec<_> = shown
            .split_whitespace()
            .filter(|w| w.contains(literal))
            .collect();
        // A process id may hold the digits by chance.
        assert!(
            words.iter().all(|w| w.parse::<u32>().is_ok()),
            "{literal}: {shown}"
        );
    }
}

#[test]
fn sessions_are_counted_by_whatever_was_asked_for() {
    let server = server();
    let mut web = open(&server, "web");
    let _jobs = open(&server, "jobs");
    web.run("begin");
    for (by, key, total) in [
        ("user", "app", 2),
        ("database", "postgres", 2),
        ("client", "127.0.0.1", 2),
        ("state", "idle in transaction", 1),
        ("wait", "Client:ClientRead", 2),
    ] {
        let report = activity(&server, "watcher", &["--by", by]);
        let breakdown = &connection(&report)["breakdown"];
        assert_eq!(breakdown["by"], by);
        let rows = breakdown["rows"].as_array().unwrap();
        let row = rows.iter().find(|row| row["key"] == key);
        let row = row.unwrap_or_else(|| panic!("no {key} in {rows:#?}"));
        assert_eq!(row["total"], total, "{rows:#?}");
        let report = activity(&server, "watcher", &["--by", by, "--app", "jobs"]);
        let rows = connection(&report)["breakdown"]["rows"].as_array().unwrap();
        assert_eq!((rows.len(), &rows[0]["total"]), (1, &1.into()), "{rows:#?}");
        // Another role sees whose the sessions are, and nothing of what they do.
        server.sql("drop role if exists stranger");
        server.create(&Role::new("stranger").password(PASSWORD));
        let report = activity(&server, "stranger", &["--by", by]);
        let rows = connection(&report)["breakdown"]["rows"].as_array().unwrap();
        let shown = matches!(by, "user" | "database");
        let expected = if shown { Value::from(key) } else { Value::Null };
        assert_eq!(rows[0]["key"], expected, "{rows:#?}");
        assert_eq!(
            (&rows[0]["total"], &rows[0]["idle"]),
            (&2.into(), &Value::Null)
        );
    }
    let text = human(&server, "watcher", &["--app", "jobs", "--by", "state"]);
    assert!(text.contains("and 1 under 1 other names"), "{text}");
}

#[test]
fn a_server_without_sessions_says_so() {
    let text = human(&server(), "watcher", &["--by", "client", "--queries"]);
    assert!(text.contains("no session but this one is open"), "{text}");
}

#[test]
fn no_name_leaves_its_column_or_moves_a_cursor() {
    let server = server();
    let conninfo = server.conninfo("app", PASSWORD);
    let names = [
        "x".repeat(63),
        "\u{1b}[2J\u{202e}evil😀".to_owned(),
        "| ` <b>".to_owned(),
    ];
    let mut sessions = Vec::new();
    for name in &names {
        let mut session = Session::open(&conninfo);
        session.run(&format!("set application_name = '{name}'"));
        session.run("begin; select 1");
        sessions.push(session);
    }
    let text = human(&server, "watcher", &["--queries", "--by", "user"]);
    assert!(
        !text.contains(|c: char| c.is_control() && c != '\n'),
        "{text:?}"
    );
    let wide: Vec<_> = text
        .lines()
        .filter(|line| line.chars().count() > 80)
        .collect();
    assert!(wide.is_empty(), "{wide:#?}");
}
