//! Fly.io: Managed Postgres, and the older unmanaged clusters.

use super::fact::{high, low, medium};
use super::hosts::Name;
use super::terms::{
    Answer, Idle, Limits, PGBOUNCER_STARTUP, PoolMode, Pooler, PoolerKind, Ports, Requirement,
    Root, Startup, Statements, Tls,
};
use super::{Certainty, Endpoint, Provider};

const DOCS: &str = "https://fly.io/docs/mpg/";

pub(super) static PROVIDER: Provider = Provider {
    id: "fly",
    name: "Fly.io",
    recognise,
    ports: high(Ports::Fixed(&[5432, 5433]), DOCS, "2026-08-01"),
    pooled_ports: high(Ports::Fixed(&[5432]), DOCS, "2026-08-01"),
    tls: Tls {
        required: high(Requirement::Optional, DOCS, "2026-08-01"),
        root: low(Root::Unknown),
        channel_binding: low(Answer::Unknown),
        channel_binding_pooled: low(Answer::No),
        advice: "Fly.io: the host answers on your private network alone, and who signs its certificate is not documented; do not rely on verify-full",
    },
    pooler: Some(Pooler {
        kind: high(PoolerKind::PgBouncer, DOCS, "2026-08-01"),
        mode: high(PoolMode::Session, DOCS, "2026-08-01"),
        statements: high(Statements::NotTracked, DOCS, "2026-08-01"),
        startup: medium(
            Startup::RefusesAllBut(PGBOUNCER_STARTUP),
            DOCS,
            "2026-08-01",
        ),
        options: medium(Startup::Unknown, DOCS, "2026-08-01"),
    }),
    user: None,
    database: None,
    limits: high(
        Limits::ByPlan(&[
            ("Basic", 50, Some(200)),
            ("Starter", 50, Some(200)),
            ("Launch", 150, Some(500)),
            ("Scale", 300, Some(1000)),
            ("Performance", 300, Some(1000)),
        ]),
        DOCS,
        "2026-08-01",
    ),
    reserved: Some(high(10, DOCS, "2026-08-01")),
    idle: &[high(
        Idle {
            seconds: 600,
            what: "the proxy closes every connection within 600 s of a restart",
        },
        DOCS,
        "2026-08-01",
    )],
    notes: &[
        high(
            "Fly's own advice for SQLAlchemy is pool_recycle=600 and pool_pre_ping=True",
            DOCS,
            "2026-08-01",
        ),
        high(
            "in transaction mode psycopg 3 needs prepare_threshold=None",
            DOCS,
            "2026-08-01",
        ),
        high(
            "the slots kept back are 10 on Basic and Starter, 30 on Launch, 50 on Scale and Performance",
            DOCS,
            "2026-08-01",
        ),
    ],
};

/// `pgbouncer.<id>.flympg.net`, `direct.<id>.flympg.net`, and the unmanaged `<app>.flycast`.
fn recognise(name: &Name<'_>) -> Option<Endpoint> {
    match name.below("flympg.net") {
        // The pooler's mode is a setting of the cluster.
        Some(["pgbouncer", _cluster]) => Some(
            Endpoint {
                mode: None,
                ..Endpoint::POOLED
            }
            .internal(),
        ),
        Some(["direct", _cluster]) => Some(Endpoint::DIRECT.internal()),
        Some(_) => None,
        None => matches!(name.below("flycast"), Some([_app]))
            .then_some(Endpoint::DIRECT.internal().sure(Certainty::Medium)),
    }
}
