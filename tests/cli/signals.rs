//! A closed pipe, and Ctrl-C.

use std::process::Stdio;
use std::time::{Duration, Instant};

use super::program::Program;

#[test]
fn a_closed_pipe_ends_quietly_with_0() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = Program::new()
        .env("DATABASE_URL", "postgresql://h/d")
        .command(&["url"])
        .stdout(writer)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(output.stderr, b"");
}

#[test]
fn ctrl_c_ends_a_waiting_program_at_once_with_130() {
    // A peer that accepts and says nothing.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!(
        "postgresql://u:p@127.0.0.1:{}/d",
        listener.local_addr().unwrap().port()
    );
    let program = Program::new();
    let mut child = program
        .command(&["connect", &url])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let _accepted = listener.accept().unwrap();
    std::thread::sleep(Duration::from_millis(200));
    let sent = Instant::now();
    let killed = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(130));
    assert!(
        sent.elapsed() < Duration::from_secs(1),
        "{:?}",
        sent.elapsed()
    );
}
