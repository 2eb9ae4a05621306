//! One question of our own to the resolver, after the system's resolver failed: it hides why.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::net::UdpSocket;

use super::deadline::Deadline;

/// How long one nameserver may take.
const PATIENCE: Duration = Duration::from_millis(1500);

/// Asks the configured nameservers about a name; returns the cause's id, where an answer tells it.
pub(super) async fn why(name: &str, deadline: Deadline) -> Option<&'static str> {
    let config = std::fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
    let mut last = None;
    for server in nameservers(&config) {
        let moment = deadline.sooner(PATIENCE);
        last = match moment.within(ask(server, name)).await {
            None => Some("dns-timeout"),
            Some(Err(error)) if error.kind() == io::ErrorKind::ConnectionRefused => {
                Some("dns-no-resolver")
            }
            Some(Err(_)) => None,
            Some(Ok(answer)) => return answer,
        };
    }
    last
}

/// Reads the nameservers that glibc would ask: the first three, else this machine.
fn nameservers(config: &str) -> Vec<SocketAddr> {
    let addresses = config.lines().filter_map(|line| {
        let address = line.trim().strip_prefix("nameserver")?.trim();
        address.parse::<IpAddr>().ok()
    });
    let mut servers: Vec<SocketAddr> = addresses.take(3).map(|ip| (ip, 53).into()).collect();
    if servers.is_empty() {
        servers.push((Ipv4Addr::LOCALHOST, 53).into());
    }
    servers
}

async fn ask(server: SocketAddr, name: &str) -> io::Result<Option<&'static str>> {
    let any: IpAddr = if server.is_ipv4() {
        Ipv4Addr::UNSPECIFIED.into()
    } else {
        std::net::Ipv6Addr::UNSPECIFIED.into()
    };
    let socket = UdpSocket::bind((any, 0)).await?;
    socket.connect(server).await?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let [id @ .., _, _] = now
        .map_or(0, |d| d.subsec_nanos())
        .rotate_left(16)
        .to_be_bytes();
    let query = query(id, name);
    socket.send(&query).await?;
    let mut answer = [0; 1500];
    loop {
        let n = socket.recv(&mut answer).await?;
        if answer[..n].starts_with(&id) && n >= 12 && answer[2] & 0x80 != 0 {
            return Ok(meaning(&answer[..n]));
        }
    }
}

/// Encodes a question for the address of a name.
fn query(id: [u8; 2], name: &str) -> Vec<u8> {
    // Recursion desired, one question.
    let mut message = [&id[..], &[1, 0, 0, 1, 0, 0, 0, 0, 0, 0]].concat();
    for label in name.trim_end_matches('.').split('.') {
        // A label is at most 63 bytes long: longer ones are refused before anyone is asked.
        message.push(u8::try_from(label.len()).unwrap_or(63));
        message.extend_from_slice(label.as_bytes());
    }
    message.extend_from_slice(&[0, 0, 1, 0, 1]);
    message
}

/// Reads an answer's code; `None` where it names no reason.
fn meaning(answer: &[u8]) -> Option<&'static str> {
    let answers = u16::from_be_bytes([answer[6], answer[7]]);
    match answer[3] & 0x0f {
        0 if answers == 0 => Some("dns-nodata"),
        2 => Some("dns-servfail"),
        3 => Some("dns-nxdomain"),
        5 => Some("dns-refused"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{meaning, nameservers, query};

    #[test]
    fn the_first_three_nameservers_are_asked() {
        let config = "# one\nnameserver 10.0.0.1\noptions ndots:5\nnameserver ::1\n\
                      nameserver bad\nnameserver 10.0.0.3\nnameserver 10.0.0.4\n";
        let found: Vec<String> = nameservers(config)
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(found, ["10.0.0.1:53", "[::1]:53", "10.0.0.3:53"]);
        assert_eq!(nameservers("")[0].to_string(), "127.0.0.1:53");
    }

    #[test]
    fn a_question_is_a_question() {
        let expected = b"\x01\x02\x01\0\0\x01\0\0\0\0\0\0\x02db\x04test\0\0\x01\0\x01";
        assert_eq!(query([1, 2], "db.test."), expected);
    }

    #[test]
    fn the_code_of_an_answer_is_its_meaning() {
        let answer =
            |code: u8, answers: u8| [0, 0, 0x81, 0x80 | code, 0, 1, 0, answers, 0, 0, 0, 0];
        assert_eq!(meaning(&answer(0, 0)), Some("dns-nodata"));
        assert_eq!(meaning(&answer(0, 1)), None);
        assert_eq!(meaning(&answer(2, 0)), Some("dns-servfail"));
        assert_eq!(meaning(&answer(3, 0)), Some("dns-nxdomain"));
        assert_eq!(meaning(&answer(5, 0)), Some("dns-refused"));
        assert_eq!(meaning(&answer(1, 0)), None);
    }
}
