//! Aiven.

use super::fact::{high, low};
use super::hosts::Name;
use super::terms::{
    Answer, Limits, PGBOUNCER_STARTUP, PoolMode, Pooler, PoolerKind, Ports, Requirement, Root,
    Startup, Statements, Tls,
};
use super::{Endpoint, Provider};

const DOCS: &str = "https://aiven.io/docs (aiven/aiven-docs @073a07f)";

pub(super) static PROVIDER: Provider = Provider {
    id: "aiven",
    name: "Aiven",
    recognise,
    ports: high(Ports::PerService, DOCS, "2026-11-23"),
    pooled_ports: high(Ports::PerService, DOCS, "2026-11-23"),
    tls: Tls {
        required: high(Requirement::Required, DOCS, "2026-11-23"),
        root: high(Root::Own("ca.pem of the Aiven project"), DOCS, "2026-11-23"),
        channel_binding: low(Answer::Unknown),
        channel_binding_pooled: low(Answer::No),
        advice: "Aiven: sslmode=verify-full needs sslrootcert=ca.pem (the project's CA certificate); the system's roots do not verify it",
    },
    pooler: Some(Pooler {
        kind: high(PoolerKind::PgBouncer, DOCS, "2026-11-23"),
        mode: high(PoolMode::Transaction, DOCS, "2026-11-23"),
        statements: high(Statements::Tracked, DOCS, "2026-11-23"),
        startup: low(Startup::RefusesAllBut(PGBOUNCER_STARTUP)),
        options: low(Startup::RefusesAllBut(PGBOUNCER_STARTUP)),
    }),
    user: None,
    database: None,
    limits: high(
        Limits::ByPlan(&[
            ("developer", 15, None),
            ("free", 20, None),
            ("hobbyist", 25, None),
            ("startup-4", 100, None),
            ("business-4", 100, None),
            ("premium-4", 100, None),
            ("startup-8", 200, None),
            ("business-8", 200, None),
            ("premium-8", 200, None),
            ("startup-16", 400, None),
            ("business-16", 400, None),
            ("premium-16", 400, None),
            ("startup-32", 800, None),
            ("business-32", 800, None),
            ("premium-32", 800, None),
            ("startup-64", 1000, None),
            ("business-64", 1000, None),
            ("premium-64", 1000, None),
        ]),
        DOCS,
        "2026-11-23",
    ),
    reserved: None,
    idle: &[],
    notes: &[high(
        "a pool has a port of its own, and the database in the path is the pool's name",
        DOCS,
        "2026-11-23",
    )],
};

/// `[replica-]<service>.[x.]aivencloud.com`.
fn recognise(name: &Name<'_>) -> Option<Endpoint> {
    match name.below("aivencloud.com")? {
        [_service] => Some(Endpoint::UNTOLD),
        [_service, shard] if shard.len() == 1 => Some(Endpoint::UNTOLD),
        _ => None,
    }
}
