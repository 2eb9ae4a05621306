//! What a flood costs: the program, run as a user runs it, against peers that never stop.

use std::io::{self, Read as _};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::peer::{Conversation, Peer};

/// The most that the program may have had in memory at once.
const MOST_KIB: u64 = 64 * 1024;
const TIMEOUT: Duration = Duration::from_secs(5);
/// Beyond the deadline: half a second, and what a busy machine takes to start a process.
const GRACE: Duration = Duration::from_millis(2500);

/// Runs the program against a peer; asserts how long it takes, what it costs and what it names.
/// Returns the most memory that was seen: nothing where it was over before anyone looked.
fn costs_little(
    name: &str,
    more: &str,
    cause: &str,
    script: impl Fn(&mut Conversation) -> io::Result<()> + Send + Sync + 'static,
) -> u64 {
    let peer = Peer::start(script);
    let url = format!(
        "postgresql://app:s3cr3t-Pa55@127.0.0.1:{}/app?{more}",
        peer.port()
    );
    let began = Instant::now();
    let mut program = Command::new(env!("CARGO_BIN_EXE_dbharden"))
        .args(["connect", "--format", "json", "--timeout", "5"])
        .env_clear()
        .env("DATABASE_URL", url)
        .current_dir(std::env::temp_dir())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut output = program.stdout.take().unwrap();
    let reader = thread::spawn(move || {
        let mut text = String::new();
        output.read_to_string(&mut text).map(|_| text)
    });
    let mut most = 0;
    while program.try_wait().unwrap().is_none() {
        most = most.max(peak_kib(program.id()));
        thread::sleep(Duration::from_millis(1));
    }
    let took = began.elapsed();
    let said = reader.join().unwrap().unwrap();
    assert!(said.contains(&format!("\"{cause}\"")), "{name}: {said}");
    assert!(!said.contains("s3cr3t-Pa55"), "{name}: {said}");
    assert!(took < TIMEOUT + GRACE, "{name}: {took:?}");
    assert!(most < MOST_KIB, "{name}: {most} KiB");
    most
}

/// Reads the most that a process has had in memory; 0 where it is gone.
fn peak_kib(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok())
        .unwrap_or(0)
}

fn forever(c: &mut Conversation, bytes: &[u8]) -> io::Result<()> {
    loop {
        c.say(bytes)?;
    }
}

/// A typed message with its right length.
fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap();
    [&[kind][..], &length.to_be_bytes(), body].concat()
}

fn session(c: &mut Conversation) -> io::Result<()> {
    c.startup()?;
    c.authentication_ok()?;
    c.parameter("server_version", "16.4")?;
    c.send(b'K', &[0, 0, 0, 1, 0, 0, 0, 2])?;
    c.ready()?;
    c.message().map(|_| ())
}

#[test]
fn floods_cost_little_before_the_login() {
    let mut seen = 0;
    let zeros = vec![b'x'; 64 * 1024];
    let text = zeros.clone();
    seen += costs_little(
        "a greeting without an end",
        "sslmode=prefer",
        "wrong-ssh",
        move |c| {
            c.say(b"SSH-2.0-")?;
            forever(c, &text)
        },
    );
    let text = zeros.clone();
    seen += costs_little(
        "text after the answer",
        "sslmode=require",
        "ssl-inject",
        move |c| {
            c.ssl_request()?;
            c.say(b"S")?;
            c.stream().read_exact(&mut [0; 5])?;
            forever(c, &text)
        },
    );
    // Handshake records that announce a message of 16 MiB less a byte, and go on and on.
    let record = [
        &[0x16, 3, 3, 0x40, 0][..],
        &[0x02, 0xff, 0xff, 0xff],
        &[0; 16380],
    ]
    .concat();
    seen += costs_little(
        "a handshake without an end",
        "sslmode=require",
        "ssl-s-alert",
        move |c| {
            c.ssl_request()?;
            c.say(b"S")?;
            c.stream().read_exact(&mut [0; 5])?;
            forever(c, &record)
        },
    );
    let body = [&b"name\0"[..], &vec![b'v'; 60_000], b"\0"].concat();
    let parameters = message(b'S', &body);
    seen += costs_little("parameters", "sslmode=disable", "param-flood", move |c| {
        c.startup()?;
        c.authentication_ok()?;
        forever(c, &parameters)
    });
    let notices = message(b'N', b"SNOTICE\0C00000\0Mhello\0\0").repeat(1000);
    seen += costs_little("notices", "sslmode=disable", "q-notice-flood", move |c| {
        c.startup()?;
        forever(c, &notices)
    });
    seen += costs_little(
        "an error without an end",
        "sslmode=disable",
        "err-empty",
        move |c| {
            c.startup()?;
            c.say(b"E\x7f\xff\xff\xff")?;
            forever(c, &zeros)
        },
    );
    assert!(seen > 0, "nobody ever looked in time");
}

#[test]
fn floods_cost_little_after_the_login() {
    let mut seen = 0;
    let notices = message(b'N', b"SNOTICE\0C00000\0Mhello\0\0").repeat(1000);
    seen += costs_little("notices", "sslmode=disable", "q-notice-flood", move |c| {
        session(c)?;
        forever(c, &notices)
    });
    let columns = b"\0\x01name\0\0\0\0\0\0\0\0\0\0\x19\xff\xff\xff\xff\xff\xff\0\0";
    let columns = message(b'T', columns);
    for size in [1024_usize, 1_000_000] {
        let length = u32::try_from(size).unwrap().to_be_bytes();
        let row = message(b'D', &[&[0, 1][..], &length, &vec![b'x'; size]].concat());
        let columns = columns.clone();
        seen += costs_little("rows", "sslmode=disable", "q-row-flood", move |c| {
            session(c)?;
            c.say(&columns)?;
            forever(c, &row)
        });
    }
    seen += costs_little(
        "a row of 2 GiB",
        "sslmode=disable",
        "q-absurd-length",
        move |c| {
            session(c)?;
            c.say(&columns)?;
            c.say(b"D\x7f\xff\xff\xff")?;
            forever(c, &vec![0; 65536])
        },
    );
    let statuses = message(b'S', b"name\0value\0").repeat(1000);
    seen += costs_little("parameters", "sslmode=disable", "param-flood", move |c| {
        session(c)?;
        forever(c, &statuses)
    });
    assert!(seen > 0, "nobody ever looked in time");
}
