//! `CockroachDB` Cloud: the wire protocol of Postgres in front of another database.

use super::fact::{high, low};
use super::hosts::Name;
use super::terms::{Answer, Idle, Limits, Ports, Requirement, Root, Tls};
use super::{Endpoint, Provider};

const DOCS: &str = "https://www.cockroachlabs.com/docs (cockroachdb/docs @79e9a5d)";

pub(super) static PROVIDER: Provider = Provider {
    id: "cockroachdb",
    name: "CockroachDB Cloud",
    recognise,
    ports: high(Ports::Fixed(&[26257]), DOCS, "2026-11-23"),
    pooled_ports: high(Ports::None, DOCS, "2026-11-23"),
    tls: Tls {
        required: high(Requirement::Required, DOCS, "2026-11-23"),
        root: low(Root::Own("root.crt of the cluster")),
        channel_binding: low(Answer::No),
        channel_binding_pooled: low(Answer::Unknown),
        advice: "CockroachDB Cloud: use sslmode=verify-full as its own strings do, with the cluster's root.crt where the console offers one",
    },
    pooler: None,
    user: None,
    database: None,
    limits: high(Limits::Unknown, DOCS, "2026-11-23"),
    reserved: None,
    idle: &[high(
        Idle {
            seconds: 1800,
            what: "the cloud closes a connection that is 1800 s old",
        },
        DOCS,
        "2026-11-23",
    )],
    notes: &[
        high(
            "SQLAlchemy needs the dialect cockroachdb://",
            DOCS,
            "2026-11-23",
        ),
        high(
            "active connections should stay around four per virtual CPU",
            DOCS,
            "2026-11-23",
        ),
    ],
};

/// `<cluster>.<…>.cockroachlabs.cloud`.
fn recognise(name: &Name<'_>) -> Option<Endpoint> {
    matches!(name.below("cockroachlabs.cloud")?, [_, _] | [_, _, _]).then_some(Endpoint::DIRECT)
}
