//! `pool-unused`: what deploy files set, and what the engines read.

use crate::program::Program;

const BLUEPRINT: &str = "services:\n- type: web\n  name: api\n  envVars:\n  - {key: DB_POOL_SIZE, value: 5}\n  - {key: DB_POOL_MAX_OVERFLOW, value: 10}\n  - {key: DB_POOL_TIMEOUT, value: 30}\n";

#[test]
fn a_variable_that_no_engine_reads_is_warned_of_in_each_file() {
    let code = "import os\nfrom sqlalchemy import create_engine\nTIMEOUT = os.getenv('DB_POOL_TIMEOUT')\nengine = create_engine('postgresql+psycopg2://h/d', pool_size=int(os.getenv('DB_POOL_SIZE', '5')), max_overflow=int(os.getenv('DB_MAX_OVERFLOW', '10')))\n";
    let program = Program::new()
        .file("app/db.py", code)
        .file(".env", "DB_POOL_MAX_OVERFLOW=10\n")
        .env("DB_POOL_RECYCLE", "1800")
        .file("render.yaml", BLUEPRINT);
    let report = program.json(&["check", ".", "--offline"]);
    let mut found: Vec<(&str, &str, &str, &str)> = report
        .entries("pool-unused")
        .map(|entry| {
            let text = |key: &str| entry[key].as_str().unwrap();
            assert_eq!(entry["severity"], "warning");
            (
                text("environment"),
                text("subject"),
                text("result"),
                text("message"),
            )
        })
        .collect();
    found.sort_unstable();
    assert_eq!(
        found,
        [
            (
                ".env",
                "DB_POOL_MAX_OVERFLOW",
                "fail",
                "no engine reads DB_POOL_MAX_OVERFLOW"
            ),
            (
                "process",
                "DB_POOL_RECYCLE",
                "not-applicable",
                "only what a file sets is judged"
            ),
            (
                "render.yaml:api",
                "DB_POOL_MAX_OVERFLOW",
                "fail",
                "no engine reads DB_POOL_MAX_OVERFLOW"
            ),
            (
                "render.yaml:api",
                "DB_POOL_SIZE",
                "pass",
                "app/db.py:4 reads DB_POOL_SIZE"
            ),
            (
                "render.yaml:api",
                "DB_POOL_TIMEOUT",
                "fail",
                "the code reads DB_POOL_TIMEOUT, but passes it on to no engine"
            ),
        ]
    );
    let fix = report
        .entries("pool-unused")
        .find(|entry| entry["subject"] == "DB_POOL_MAX_OVERFLOW")
        .unwrap()["fix"]
        .clone();
    assert!(fix.as_str().unwrap().contains("$DB_MAX_OVERFLOW"), "{fix}");
}

#[test]
fn without_a_look_at_the_code_nothing_is_said() {
    let program = Program::new().file(".env", "DB_POOL_SIZE=5\n");
    let report = program.json(&["pool"]);
    assert_eq!(report.result("pool-unused"), "not-applicable");
    let unread = program.json(&["check", ".", "--offline"]);
    assert_eq!(unread.result("pool-unused"), "unknown");
}
