//! `budget-connections`: what the deployed processes may open fits what the database takes.

use super::limit::{self, Limit};
use super::{Budget, budgets};
use crate::facts::{Missing, Service};
use crate::rules::{Check, Context, Outcome, Rule, Seen, Verdict};
use crate::spec::Severity;

pub(super) static RULE: Rule = Rule {
    id: "budget-connections",
    severity: Severity::Error,
    summary: "the pools together may open more connections than the database takes",
    rationale: "Every worker process has a pool of its own for every engine that it imports, so \
        the database sees up to instances × workers × engines × (pool size + max overflow). No \
        pool notices the others: under load the last ones are refused (\"too many clients \
        already\"). While a deploy replaces the old instances, both generations are connected: \
        what fits once and not twice fails on a busy day. Providers keep some slots for \
        themselves.",
    fix: "shrink the pools, the overflow or the number of workers, or put a pooler in between",
    symptoms: &[
        "FATAL:  sorry, too many clients already",
        "FATAL:  remaining connection slots are reserved",
    ],
    references: &["https://docs.sqlalchemy.org/en/20/core/pooling.html"],
    check: Check::Deploy(check),
};

/// Judges each database of a deploy file; the worst outcome is the file's.
fn check(services: &[&Service], context: Context<'_>) -> Outcome {
    let outcomes = budgets(services, context).into_values().map(|budget| {
        let limit = limit::of(&budget, services, context);
        judge(&budget, &limit)
    });
    let rank = |outcome: &Outcome| match outcome {
        Ok(Verdict::NotApplicable(_)) => 0,
        Ok(Verdict::Pass(_)) => 1,
        Ok(Verdict::Fail(finding)) if finding.severity.is_some() => 2,
        Err(_) => 3,
        Ok(Verdict::Fail(_)) => 4,
    };
    let worst = outcomes.max_by_key(rank);
    worst.unwrap_or_else(|| Verdict::not_applicable("no engine that opens connections is started"))
}

fn judge(budget: &Budget, limit: &Limit) -> Outcome {
    let Budget {
        least, most, sum, ..
    } = budget;
    let (smallest, greatest, text) = match limit {
        Limit::Known(usable, text) => (Some(*usable), Some(*usable), text.as_str()),
        Limit::ByPlan(least, most, text) => (Some(*least), Some(*most), text.as_str()),
        Limit::Unknown(_) => (None, None, ""),
    };
    let observed = match most {
        _ if budget.is_unlimited => "no limit".to_owned(),
        Some(most) if most == least => least.to_string(),
        Some(_) | None => format!("at least {least}"),
    };
    let seen = |message: String| {
        let expected = greatest.map(|usable| format!("at most {usable} ({text})"));
        let seen = Seen::new(message).observed(observed.clone());
        match expected {
            Some(expected) => seen.expected(expected),
            None => seen,
        }
    };
    if budget.is_unlimited {
        let message = format!("a pool has no limit: {sum}");
        let fix = "give every pool a limit: pool_size of at least 1, max_overflow of at least 0";
        return seen(message).fail(fix).into();
    }
    if greatest.is_some_and(|usable| *least > usable) {
        return seen(format!("{sum}: more than the database takes"))
            .fail(RULE.fix)
            .into();
    }
    let (Some(most), Some(smallest)) = (most, smallest) else {
        let mut needs = budget.unknown.clone();
        if let Limit::Unknown(why) = limit {
            needs.push(why.clone());
        }
        return Err(Missing::new(format!("{} ({sum})", needs.join("; "))));
    };
    if *most > smallest {
        let needs = match limit {
            Limit::ByPlan(..) => format!("the database's plan: {text}"),
            Limit::Known(..) | Limit::Unknown(_) => budget.unknown.join("; "),
        };
        return Err(Missing::new(format!("{needs} ({sum})")));
    }
    match greatest {
        Some(usable) if least.saturating_mul(2) > usable => seen(format!(
            "{sum}: fits once, but not twice, as while a deploy replaces the instances"
        ))
        .fail("halve the pools, or let the old instances end before the new ones start")
        .severity(Severity::Warning)
        .into(),
        _ if most.saturating_mul(2) > smallest => Err(Missing::new(format!(
            "the database's plan, for a deploy that overlaps: {text} ({sum})"
        ))),
        // A pass shows what was seen alone: the sum itself.
        _ => seen(sum.clone()).observed(sum.clone()).pass(),
    }
}
