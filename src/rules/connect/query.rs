//! `connect-query`: the server answers a question.

use super::judge_stage;
use crate::facts::StageName;
use crate::rules::{Check, Rule};
use crate::spec::Severity;

pub(super) static RULE: Rule = Rule {
    id: "connect-query",
    severity: Severity::Error,
    summary: "the server does not answer a query",
    rationale: "A login that succeeds does not mean that queries are answered: a pooler may have no server behind it, a lock or a timeout may be in the way, or the connection is cut.",
    fix: "mend what the cause names",
    symptoms: &[
        "server closed the connection unexpectedly",
        "canceling statement due to statement timeout",
        "query_wait_timeout",
    ],
    references: &["https://www.postgresql.org/docs/current/errcodes-appendix.html"],
    check: Check::Connection(|tries, context| judge_stage(StageName::Query, tries, context)),
};
