//! `DigitalOcean` Managed Databases.

use super::fact::{high, low};
use super::hosts::Name;
use super::terms::{
    Answer, Limits, PGBOUNCER_STARTUP, PoolMode, Pooler, PoolerKind, Ports, Requirement, Root,
    Startup, Statements, Tls,
};
use super::{Endpoint, Provider};

const TESTS: &str = "https://github.com/digitalocean/doctl @168188d";

pub(super) static PROVIDER: Provider = Provider {
    id: "digitalocean",
    name: "DigitalOcean",
    recognise,
    ports: high(Ports::Fixed(&[25060, 25061]), TESTS, "2026-11-23"),
    pooled_ports: high(Ports::Fixed(&[25061]), TESTS, "2026-11-23"),
    tls: Tls {
        required: high(Requirement::Required, TESTS, "2026-11-23"),
        root: low(Root::Own(
            "the project's CA certificate from the control panel",
        )),
        channel_binding: low(Answer::Unknown),
        channel_binding_pooled: low(Answer::No),
        advice: "DigitalOcean: sslmode=verify-full needs the project's CA certificate (control panel, Connection details) as sslrootcert",
    },
    pooler: Some(Pooler {
        kind: high(PoolerKind::PgBouncer, TESTS, "2026-11-23"),
        mode: high(PoolMode::Transaction, TESTS, "2026-11-23"),
        statements: low(Statements::Unknown),
        startup: low(Startup::RefusesAllBut(PGBOUNCER_STARTUP)),
        options: low(Startup::RefusesAllBut(PGBOUNCER_STARTUP)),
    }),
    user: None,
    database: None,
    limits: low(Limits::ByBytes {
        each: 1024 * 1024 * 1024 / 25,
        most: 5000,
    }),
    reserved: Some(low(3)),
    idle: &[],
    notes: &[
        high(
            "at port 25061 the database in the path is the name of a connection pool",
            TESTS,
            "2026-11-23",
        ),
        high(
            "a host that begins with private- answers within the VPC alone",
            TESTS,
            "2026-11-23",
        ),
    ],
};

/// `[private-]<name>-do-user-<account>-<N>.[x.]db.ondigitalocean.com`.
fn recognise(name: &Name<'_>) -> Option<Endpoint> {
    let cluster = match name.below("db.ondigitalocean.com")? {
        [cluster] => cluster,
        [cluster, shard] if shard.len() == 1 => cluster,
        _ => return None,
    };
    let (_, numbers) = cluster.split_once("-do-user-")?;
    let (account, index) = numbers.split_once('-')?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !is_number(account) || !is_number(index) {
        return None;
    }
    let endpoint = Endpoint::by_port(name, 25061);
    Some(if cluster.starts_with("private-") {
        endpoint.internal()
    } else {
        endpoint
    })
}
