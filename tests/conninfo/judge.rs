//! Runs `judge.py`: one process for a whole batch.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

/// Returns what libpq says of each case, in order.
pub(crate) fn ask(mode: &str, cases: &[Value]) -> Vec<Value> {
    let python = std::env::var("DBHARDEN_PYTHON").unwrap_or_else(|_| {
        panic!("set DBHARDEN_PYTHON to a Python that has psycopg[binary]==3.3.9")
    });
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conninfo/judge.py");
    let mut child = Command::new(python)
        .arg(script)
        .arg(mode)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let lines: Vec<String> = cases.iter().map(Value::to_string).collect();
    let writer = std::thread::spawn(move || stdin.write_all((lines.join("\n") + "\n").as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "the judge failed");
    let answers: Vec<Value> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(answers.len(), cases.len(), "one answer per case");
    answers
}
