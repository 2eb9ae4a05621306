//! A network of the test's own: nameservers that fail in every way, black holes, no way out.

use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use dbharden::facts::StageName::{Dns, Tcp};
use dbharden::facts::{Connection, StageName};

use crate::dial::{fails, failure, last, request};
use crate::support::{Peer, alone, nameserver, sh};

/// Connects to a name; asserts that it ends in time.
pub(crate) fn to(host: &str, port: u16, timeout: Duration) -> Connection {
    let mut request = request(&format!(
        "host={host} port={port} user=app dbname=app password=x sslmode=disable"
    ));
    request.timeout = timeout;
    let began = Instant::now();
    let connection = last(&request);
    let took = began.elapsed();
    assert!(
        took < timeout + Duration::from_millis(500),
        "{host}: {took:?}"
    );
    connection
}

fn took(connection: &Connection, stage: StageName) -> Duration {
    let report = connection.stages.iter().find(|report| report.name == stage);
    report.unwrap().took.unwrap_or_default()
}

const FIVE: Duration = Duration::from_secs(5);

#[test]
fn each_answer_of_a_nameserver_has_its_name() {
    if !alone(
        "network::each_answer_of_a_nameserver_has_its_name",
        "127.0.0.1",
    ) {
        return;
    }
    nameserver();
    let server = Peer::start(|c| {
        c.startup()?;
        c.error("57P03", "ProcessStartupPacket", "fährt hoch")
    });
    let port = server.port();
    for (host, cause) in [
        ("nxdomain.test", "dns-nxdomain"),
        ("servfail.test", "dns-servfail"),
        ("refused.test", "dns-refused"),
        ("nodata.test", "dns-nodata"),
        ("silent.test", "dns-timeout"),
        ("zero.test", "dns-zero"),
    ] {
        fails(&to(host, port, FIVE), Dns, &[cause]);
    }
    // Where the deadline is shorter than the resolver's patience.
    fails(
        &to("silent.test", port, Duration::from_secs(1)),
        Dns,
        &["dns-timeout"],
    );
    fails(&to("v6.test", port, FIVE), Tcp, &["dns-aaaa-only"]);
    // The server was reached: by the address that answers, and by a name that took its time.
    for host in ["db.test", "db.test.", "slow.test"] {
        let connection = to(host, port, FIVE);
        let causes = failure(&connection).unwrap().1;
        assert!(causes.contains(&"starting-up"), "{host}: {causes:?}");
    }
    // The other address of this name leads nowhere; each has its own line.
    let both = dbharden::probe::run(&request(&format!(
        "host=both.test port={port} user=app dbname=app password=x sslmode=disable"
    )));
    let mut causes: Vec<_> = both.iter().filter_map(failure).map(|(_, c)| c[0]).collect();
    causes.sort_unstable();
    assert_eq!(causes, ["starting-up", "tcp-net-unreachable"]);
    let slow = took(&to("slow.test", port, FIVE), Dns);
    assert!(slow >= Duration::from_millis(800), "{slow:?}");
}

#[test]
fn a_nameserver_where_nobody_listens_is_none() {
    if alone(
        "network::a_nameserver_where_nobody_listens_is_none",
        "127.0.0.2",
    ) {
        fails(&to("db.test", 5432, FIVE), Dns, &["dns-no-resolver"]);
    }
}

/// Lays a cable whose other end takes what is sent to 10.9.0.2, and is nobody.
fn cable_to_nobody() {
    sh("ip link add near type veth peer name far
        ip addr add 10.9.0.1/24 dev near
        ip link set near up
        ip link set far up
        ip neigh add 10.9.0.2 lladdr 02:00:00:00:00:02 dev near nud permanent");
}

#[test]
fn each_way_that_leads_nowhere_has_its_name() {
    if !alone(
        "network::each_way_that_leads_nowhere_has_its_name",
        "127.0.0.1",
    ) {
        return;
    }
    cable_to_nobody();
    sh("ip route add unreachable 10.8.0.1");
    let two = Duration::from_secs(2);
    let unanswered = &["tcp-blackhole", "tcp-backlog-full"];
    fails(&to("10.9.0.2", 5432, two), Tcp, unanswered);
    fails(&to("10.8.0.1", 5432, two), Tcp, &["tcp-no-route"]);
    fails(&to("192.0.2.1", 5432, two), Tcp, &["tcp-net-unreachable"]);
    // Each address gets its part of the time, and its own line.
    let mut request = request("host=10.9.0.2,10.9.0.2,192.0.2.1 port=5432 user=app password=x");
    request.timeout = two;
    let began = Instant::now();
    let all = dbharden::probe::run(&request);
    assert!(began.elapsed() < two + Duration::from_millis(500));
    let causes: Vec<_> = all.iter().filter_map(failure).map(|(_, c)| c[0]).collect();
    assert_eq!(
        causes,
        ["tcp-blackhole", "tcp-blackhole", "tcp-net-unreachable"]
    );
}

#[test]
fn the_strings_own_timeout_holds_for_each_address() {
    if !alone(
        "network::the_strings_own_timeout_holds_for_each_address",
        "127.0.0.1",
    ) {
        return;
    }
    cable_to_nobody();
    let request = request("host=10.9.0.2 port=5432 user=app password=x connect_timeout=1");
    let began = Instant::now();
    let unanswered = &["tcp-blackhole", "tcp-backlog-full"];
    fails(&last(&request), Tcp, unanswered);
    // The run itself may take ten seconds.
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_machine_without_a_free_port_is_told_from_a_server_that_is_gone() {
    if !alone(
        "network::a_machine_without_a_free_port_is_told_from_a_server_that_is_gone",
        "127.0.0.1",
    ) {
        return;
    }
    let range = "/proc/sys/net/ipv4/ip_local_port_range";
    if std::fs::write(range, "40000 40001").is_err() {
        let _ = writeln!(std::io::stderr(), "SKIPPED: {range} cannot be written");
        return;
    }
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 5432)).unwrap();
    let address = listener.local_addr().unwrap();
    let _all = [
        TcpStream::connect(address).unwrap(),
        TcpStream::connect(address).unwrap(),
    ];
    fails(
        &to("127.0.0.1", 5432, FIVE),
        Tcp,
        &["tcp-ephemeral-exhausted"],
    );
}
