//! The numbers of the answer fit together, and fit its status.

use super::{answer, place};
use crate::facts::{HealthFacts, Missing, PoolMetrics};
use crate::rules::{Check, Context, Outcome, Rule, Seen};
use crate::spec::Severity;

pub(super) static RULE: Rule = Rule {
    id: "health-consistent",
    severity: Severity::Warning,
    summary: "the health endpoint contradicts itself",
    rationale: "An endpoint that answers 200 while its own text says that the database is down, or whose numbers cannot be true together, is trusted by balancers and dashboards alike. SQLAlchemy's overflow is checked out plus checked in minus size, save for a size of 0, which means no limit.",
    fix: "let the endpoint report engine.pool's own numbers, and a status that is not 2xx when it is unwell",
    symptoms: &[],
    references: &["https://docs.sqlalchemy.org/en/20/core/pooling.html"],
    check: Check::Project(check),
};

/// By how much numbers that are read one after the other may disagree.
const RACE: f64 = 2.0;

fn check(context: Context<'_>) -> Outcome {
    let health = answer(context)?;
    let contradictions: Vec<String> = confession(health)
        .into_iter()
        .chain(health.pools.iter().filter_map(contradiction))
        .collect();
    if !contradictions.is_empty() {
        return Seen::new(contradictions.join("; ")).fail(RULE.fix).into();
    }
    if health.pools.is_empty() {
        return Err(Missing::new("numbers of a pool in the endpoint's answer"));
    }
    Seen::new("the numbers of the answer fit together").pass()
}

/// Returns what the answer says of itself against its own status.
fn confession(health: &HealthFacts) -> Option<String> {
    let status = health.status.filter(|status| (200..300).contains(status))?;
    let says = health.confession.as_ref()?;
    Some(format!("it answers {status} while {says}"))
}

/// Returns what cannot be true of a pool.
fn contradiction(pool: &PoolMetrics) -> Option<String> {
    let value = |name| pool.value(name);
    let place = place(pool);
    for name in ["pool_size", "checked_out", "checked_in"] {
        if let Some(number) = value(name).filter(|number| *number < 0.0 || number.fract() != 0.0) {
            return Some(format!("{name} is {number}{place}"));
        }
    }
    let (size, out) = (value("pool_size")?, value("checked_out")?);
    if let Some(more) = value("max_overflow").filter(|more| *more >= 0.0)
        && size > 0.0
        && out > size + more
    {
        return Some(format!("{out} are checked out of {size} + {more}{place}"));
    }
    let (idle, over) = (value("checked_in")?, value("overflow")?);
    let real = out + idle - size;
    // An endpoint may report the overflow in use alone, which is never negative; SQLAlchemy reports
    // none for a pool without a limit, and an endpoint reads its numbers one after the other while
    // other threads take connections.
    let fits = size == 0.0 || (over - real).abs() <= RACE || (over == 0.0 && real < 0.0);
    (!fits).then(|| {
        format!("overflow is {over} where {out} out + {idle} in - {size} is {real}{place}")
    })
}
