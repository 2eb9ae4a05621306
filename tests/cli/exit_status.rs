//! Exit status: CONTRACT 4, the same in every format.

use super::program::Program;

const GOOD: &str = "postgresql://app:pw@db.example.com:5432/app?sslmode=require";
/// Only the demand for TLS fails.
const BAD: &str =
    "postgresql://app:pw@db.example.com:5432/app?application_name=app&connect_timeout=10";

#[test]
fn the_status_is_the_same_in_every_format() {
    for format in ["human", "json", "sarif", "junit", "github", "markdown"] {
        assert_eq!(
            Program::new()
                .run(&["url", GOOD, "--format", format])
                .status,
            0,
            "{format}"
        );
        assert_eq!(
            Program::new().run(&["url", BAD, "--format", format]).status,
            1,
            "{format}"
        );
    }
}

#[test]
fn fail_on_and_severity_decide_what_fails() {
    let status = |arguments: &[&str]| {
        Program::new()
            .run(&[&["url", BAD, "--severity", "url-tls-verify=off"], arguments].concat())
            .status
    };
    assert_eq!(status(&["--fail-on", "never"]), 0);
    assert_eq!(status(&["--severity", "url-tls=warning"]), 0);
    assert_eq!(
        status(&["--severity", "url-tls=warning", "--fail-on", "warning"]),
        1
    );
    assert_eq!(
        status(&["--severity", "url-tls=note", "--fail-on", "warning"]),
        0
    );
    assert_eq!(status(&["--severity", "url-tls=off"]), 0);
}

#[test]
fn unknown_fails_only_when_strict_and_is_never_a_pass() {
    let report = Program::new().json(&["pool"]);
    assert_eq!(report.status, 0);
    assert_eq!(report.json["complete"], false);
    assert_eq!(report.result("pool-size"), "unknown");
    assert_eq!(Program::new().json(&["pool", "--strict"]).status, 1);
}

#[test]
fn what_the_user_named_wrongly_is_status_2_with_nothing_on_stdout() {
    let cases: &[&[&str]] = &[
        &["check", "no-such-folder"],
        &["check", "--config", "no-such.toml"],
        &["url", "--env-file", "no-such.env"],
        &["url", "--severity", "url-tsl=off"],
        &["url", "--severity", "url-tls=fatal"],
        &["url", "--driver", "asyncpgg"],
        &["url", "--profile", "enterprize"],
        &["url", "--format", "xml"],
        &["frobnicate"],
        &[],
    ];
    for arguments in cases {
        let said = Program::new().run(arguments);
        assert_eq!(said.status, 2, "{arguments:?}: {}", said.stderr);
        assert_eq!(said.stdout, "", "{arguments:?}");
        assert!(!said.stderr.is_empty(), "{arguments:?}");
    }
}

#[test]
fn a_wrong_rule_id_gets_did_you_mean() {
    let said = Program::new().run(&["url", "--severity", "url-tsl=off"]);
    assert!(
        said.stderr.contains("did you mean `url-tls`"),
        "{}",
        said.stderr
    );
}

#[test]
fn a_project_without_a_connection_string_is_a_finding() {
    let report = Program::new().json(&["check"]);
    assert_eq!(report.status, 1);
    assert_eq!(report.result("url-present"), "fail");
}

#[test]
fn several_reports_come_from_one_run() {
    let program = Program::new();
    let said = program.run(&[
        "url", BAD, "--format", "json", "--output", "r.json", "--format", "human",
    ]);
    assert_eq!(said.status, 1);
    assert!(said.stdout.contains("url-tls"), "{}", said.stdout);
    let json = std::fs::read_to_string(program.folder().join("r.json")).unwrap();
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&json).unwrap()["verdict"],
        "fail"
    );
}

#[test]
fn a_waiver_counts_until_its_last_day() {
    let config = |until: &str| {
        format!("[[waive]]\nrule = \"url-tls\"\nuntil = {until}\nreason = \"incident 123\"\n")
    };
    let waived = Program::new()
        .file("dbharden.toml", config("2999-12-31"))
        .json(&["url", BAD]);
    assert_eq!(waived.status, 0);
    assert_eq!(waived.entry("url-tls")["waived"], true);
    assert_eq!(waived.json["summary"]["waived"], 1);
    let expired = Program::new()
        .file("dbharden.toml", config("2020-12-31"))
        .json(&["url", BAD]);
    assert_eq!(expired.status, 1);
    assert_eq!(expired.entry("url-tls")["waived"], false);
    let message = expired.entry("url-tls")["message"].as_str().unwrap();
    let said = "its waiver ended on 2020-12-31: incident 123";
    assert!(message.contains(said), "{message}");
}
