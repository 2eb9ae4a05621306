//! `connect-tls`: the connection is encrypted as the sslmode asks.

use super::judge_stage;
use crate::facts::StageName;
use crate::rules::{Check, Rule};
use crate::spec::Severity;

pub(super) static RULE: Rule = Rule {
    id: "connect-tls",
    severity: Severity::Error,
    summary: "the TLS handshake fails",
    rationale: "psql prints one text for eleven different faults of a certificate; the handshake itself tells them apart. What sslmode asks for decides what is checked, in libpq's meaning.",
    fix: "mend the certificate, the root file or the sslmode, as the cause says",
    symptoms: &[
        "SSL error: certificate verify failed",
        "server does not support SSL, but SSL was required",
        "root certificate file \"~/.postgresql/root.crt\" does not exist",
    ],
    references: &["https://www.postgresql.org/docs/current/libpq-ssl.html"],
    check: Check::Connection(|tries, context| judge_stage(StageName::Tls, tries, context)),
};
