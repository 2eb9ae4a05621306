//! `dbharden connect`: the stage that fails, its cause, and the exit status.

use serde_json::Value;

use crate::program::{Program, Report};
use crate::support::{Authority, Certificate, PostgreSql, Role, Session};

const PASSWORD: &str = "s3cr3t-Pa55";

/// A server with TLS by a private authority, and the application's role.
fn server(certificate: &Certificate) -> PostgreSql {
    let server = PostgreSql::builder().tls(certificate).start();
    server.create(&Role::new("app").password(PASSWORD));
    server
}

fn url(server: &PostgreSql, parameters: &str) -> String {
    format!(
        "postgresql://app:{PASSWORD}@localhost:{}/postgres{parameters}",
        server.port()
    )
}

fn connect(url: &str) -> Report {
    let program = Program::new().env("DATABASE_URL", url);
    let human = program.run(&["connect", "-v"]);
    assert!(
        !human.stdout.contains(PASSWORD) && !human.stderr.contains(PASSWORD),
        "{}",
        human.stdout
    );
    let report = program.json(&["connect"]);
    assert_eq!(human.status, report.status, "{}", human.stdout);
    report
}

/// Returns the last connection's stages as letters: `P`ass, `F`ail, `-` not run.
fn stages(report: &Report) -> String {
    let connections = report.json["connections"].as_array().unwrap();
    let stages = connections.last().unwrap()["stages"].as_array().unwrap();
    let letter = |stage: &Value| match stage["result"].as_str().unwrap() {
        "pass" => 'P',
        "fail" => 'F',
        _ => '-',
    };
    stages.iter().map(letter).collect()
}

#[test]
fn a_healthy_server_passes_every_stage() {
    let authority = Authority::new("lab");
    let server = server(&authority.server().issue());
    let report = connect(&url(&server, "?sslmode=require"));
    assert_eq!(report.status, 0, "{:#}", report.json);
    assert_eq!(stages(&report), "PPPPP");
    let connections = report.json["connections"].as_array().unwrap();
    let last = connections.last().unwrap();
    assert_eq!(last["tls"]["version"], "TLSv1.3");
    assert_eq!(
        last["server"]["version"]
            .as_str()
            .unwrap()
            .split('.')
            .next(),
        server.installation().version().split('.').next()
    );
    assert_eq!(last["cause"], Value::Null);
}

#[test]
fn verify_full_wants_the_right_root_and_the_right_name() {
    let authority = Authority::new("lab");
    let folder = crate::support::Folder::new();
    let root = folder.write("root.pem", authority.pem());
    let other = folder.write("other.pem", Authority::new("other").pem());
    let good = server(&authority.server().issue());
    let verify = |server: &PostgreSql, root: &std::path::Path| {
        connect(&url(
            server,
            &format!("?sslmode=verify-full&sslrootcert={}", root.display()),
        ))
    };
    assert_eq!(verify(&good, &root).status, 0);
    let unknown = verify(&good, &other);
    assert_eq!((unknown.status, stages(&unknown).as_str()), (1, "PPF--"));
    assert_eq!(unknown.result("connect-tls"), "fail");
    for (certificate, cause) in [
        (authority.server().wrong_host().issue(), "tls-wrong-host"),
        (authority.server().expired().issue(), "tls-expired"),
    ] {
        let bad = server(&certificate);
        let report = verify(&bad, &root);
        assert_eq!((report.status, stages(&report).as_str()), (1, "PPF--"));
        assert_eq!(
            report.json["connections"]
                .as_array()
                .unwrap()
                .last()
                .unwrap()["cause"],
            cause
        );
        // `require` encrypts and looks at nothing, as libpq does.
        assert_eq!(connect(&url(&bad, "?sslmode=require")).status, 0);
    }
}

