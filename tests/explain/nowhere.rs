//! Names that do not resolve and ways that lead nowhere, in the words of each driver.

use crate::batch::Batch;
use crate::support::{alone, nameserver, sh};

#[test]
fn a_name_that_does_not_resolve() {
    if !alone("nowhere::a_name_that_does_not_resolve", "127.0.0.1") {
        return;
    }
    nameserver();
    let mut batch = Batch::default();
    for (host, page) in [
        ("nxdomain", "dns-nxdomain"),
        ("servfail", "dns-servfail"),
        ("refused", "dns-refused"),
        ("nodata", "dns-nodata"),
        ("silent", "dns-timeout"),
        ("zero", "dns-zero"),
        ("v6", "dns-aaaa-only"),
    ] {
        let url = format!("postgresql://a:b@{host}.test:5432/d");
        for driver in ["psql", "psycopg2", "psycopg", "asyncpg", "pg", "postgres"] {
            // asyncpg names no address where there is no network for it.
            if (page, driver) != ("dns-aaaa-only", "asyncpg") {
                batch.explains(page, &[driver, &url]);
            }
        }
    }
    batch.run();
}

#[test]
fn a_machine_without_a_nameserver() {
    if !alone("nowhere::a_machine_without_a_nameserver", "127.0.0.2") {
        return;
    }
    let mut batch = Batch::default();
    for driver in ["psql", "psycopg2", "psycopg", "asyncpg", "pg", "postgres"] {
        batch.explains(
            "dns-no-resolver",
            &[driver, "postgresql://a:b@db.test:5432/d"],
        );
    }
    batch.run();
}

#[test]
fn a_way_that_leads_nowhere() {
    if !alone("nowhere::a_way_that_leads_nowhere", "127.0.0.1") {
        return;
    }
    sh("ip link add near type veth peer name far
        ip addr add 10.9.0.1/24 dev near
        ip link set near up
        ip link set far up
        ip neigh add 10.9.0.2 lladdr 02:00:00:00:00:02 dev near nud permanent
        ip route add unreachable 10.8.0.1");
    let mut batch = Batch::default();
    for (host, page) in [
        ("10.9.0.2", "tcp-blackhole"),
        ("10.8.0.1", "tcp-no-route"),
        ("192.0.2.1", "tcp-net-unreachable"),
        ("[2001:db8::1]", "ipv6-only-host"),
    ] {
        for driver in ["psql", "psycopg2", "psycopg", "asyncpg", "pg", "postgres"] {
            let limit = match driver {
                "psql" | "psycopg2" | "psycopg" => "?connect_timeout=2",
                _ => "",
            };
            let page = match (page, driver) {
                // It names no address where there is no network for it.
                ("ipv6-only-host", "asyncpg") => "tcp-net-unreachable",
                // It takes no IPv6 address: the whole process ends with a stray error.
                ("ipv6-only-host", "postgres") => continue,
                _ => page,
            };
            let url = format!("postgresql://a:b@{host}:5432/d{limit}");
            batch.explains(page, &[driver, &url]);
        }
    }
    batch.run();
}
