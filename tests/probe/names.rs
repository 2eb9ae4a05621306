//! Hosts that cannot be names, and strings with several hosts.

use std::time::{Duration, Instant};

use dbharden::facts::StageName::Dns;
use dbharden::probe;

use crate::case::TIMEOUT;
use crate::dial::{connect, fails, failure, request};
use crate::peer::Peer;

#[test]
fn what_is_no_name_fails_before_anyone_is_asked() {
    for host in ["https://db", "ss@db.test", "db..x", "'db '", "${DB_HOST}"] {
        let connection = connect(&format!("host={host} port=5432 user=app"));
        fails(&connection, Dns, &["dns-host-shape"]);
    }
}

#[test]
fn a_name_that_is_reserved_for_not_existing_does_not_exist() {
    let connection = connect("host=nosuch.invalid port=5432 user=app");
    let (stage, causes) = failure(&connection).unwrap();
    assert_eq!(stage, Dns);
    assert!(!causes.is_empty());
    assert!(
        causes.iter().all(|cause| cause.starts_with("dns-")),
        "{causes:?}"
    );
}

#[test]
fn the_stages_take_as_long_as_the_whole() {
    let peer = Peer::start(|c| {
        c.startup()?;
        std::thread::sleep(Duration::from_millis(100));
        c.error("53300", "InitProcess", "zu viele")
    });
    let asked = request(&format!(
        "host=localhost port={} user=app dbname=app password=x sslmode=prefer",
        peer.port()
    ));
    // What else this machine does may come in between: once it must have been still.
    let still = (0..50).any(|_| {
        let began = Instant::now();
        let all = probe::run(&asked);
        let took = began.elapsed();
        let stages: Duration = all
            .iter()
            .flat_map(|one| &one.stages)
            .filter_map(|stage| stage.took)
            .sum();
        took.abs_diff(stages) <= (took / 20).max(Duration::from_millis(10))
    });
    assert!(still, "5 % or 10 ms are missing each time");
}

#[test]
fn each_host_is_reported_and_the_time_is_shared() {
    let refusing = Peer::start(|c| {
        c.startup()?;
        c.error("57P03", "ProcessStartupPacket", "fährt hoch")
    });
    let silent = Peer::silent();
    let text = format!(
        "host=127.0.0.1,127.0.0.1 port={},{} user=app dbname=app password=x sslmode=disable",
        silent.port(),
        refusing.port()
    );
    let mut request = request(&text);
    request.timeout = TIMEOUT;
    let began = Instant::now();
    let connections = probe::run(&request);
    assert!(began.elapsed() < TIMEOUT + Duration::from_millis(500));
    assert_eq!(connections.len(), 2);
    let causes: Vec<_> = connections
        .iter()
        .filter_map(failure)
        .map(|(_, c)| c[0])
        .collect();
    assert_eq!(causes, ["tcp-silent", "starting-up"]);
}

#[test]
fn the_next_host_is_tried_where_the_time_was_up_at_any_stage() {
    let hanging = [
        Peer::start(|c| {
            c.ssl_request()?;
            c.say(b"S")?;
            c.hang()
        }),
        Peer::start(|c| {
            c.startup()?;
            c.hang()
        }),
    ];
    let refusing = Peer::start(|c| {
        c.startup()?;
        c.error("53300", "InitProcess", "voll")
    });
    for (first, mode, stage) in [
        (&hanging[0], "require", "ssl-s-silent"),
        (&hanging[1], "prefer", "pgb-paused"),
    ] {
        let text = format!(
            "host=127.0.0.1,127.0.0.1 port={},{} user=app password=x sslmode={mode}",
            first.port(),
            refusing.port()
        );
        let mut request = request(&text);
        request.timeout = TIMEOUT;
        let connections = probe::run(&request);
        assert_eq!(connections.len(), 2, "{mode}: {connections:#?}");
        let causes = failure(&connections[0]).unwrap().1;
        assert!(causes.contains(&stage), "{mode}: {causes:?}");
    }
}
