//! Crunchy Bridge.

use super::fact::{high, low, medium};
use super::hosts::{Name, is_id};
use super::terms::{
    Answer, Limits, PGBOUNCER_STARTUP, PoolMode, Pooler, PoolerKind, Ports, Requirement, Root,
    Startup, Statements, Tls,
};
use super::{Endpoint, Provider};

const POOLER: &str = "https://docs.crunchybridge.com/how-to/pgbouncer";
const CLI: &str = "https://github.com/CrunchyData/bridge-cli";

pub(super) static PROVIDER: Provider = Provider {
    id: "crunchy",
    name: "Crunchy Bridge",
    recognise,
    ports: high(Ports::Fixed(&[5432, 5431]), POOLER, "2026-11-23"),
    pooled_ports: high(Ports::Fixed(&[5431]), POOLER, "2026-11-23"),
    tls: Tls {
        required: low(Requirement::Required),
        root: high(Root::Own("the team's CA certificate"), CLI, "2026-11-23"),
        channel_binding: low(Answer::Unknown),
        channel_binding_pooled: low(Answer::No),
        advice: "Crunchy Bridge: verification needs the team's CA certificate as sslrootcert (its own tool uses sslmode=verify-ca)",
    },
    pooler: Some(Pooler {
        kind: high(PoolerKind::PgBouncer, POOLER, "2026-11-23"),
        mode: low(PoolMode::Transaction),
        statements: low(Statements::Unknown),
        startup: low(Startup::RefusesAllBut(PGBOUNCER_STARTUP)),
        options: low(Startup::RefusesAllBut(PGBOUNCER_STARTUP)),
    }),
    user: None,
    database: None,
    limits: medium(Limits::Always(500), POOLER, "2026-11-23"),
    reserved: None,
    idle: &[],
    notes: &[high(
        "the pooler needs `CREATE EXTENSION crunchy_pooler` in each database, and takes no superuser",
        POOLER,
        "2026-11-23",
    )],
};

/// `p.<26 characters>.db.postgresbridge.com`.
fn recognise(name: &Name<'_>) -> Option<Endpoint> {
    match name.below("db.postgresbridge.com")? {
        ["p", cluster] if is_id(cluster, 26..=26) => Some(Endpoint::by_port(name, 5431)),
        _ => None,
    }
}
