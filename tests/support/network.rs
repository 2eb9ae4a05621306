//! A network of a test's own, in namespaces, with a nameserver that fails in every way.
//!
//! Such a test runs twice: outside it starts itself again in new namespaces, inside it is alone with
//! a loopback interface, a `resolv.conf` of its own and what it sets up. Where namespaces are not
//! allowed it says so, and skips.

use std::io::Write as _;
use std::net::{Ipv4Addr, UdpSocket};
use std::process::Command;
use std::thread;
use std::time::Duration;

use super::process::Folder;

/// Which test runs inside.
const INSIDE: &str = "DBHARDEN_TEST_INSIDE";

/// Returns whether this process is alone in a network; starts one that is, where it is not.
pub fn alone(test: &str, nameserver: &str) -> bool {
    if std::env::var(INSIDE).is_ok_and(|inside| inside == test) {
        return true;
    }
    let Some(unshare) = unshare() else {
        // Not by `eprintln!`, which a passing test swallows.
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED {test}: it needs network namespaces (unshare, ip) and the right to use them"
        );
        return false;
    };
    let folder = Folder::new();
    let config = format!("nameserver {nameserver}\noptions timeout:1 attempts:1\n");
    let config = folder.write("resolv.conf", config);
    let output = Command::new(unshare[0])
        .args(&unshare[1..])
        .args(["sh", "-ec"])
        .arg("ip link set lo up; mount --bind \"$0\" /etc/resolv.conf; exec \"$@\"")
        .arg(&config)
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(INSIDE, test)
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("1 passed"), "{said}");
    false
}

/// Finds a way to a network of one's own: as root, or as a user that may become root in one.
fn unshare() -> Option<&'static [&'static str]> {
    let ways: [&'static [&'static str]; 2] = [
        &["unshare", "--net", "--mount"],
        &["unshare", "--map-root-user", "--net", "--mount"],
    ];
    ways.into_iter().find(|way| {
        let mut command = Command::new(way[0]);
        command.args(&way[1..]);
        command.args(["ip", "link", "set", "lo", "up"]);
        command.output().is_ok_and(|output| output.status.success())
    })
}

/// Runs a script of the shell.
pub fn sh(script: &str) {
    let output = Command::new("sh").args(["-ec", script]).output().unwrap();
    assert!(output.status.success(), "{script}: {output:?}");
}

/// How a nameserver answers.
#[derive(Clone, Copy)]
enum Answer {
    /// With a code and no record.
    Code(u8),
    /// With addresses: of four bytes or of sixteen.
    Addresses(&'static [&'static [u8]]),
    /// Not at all.
    Silence,
    /// After a while, with the loopback address.
    Late(Duration),
}

const LOOPBACK: &[u8] = &[127, 0, 0, 1];
const V6: &[u8] = &[0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];

fn answer(name: &str) -> Answer {
    match name.split('.').next().unwrap_or_default() {
        "nxdomain" => Answer::Code(3),
        "servfail" => Answer::Code(2),
        "refused" => Answer::Code(5),
        "nodata" => Answer::Code(0),
        "silent" => Answer::Silence,
        "slow" => Answer::Late(Duration::from_millis(800)),
        "v6" => Answer::Addresses(&[V6]),
        "zero" => Answer::Addresses(&[&[0, 0, 0, 0]]),
        "both" => Answer::Addresses(&[V6, LOOPBACK]),
        _ => Answer::Addresses(&[LOOPBACK]),
    }
}

/// Starts a nameserver on the loopback's port 53.
pub fn nameserver() {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 53)).unwrap();
    thread::spawn(move || {
        let mut question = [0; 512];
        while let Ok((length, from)) = socket.recv_from(&mut question) {
            let question = question[..length].to_vec();
            let socket = socket.try_clone().unwrap();
            thread::spawn(move || {
                if let Some(reply) = reply(&question) {
                    let _ = socket.send_to(&reply, from);
                }
            });
        }
    });
}

fn reply(question: &[u8]) -> Option<Vec<u8>> {
    let mut labels = Vec::new();
    let mut at = 12;
    while question[at] != 0 {
        let length = usize::from(question[at]);
        labels.push(String::from_utf8_lossy(&question[at + 1..=at + length]).into_owned());
        at += length + 1;
    }
    let kind = question[at + 2];
    let (code, addresses): (u8, &[&[u8]]) = match answer(&labels.join(".")) {
        Answer::Code(code) => (code, &[]),
        Answer::Addresses(addresses) => (0, addresses),
        Answer::Silence => return None,
        Answer::Late(after) => {
            thread::sleep(after);
            (0, &[LOOPBACK])
        }
    };
    // A is type 1 with four bytes, AAAA is type 28 with sixteen.
    let wanted = if kind == 28 { 16 } else { 4 };
    let records: Vec<&[u8]> = addresses
        .iter()
        .copied()
        .filter(|address| address.len() == wanted)
        .collect();
    let count = u8::try_from(records.len()).unwrap();
    let mut reply = [
        &question[..2],
        &[0x81, 0x80 | code, 0, 1, 0, count, 0, 0, 0, 0],
        &question[12..at + 5],
    ]
    .concat();
    for address in records {
        let length = u8::try_from(wanted).unwrap();
        // The name is the question's, class IN, a minute.
        reply.extend([0xc0, 12, 0, kind, 0, 1, 0, 0, 0, 60, 0, length]);
        reply.extend(address);
    }
    Some(reply)
}
