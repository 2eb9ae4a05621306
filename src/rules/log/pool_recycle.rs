//! The recycle time that the log states is the spec's.

use crate::rules::{Check, Context, Outcome, Rule};
use crate::spec::Severity;

pub(super) static RULE: Rule = Rule {
    id: "log-pool-recycle",
    severity: Severity::Error,
    summary: "the log states a recycle time other than the spec's",
    rationale: "pool_recycle is the age since connect at which a connection is replaced at its next use. It closes nothing while a connection rests and knows nothing of idleness: pre-ping is what survives a suspended database. The spec fixes the number so that every engine behaves alike.",
    fix: "set pool_recycle where the application really reads it, and start it again",
    symptoms: &[],
    references: &["https://docs.sqlalchemy.org/en/20/core/pooling.html#setting-pool-recycle"],
    check: Check::Project(check),
};

fn check(context: Context<'_>) -> Outcome {
    super::judge(context, "pool_recycle", context.spec.pool_recycle)
}
