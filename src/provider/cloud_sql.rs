//! Google Cloud SQL: recognised by its socket folder alone.

use super::fact::{high, low};
use super::hosts::Name;
use super::terms::{Answer, Idle, Limits, Ports, Requirement, Root, Tls};
use super::{Endpoint, Provider};

const SAMPLES: &str =
    "https://github.com/GoogleCloudPlatform/python-docs-samples (cloud-sql/postgres) @12ec04a";

pub(super) static PROVIDER: Provider = Provider {
    id: "cloud-sql",
    name: "Google Cloud SQL",
    recognise,
    ports: high(Ports::Fixed(&[5432]), SAMPLES, "2026-11-23"),
    pooled_ports: low(Ports::None),
    tls: Tls {
        required: high(
            Requirement::Depends(
                "the instance's sslMode; the socket and the Auth Proxy encrypt by themselves",
            ),
            "https://github.com/GoogleCloudPlatform/cloud-sql-python-connector @257407a",
            "2026-11-23",
        ),
        root: low(Root::Own("server-ca.pem of the instance")),
        channel_binding: low(Answer::Unknown),
        channel_binding_pooled: low(Answer::Unknown),
        advice: "Google Cloud SQL: over the socket, the Auth Proxy or a connector TLS is done for you; by address, sslmode=verify-ca needs the instance's server-ca.pem",
    },
    pooler: None,
    user: None,
    database: None,
    limits: low(Limits::BySteps(&[
        (0, 25),
        (1700, 50),
        (3840, 100),
        (6144, 200),
        (7680, 400),
        (15_360, 500),
        (30_720, 600),
        (61_440, 800),
        (122_880, 1000),
    ])),
    reserved: None,
    idle: &[low(Idle {
        seconds: 600,
        what: "Google's network forgets a connection that is idle for 600 s",
    })],
    notes: &[high(
        "the host is a folder: ?host=/cloudsql/<project>:<region>:<instance> for libpq's drivers, ?unix_sock=…/.s.PGSQL.5432 for pg8000",
        SAMPLES,
        "2026-11-23",
    )],
};

/// `/cloudsql/<project>:<region>:<instance>`; an address or the Auth Proxy tells nothing.
fn recognise(name: &Name<'_>) -> Option<Endpoint> {
    let instance = name.text.strip_prefix("/cloudsql/")?;
    let parts: Vec<&str> = instance
        .split('/')
        .next()
        .unwrap_or_default()
        .split(':')
        .collect();
    // A project of a domain of its own is `domain:project`.
    let named = parts.len() >= 3 && parts.iter().all(|part| !part.is_empty());
    named.then_some(Endpoint::DIRECT.internal())
}
