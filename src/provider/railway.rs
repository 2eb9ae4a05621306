//! Railway.

use super::fact::{high, low};
use super::hosts::Name;
use super::terms::{
    Answer, Limits, PGBOUNCER_STARTUP, PoolMode, Pooler, PoolerKind, Ports, Requirement, Root,
    Startup, Statements, Tls,
};
use super::{Endpoint, Provider};

const DOCS: &str = "https://docs.railway.com (railwayapp/docs @c2a634f)";
const IMAGE: &str = "https://github.com/railwayapp-templates/postgres-ssl @5bc03eb (init-ssl.sh)";

pub(super) static PROVIDER: Provider = Provider {
    id: "railway",
    name: "Railway",
    recognise,
    ports: high(Ports::PerService, DOCS, "2026-11-23"),
    pooled_ports: high(Ports::PerService, DOCS, "2026-11-23"),
    tls: Tls {
        required: high(Requirement::Optional, IMAGE, "2026-11-23"),
        root: high(
            Root::Unverifiable("each instance signs a certificate for localhost itself"),
            IMAGE,
            "2026-11-23",
        ),
        channel_binding: low(Answer::Unknown),
        channel_binding_pooled: low(Answer::No),
        advice: "Railway: verify-full cannot work, for the certificate is self-signed and names localhost; sslmode=require is the strongest on the public host, and the private network needs none",
    },
    pooler: Some(Pooler {
        kind: high(PoolerKind::PgBouncer, DOCS, "2026-11-23"),
        mode: high(PoolMode::Transaction, DOCS, "2026-11-23"),
        statements: high(Statements::NotTracked, DOCS, "2026-11-23"),
        startup: low(Startup::RefusesAllBut(PGBOUNCER_STARTUP)),
        options: low(Startup::RefusesAllBut(PGBOUNCER_STARTUP)),
    }),
    user: None,
    database: None,
    limits: low(Limits::Always(100)),
    reserved: None,
    idle: &[],
    notes: &[high(
        "the public host (DATABASE_PUBLIC_URL) costs egress: services use the private one",
        DOCS,
        "2026-11-23",
    )],
};

/// `<service>.railway.internal`, or `<name>.proxy.rlwy.net` at a random port.
fn recognise(name: &Name<'_>) -> Option<Endpoint> {
    if let Some([_service]) = name.below("railway.internal") {
        return Some(Endpoint {
            ports: Some(Ports::Usually(&[5432])),
            ..Endpoint::UNTOLD.internal()
        });
    }
    matches!(name.below("proxy.rlwy.net"), Some([_name])).then_some(Endpoint::UNTOLD)
}
