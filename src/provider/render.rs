//! Render: a bare internal name, and an external one per region.

use super::fact::{high, medium};
use super::hosts::{Name, is_id};
use super::terms::{
    Answer, Limits, PGBOUNCER_STARTUP, PoolMode, Pooler, PoolerKind, Ports, Requirement, Root,
    Startup, Statements, Tls,
};
use super::{Endpoint, Provider};

const SKILLS: &str = "https://github.com/render-oss/skills (skills/render-postgres) @3f2aa30";
const REPLIES: &str = "https://github.com/render-oss/terraform-provider-render @033eb45";
const NOT_DOCUMENTED: &str = "not documented as of the date";

pub(super) static PROVIDER: Provider = Provider {
    id: "render",
    name: "Render",
    recognise,
    ports: high(Ports::Fixed(&[5432]), REPLIES, "2026-05-01"),
    pooled_ports: medium(Ports::PerService, NOT_DOCUMENTED, "2026-11-23"),
    tls: Tls {
        required: high(Requirement::Required, SKILLS, "2026-08-18"),
        root: medium(Root::Unknown, NOT_DOCUMENTED, "2026-11-23"),
        channel_binding: medium(Answer::Unknown, NOT_DOCUMENTED, "2026-11-23"),
        channel_binding_pooled: medium(Answer::Unknown, NOT_DOCUMENTED, "2026-11-23"),
        advice: "Render: the external host's authority is not documented; try sslmode=verify-full before relying on it, and never on the internal host, whose bare name no certificate can carry",
    },
    pooler: Some(Pooler {
        kind: high(PoolerKind::PgBouncer, SKILLS, "2026-08-18"),
        mode: high(PoolMode::Transaction, SKILLS, "2026-08-18"),
        statements: medium(Statements::Unknown, NOT_DOCUMENTED, "2026-11-23"),
        startup: super::fact::low(Startup::RefusesAllBut(PGBOUNCER_STARTUP)),
        options: super::fact::low(Startup::RefusesAllBut(PGBOUNCER_STARTUP)),
    }),
    user: None,
    database: None,
    limits: high(
        Limits::BySteps(&[(0, 100), (8192, 200), (16_384, 400), (32_768, 500)]),
        SKILLS,
        "2026-08-18",
    ),
    reserved: Some(medium(
        10,
        "https://render.com/tutorials/postgres-on-render/connection-limits-and-pooling",
        "2026-11-23",
    )),
    idle: &[],
    notes: &[
        high(
            "the internal host answers in the same region and workspace alone",
            SKILLS,
            "2026-08-18",
        ),
        high(
            "a service reaches its database by the internal host: the external one costs latency and egress, and obeys the IP allow list",
            SKILLS,
            "2026-08-18",
        ),
        high(
            "Render's services reach IPv4 addresses alone",
            "https://supabase.com/docs (guides/troubleshooting/using-sqlalchemy-with-supabase)",
            "2026-11-23",
        ),
        medium(
            "`SSL connection has been closed unexpectedly` at once: first suspect the database's IP allow list",
            "https://github.com/hankinsoft/SQLPro/issues/851",
            "2026-11-23",
        ),
    ],
};

const REGIONS: &[&str] = &[
    "oregon-postgres",
    "ohio-postgres",
    "virginia-postgres",
    "frankfurt-postgres",
    "singapore-postgres",
];

/// `dpg-<id>-a`, alone or below `<region>-postgres.render.com`.
fn recognise(name: &Name<'_>) -> Option<Endpoint> {
    if let Some(only) = name.single() {
        return is_instance(only).then_some(Endpoint::UNTOLD.internal());
    }
    match name.below("render.com")? {
        [instance, region] if is_instance(instance) && REGIONS.contains(region) => {
            Some(Endpoint::UNTOLD)
        }
        _ => None,
    }
}

fn is_instance(label: &str) -> bool {
    label
        .strip_prefix("dpg-")
        .and_then(|rest| rest.rsplit_once('-'))
        .is_some_and(|(id, suffix)| {
            is_id(id, 16..=24)
                && suffix.len() == 1
                && suffix.bytes().all(|b| b.is_ascii_lowercase())
        })
}
