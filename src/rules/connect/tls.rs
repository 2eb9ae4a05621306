//! `connect-tls`: the connection is encrypted as the sslmode asks.

use super::judge_stage;
use crate::facts::StageName;
use crate::rules::{Check, Rule};
use crate::spec::Severity;

pub(super) static RULE: Rule = Rule {
    id: "connect-tls",
    severity: Severity::Error,
    summary: "the TLS handshake fails",
    rationale: "psql 15 prints one text for eleven causes, from an expired certificate to a wrong \
        clock of the client; the handshake itself tells most of them apart. What sslmode asks for \
        decides what is checked, in libpq's meaning.",
    fix: "mend the certificate, the root file or the sslmode, as the cause says",
    symptoms: &[
        "SSL error: certificate verify failed",
        "server does not support SSL, but SSL was required",
        "root certificate file \"~/.postgresql/root.crt\" does not exist",
    ],
    references: &["https://www.postgresql.org/docs/current/libpq-ssl.html"],
    check: Check::Connection(|tries, context| judge_stage(StageName::Tls, tries, context)),
};
