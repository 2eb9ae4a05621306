//! Xata.

use super::fact::{high, low, medium};
use super::hosts::Name;
use super::terms::{
    Answer, Form, Limits, PoolMode, Pooler, PoolerKind, Ports, Requirement, Root, Startup,
    Statements, Tls,
};
use super::{Certainty, Endpoint, Provider};

const GATEWAY: &str = "https://github.com/xataio/xata @7a286fd";
const DOCS: &str = "https://github.com/xataio/mdx-docs";

pub(super) static PROVIDER: Provider = Provider {
    id: "xata",
    name: "Xata",
    recognise,
    ports: medium(Ports::Fixed(&[5432]), DOCS, "2026-11-23"),
    pooled_ports: low(Ports::PerService),
    tls: Tls {
        required: high(Requirement::Required, GATEWAY, "2026-11-23"),
        root: low(Root::Unknown),
        channel_binding: low(Answer::Unknown),
        channel_binding_pooled: low(Answer::Unknown),
        advice: "Xata: TLS 1.2 or newer is required; who signs its certificate is not documented, so try sslmode=verify-full before relying on it",
    },
    pooler: Some(Pooler {
        kind: high(PoolerKind::PgBouncer, GATEWAY, "2026-11-23"),
        mode: low(PoolMode::Transaction),
        statements: low(Statements::Unknown),
        startup: low(Startup::Unknown),
        options: low(Startup::Unknown),
    }),
    user: None,
    database: Some(low(&BRANCH)),
    limits: low(Limits::Unknown),
    reserved: None,
    idle: &[],
    notes: &[high(
        "a branch that sleeps needs up to 50 s to wake",
        GATEWAY,
        "2026-11-23",
    )],
};

static BRANCH: Form = Form {
    description: "<name>:<branch>, on the old platform (sql.xata.sh)",
    fits: |database| {
        database
            .split_once(':')
            .is_some_and(|(name, branch)| !name.is_empty() && !branch.is_empty())
    },
    pooled_only: false,
};

/// `<region>.sql.xata.sh`, or anything below `xata.tech`.
fn recognise(name: &Name<'_>) -> Option<Endpoint> {
    if let Some([_region]) = name.below("sql.xata.sh") {
        return Some(Endpoint::UNTOLD.sure(Certainty::Medium));
    }
    name.below("xata.tech")?;
    Some(Endpoint::UNTOLD.sure(Certainty::Low))
}
