//! What an application's health endpoint says about its pools.

mod consistent;
mod latency;
mod overflow;
mod pool_size;
mod reachable;
mod recycle;
mod saturation;

use crate::facts::{HealthFacts, Missing, PoolMetrics};
use crate::rules::{Context, Outcome, Rule, Seen, Verdict};
use crate::spec::Bound;

/// The rules of the family, in report order.
pub(super) static RULES: &[&Rule] = &[
    &reachable::RULE,
    &latency::RULE,
    &consistent::RULE,
    &pool_size::RULE,
    &overflow::RULE,
    &recycle::RULE,
    &saturation::RULE,
];

/// What to add to the application, as code, where the endpoint reports no pool.
const ADVICE: &str = "the pool's numbers in the answer; add to the endpoint: pool = engine.pool; \
     return {\"database\": {\"pool\": {\"pool_size\": pool.size(), \"checked_in\": pool.checkedin(), \
     \"checked_out\": pool.checkedout(), \"overflow\": pool.overflow(), \"max_overflow\": MAX_OVERFLOW, \
     \"pool_recycle_seconds\": POOL_RECYCLE}}}";

/// Returns what the endpoint says, where one was asked and gave an answer of use.
fn answer(context: Context<'_>) -> Result<&HealthFacts, Missing> {
    let health = asked(context)?;
    if health.failure.is_some() {
        return Err(Missing::new("an answer of the health endpoint"));
    }
    Ok(health)
}

/// Returns what is known of the endpoint, where one was asked.
fn asked(context: Context<'_>) -> Result<&HealthFacts, Missing> {
    context
        .facts
        .health
        .as_ref()
        .ok_or_else(|| Missing::new("a health endpoint"))
}

/// Returns the pools that the answer reports; an answer without any says nothing.
fn pools(context: Context<'_>) -> Result<&[PoolMetrics], Missing> {
    let health = answer(context)?;
    if health.pools.is_empty() {
        return Err(Missing::new(ADVICE));
    }
    Ok(&health.pools)
}

/// Returns the pools that report one number, with it.
fn reporting<'a>(
    context: Context<'a>,
    name: &'static str,
) -> Result<Vec<(&'a PoolMetrics, f64)>, Missing> {
    let found: Vec<(&PoolMetrics, f64)> = pools(context)?
        .iter()
        .filter_map(|pool| Some((pool, pool.value(name)?)))
        .collect();
    if found.is_empty() {
        return Err(Missing::new(format!("{name} in the endpoint's answer")));
    }
    Ok(found)
}

/// Judges one number of each pool against a bound.
fn judge(context: Context<'_>, name: &'static str, bound: Bound) -> Outcome {
    if bound == Bound::Any {
        return Verdict::not_applicable("the profile makes no demand");
    }
    let found = reporting(context, name)?;
    let wrong: Vec<_> = found
        .iter()
        .filter(|(_, value)| !fits(bound, *value))
        .collect();
    let shown: Vec<_> = if wrong.is_empty() {
        found.iter().collect()
    } else {
        wrong.clone()
    };
    let values: Vec<String> = shown
        .iter()
        .map(|(pool, value)| format!("{value}{}", place(pool)))
        .collect();
    let values = values.join(", ");
    let seen = Seen::new(format!("the running application reports {name} {values}"))
        .observed(values)
        .expected(bound.to_string());
    if wrong.is_empty() {
        return seen.pass();
    }
    let fix = format!("set {name} to {bound} and deploy again");
    seen.fail(fix).into()
}

/// Says where a pool stands in the answer, where that is not the top.
fn place(pool: &PoolMetrics) -> String {
    if pool.place.is_empty() {
        String::new()
    } else {
        format!(" ({})", pool.place)
    }
}

/// Returns whether a number is a whole one within the bound.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a number that is cut is no longer whole or is far outside"
)]
fn fits(bound: Bound, value: f64) -> bool {
    value.fract() == 0.0 && bound.holds(value as i64)
}

#[cfg(test)]
mod tests;
