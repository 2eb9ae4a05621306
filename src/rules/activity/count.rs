//! `activity-count`: not more sessions than the budget allows.

use super::rows;
use crate::facts::{Connection, Missing};
use crate::rules::{Check, Context, Outcome, Rule};
use crate::spec::Severity;

pub(super) static RULE: Rule = Rule {
    id: "activity-count",
    severity: Severity::Error,
    summary: "the application has more sessions than its budget",
    rationale: "More sessions than instances × workers × pools can hold mean a leak, an old deploy that \
        still runs, or an engine that nobody counted.",
    fix: "find the engine or the instance that is not in the budget",
    symptoms: &["FATAL:  sorry, too many clients already"],
    references: &["https://docs.sqlalchemy.org/en/20/core/pooling.html"],
    check: Check::Connection(check),
};

fn check(tries: &[&Connection], _context: Context<'_>) -> Outcome {
    rows(tries)?;
    Err(Missing::new("the connection budget (budget-connections)"))
}
