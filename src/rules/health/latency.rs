//! The health endpoint answers at once.

use std::time::Duration;

use super::answer;
use crate::rules::{Check, Context, Outcome, Rule, Seen};
use crate::spec::Severity;

/// How long an answer may take.
const LONGEST: Duration = Duration::from_secs(1);

pub(super) static RULE: Rule = Rule {
    id: "health-latency",
    severity: Severity::Warning,
    summary: "the health endpoint takes more than a second to answer",
    rationale: "A slow answer may be the first sign of a pool that is nearly exhausted: the \
        endpoint then waits for a connection as every request does. A database that wakes up or a \
        slow network looks the same. Balancers give up after a few seconds.",
    fix: "let the endpoint read the pool's numbers without taking a connection, and look for what holds the pool",
    symptoms: &[],
    references: &["https://docs.sqlalchemy.org/en/20/errors.html#error-3o7r"],
    check: Check::Project(check),
};

fn check(context: Context<'_>) -> Outcome {
    let took = answer(context)?.took;
    let seen = Seen::new(format!("the answer took {} ms", took.as_millis()))
        .observed(format!("{} ms", took.as_millis()))
        .expected(format!("at most {} ms", LONGEST.as_millis()));
    if took <= LONGEST {
        seen.pass()
    } else {
        seen.fail(RULE.fix).into()
    }
}
