//! A line of the log says that the database engine was initialised.

use super::{log, origin};
use crate::facts::Missing;
use crate::rules::{Check, Context, Outcome, Rule, Seen};
use crate::spec::Severity;

pub(super) static RULE: Rule = Rule {
    id: "log-engine-started",
    severity: Severity::Error,
    summary: "no line of the log says that the database engine was initialised",
    rationale: "An application that logs its engine and the settings it was given can be checked from its log alone. A log without such a line proves nothing: the engine may have failed, may log nothing, or the line may stand in another file.",
    fix: "log it once after create_engine(): \"Database engine initialized: pool_size=…, max_overflow=…, pool_recycle=…s\"",
    symptoms: &[],
    references: &["https://docs.sqlalchemy.org/en/20/core/engines.html"],
    check: Check::Project(check),
};

fn check(context: Context<'_>) -> Outcome {
    let log = log(context)?;
    let line = log.engine_started.ok_or_else(|| {
        Missing::new("a line of the log that says that the engine was initialised")
    })?;
    Seen::new(format!(
        "line {line} says that the database engine was initialised"
    ))
    .at(origin(log, line))
    .pass()
}
