//! `connect-auth`: the server lets the user in.

use super::judge_stage;
use crate::facts::StageName;
use crate::rules::{Check, Rule};
use crate::spec::Severity;

pub(super) static RULE: Rule = Rule {
    id: "connect-auth",
    severity: Severity::Error,
    summary: "the server does not let the user in",
    rationale: "A wrong password, an expired one, a missing role and a role without a password \
        give the same answer on purpose: only the server's log tells which. Other refusals \
        (pg_hba.conf, limits, a database that is missing) have other codes, save behind \
        PgBouncer, which answers 08P01 to most.",
    fix: "mend what the cause names; for 28P01 the server's log decides",
    symptoms: &[
        "FATAL:  password authentication failed for user",
        "FATAL:  no pg_hba.conf entry for host",
        "FATAL:  sorry, too many clients already",
    ],
    references: &["https://www.postgresql.org/docs/current/client-authentication.html"],
    check: Check::Connection(|tries, context| judge_stage(StageName::Auth, tries, context)),
};
