//! The **tls** and **server** rules and `connect-unsafe`, on real servers.

use serde_json::Value;

use crate::program::{Program, Report};
use crate::support::{
    Authority, Certificate, Folder, Installation, PgBouncer, PostgreSql, Role, Session,
};

const PASSWORD: &str = "s3cr3t-Pa55";

fn server(certificate: &Certificate) -> PostgreSql {
    let server = PostgreSql::builder().tls(certificate).start();
    server.create(&Role::new("app").password(PASSWORD));
    server
}

fn connect(role: &str, server: &PostgreSql, parameters: &str) -> Report {
    let port = server.port();
    Program::new()
        .env(
            "DATABASE_URL",
            &format!("postgresql://{role}:{PASSWORD}@localhost:{port}/postgres{parameters}"),
        )
        .json(&["connect"])
}

fn observed<'a>(report: &'a Report, rule: &'a str) -> &'a str {
    report.entry(rule)["observed"].as_str().unwrap_or_default()
}

/// Returns the cause of the last connection, which an unsafe success does not have.
fn cause(report: &Report) -> &Value {
    &report.json["connections"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()["cause"]
}

#[test]
fn an_ordinary_role_with_timeouts_on_a_private_tls_server_passes_with_notes_at_most() {
    let server = server(&Authority::new("lab").server().issue());
    server.sql("alter role app set statement_timeout = '30s'");
    server.sql("alter role app set idle_in_transaction_session_timeout = '60s'");
    let report = connect("app", &server, "");
    assert_eq!(report.status, 0, "{:#}", report.json);
    assert_eq!(report.json["summary"]["warning"], 0, "{:#}", report.json);
    for rule in [
        "tls-version",
        "tls-certificate-host",
        "tls-certificate-expiry",
        "server-writable",
        "server-role",
        "server-timeouts",
        "server-pooler",
        "server-schema-create",
        "server-password-encryption",
        "connect-unsafe",
    ] {
        assert_eq!(report.result(rule), "pass", "{:#}", report.entry(rule));
    }
    let timeouts = observed(&report, "server-timeouts");
    assert!(timeouts.contains("30 s by ALTER ROLE"), "{timeouts}");
    // No root of this machine knows the lab's authority.
    assert_eq!(report.result("tls-certificate-chain"), "fail");
    assert_eq!(report.entry("tls-certificate-chain")["severity"], "note");
}

#[test]
fn what_verify_full_would_say_is_told_under_require() {
    let authority = Authority::new("lab");
    let root = Folder::new();
    let root = root.write("root.pem", authority.pem());
    let parameters = format!("?sslmode=require&sslrootcert={}", root.display());
    let good = server(&authority.server().issue());
    let report = connect("app", &good, &parameters);
    assert_eq!(report.result("tls-certificate-chain"), "pass");
    let wrong = server(&authority.server().wrong_host().issue());
    let report = connect("app", &wrong, &parameters);
    assert_eq!(observed(&report, "tls-certificate-host"), "tls-wrong-host");
    assert_eq!(report.result("tls-certificate-chain"), "pass");
    let ending = server(&authority.server().valid_for_days(-5, 10).issue());
    let report = connect("app", &ending, &parameters);
    assert_eq!(report.result("tls-certificate-expiry"), "fail");
    assert_eq!(
        report.entry("tls-certificate-expiry")["severity"],
        "warning"
    );
    let expired = server(&authority.server().expired().issue());
    let report = connect("app", &expired, "?sslmode=require");
    assert_eq!(report.result("tls-certificate-expiry"), "fail");
}

#[test]
fn a_server_that_stops_at_tls_1_1_fails_in_the_handshake_and_by_the_rule() {
    let certificate = Authority::new("lab").server().issue();
    let server = PostgreSql::builder()
        .tls(&certificate)
        .setting("ssl_min_protocol_version", "TLSv1")
        .setting("ssl_max_protocol_version", "TLSv1.1")
        .start();
    server.create(&Role::new("app").password(PASSWORD));
    let report = connect("app", &server, "?sslmode=require");
    assert_eq!((report.status, cause(&report)), (1, &"tls-1.1-only".into()));
    assert_eq!(report.result("tls-version"), "fail");
    assert_eq!(report.result("tls-certificate-chain"), "unknown");
}

#[test]
fn a_superuser_without_timeouts_is_warned_of_both() {
    let server = PostgreSql::start();
    server.create(&Role::new("root").password(PASSWORD).superuser());
    let report = connect("root", &server, "");
    assert_eq!(report.status, 0, "{:#}", report.json);
    assert_eq!(report.result("server-role"), "fail");
    assert_eq!(report.result("server-timeouts"), "fail");
    assert_eq!(report.result("server-schema-create"), "not-applicable");
    let fix = report.entry("server-timeouts")["fix"].as_str().unwrap();
    assert!(
        fix.contains("ALTER ROLE root SET statement_timeout"),
        "{fix}"
    );
}

#[test]
fn a_standby_and_a_read_only_role_take_no_writes() {
    let primary = PostgreSql::start();
    primary.create(&Role::new("app").password(PASSWORD));
    primary.sql("create role reader login password 's3cr3t-Pa55'");
    primary.sql("alter role reader set default_transaction_read_only = on");
    let report = connect("reader", &primary, "");
    assert_eq!(
        (report.status, report.result("server-writable")),
        (1, "fail")
    );
    let message = report.entry("server-writable")["message"].as_str().unwrap();
    assert!(message.contains("ALTER ROLE"), "{message}");
    let standby = primary.standby();
    let report = connect("app", &standby, "");
    assert_eq!(
        (report.status, report.result("server-writable")),
        (1, "fail")
    );
    let report = connect("app", &standby, "?target_session_attrs=standby");
    assert_eq!(report.result("server-writable"), "not-applicable");
}

#[test]
fn pgbouncer_is_noticed() {
    let server = PostgreSql::start();
    server.create(&Role::new("app").password(PASSWORD));
    let bouncer = PgBouncer::builder(&server).user("app", PASSWORD).start();
    let report = Program::new()
        .env("DATABASE_URL", &bouncer.url("app", PASSWORD))
        .json(&["connect"]);
    assert_eq!(report.result("server-pooler"), "fail", "{:#}", report.json);
    assert_eq!(report.entry("server-pooler")["severity"], "note");
}

#[test]
fn clear_text_that_nobody_asked_for_is_a_note_on_this_machine() {
    let server = PostgreSql::start();
    server.create(&Role::new("app").password(PASSWORD));
    let report = connect("app", &server, "");
    assert_eq!((report.status, cause(&report)), (0, &Value::Null));
    assert_eq!(observed(&report, "connect-unsafe"), "ssl-n-prefer");
    assert_eq!(report.entry("connect-unsafe")["severity"], "note");
    assert_eq!(report.result("tls-version"), "not-applicable");
    let asked = connect("app", &server, "?sslmode=disable");
    assert_eq!(asked.result("connect-unsafe"), "pass");
}

#[test]
fn a_revocation_list_that_was_not_loaded_fails() {
    let authority = Authority::new("lab");
    let folder = Folder::new();
    let root = folder.write("root.pem", authority.pem());
    let server = server(&authority.server().issue());
    let report = connect(
        "app",
        &server,
        &format!(
            "?sslmode=verify-full&sslrootcert={}&sslcrl=/nonexistent.crl",
            root.display()
        ),
    );
    assert_eq!((report.status, cause(&report)), (1, &Value::Null));
    assert_eq!(observed(&report, "connect-unsafe"), "tls-crl-missing");
}

#[test]
fn a_password_that_the_server_did_not_ask_for_is_told() {
    let server = PostgreSql::builder().hba("host all all all trust").start();
    server.create(&Role::new("app").password(PASSWORD));
    let report = connect("app", &server, "?sslmode=disable");
    assert_eq!((report.status, cause(&report)), (0, &Value::Null));
    assert_eq!(observed(&report, "connect-unsafe"), "rogue-no-auth");
}

/// PostgreSQL 15 or Debian's newest, and 18.
fn majors() -> [Installation; 2] {
    [
        Installation::newest(),
        Installation::from_env("DBHARDEN_PG18_BIN"),
    ]
}

#[test]
fn settings_are_judged_and_traced_to_who_set_them_for_every_role_and_major() {
    for installation in majors() {
        let server = PostgreSql::builder()
            .installation(installation)
            .setting("idle_session_timeout", "60s")
            .setting("password_encryption", "md5")
            .start();
        server.create(&Role::new("app").password(PASSWORD));
        server.create(&Role::new("boss").password(PASSWORD).superuser());
        let app = connect("app", &server, "");
        for (rule, result) in [
            ("server-version", "pass"),
            ("server-writable", "pass"),
            ("server-headroom", "pass"),
            ("server-role", "pass"),
            ("server-timeouts", "fail"),
            ("server-idle-session", "fail"),
            ("server-keepalives", "not-applicable"),
            ("server-pooler", "pass"),
            ("server-schema-create", "pass"),
            ("server-password-encryption", "fail"),
        ] {
            assert_eq!(app.result(rule), result, "{:#}", app.entry(rule));
        }
        let idle = observed(&app, "server-idle-session");
        assert_eq!(idle, "60 s by the configuration file or ALTER SYSTEM");
        let boss = connect("boss", &server, "");
        let idle = observed(&boss, "server-idle-session");
        assert!(idle.contains("postgresql.conf:"), "{idle}");
        assert_eq!(boss.result("server-role"), "fail");

        server.sql("alter role app set statement_timeout = '30s'");
        server.sql("alter database postgres set idle_in_transaction_session_timeout = '60s'");
        server.sql("alter role app in database postgres set idle_session_timeout = 0");
        server.sql("alter role all set lock_timeout = '5s'");
        server.sql("alter system set password_encryption = 'scram-sha-256'");
        server.sql("select pg_reload_conf()");
        server.sql("grant create on schema public to app");
        let app = connect("app", &server, "");
        for (rule, result) in [
            ("server-timeouts", "pass"),
            ("server-idle-session", "pass"),
            ("server-schema-create", "fail"),
            ("server-password-encryption", "pass"),
        ] {
            assert_eq!(app.result(rule), result, "{:#}", app.entry(rule));
        }
        let timeouts = observed(&app, "server-timeouts");
        for by in [
            "statement_timeout = 30 s by ALTER ROLE app",
            "idle_in_transaction_session_timeout = 60 s by ALTER DATABASE postgres",
            "lock_timeout = 5 s by ALTER ROLE ALL",
        ] {
            assert!(timeouts.contains(by), "{timeouts}");
        }
        let boss = connect("boss", &server, "");
        let passwords = observed(&boss, "server-password-encryption");
        assert_eq!(passwords, "scram-sha-256 by ALTER SYSTEM");
    }
}

#[test]
fn the_tightest_limit_decides_and_a_superuser_has_the_servers_alone() {
    for installation in majors() {
        let server = PostgreSql::builder()
            .installation(installation)
            .max_connections(50)
            .start();
        server.create(&Role::new("app").password(PASSWORD));
        server.create(&Role::new("boss").password(PASSWORD).superuser());
        let open = || Session::open(&server.conninfo("app", PASSWORD));
        let _sessions = [open(), open(), open()];
        let app = connect("app", &server, "");
        assert_eq!(app.result("server-headroom"), "pass");
        assert_eq!(observed(&app, "server-headroom"), "3 of 47");
        let message = app.entry("server-headroom")["message"].as_str().unwrap();
        assert!(
            message.contains("max_connections 50 − 3 reserved = 47, 3 in use"),
            "{message}"
        );
        server.sql("alter role app connection limit 4");
        let app = connect("app", &server, "");
        let headroom = app.entry("server-headroom");
        assert_eq!(headroom["severity"], "warning");
        let message = headroom["message"].as_str().unwrap();
        assert!(
            message.contains("the role's limit 4, 3 in use"),
            "{message}"
        );
        server.sql("alter role app connection limit -1");
        server.sql("alter database postgres connection limit 4");
        let app = connect("app", &server, "");
        let message = app.entry("server-headroom")["message"].as_str().unwrap();
        assert!(
            message.contains("the database's limit 4, 3 in use"),
            "{message}"
        );
        let boss = connect("boss", &server, "");
        assert_eq!(observed(&boss, "server-headroom"), "3 of 47");
    }
}

#[test]
fn a_server_that_lets_nobody_in_leaves_every_server_rule_unknown() {
    let server = PostgreSql::start();
    server.create(&Role::new("app").password("another"));
    let report = connect("app", &server, "");
    let entries = report.json["entries"].as_array().unwrap();
    let mut of_server = entries.iter().filter(|entry| {
        let rule = entry["rule"].as_str().unwrap();
        rule.starts_with("server-")
    });
    assert!(
        of_server.all(|entry| entry["result"] == "unknown"),
        "{entries:#?}"
    );
    assert_eq!(report.status, 1);
}
