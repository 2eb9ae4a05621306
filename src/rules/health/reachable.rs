//! The health endpoint answers, and says that all is well.

use super::asked;
use crate::facts::Missing;
use crate::rules::{Check, Context, Outcome, Rule, Seen};
use crate::spec::Severity;

pub(super) static RULE: Rule = Rule {
    id: "health-reachable",
    severity: Severity::Error,
    summary: "the health endpoint does not answer with success",
    rationale: "A balancer takes an instance out by this answer. An endpoint that waits for a connection of an exhausted pool answers only after pool_timeout, when the balancer has long given up.",
    fix: "read the application's log; let the endpoint answer without taking a connection from the pool",
    symptoms: &[],
    references: &["https://render.com/docs/health-checks"],
    check: Check::Project(check),
};

fn check(context: Context<'_>) -> Outcome {
    let health = asked(context)?;
    if let Some(failure) = &health.failure {
        let seen = Seen::new(format!("{}: {}", health.url, failure.message));
        return seen.fail(&failure.fix).into();
    }
    let status = health
        .status
        .ok_or_else(|| Missing::new("the status of the answer"))?;
    let seen = Seen::new(format!("{} answers {status}", health.url))
        .observed(status.to_string())
        .expected("200 to 299");
    match status {
        200..=299 => seen.pass(),
        401 | 403 => seen
            .fail("give what the endpoint wants: --header 'Authorization: Bearer …'")
            .into(),
        404 | 405 => seen.fail("ask the URL that the endpoint really has").into(),
        _ => seen
            .fail("read the application's log for the reason of this status")
            .into(),
    }
}