#[test]
fn a_wrong_password_has_candidates_and_one_attempt_to_log_in() {
    let server = server(&Authority::new("lab").server().issue());
    let report = connect(&format!(
        "postgresql://app:wrong@localhost:{}/postgres",
        server.port()
    ));
    assert_eq!((report.status, stages(&report).as_str()), (1, "PPPF-"));
    let connections = report.json["connections"].as_array().unwrap();
    let last = connections.last().unwrap();
    assert_eq!(last["cause"], Value::Null);
    let candidates: Vec<_> = last["candidates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|id| id.as_str().unwrap())
        .collect();
    assert!(
        candidates.contains(&"pw-wrong") && candidates.contains(&"role-missing"),
        "{candidates:?}"
    );
    assert!(report.result("connect-query") == "unknown");
    // Two runs (human and JSON), one attempt each.
    assert_eq!(
        server
            .log()
            .matches("password authentication failed")
            .count(),
        2,
        "{}",
        server.log()
    );
}

#[test]
fn a_closed_port_a_missing_database_and_a_full_server_are_told_apart() {
    let server = PostgreSql::builder().max_connections(6).start();
    server.create(&Role::new("app").password(PASSWORD));
    let closed = connect(&format!(
        "postgresql://app:x@127.0.0.1:{}/d",
        crate::support::free_port()
    ));
    assert_eq!((closed.status, closed.result("connect-tcp")), (1, "fail"));
    let missing = connect(&format!(
        "postgresql://app:{PASSWORD}@localhost:{}/nosuch",
        server.port()
    ));
    assert_eq!(
        (missing.status, missing.result("connect-auth")),
        (1, "fail")
    );
    let sessions: Vec<_> = (0..6)
        .map_while(|_| Session::try_open(&server.conninfo("app", PASSWORD)))
        .collect();
    assert!(!sessions.is_empty());
    let full = connect(&url(&server, ""));
    assert_eq!(full.status, 1);
    let cause = &full.json["connections"].as_array().unwrap().last().unwrap()["cause"];
    assert!(
        cause == "too-many-clients" || cause == "too-many-reserved",
        "{cause}"
    );
}

#[test]
fn a_standby_is_a_server_too() {
    let primary = PostgreSql::start();
    primary.create(&Role::new("app").password(PASSWORD));
    let standby = primary.standby();
    let report = connect(&url(&standby, ""));
    assert_eq!(stages(&report), "PPPPP", "{:#}", report.json);
    assert_eq!(
        report.json["connections"]
            .as_array()
            .unwrap()
            .last()
            .unwrap()["server"]["in_recovery"],
        true
    );
}

#[test]
fn a_string_that_cannot_be_used_is_a_finding() {
    for text in [
        "postgresql://u:p@h:5432/d?sslmode=bogus",
        "postgresql://u:p@h:99999/d",
        "postgresql://u:p%zz@h/d",
        "",
        "host",
    ] {
        let said = Program::new()
            .env("DATABASE_URL", text)
            .run(&["connect", "--timeout", "2"]);
        assert_eq!(said.status, 1, "{text}: {} {}", said.stdout, said.stderr);
    }
}

#[test]
fn a_string_in_another_drivers_spelling_is_dialled_too() {
    let server = server(&Authority::new("lab").server().issue());
    let text = url(&server, "?ssl=require").replace("postgresql://", "postgresql+asyncpg://");
    let report = connect(&text);
    assert_eq!(stages(&report), "PPPPP", "{:#}", report.json);
    assert_eq!(report.json["connections"][0]["tls"]["version"], "TLSv1.3");
}

/// RFC 6761 keeps `.invalid` out of every name server.
#[test]
fn a_name_that_nobody_knows_ends_at_dns() {
    let url = format!("postgresql://app:{PASSWORD}@database.invalid:5432/postgres");
    let report = connect(&url);
    assert_eq!(report.status, 1, "{:#}", report.json);
    assert_eq!(report.result("connect-dns"), "fail");
    assert_eq!(report.result("connect-tcp"), "unknown");
}
