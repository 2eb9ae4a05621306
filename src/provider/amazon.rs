//! Amazon: RDS, Aurora and RDS Proxy, told apart by the second label.

use super::fact::{high, low, medium};
use super::hosts::{Name, is_id};
use super::terms::{
    Answer, Idle, Limits, PoolMode, Pooler, PoolerKind, Ports, Requirement, Root, Startup,
    Statements, Tls,
};
use super::{Certainty, Endpoint, Provider};

const RDS_GUIDE: &str = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide";
const AURORA_GUIDE: &str = "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide";
const BUNDLE: Root = Root::Own("global-bundle.pem from https://truststore.pki.rds.amazonaws.com");
const FORCE_SSL: Requirement =
    Requirement::Depends("the parameter rds.force_ssl (on by default from PostgreSQL 15)");

/// `LEAST({DBInstanceClassMemory/9531392},5000)`.
const BY_MEMORY: Limits = Limits::ByBytes {
    each: 9_531_392,
    most: 5000,
};

pub(super) static RDS: Provider = Provider {
    id: "rds",
    name: "Amazon RDS",
    recognise: recognise_rds,
    ports: low(Ports::Usually(&[5432])),
    pooled_ports: high(Ports::None, RDS_GUIDE, "2023-06-01"),
    tls: Tls {
        required: high(FORCE_SSL, RDS_GUIDE, "2023-06-01"),
        root: high(BUNDLE, RDS_GUIDE, "2023-06-01"),
        channel_binding: low(Answer::Depends("whether the password is stored as SCRAM")),
        channel_binding_pooled: low(Answer::Unknown),
        advice: "Amazon RDS: sslmode=verify-full needs sslrootcert=global-bundle.pem (Amazon's RDS bundle); the system's roots do not verify it",
    },
    pooler: None,
    user: None,
    database: None,
    limits: high(BY_MEMORY, RDS_GUIDE, "2023-06-01"),
    reserved: Some(low(5)),
    idle: &[NAT],
    notes: &[],
};

pub(super) static AURORA: Provider = Provider {
    id: "aurora",
    name: "Amazon Aurora",
    recognise: recognise_aurora,
    ports: low(Ports::Usually(&[5432])),
    pooled_ports: high(Ports::None, AURORA_GUIDE, "2023-06-01"),
    tls: Tls {
        required: high(FORCE_SSL, RDS_GUIDE, "2023-06-01"),
        root: high(BUNDLE, AURORA_GUIDE, "2023-06-01"),
        channel_binding: low(Answer::Depends("whether the password is stored as SCRAM")),
        channel_binding_pooled: low(Answer::Unknown),
        advice: "Amazon Aurora: sslmode=verify-full needs sslrootcert=global-bundle.pem (Amazon's RDS bundle); the system's roots do not verify it",
    },
    pooler: None,
    user: None,
    database: None,
    limits: high(BY_MEMORY, AURORA_GUIDE, "2023-06-01"),
    reserved: Some(low(5)),
    idle: &[NAT],
    notes: &[
        medium(
            "a host with cluster-ro- leads to readers, which refuse writes",
            AURORA_GUIDE,
            "2023-06-01",
        ),
        low(
            "Serverless v2 takes its limit from the most ACU; with a least of 0.5 ACU it stops at 2000",
        ),
    ],
};

pub(super) static RDS_PROXY: Provider = Provider {
    id: "rds-proxy",
    name: "Amazon RDS Proxy",
    recognise: recognise_proxy,
    ports: high(Ports::Fixed(&[5432]), RDS_GUIDE, "2023-06-01"),
    pooled_ports: high(Ports::Fixed(&[5432]), RDS_GUIDE, "2023-06-01"),
    tls: Tls {
        required: high(
            Requirement::Depends("the proxy's setting \"Require Transport Layer Security\""),
            RDS_GUIDE,
            "2023-06-01",
        ),
        root: high(Root::Public, RDS_GUIDE, "2023-06-01"),
        channel_binding: low(Answer::Unknown),
        channel_binding_pooled: low(Answer::Unknown),
        advice: "Amazon RDS Proxy: sslmode=verify-full with sslrootcert=system works (its certificate is public, unlike RDS's own)",
    },
    pooler: Some(Pooler {
        kind: high(PoolerKind::RdsProxy, RDS_GUIDE, "2023-06-01"),
        mode: high(PoolMode::Transaction, RDS_GUIDE, "2023-06-01"),
        statements: medium(Statements::Pinned, RDS_GUIDE, "2023-06-01"),
        startup: low(Startup::Unknown),
        options: low(Startup::Unknown),
    }),
    user: None,
    database: None,
    limits: low(Limits::Unknown),
    reserved: None,
    idle: &[high(
        Idle {
            seconds: 1800,
            what: "the proxy drops a client that is idle for 1800 s (IdleClientTimeout's default)",
        },
        RDS_GUIDE,
        "2023-06-01",
    )],
    notes: &[high(
        "SET, temporary objects, cursors, LISTEN, advisory locks and long statements pin a session",
        RDS_GUIDE,
        "2023-06-01",
    )],
};

/// Amazon's NAT gateways and network load balancers.
const NAT: super::Fact<Idle> = low(Idle {
    seconds: 350,
    what: "a NAT gateway or network load balancer forgets a connection that is idle for 350 s",
});

/// Returns what the second label (`c1a2b3c4d5e6` behind a prefix) says that a host is.
fn kind(name: &Name<'_>) -> Option<&'static str> {
    let labels = name
        .below("rds.amazonaws.com")
        .or_else(|| name.below("rds.amazonaws.com.cn"))?;
    let [_instance, account, _region] = labels else {
        return None;
    };
    for kind in ["cluster-custom-", "cluster-ro-", "cluster-", "proxy-"] {
        if let Some(id) = account.strip_prefix(kind) {
            return is_id(id, 8..=14).then_some(kind);
        }
    }
    is_id(account, 8..=14).then_some("")
}

fn recognise_rds(name: &Name<'_>) -> Option<Endpoint> {
    matches!(kind(name), Some("")).then_some(Endpoint::DIRECT.sure(Certainty::Medium))
}

fn recognise_aurora(name: &Name<'_>) -> Option<Endpoint> {
    kind(name)
        .is_some_and(|kind| kind.starts_with("cluster-"))
        .then_some(Endpoint::DIRECT.sure(Certainty::Medium))
}

fn recognise_proxy(name: &Name<'_>) -> Option<Endpoint> {
    matches!(kind(name), Some("proxy-")).then_some(Endpoint::POOLED.sure(Certainty::Medium))
}
