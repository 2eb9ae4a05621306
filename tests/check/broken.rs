//! The example application, broken in twelve ways: each time the report says what is wrong, where,
//! and what to do.

use std::path::Path;

use serde_json::Value;

use crate::program::{Program, Report};
use crate::support::{Authority, PostgreSql, Role, Session, free_port};

const PASSWORD: &str = "s3cr3t-Pa55";
const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/hiremebahamas");

/// The application's server, with TLS and SCRAM.
fn server() -> PostgreSql {
    let server = PostgreSql::builder()
        .tls(&Authority::new("lab").server().issue())
        .start();
    server.create(&Role::new("hiremebahamas").password(PASSWORD).monitor());
    server.sql("create database hiremebahamas owner hiremebahamas");
    server
}

fn url(port: u16) -> String {
    format!("postgresql://hiremebahamas:{PASSWORD}@localhost:{port}/hiremebahamas")
}

/// The example in a folder of its own, with the environment that runs it.
fn example(server: &PostgreSql) -> Program {
    let mut program = Program::new();
    let mut folders = vec![Path::new(EXAMPLE).to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let relative = path.strip_prefix(EXAMPLE).unwrap().to_str().unwrap();
                program = program.file(relative, std::fs::read(&path).unwrap());
            }
        }
    }
    program
        .env("DATABASE_URL", &url(server.port()))
        .env("DB_POOL_SIZE", "5")
}

/// Replaces a part of a file of the example.
fn edit(program: Program, path: &str, from: &str, to: &str) -> Program {
    let text = std::fs::read_to_string(program.folder().join(path)).unwrap();
    assert!(text.contains(from), "{path} has no {from}");
    program.file(path, text.replacen(from, to, 1))
}

/// A session of the application, under a name.
fn session(server: &PostgreSql, name: &str) -> Session {
    let conninfo = server.conninfo("hiremebahamas", PASSWORD);
    Session::open(&format!("{conninfo} application_name={name}"))
}

/// Asserts that exactly one entry of a rule fails, in an environment and at a place, and that its
/// words say what is wrong and what to do.
#[track_caller]
fn says(report: &Report, rule: &str, environment: &str, place: &str, wrong: &str, fix: &str) {
    assert_eq!(report.status, 1, "{:#}", report.json);
    let failed = |entry: &&Value| entry["result"] == "fail" && entry["environment"] == environment;
    let entries: Vec<_> = report.entries(rule).filter(failed).collect();
    assert_eq!(entries.len(), 1, "{rule}: {entries:#?}");
    let entry = entries[0];
    let text = |key: &str| entry[key].as_str().unwrap_or_default().to_owned();
    let said = text("message") + " " + &text("observed");
    assert!(said.contains(wrong), "{wrong:?} in {said:?}");
    assert!(text("fix").contains(fix), "{fix:?} in {:?}", text("fix"));
    let origins = entry["origins"].to_string();
    assert!(origins.contains(place), "{place} in {origins}");
}

#[test]
fn the_example_as_it_is_passes() {
    let server = server();
    let _session = session(&server, "hiremebahamas");
    let report = example(&server).json(&["check"]);
    assert_eq!(report.status, 0, "{:#?}", report.failed());
}

#[test]
fn a_string_in_quotes_with_a_line_end_or_without_a_port() {
    let server = server();
    let good = url(server.port());
    let check = |text: &str| {
        example(&server)
            .env("DATABASE_URL", text)
            .json(&["check", "--offline"])
    };
    let quoted = check(&format!("\"{good}\""));
    says(
        &quoted,
        "url-clean",
        "process",
        "DATABASE_URL",
        "quote",
        "remove the quotes",
    );
    let ended = check(&format!("{good}\n"));
    says(
        &ended,
        "url-clean",
        "process",
        "DATABASE_URL",
        "line end",
        "printf %s",
    );
    let bare = check(&good.replace(&format!(":{}", server.port()), ""));
    says(
        &bare,
        "url-port",
        "process",
        "DATABASE_URL",
        "no port",
        ":5432",
    );
}

#[test]
fn an_unset_string() {
    let server = server();
    let report = example(&server).env("DATABASE_URL", "").json(&["check"]);
    says(
        &report,
        "url-present",
        "process",
        "DATABASE_URL",
        "empty",
        "DATABASE_URL",
    );
}

#[test]
fn an_at_sign_in_the_password() {
    let server = server();
    let text = url(server.port()).replace(PASSWORD, "s3cr3t@Pa55");
    let report = example(&server)
        .env("DATABASE_URL", &text)
        .json(&["check", "--offline"]);
    says(
        &report,
        "url-host",
        "process",
        "DATABASE_URL",
        "@",
        "percent-encode",
    );
    assert!(!report.json.to_string().contains("Pa55"));
}

#[test]
fn a_number_that_python_does_not_read() {
    let server = server();
    let report = example(&server)
        .env("DB_POOL_SIZE", "5.0")
        .json(&["check", "--offline"]);
    says(
        &report,
        "pool-value",
        "process",
        "DB_POOL_SIZE",
        "point",
        "plain digits",
    );
}

#[test]
fn a_short_recycle_time_and_an_endless_overflow_in_render_yaml() {
    let server = server();
    let recycle = edit(
        example(&server),
        "render.yaml",
        "value: \"1800\"",
        "value: \"300\"",
    );
    let service = "render.yaml:hiremebahamas";
    let report = recycle.json(&["check", "--offline"]);
    says(
        &report,
        "pool-recycle",
        service,
        "\"line\":19",
        "300",
        "waive",
    );
    let overflow = edit(
        example(&server),
        "render.yaml",
        "value: \"10\"",
        "value: \"-1\"",
    );
    let report = overflow.json(&["check", "--offline"]);
    says(
        &report,
        "pool-max-overflow",
        service,
        "\"line\":17",
        "-1",
        "without a limit",
    );
}

#[test]
fn a_password_in_render_yaml() {
    let server = server();
    let secret =
        format!("value: postgresql://app:{PASSWORD}@db.example.com:5432/app?sslmode=require");
    let program = edit(example(&server), "render.yaml", "sync: false", &secret);
    let report = program.json(&["check", "--offline"]);
    let service = "render.yaml:hiremebahamas";
    says(
        &report,
        "url-secret-in-repo",
        service,
        "render.yaml",
        "holds a password",
        "change the password",
    );
    assert!(!report.json.to_string().contains(PASSWORD));
}

#[test]
fn a_closed_port_a_wrong_password_and_a_missing_database() {
    let server = server();
    let check = |text: &str| example(&server).env("DATABASE_URL", text).json(&["check"]);
    let closed = check(&url(free_port()));
    says(&closed, "connect-tcp", "process", "server", "refused", "");
    let wrong = check(&url(server.port()).replace(PASSWORD, "0ther-Pa55"));
    says(
        &wrong,
        "connect-auth",
        "process",
        "server",
        "pw-wrong",
        "log",
    );
    let missing = check(&(url(server.port()) + "x"));
    says(
        &missing,
        "connect-auth",
        "process",
        "server",
        "db-missing",
        "",
    );
}

#[test]
fn sessions_under_another_name() {
    let server = server();
    let _session = session(&server, "psql");
    let report = example(&server).json(&["check"]);
    says(
        &report,
        "activity-application-name",
        "process",
        "server",
        "psql",
        "application_name",
    );
}
