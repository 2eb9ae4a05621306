//! The max overflow that the log states is the spec's.

use crate::rules::{Check, Context, Outcome, Rule};
use crate::spec::Severity;

pub(super) static RULE: Rule = Rule {
    id: "log-max-overflow",
    severity: Severity::Error,
    summary: "the log states a max overflow outside the spec",
    rationale: "Pool size and overflow together are what one worker may open, and what the \
        connection budget is reckoned with; the log says what the engine was given, if the line \
        prints the engine's own numbers.",
    fix: "set max_overflow where the application really reads it, and start it again",
    symptoms: &[],
    references: &["https://docs.sqlalchemy.org/en/20/core/pooling.html"],
    check: Check::Project(check),
};

fn check(context: Context<'_>) -> Outcome {
    super::judge(context, "max_overflow", context.spec.max_overflow)
}
