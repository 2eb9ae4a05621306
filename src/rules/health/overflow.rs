//! The overflow that the running application reports is within the spec.

use super::{fits, pools};
use crate::facts::{Missing, PoolMetrics};
use crate::rules::{Check, Context, Outcome, Rule, Seen, Verdict};
use crate::spec::{Bound, Severity};

pub(super) static RULE: Rule = Rule {
    id: "health-overflow",
    severity: Severity::Error,
    summary: "the running application reports an overflow outside the spec",
    rationale: "overflow() counts the connections beyond the pool's size. It begins at minus the size and is negative until the pool has been full once: -5 is a fresh pool of five. max_overflow is the limit that was configured; -1 there is no limit at all.",
    fix: "set max_overflow where the application really reads it, and deploy again",
    symptoms: &[],
    references: &["https://docs.sqlalchemy.org/en/20/core/pooling.html"],
    check: Check::Project(check),
};

fn check(context: Context<'_>) -> Outcome {
    let bound = context.spec.max_overflow;
    if bound == Bound::Any {
        return Verdict::not_applicable("the profile makes no demand");
    }
    let reported: Vec<_> = pools(context)?
        .iter()
        .flat_map(|pool| numbers(pool, bound))
        .collect();
    if reported.is_empty() {
        return Err(Missing::new(
            "overflow or max_overflow in the endpoint's answer",
        ));
    }
    let is_bad = reported.iter().any(|(_, good)| !good);
    let shown: Vec<String> = reported
        .into_iter()
        .filter(|(_, good)| *good != is_bad)
        .map(|(text, _)| text)
        .collect();
    let shown = shown.join(", ");
    let seen = Seen::new(format!("the running application reports {shown}"))
        .observed(shown)
        .expected(bound.to_string());
    if is_bad {
        let fix = format!("set max_overflow to {bound} and deploy again");
        seen.fail(fix).into()
    } else {
        seen.pass()
    }
}

/// Returns what a pool reports of its overflow, each with whether it is within the spec.
fn numbers(pool: &PoolMetrics, bound: Bound) -> Vec<(String, bool)> {
    let place = super::place(pool);
    let used = pool.value("overflow").map(|value| {
        // Below the least is a pool that has not been full yet.
        let good = value < 0.0 || is_below(bound, value);
        (format!("overflow {value}{place}"), good)
    });
    let limit = pool
        .value("max_overflow")
        .map(|value| (format!("max_overflow {value}{place}"), fits(bound, value)));
    used.into_iter().chain(limit).collect()
}

#[expect(
    clippy::cast_precision_loss,
    reason = "bounds of a pool are far below 2^52"
)]
fn is_below(bound: Bound, value: f64) -> bool {
    match bound {
        Bound::Range { max, .. } => value <= max as f64,
        Bound::Equals(wanted) => value <= wanted as f64,
        Bound::Any => true,
    }
}
