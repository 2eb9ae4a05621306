//! Bad input: one clear message with its place, status 1 or 2, never a panic.

use super::program::{Program, Said};

#[track_caller]
fn no_panic(said: &Said) {
    assert!(
        (0..=2).contains(&said.status),
        "{} {}",
        said.status,
        said.stderr
    );
    assert!(!said.stderr.contains("has a bug"), "{}", said.stderr);
}

#[test]
fn numbers_are_read_as_python_reads_them() {
    let cases = [
        ("5", "pass", "pass"),
        ("5 ", "fail", "pass"),
        ("1_000", "fail", "fail"),
        ("٥", "fail", "pass"),
        ("0x5", "fail", "not-applicable"),
        ("5.0", "fail", "not-applicable"),
        ("", "fail", "not-applicable"),
        ("-1", "pass", "fail"),
        ("99999999999", "pass", "fail"),
    ];
    for (text, value, size) in cases {
        let report = Program::new().env("DB_POOL_SIZE", text).json(&["pool"]);
        let pool_value = report
            .entries("pool-value")
            .find(|entry| entry["subject"] == "DB_POOL_SIZE")
            .unwrap();
        assert_eq!(pool_value["result"], value, "{text:?}");
        assert_eq!(report.result("pool-size"), size, "{text:?}");
    }
}

#[test]
fn a_render_yaml_that_cannot_be_read_is_unknown_with_its_place() {
    let cases: [(&str, Vec<u8>); 5] = [
        ("tabs", b"services:\n\t- type: web\n".to_vec()),
        ("duplicate keys", b"services: []\nservices: []\n".to_vec()),
        ("not UTF-8", vec![0xff, 0xfe, 0x00, 0xd8]),
        (
            "deep",
            format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000)).into_bytes(),
        ),
        ("wrong type", b"services: 5\n".to_vec()),
    ];
    for (name, bytes) in cases {
        let program = Program::new()
            .file("render.yaml", bytes)
            .env("DATABASE_URL", "postgresql://u@localhost:5432/d");
        let said = program.run(&["check", "--offline"]);
        no_panic(&said);
        let report = program.json(&["check", "--offline"]);
        let entry = report
            .entries("project-files")
            .find(|entry| entry["subject"] == "render.yaml")
            .unwrap();
        assert_eq!(entry["result"], "unknown", "{name}: {entry:#}");
        assert!(
            entry["message"].as_str().unwrap().contains("render.yaml"),
            "{name}: {entry:#}"
        );
    }
}

#[test]
fn a_config_error_has_file_line_and_column_and_did_you_mean() {
    let said = Program::new()
        .file("dbharden.toml", "[spec]\npool_sise = 5\n")
        .run(&["url", "postgresql://h/d"]);
    assert_eq!(said.status, 2);
    assert!(said.stderr.contains("dbharden.toml:2:1"), "{}", said.stderr);
    assert!(
        said.stderr.contains("did you mean `pool_size`"),
        "{}",
        said.stderr
    );
}

#[test]
fn hostile_strings_never_panic() {
    let long = "x".repeat(100_000);
    let cases = [
        "%",
        "%%%",
        "postgresql://",
        "postgresql:///",
        "postgresql://@",
        "postgresql://:@:/",
        "postgresql://[",
        "postgresql://[]",
        "postgresql://h?",
        "postgresql://h?=",
        "postgresql://h?a",
        "=",
        "a=",
        "'",
        "\\",
        "\u{0}",
        "é",
        "postgresql://é:é@é:é/é?é=é",
        long.as_str(),
    ];
    for text in cases {
        if text.contains('\0') {
            continue;
        }
        no_panic(&Program::new().env("DATABASE_URL", text).run(&["url"]));
        no_panic(
            &Program::new()
                .env("DATABASE_URL", text)
                .run(&["connect", "--timeout", "0.3"]),
        );
    }
}
