//! What an application's log says: the settings that it really runs with, and known failures.

mod engine_started;
mod known_error;
mod max_overflow;
mod pool_recycle;
mod pool_size;

use crate::facts::{LogFacts, LogSetting, Missing};
use crate::rules::{Context, Outcome, Rule, Seen, Verdict};
use crate::spec::Bound;
use crate::value::Origin;

/// The rules of the family, in report order.
pub(super) static RULES: &[&Rule] = &[
    &engine_started::RULE,
    &pool_size::RULE,
    &max_overflow::RULE,
    &pool_recycle::RULE,
    &known_error::RULE,
];

/// Returns what the log says, where one was read that is no compressed one.
fn log(context: Context<'_>) -> Result<&LogFacts, Missing> {
    let log = context.facts.log.as_ref();
    let log = log.ok_or_else(|| Missing::new("an application's log"))?;
    match log.compressed {
        Some(program) => Err(Missing::new(format!(
            "the log as text, for it is compressed: {program} FILE | dbharden logs -"
        ))),
        None => Ok(log),
    }
}

/// Returns the place of a line of the log.
fn origin(log: &LogFacts, line: u64) -> Origin {
    Origin::file(&log.source, u32::try_from(line).unwrap_or(u32::MAX), 1)
}

/// Judges every value that the log states of one setting; a log that states none leaves it open.
fn judge(context: Context<'_>, name: &'static str, bound: Bound) -> Outcome {
    let log = log(context)?;
    let stated: Vec<&LogSetting> = log.stated(name).collect();
    if bound == Bound::Any {
        return Verdict::not_applicable("the profile makes no demand");
    }
    if stated.is_empty() {
        return Err(Missing::new(format!(
            "a line of the log that states {name}"
        )));
    }
    let wrong: Vec<&LogSetting> = stated
        .iter()
        .copied()
        .filter(|setting| !fits(bound, setting.value))
        .collect();
    let shown = if wrong.is_empty() { &stated } else { &wrong };
    let values: Vec<String> = shown
        .iter()
        .map(|setting| format!("{} (line {})", setting.value, setting.line))
        .collect();
    let values = values.join(", ");
    let mut seen = Seen::new(format!("the log states {name} {values}"))
        .observed(values)
        .expected(bound.to_string());
    for setting in shown {
        seen = seen.at(origin(log, setting.line));
    }
    if wrong.is_empty() {
        seen.pass()
    } else {
        let fix = format!("set {name} to {bound} and start the application again");
        seen.fail(fix).into()
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
