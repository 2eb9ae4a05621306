//! The pool size that the running application reports is the spec's.

use crate::rules::{Check, Context, Outcome, Rule};
use crate::spec::Severity;

pub(super) static RULE: Rule = Rule {
    id: "health-pool-size",
    severity: Severity::Error,
    summary: "the running application reports a pool size outside the spec",
    rationale: "pool.size() is the configured size, not the use of it: a value outside the spec \
        means that the application does not run with the spec's setting, whatever its deploy file \
        says.",
    fix: "set pool_size where the application really reads it, and deploy again",
    symptoms: &[],
    references: &["https://docs.sqlalchemy.org/en/20/core/pooling.html"],
    check: Check::Project(check),
};

fn check(context: Context<'_>) -> Outcome {
    super::judge(context, "pool_size", context.spec.pool_size)
}
