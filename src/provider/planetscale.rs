//! `PlanetScale` for Postgres.

use super::fact::{low, medium};
use super::hosts::Name;
use super::terms::{
    Answer, Form, Limits, PGBOUNCER_STARTUP, PoolMode, Pooler, PoolerKind, Ports, Requirement,
    Root, Startup, Statements, Tls,
};
use super::{Certainty, Endpoint, Provider};

const DOCS: &str = "https://planetscale.com/docs/postgres/connecting";

pub(super) static PROVIDER: Provider = Provider {
    id: "planetscale",
    name: "PlanetScale",
    recognise,
    ports: medium(Ports::Fixed(&[5432, 6432]), DOCS, "2026-11-23"),
    pooled_ports: medium(Ports::Fixed(&[6432]), DOCS, "2026-11-23"),
    tls: Tls {
        required: medium(Requirement::Required, DOCS, "2026-11-23"),
        root: medium(Root::Public, DOCS, "2026-11-23"),
        channel_binding: low(Answer::Unknown),
        channel_binding_pooled: low(Answer::No),
        advice: "PlanetScale: sslmode=verify-full with sslrootcert=system works, and sslnegotiation=direct too",
    },
    pooler: Some(Pooler {
        kind: medium(PoolerKind::PgBouncer, DOCS, "2026-11-23"),
        mode: medium(PoolMode::Transaction, DOCS, "2026-11-23"),
        statements: low(Statements::Tracked),
        startup: low(Startup::RefusesAllBut(PGBOUNCER_STARTUP)),
        options: low(Startup::RefusesAllBut(PGBOUNCER_STARTUP)),
    }),
    user: Some(medium(&USER, DOCS, "2026-11-23")),
    database: None,
    limits: medium(Limits::Unknown, DOCS, "2026-11-23"),
    reserved: None,
    idle: &[],
    notes: &[medium(
        "schema changes, temporary tables and long transactions belong on port 5432",
        DOCS,
        "2026-11-23",
    )],
};

static USER: Form = Form {
    description: "<role>.<branch id>",
    fits: |user| {
        user.split_once('.')
            .is_some_and(|(role, branch)| !role.is_empty() && !branch.is_empty())
    },
    pooled_only: false,
};

/// `<region>.….psdb.cloud`.
fn recognise(name: &Name<'_>) -> Option<Endpoint> {
    name.below("psdb.cloud")?;
    Some(Endpoint::by_port(name, 6432).sure(Certainty::Medium))
}
