//! The pool has connections to spare.

use super::{place, pools};
use crate::facts::{Missing, PoolMetrics};
use crate::rules::{Check, Context, Outcome, Rule, Seen};
use crate::spec::Severity;

/// The share of the pool in use from which on it is nearly exhausted.
const NEARLY: f64 = 0.8;

pub(super) static RULE: Rule = Rule {
    id: "health-saturation",
    severity: Severity::Warning,
    summary: "the running application's pool is nearly exhausted",
    rationale: "From 80 % of size and overflow on, a small burst makes requests wait for a connection, and after pool_timeout fail. Sessions that are held too long fill a pool of any size.",
    fix: "close each session before slow work, and look for sessions that are never closed; only then raise the size",
    symptoms: &[
        "QueuePool limit of size 5 overflow 10 reached, connection timed out, timeout 30.00",
    ],
    references: &["https://docs.sqlalchemy.org/en/20/errors.html#error-3o7r"],
    check: Check::Project(check),
};

fn check(context: Context<'_>) -> Outcome {
    let pools = pools(context)?;
    let shares: Vec<(&PoolMetrics, f64, f64)> = pools
        .iter()
        .filter_map(|pool| {
            let (used, most) = share(pool)?;
            Some((pool, used, most))
        })
        .collect();
    let fullest = shares
        .iter()
        .max_by(|left, right| (left.1 / left.2).total_cmp(&(right.1 / right.2)))
        .ok_or_else(|| {
            Missing::new("checked_out, pool_size and max_overflow in the endpoint's answer")
        })?;
    let (pool, used, most) = *fullest;
    let percent = (used / most * 100.0).round();
    let seen = Seen::new(format!(
        "{used} of {most} connections are in use{}",
        place(pool)
    ))
    .observed(format!("{percent} %"))
    .expected("under 80 %");
    if used < most * NEARLY {
        seen.pass()
    } else {
        seen.fail(RULE.fix).into()
    }
}

/// Returns how many connections are in use, and how many there may be. Without the limit of the
/// overflow only a pool that is far from its size is known to have room.
fn share(pool: &PoolMetrics) -> Option<(f64, f64)> {
    let size = pool.value("pool_size")?;
    let used = pool.value("checked_out").or_else(|| {
        // overflow() is what is checked out and in, less the size.
        Some(size + pool.value("overflow")? - pool.value("checked_in")?)
    })?;
    let most = match pool.value("max_overflow") {
        Some(more) if more >= 0.0 => size + more,
        None if used < size * NEARLY => size,
        Some(_) | None => return None,
    };
    (most > 0.0).then_some((used, most))
}
