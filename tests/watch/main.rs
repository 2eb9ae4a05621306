//! `dbharden activity --watch`, in a real pseudo-terminal and in a pipe, on a real server.

#![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

mod crowd;
#[path = "../support/mod.rs"]
mod support;
mod terminal;

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use support::{PostgreSql, Role, Session};
use terminal::Terminal;

const PASSWORD: &str = "s3cr3t-Pa55";
/// Puts the terminal back: the cursor is shown, and the screen from before.
const LEAVES: &str = "\u{1b}[?25h\u{1b}[?1049l";

fn server() -> PostgreSql {
    let server = PostgreSql::builder()
        .setting("log_connections", "on")
        .start();
    server.create(&Role::new("app").password(PASSWORD).monitor());
    server
}

fn open(server: &PostgreSql, name: &str) -> Session {
    Session::open(&format!(
        "{} application_name={name}",
        server.conninfo("app", PASSWORD)
    ))
}

fn command(server: &PostgreSql) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dbharden"));
    let url = format!(
        "postgresql://app:{PASSWORD}@127.0.0.1:{}/postgres",
        server.port()
    );
    command
        .args(["activity", "--watch=0.2"])
        .env_clear()
        .env("TERM", "xterm")
        .env("NO_COLOR", "1")
        .env("DATABASE_URL", url);
    command
}

#[test]
fn keys_sort_pause_filter_and_quit() {
    let server = server();
    let _sessions = (open(&server, "alpha"), open(&server, "beta"));
    let mut terminal = Terminal::start(command(&server));
    terminal.wait_for("alpha");
    terminal.wait_for("beta");
    terminal.wait_for("by total");
    terminal.press("s");
    terminal.wait_for("by name");
    terminal.press("p");
    terminal.wait_for("PAUSED");
    terminal.press("p");
    terminal.press("/alph\r");
    terminal.wait_for("filter: alph");
    let shown = terminal.screen_after(Duration::from_millis(500));
    assert!(
        shown.contains("alpha") && !shown.contains("beta"),
        "{shown}"
    );
    terminal.press("\u{1b}");
    terminal.wait_for("beta");
    terminal.press("q");
    assert_eq!(terminal.end(), 0);
    assert!(terminal.text().ends_with(LEAVES), "{:?}", terminal.text());
    assert!(terminal.is_restored());
    // Our own session and the two that were opened: one each.
    let logins = server
        .log()
        .matches("connection authorized: user=app")
        .count();
    assert_eq!(logins, 3, "{}", server.log());
}

#[test]
fn a_new_size_is_drawn_anew() {
    let server = server();
    let _session = open(&server, "an-application-with-a-rather-long-name");
    let mut terminal = Terminal::start(command(&server));
    terminal.wait_for("q quit");
    terminal.resize(30, 8);
    terminal.wait_for("an-applicat…");
    let screen = terminal.screen_after(Duration::from_millis(500));
    assert!(screen.lines().count() <= 8, "{screen}");
    terminal.press("q");
    assert_eq!(terminal.end(), 0);
}

#[test]
fn ctrl_c_and_a_signal_restore_the_terminal_and_end_with_130() {
    let server = server();
    for by_key in [true, false] {
        let mut terminal = Terminal::start(command(&server));
        terminal.wait_for("q quit");
        let sent = Instant::now();
        if by_key {
            terminal.press("\u{3}");
        } else {
            terminal.interrupt();
        }
        assert_eq!(terminal.end(), 130, "by key: {by_key}");
        // 200 ms are promised; the rest is for a busy machine.
        assert!(
            sent.elapsed() < Duration::from_millis(600),
            "{:?}",
            sent.elapsed()
        );
        assert!(terminal.text().ends_with(LEAVES));
        assert!(terminal.is_restored());
    }
}

#[test]
fn a_server_that_restarts_is_found_again() {
    let mut server = server();
    let mut terminal = Terminal::start(command(&server));
    terminal.wait_for("q quit");
    server.restart();
    terminal.wait_for("connection lost");
    let _session = open(&server, "afterwards");
    terminal.wait_for("afterwards");
    terminal.press("q");
    assert_eq!(terminal.end(), 0);
    assert!(!terminal.text().contains(PASSWORD));
}

