//! Prisma Postgres.

use super::fact::{high, low, medium};
use super::hosts::Name;
use super::terms::{
    Answer, Limits, PoolMode, Pooler, PoolerKind, Ports, Requirement, Root, Startup, Statements,
    Tls,
};
use super::{Endpoint, Provider};

const DOCS: &str = "https://www.prisma.io/docs/postgres";

pub(super) static PROVIDER: Provider = Provider {
    id: "prisma",
    name: "Prisma Postgres",
    recognise,
    ports: high(Ports::Fixed(&[5432]), DOCS, "2026-11-23"),
    pooled_ports: high(Ports::Fixed(&[5432]), DOCS, "2026-11-23"),
    tls: Tls {
        required: high(Requirement::Required, DOCS, "2026-11-23"),
        root: low(Root::Public),
        channel_binding: low(Answer::Unknown),
        channel_binding_pooled: low(Answer::Unknown),
        advice: "Prisma Postgres: sslmode=require is required; verify-full with sslrootcert=system probably works, but is not documented",
    },
    pooler: Some(Pooler {
        kind: low(PoolerKind::Own),
        mode: low(PoolMode::Transaction),
        statements: low(Statements::Unknown),
        startup: low(Startup::Unknown),
        options: low(Startup::Unknown),
    }),
    user: None,
    database: None,
    limits: medium(Limits::Unknown, DOCS, "2026-11-23"),
    reserved: None,
    idle: &[],
    notes: &[high(
        "prisma+postgres://accelerate.prisma-data.net is not a Postgres server: other drivers need the postgres:// string",
        DOCS,
        "2026-11-23",
    )],
};

/// `db.prisma.io`, `pooled.db.prisma.io`.
fn recognise(name: &Name<'_>) -> Option<Endpoint> {
    match name.below("prisma.io")? {
        ["db"] => Some(Endpoint::DIRECT),
        ["pooled", "db"] => Some(Endpoint::POOLED),
        _ => None,
    }
}
