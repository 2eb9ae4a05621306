//! `budget-connections` and `activity-count` against a real server's own limit and sessions.

use crate::program::{Program, Report};
use crate::support::{PostgreSql, Role, Session};

const PASSWORD: &str = "s3cr3t-Pa55";

const ENGINE: &str = "import os\nfrom sqlalchemy import create_engine\nengine = create_engine(os.environ['DATABASE_URL'], pool_size=2, max_overflow=1, connect_args={'application_name': 'api'})\n";

/// Checks a project whose service has two workers with a pool of three.
fn check(server: &PostgreSql, instances: u32) -> Report {
    let blueprint = format!(
        "services:\n- type: web\n  name: api\n  runtime: python\n  numInstances: {instances}\n  startCommand: uvicorn app:app --workers 2\n  envVars: [{{key: DATABASE_URL, sync: false}}]\n"
    );
    let url = format!(
        "postgresql+psycopg2://app:{PASSWORD}@localhost:{}/postgres",
        server.port()
    );
    Program::new()
        .file("app.py", ENGINE)
        .file("render.yaml", blueprint)
        .env("DATABASE_URL", &url)
        .json(&["check", ".", "--app", "api"])
}

#[test]
fn the_server_s_own_limit_and_sessions_decide() {
    let server = PostgreSql::builder().max_connections(23).start();
    server.create(&Role::new("app").password(PASSWORD).monitor());
    let open = || {
        Session::open(&format!(
            "{} application_name=api",
            server.conninfo("app", PASSWORD)
        ))
    };
    let mut sessions: Vec<Session> = (0..6).map(|_| open()).collect();
    // 23 less 3 for superusers.
    for (instances, result, severity) in [
        (1, "pass", "error"),
        (2, "fail", "warning"),
        (4, "fail", "error"),
    ] {
        let report = check(&server, instances);
        let entry = report.entry("budget-connections");
        assert_eq!(entry["result"], result, "{entry:#}");
        assert_eq!(entry["severity"], severity, "{entry:#}");
        let expected = entry["expected"].as_str().unwrap();
        assert!(
            expected.contains("max_connections 23 − 3 reserved = 20"),
            "{expected}"
        );
        let count = report.entry("activity-count");
        assert_eq!(count["result"], "pass", "{count:#}");
    }
    sessions.push(open());
    let report = check(&server, 1);
    let count = report.entry("activity-count");
    assert_eq!(count["result"], "fail", "{count:#}");
    assert_eq!(count["observed"], "7 sessions");
    assert_eq!(count["expected"], "at most 6");
    server.sql("alter role app connection limit 9");
    let report = check(&server, 2);
    let expected = report.entry("budget-connections")["expected"].clone();
    assert_eq!(expected, "at most 9 (the role's limit: 9)");
}
