//! The pool size that the log states is the spec's.

use crate::rules::{Check, Context, Outcome, Rule};
use crate::spec::Severity;

pub(super) static RULE: Rule = Rule {
    id: "log-pool-size",
    severity: Severity::Error,
    summary: "the log states a pool size outside the spec",
    rationale: "What the application logs at its start is nearer to what it runs with than what \
        the deploy file says: a variable may be misspelled, overridden in a dashboard, or read by \
        another engine. The last start of each engine counts.",
    fix: "set pool_size where the application really reads it, and start it again",
    symptoms: &[],
    references: &["https://docs.sqlalchemy.org/en/20/core/pooling.html"],
    check: Check::Project(check),
};

fn check(context: Context<'_>) -> Outcome {
    super::judge(context, "pool_size", context.spec.pool_size)
}
