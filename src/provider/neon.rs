//! Neon: the host name selects the pooler, the proxy drops most startup parameters.

use super::fact::high;
use super::hosts::Name;
use super::terms::{
    Answer, Idle, Limits, PoolMode, Pooler, PoolerKind, Ports, Requirement, Root, Startup,
    Statements, Tls,
};
use super::{Certainty, Endpoint, Provider};

const POOLING: &str = "https://neon.com/docs/connect/connection-pooling";
const SECURELY: &str = "https://neon.com/docs/connect/connect-securely";
const PROXY: &str = "https://github.com/neondatabase/neon (proxy/src) @6a35a3e";

/// What the proxy passes on to the server; everything else is dropped without a word.
const FORWARDED: &[&str] = &[
    "user",
    "database",
    "application_name",
    "replication",
    "options",
];

/// What `PgBouncer` tracks, with Neon's `ignore_startup_parameters`.
const POOLED_OPTIONS: &[&str] = &[
    "client_encoding",
    "datestyle",
    "timezone",
    "standard_conforming_strings",
    "application_name",
    "intervalstyle",
    "extra_float_digits",
];

pub(super) static PROVIDER: Provider = Provider {
    id: "neon",
    name: "Neon",
    recognise,
    ports: high(Ports::Fixed(&[5432]), POOLING, "2026-02-06"),
    pooled_ports: high(Ports::Fixed(&[5432]), POOLING, "2026-02-06"),
    tls: Tls {
        required: high(Requirement::Required, PROXY, "2026-03-25"),
        root: high(Root::Public, SECURELY, "2024-07-01"),
        channel_binding: high(Answer::Yes, PROXY, "2026-03-25"),
        channel_binding_pooled: high(Answer::Yes, PROXY, "2026-03-25"),
        advice: "Neon: sslmode=verify-full with sslrootcert=system works (libpq 16 or newer)",
    },
    pooler: Some(Pooler {
        kind: high(PoolerKind::PgBouncer, POOLING, "2026-02-06"),
        mode: high(PoolMode::Transaction, POOLING, "2026-02-06"),
        statements: high(Statements::Tracked, POOLING, "2026-02-06"),
        startup: high(Startup::IgnoresAllBut(FORWARDED), PROXY, "2026-03-25"),
        options: high(Startup::RefusesAllBut(POOLED_OPTIONS), PROXY, "2026-03-25"),
    }),
    user: None,
    database: None,
    limits: high(
        Limits::ByPlan(&[
            ("0.25 CU", 104, Some(10_000)),
            ("0.5 CU", 209, Some(10_000)),
            ("1 CU", 419, Some(10_000)),
            ("2 CU", 839, Some(10_000)),
            ("3 CU", 1258, Some(10_000)),
            ("4 CU", 1678, Some(10_000)),
            ("5 CU", 2098, Some(10_000)),
            ("6 CU", 2517, Some(10_000)),
            ("7 CU", 2937, Some(10_000)),
            ("8 CU", 3357, Some(10_000)),
            ("9 CU", 4000, Some(10_000)),
        ]),
        POOLING,
        "2026-02-06",
    ),
    reserved: Some(high(7, POOLING, "2026-02-06")),
    idle: &[high(
        Idle {
            seconds: 300,
            what: "the compute is suspended after 300 s without a query (the default), which cuts every connection",
        },
        "https://neon.com/docs/introduction/auto-suspend",
        "2025-12-17",
    )],
    notes: &[
        high(
            "migrations, pg_dump, LISTEN and session settings need the direct host",
            POOLING,
            "2026-02-06",
        ),
        high(
            "a suspended compute needs up to a few seconds to wake: give connect_timeout 10 s or more",
            "https://neon.com/docs/connect/connection-latency",
            "2025-12-17",
        ),
        high(
            "the server is found by SNI: a client without it must pass options=endpoint%3D<endpoint id>",
            PROXY,
            "2026-03-25",
        ),
    ],
};

/// `ep-<words>-<id>[-pooler].[c-N.]<region>.<cloud>.neon.tech`, or the old `pg.neon.tech`.
fn recognise(name: &Name<'_>) -> Option<Endpoint> {
    match name.below("neon.tech")? {
        ["pg"] => Some(Endpoint::UNTOLD.sure(Certainty::Medium)),
        [endpoint, _region, _cloud] => by_label(endpoint),
        [endpoint, cell, _region, _cloud] if cell.starts_with("c-") => by_label(endpoint),
        _ => None,
    }
}

fn by_label(endpoint: &str) -> Option<Endpoint> {
    let id = endpoint.strip_prefix("ep-")?;
    Some(if id.ends_with("-pooler") {
        Endpoint::POOLED
    } else {
        Endpoint::DIRECT
    })
}
