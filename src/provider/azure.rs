//! Azure Database for PostgreSQL, Flexible Server.

use super::fact::{high, low, medium};
use super::hosts::Name;
use super::terms::{
    Answer, Form, Idle, Limits, PGBOUNCER_STARTUP, PoolMode, Pooler, PoolerKind, Ports,
    Requirement, Root, Startup, Statements, Tls,
};
use super::{Certainty, Endpoint, Provider};

const LIMITS: &str = "https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-limits";
const POOLER: &str =
    "https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-pgbouncer";
const NETWORK: &str =
    "https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-networking-ssl-tls";

pub(super) static PROVIDER: Provider = Provider {
    id: "azure",
    name: "Azure Database for PostgreSQL",
    recognise,
    ports: high(Ports::Fixed(&[5432, 6432]), POOLER, "2026-11-23"),
    pooled_ports: high(Ports::Fixed(&[6432]), POOLER, "2026-11-23"),
    tls: Tls {
        required: high(Requirement::Required, NETWORK, "2026-11-23"),
        root: medium(Root::Public, NETWORK, "2026-11-23"),
        channel_binding: low(Answer::Yes),
        channel_binding_pooled: high(Answer::No, POOLER, "2026-11-23"),
        advice: "Azure: sslmode=verify-full with sslrootcert=system usually works; Microsoft asks for a file with DigiCert Global Root G2, Microsoft RSA Root 2017 and DigiCert Global Root CA",
    },
    pooler: Some(Pooler {
        kind: high(PoolerKind::PgBouncer, POOLER, "2026-11-23"),
        mode: high(PoolMode::Transaction, POOLER, "2026-11-23"),
        statements: high(Statements::NotTracked, POOLER, "2026-11-23"),
        startup: high(
            Startup::RefusesAllBut(PGBOUNCER_STARTUP),
            POOLER,
            "2026-11-23",
        ),
        options: high(
            Startup::RefusesAllBut(PGBOUNCER_STARTUP),
            POOLER,
            "2026-11-23",
        ),
    }),
    user: Some(medium(&PLAIN_USER, NETWORK, "2026-11-23")),
    database: None,
    limits: high(
        Limits::ByPlan(&[
            ("B1ms", 50, Some(5000)),
            ("B2s", 429, Some(5000)),
            ("8 GiB", 859, Some(5000)),
            ("16 GiB", 1718, Some(5000)),
            ("32 GiB", 3437, Some(5000)),
            ("48 GiB", 5000, Some(5000)),
        ]),
        LIMITS,
        "2026-11-23",
    ),
    reserved: Some(high(15, LIMITS, "2026-11-23")),
    idle: &[low(Idle {
        seconds: 240,
        what: "Azure's load balancers forget a connection that is idle for 240 s",
    })],
    notes: &[high(
        "PgBouncer at port 6432 does not exist on Burstable sizes",
        POOLER,
        "2026-11-23",
    )],
};

static PLAIN_USER: Form = Form {
    description: "a plain role; user@server was the form of the retired Single Server",
    fits: |user| !user.contains('@'),
    pooled_only: false,
};

/// `<server>.postgres.database.azure.com`, and its sisters for governments and China.
fn recognise(name: &Name<'_>) -> Option<Endpoint> {
    if let Some([_server]) = name.below("postgres.database.azure.com") {
        return Some(Endpoint::by_port(name, 6432));
    }
    [
        "postgres.database.usgovcloudapi.net",
        "postgres.database.chinacloudapi.cn",
    ]
    .iter()
    .any(|domain| matches!(name.below(domain), Some([_server])))
    .then(|| Endpoint::by_port(name, 6432).sure(Certainty::Low))
}
