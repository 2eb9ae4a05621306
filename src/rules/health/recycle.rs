//! The recycle time that the running application reports is the spec's.

use crate::rules::{Check, Context, Outcome, Rule};
use crate::spec::Severity;

pub(super) static RULE: Rule = Rule {
    id: "health-recycle",
    severity: Severity::Error,
    summary: "the running application reports another recycle time",
    rationale: "pool_recycle is the age since connect at which a connection is replaced at its next use; pre-ping is what survives a suspended database. The spec fixes the number so that every engine behaves alike.",
    fix: "set pool_recycle where the application really reads it, and deploy again",
    symptoms: &[],
    references: &["https://docs.sqlalchemy.org/en/20/core/pooling.html#setting-pool-recycle"],
    check: Check::Project(check),
};

fn check(context: Context<'_>) -> Outcome {
    super::judge(context, "pool_recycle", context.spec.pool_recycle)
}