#[test]
fn a_pipe_gets_plain_lines_and_the_server_one_session() {
    let server = server();
    let _session = open(&server, "alpha");
    let mut child = command(&server).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    for _ in 0..4 {
        let line = lines.next().unwrap().unwrap();
        assert!(line.contains(" alpha: total 1 active 0 idle 1 "), "{line}");
        assert!(!line.contains('\u{1b}'), "{line}");
    }
    drop(lines);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let logins = server
        .log()
        .matches("connection authorized: user=app")
        .count();
    assert_eq!(logins, 2, "{}", server.log());
}

#[test]
fn sessions_are_watched_by_whatever_was_asked_for() {
    let server = server();
    let mut child = command(&server)
        .args(["--by", "user", "--app", "alpha"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    assert!(first.ends_with(" no sessions"), "{first}");
    let _sessions = (open(&server, "alpha"), open(&server, "beta"));
    let told = lines.find(|line| !line.as_ref().unwrap().ends_with(" no sessions"));
    let told = told.unwrap().unwrap();
    assert!(told.contains(" app: total 1 "), "{told}");
    drop(lines);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let mut by_state = command(&server);
    by_state.args(["--by", "state"]);
    let mut terminal = Terminal::start(by_state);
    terminal.wait_for("state ");
    terminal.wait_for("idle ");
    terminal.press("q");
    assert_eq!(terminal.end(), 0);
}

/// Reads lines until one is about a name and holds a text.
fn wait_for_line(
    lines: &mut impl Iterator<Item = std::io::Result<String>>,
    name: &str,
    text: &str,
) {
    let began = Instant::now();
    let name = format!(" {name}: ");
    let mut last = String::new();
    for line in lines
        .map(Result::unwrap)
        .filter(|line| line.contains(&name))
    {
        if line.contains(text) {
            return;
        }
        assert!(
            began.elapsed() < Duration::from_secs(30),
            "no {text:?} but {line}"
        );
        last = line;
    }
    panic!("no {text:?} after {last}");
}

#[test]
fn of_a_crowd_only_those_that_change_are_asked_for_and_all_are_counted() {
    let server = PostgreSql::builder()
        .max_connections(400)
        .setting("log_statement", "all")
        .hba("local all all trust")
        .hba("host all all all scram-sha-256")
        .start();
    server.create(&Role::new("app").password(PASSWORD).monitor());
    let mut sockets = crowd::open(&server, 300);
    let mut busy = open(&server, "busy");
    let mut child = command(&server).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    wait_for_line(&mut lines, "web", "total 300 active 0 idle 300 ");
    wait_for_line(&mut lines, "busy", "total 1 active 0 idle 1 ");
    busy.run("begin");
    wait_for_line(&mut lines, "busy", "idle 0 in-transaction 1 ");
    busy.send("select pg_sleep(2)");
    wait_for_line(&mut lines, "busy", "active 1 idle 0 ");
    wait_for_line(&mut lines, "busy", "active 0 idle 0 in-transaction 1 ");
    busy.run("commit");
    wait_for_line(&mut lines, "busy", "idle 1 in-transaction 0 ");
    busy.run("set application_name = 'renamed'");
    wait_for_line(&mut lines, "renamed", "total 1 ");
    let _late = open(&server, "late");
    wait_for_line(&mut lines, "late", "total 1 active 0 idle 1 ");
    sockets.truncate(290);
    wait_for_line(&mut lines, "web", "total 290 active 0 idle 290 ");
    drop(lines);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    // All sessions are looked at in detail once, and then those that changed.
    let log = server.log();
    let looks = |what: &str| log.lines().filter(|line| line.contains(what)).count();
    assert_eq!(looks("FROM pg_catalog.pg_stat_get_activity(NULL)"), 2);
    assert!(looks("pg_stat_get_activity(c.pid)") > 5);
}

#[test]
fn a_first_session_that_is_refused_is_reported_and_not_tried_again() {
    let server = server();
    let output = command(&server)
        .env(
            "DATABASE_URL",
            format!(
                "postgresql://app:wrong@127.0.0.1:{}/postgres",
                server.port()
            ),
        )
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8(output.stdout)
            .unwrap()
            .contains("connect-auth")
    );
    let refusals = server
        .log()
        .matches("password authentication failed")
        .count();
    assert_eq!(refusals, 1, "{}", server.log());
}
