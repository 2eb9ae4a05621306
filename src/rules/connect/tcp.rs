//! `connect-tcp`: the server's port answers.

use super::judge_stage;
use crate::facts::StageName;
use crate::rules::{Check, Rule};
use crate::spec::Severity;

pub(super) static RULE: Rule = Rule {
    id: "connect-tcp",
    severity: Severity::Error,
    summary: "the server's port does not answer",
    rationale: "Nothing listens there, or something between drops or resets what is sent: a firewall, an allow list, a paused database. A refusal is quick; a drop lasts until the timeout, which several drivers do not have by default.",
    fix: "check the port, the allow list, and that the server runs",
    symptoms: &[
        "Connection refused",
        "Network is unreachable",
        "Connection timed out",
        "timeout expired",
    ],
    references: &[
        "https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-CONNECT-TIMEOUT",
    ],
    check: Check::Connection(|tries, context| judge_stage(StageName::Tcp, tries, context)),
};
