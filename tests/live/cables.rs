//! Real faults of real networks between a real server and the program: two namespaces with a cable
//! between them that loses large packets, or is pulled out; a queue that is full.

use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use dbharden::facts::StageName::Tcp;

use crate::dial::fails;
use crate::network::to;
use crate::support::{Authority, PostgreSql, Role, Session, alone, sh};

/// The other end of the cable: a namespace that lives as long as a process in it.
struct FarEnd(Child);

impl FarEnd {
    /// Lays the cable: 10.9.0.1 here, 10.9.0.2 there.
    fn new() -> Self {
        let sleep = Command::new("unshare")
            .args(["--net", "sleep", "600"])
            .spawn()
            .unwrap();
        let far = Self(sleep);
        let moved = || {
            let own = std::fs::read_link("/proc/self/ns/net").unwrap();
            let theirs = std::fs::read_link(format!("/proc/{}/ns/net", far.0.id()));
            theirs.is_ok_and(|theirs| theirs != own).then_some(())
        };
        crate::support::wait_for(moved).expect("the process moves into its namespace");
        sh(&format!(
            "ip link add near type veth peer name far netns {}
             ip addr add 10.9.0.1/24 dev near
             ip link set near up",
            far.0.id()
        ));
        far.sh("ip addr add 10.9.0.2/24 dev far; ip link set far up");
        far
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        command.arg(format!("--net=/proc/{}/ns/net", self.0.id()));
        command.arg(program);
        command
    }

    fn sh(&self, script: &str) {
        let output = self.command("sh").args(["-ec", script]).output().unwrap();
        assert!(output.status.success(), "{script}: {output:?}");
    }

    /// Starts the program there.
    fn connect(&self, conninfo: &str, timeout: u32) -> Child {
        let mut child = self
            .command(env!("CARGO_BIN_EXE_dbharden"))
            .args(["connect", "--format", "json", "--timeout"])
            .args([&timeout.to_string(), "-"])
            .env_clear()
            .env("HOME", "/nonexistent")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .current_dir("/")
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        input.write_all(conninfo.as_bytes()).unwrap();
        child
    }
}

impl Drop for FarEnd {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The stage that failed, and its cause or its candidates.
fn failure(output: &Output) -> (Option<String>, Vec<String>) {
    let report: serde_json::Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {output:?}"));
    let connection = &report["connections"][0];
    let stages = connection["stages"].as_array().unwrap();
    let failed = stages.iter().find(|stage| stage["result"] == "fail");
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    let candidates = connection["candidates"].as_array().unwrap();
    let causes = match text(&connection["cause"]) {
        Some(cause) => vec![cause],
        None => candidates.iter().filter_map(text).collect(),
    };
    (failed.and_then(|stage| text(&stage["stage"])), causes)
}

fn conninfo(server: &PostgreSql, more: &str) -> String {
    let conninfo = server.conninfo("app", "s3cret");
    format!("{} {more}", conninfo.replace("127.0.0.1", "10.9.0.1"))
}

#[test]
fn a_cable_that_loses_large_packets_is_silent_inside_the_handshake() {
    if !alone(
        "cables::a_cable_that_loses_large_packets_is_silent_inside_the_handshake",
        "127.0.0.1",
    ) {
        return;
    }
    let far = FarEnd::new();
    let authority = Authority::new("lab");
    let server = PostgreSql::builder()
        .tls(&authority.server().issue())
        .setting("listen_addresses", "*")
        .start();
    server.create(&Role::new("app").password("s3cret"));
    let connect = || {
        let child = far.connect(&conninfo(&server, "sslmode=require"), 5);
        child.wait_with_output().unwrap()
    };
    assert_eq!(failure(&connect()), (None, Vec::new()));
    // The far end takes no packet over 400 bytes, and says that it takes large ones.
    far.sh("ip link set far mtu 400; ip route replace 10.9.0.0/24 dev far advmss 1400");
    let expected = ["mtu-blackhole", "ssl-s-silent"]
        .map(str::to_owned)
        .to_vec();
    assert_eq!(failure(&connect()), (Some("tls".to_owned()), expected));
}

#[test]
fn a_cable_that_is_pulled_out_is_silent_in_an_answer() {
    if !alone(
        "cables::a_cable_that_is_pulled_out_is_silent_in_an_answer",
        "127.0.0.1",
    ) {
        return;
    }
    let far = FarEnd::new();
    let server = PostgreSql::builder()
        .setting("listen_addresses", "*")
        .start();
    server.create(&Role::new("app").password("s3cret"));
    server.create(&Role::new("admin").password("s3cret").superuser());
    // A question waits for this lock, which holds it back until the cable is out.
    let mut admin = Session::open(&server.conninfo("admin", "s3cret"));
    admin.run(
        "begin; set local allow_system_table_mods = on; \
         alter view pg_catalog.pg_roles set (security_barrier = false)",
    );
    let expected = ["q-silent", "half-open"].map(str::to_owned).to_vec();
    for _ in 0..3 {
        sh("ip link set near up");
        let began = Instant::now();
        let child = far.connect(&conninfo(&server, "sslmode=disable"), 5);
        let waits = "select count(*) from pg_locks where not granted";
        crate::support::wait_for(|| (server.sql(waits).trim() == "1").then_some(()))
            .expect("a question waits");
        sh("ip link set near down");
        let output = child.wait_with_output().unwrap();
        assert!(began.elapsed() < Duration::from_secs(10));
        let found = failure(&output);
        // On a busy machine, the question's own limit may end before the cable is out.
        if found.1 != ["q-lock-wait"] {
            assert_eq!(found, (Some("query".to_owned()), expected));
            return;
        }
    }
    panic!("the cable was never out before the question gave up");
}

#[test]
fn a_queue_that_is_full_looks_like_a_firewall() {
    if !alone(
        "cables::a_queue_that_is_full_looks_like_a_firewall",
        "127.0.0.1",
    ) {
        return;
    }
    let most = "/proc/sys/net/core/somaxconn";
    if std::fs::write(most, "1").is_err() {
        let _ = writeln!(std::io::stderr(), "SKIPPED: {most} cannot be written");
        return;
    }
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let waiting: Vec<_> = (0..4)
        .map(|_| {
            thread::spawn(move || TcpStream::connect_timeout(&address, Duration::from_secs(1)))
        })
        .collect();
    let held: Vec<_> = waiting.into_iter().map(|one| one.join().unwrap()).collect();
    assert!(
        held.iter().any(Result::is_err),
        "the queue is full: {held:?}"
    );
    let connection = to("127.0.0.1", address.port(), Duration::from_secs(2));
    fails(&connection, Tcp, &["tcp-blackhole", "tcp-backlog-full"]);
}
