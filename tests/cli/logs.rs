//! Logs from outside: files that end early, come late, are replaced, or are no text.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use super::program::Program;

const FULL: &str = "FATAL:  sorry, too many clients already";

#[test]
fn the_last_line_counts_without_its_end() {
    let said = Program::new()
        .file("app.log", FULL)
        .run(&["logs", "app.log"]);
    assert!(said.stdout.contains("too-many-clients"), "{}", said.stdout);
    assert_eq!(said.status, 1);
}

#[test]
fn a_compressed_log_is_unknown_and_not_a_pass() {
    let gzip = b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x4b\x04\0\n";
    let program = Program::new().file("app.log.gz", gzip);
    let report = program.json(&["logs", "app.log.gz"]);
    let entries = report.json["entries"].as_array().unwrap();
    assert!(!entries.is_empty());
    for entry in entries {
        assert_eq!(entry["result"], "unknown", "{entry}");
        let message = entry["message"].as_str().unwrap();
        assert!(message.contains("zcat FILE"), "{message}");
    }
}

/// A program that would run for ever: it ends with its test, however that ends.
struct Follower(Child);

impl Drop for Follower {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_followed_log_may_come_later_be_renamed_and_be_cut_short() {
    let program = Program::new();
    let child = program
        .command(&["logs", "app.log", "--follow", "-v"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Follower(child) = &mut Follower(child.unwrap());
    let mut told = BufReader::new(child.stderr.take().unwrap()).lines();
    let first = told.next().unwrap().unwrap();
    assert_eq!(first, "waiting for the log to appear");
    let path = program.folder().join("app.log");
    let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
    // Each state is waited for in what the program says: no clock decides.
    let mut wait_for = |text: &str| {
        let found = said.any(|line| line.unwrap().contains(text));
        assert!(found, "{text}");
    };
    std::fs::write(&path, "pool_size=6\n").unwrap();
    wait_for("pool_size 6 (line 1)");
    std::fs::rename(&path, program.folder().join("app.log.1")).unwrap();
    let filler = "-".repeat(200);
    std::fs::write(&path, format!("pool_size=7\n{filler}\n")).unwrap();
    wait_for("pool_size 7 (line 2)");
    // Copied and cut short: what is there now is shorter than what was read.
    std::fs::write(&path, format!("{FULL}\n")).unwrap();
    wait_for("too-many-clients");
    child.kill().unwrap();
    child.wait().unwrap();
    let mut rest = String::new();
    for line in told {
        rest += &line.unwrap();
    }
    assert_eq!(rest, "");
}
