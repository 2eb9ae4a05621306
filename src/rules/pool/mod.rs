//! The **pool** family: settings of the connection pool in an environment's variables.

mod max_overflow;
mod recycle;
mod size;
mod timeout;
mod unused;
mod value;

use super::{Context, Finding, Outcome, PoolVariable, Rule, Seen, Verdict};
use crate::facts::{Missing, Value};
use crate::spec::PoolSetting;
use crate::value::python_int;

/// The rules of the family, in report order.
pub(super) static RULES: &[&Rule] = &[
    &value::RULE,
    &size::RULE,
    &max_overflow::RULE,
    &recycle::RULE,
    &timeout::RULE,
    &unused::RULE,
];

/// Returns whether a variable is one of the pool's: one of the spec's, or named like them.
pub(super) fn names_a_pool(name: &str, context: Context<'_>) -> bool {
    const DATABASES: [&str; 6] = ["DB", "DATABASE", "POSTGRES", "PG", "SQLALCHEMY", "SQL"];
    let names = &context.spec.variables;
    let of_spec = PoolSetting::ALL
        .iter()
        .any(|setting| names.pool(*setting).iter().any(|known| known == name));
    let mut words = name.split('_');
    let of_database = words.any(|word| DATABASES.contains(&word));
    let rest: Vec<&str> = words.collect();
    of_spec || of_database && (rest.first() == Some(&"POOL") || rest == ["MAX", "OVERFLOW"])
}

/// Judges a setting's number against the spec; `explain` words the finding for a number out of bounds.
fn judge_bound(
    case: &PoolVariable<'_>,
    context: Context<'_>,
    explain: fn(i64, Seen, Context<'_>) -> Finding,
) -> Outcome {
    let bound = context.spec.pool(case.setting);
    let Some(variable) = case.variable else {
        return unset(context);
    };
    let Value::Known(text) = &variable.value else {
        return Err(missing(case));
    };
    let Some(number) = python_int(text.expose()) else {
        return Verdict::not_applicable("its text is no number (pool-value)");
    };
    let seen = |message: &str| {
        Seen::new(message)
            .observed(number.value.to_string())
            .expected(bound.to_string())
    };
    if bound.holds(number.value) {
        return seen(&format!("{} is {}", variable.name, number.value)).pass();
    }
    let message = format!("{} is {}, not {bound}", variable.name, number.value);
    explain(number.value, seen(&message), context).into()
}

/// Returns the outcome where no variable sets the setting.
fn unset(context: Context<'_>) -> Outcome {
    if context.facts.code_read {
        return Verdict::not_applicable("unset: the engine's own default decides");
    }
    Err(Missing::new(
        "a look at the code: unset, so the application's default applies, and was not checked",
    ))
}

/// Returns what is missing where a variable is set to a value that no file tells.
fn missing(case: &PoolVariable<'_>) -> Missing {
    let (name, reason) = match case.variable {
        Some(variable) => match &variable.value {
            Value::Unknown(reason) => (variable.name.as_str(), reason.as_str()),
            Value::Known(_) => (variable.name.as_str(), "known"),
        },
        None => (case.setting.argument(), "unset"),
    };
    Missing::new(format!("the value of {name}, which is {reason}"))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

    use crate::facts::{Environment, EnvironmentKind, Facts, Value, Variable};
    use crate::rules::{Context, Finding, Outcome, Verdict, find, judge};
    use crate::spec::{PoolSetting, Spec};
    use crate::value::Origin;

    /// An outcome without its words.
    #[derive(Debug, PartialEq)]
    pub(in crate::rules::pool) enum Expected {
        Pass,
        Fail,
        Unknown,
        NotApplicable,
    }

    /// Judges a rule in an environment that sets every pool variable to a text, or none.
    fn judged(rule: &str, value: Option<&Value>) -> Outcome {
        let spec = Spec::profile("enterprise").unwrap();
        let variables = PoolSetting::ALL
            .iter()
            .filter_map(|setting| {
                let name = spec.variables.pool(*setting)[0].clone();
                Some(Variable::new(
                    name.clone(),
                    value?.clone(),
                    Origin::env(name),
                ))
            })
            .collect();
        let facts = Facts {
            environments: vec![Environment {
                name: "process".to_owned(),
                kind: EnvironmentKind::Process,
                variables,
                deployment: None,
            }],
            ..Facts::default()
        };
        let context = Context {
            spec: &spec,
            facts: &facts,
            today: jiff::civil::date(2026, 11, 24),
        };
        judge([&find(rule).unwrap()], context)
            .swap_remove(0)
            .outcome
    }

    pub(in crate::rules::pool) fn outcome(rule: &str, text: Option<&str>) -> Expected {
        match judged(rule, text.map(|text| Value::Known(text.into())).as_ref()) {
            Ok(Verdict::Pass(_)) => Expected::Pass,
            Ok(Verdict::Fail(_)) => Expected::Fail,
            Ok(Verdict::NotApplicable(_)) => Expected::NotApplicable,
            Err(_) => Expected::Unknown,
        }
    }

    pub(in crate::rules::pool) fn finding(rule: &str, text: &str) -> Finding {
        match judged(rule, Some(&Value::Known(text.into()))) {
            Ok(Verdict::Fail(finding)) => finding,
            other => panic!("{rule} on {text:?}: {other:?}"),
        }
    }

    #[test]
    fn a_value_that_no_file_tells_is_unknown_to_every_rule() {
        let by_value = super::RULES.iter().filter(|rule| rule.id != "pool-unused");
        for rule in by_value {
            let outcome = judged(
                rule.id,
                Some(&Value::Unknown("set in the dashboard".to_owned())),
            );
            let missing = outcome.unwrap_err();
            assert!(missing.0.contains("set in the dashboard"), "{missing:?}");
        }
    }
}
