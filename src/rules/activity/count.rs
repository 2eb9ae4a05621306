//! `activity-count`: not more sessions than the budget allows.

use std::collections::BTreeSet;

use super::rows;
use crate::facts::{Connection, Known, Missing};
use crate::rules::budget::{Budget, budgets, by_file, is_dialled};
use crate::rules::{Check, Context, Outcome, Rule, Seen};
use crate::spec::Severity;

pub(super) static RULE: Rule = Rule {
    id: "activity-count",
    severity: Severity::Error,
    summary: "the application has more sessions than its budget",
    rationale: "More sessions than instances × workers × pools can hold mean a leak, an old \
        deploy that still runs, an engine that nobody counted, or another program of the same \
        name.",
    fix: "find the engine or the instance that is not in the budget",
    symptoms: &["FATAL:  sorry, too many clients already"],
    references: &["https://docs.sqlalchemy.org/en/20/core/pooling.html"],
    check: Check::Connection(check),
};

fn check(tries: &[&Connection], context: Context<'_>) -> Outcome {
    let rows = rows(tries)?;
    if context.facts.engines.is_empty() {
        let why = "the connection budget, which `dbharden check` works out from the code";
        return Err(Missing::new(why));
    }
    let names = names(context);
    if names.is_empty() {
        return Err(Missing::new(
            "the application's name: --app, or spec.application_name",
        ));
    }
    let mut count: u64 = 0;
    for row in rows
        .iter()
        .filter(|row| names.contains(row.application_name.as_str()))
    {
        count += u64::from(row.total.ok_or_else(super::hidden)?);
    }
    let (least, most, sum, unknown) = allowed(tries, context)?;
    let seen = Seen::new(format!(
        "sessions of the application: {count}, of a budget of {sum}"
    ))
    .observed(crate::value::plural(
        usize::try_from(count).unwrap_or(usize::MAX),
        "session",
    ))
    .expected(match most {
        Some(most) => format!("at most {most}"),
        None => format!("at most the budget, which is {least} or more"),
    });
    match most {
        Some(most) if count > most => seen.fail(RULE.fix).into(),
        // What is not known can only add to the budget.
        Some(_) => seen.pass(),
        None if count <= least => seen.pass(),
        None => Err(Missing::new(format!(
            "the connection budget: {unknown} ({sum})"
        ))),
    }
}

/// Returns the names that the application's sessions carry.
fn names(context: Context<'_>) -> BTreeSet<&str> {
    if let Some(name) = &context.spec.application_name {
        return BTreeSet::from([name.as_str()]);
    }
    let engines = context.facts.engines.iter();
    let settings = engines.filter_map(|engine| engine.setting("application_name"));
    settings
        .filter_map(|setting| match &setting.value {
            Some(Known::Text(name)) => Some(name.as_str()),
            _ => None,
        })
        .collect()
}

/// Returns the greatest budget that a deploy file gives for the database that was dialled: its
/// least, its most, its sum, and what is not known of it.
fn allowed(
    tries: &[&Connection],
    context: Context<'_>,
) -> Result<(u64, Option<u64>, String, String), Missing> {
    let mut found: Vec<Budget> = Vec::new();
    for services in by_file(&context.facts.services) {
        let of_file = budgets(&services, context).into_values();
        found.extend(of_file.filter(|budget| tries.iter().any(|one| is_dialled(budget, one))));
    }
    // One whose most is not known may be the greatest.
    let greatest = found
        .into_iter()
        .max_by_key(|budget| (budget.most.is_none(), budget.most, budget.least));
    let budget = greatest.ok_or_else(|| {
        Missing::new("the connection budget: no engine reads the URL that was dialled")
    })?;
    Ok((
        budget.least,
        budget.most,
        budget.sum,
        budget.unknown.join("; "),
    ))
}

#[cfg(test)]
mod tests {
    use crate::rules::activity::tests::{healthy, outcome};

    #[test]
    fn without_code_there_is_no_budget() {
        let rows = vec![healthy("api")];
        assert!(outcome("activity-count", Some("api"), rows).is_err());
    }
}
