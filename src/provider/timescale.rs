//! Timescale (Tiger Cloud).

use super::fact::{high, low};
use super::hosts::{Name, is_id};
use super::terms::{
    Answer, Limits, PGBOUNCER_STARTUP, PoolMode, Pooler, PoolerKind, Ports, Requirement, Root,
    Startup, Statements, Tls,
};
use super::{Endpoint, Provider};

const DOCS: &str = "https://github.com/timescale/docs @4ffee56";

pub(super) static PROVIDER: Provider = Provider {
    id: "timescale",
    name: "Timescale",
    recognise,
    ports: high(Ports::PerService, DOCS, "2024-10-01"),
    pooled_ports: high(Ports::PerService, DOCS, "2024-10-01"),
    tls: Tls {
        required: high(Requirement::Optional, DOCS, "2024-10-01"),
        root: high(Root::Public, DOCS, "2024-10-01"),
        channel_binding: low(Answer::Unknown),
        channel_binding_pooled: low(Answer::No),
        advice: "Timescale: sslmode=verify-full with sslrootcert=system works once the service is half an hour old (before, its certificate is self-signed)",
    },
    pooler: Some(Pooler {
        kind: high(PoolerKind::PgBouncer, DOCS, "2024-10-01"),
        mode: high(PoolMode::Session, DOCS, "2024-10-01"),
        statements: low(Statements::Unknown),
        startup: low(Startup::RefusesAllBut(PGBOUNCER_STARTUP)),
        options: low(Startup::RefusesAllBut(PGBOUNCER_STARTUP)),
    }),
    user: None,
    database: None,
    limits: low(Limits::Unknown),
    reserved: Some(high(17, DOCS, "2024-10-01")),
    idle: &[],
    notes: &[high(
        "the pooler has a port of its own; there the database tsdb pools by session, tsdb_transaction by transaction",
        DOCS,
        "2024-10-01",
    )],
};

/// `<service>.<project>.tsdb.cloud.timescale.com`.
fn recognise(name: &Name<'_>) -> Option<Endpoint> {
    match name.below("tsdb.cloud.timescale.com")? {
        [service, project] if is_id(service, 1..=63) && is_id(project, 1..=63) => {
            Some(Endpoint::UNTOLD)
        }
        _ => None,
    }
}
