//! Instances × workers × pools, added up per database.

use std::collections::BTreeMap;

use super::pool;
use super::processes::{by_itself, counted, database, doubt, is_counted};
use crate::facts::{Count, Engine, Service};
use crate::rules::Context;

/// How many connections the processes of a deploy file may open to one database.
#[derive(Clone, Debug, Default)]
pub(in crate::rules) struct Budget {
    /// At least so many when every pool is used up.
    pub(in crate::rules) least: u64,
    /// At most so many; `None` where that is not known.
    pub(in crate::rules) most: Option<u64>,
    /// The sum, written as one.
    pub(in crate::rules) sum: String,
    /// What is not known.
    pub(in crate::rules) unknown: Vec<String>,
    /// Whether a pool has no limit.
    pub(in crate::rules) is_unlimited: bool,
    /// An engine whose connections are counted, with the environment in which it runs.
    pub(super) engines: Vec<(Engine, Option<String>)>,
}

/// Processes that run alike: how many of them, what they may open, and how that is written.
struct Term {
    service: String,
    instances: Count,
    workers: Count,
    pools: Vec<pool::Pool>,
}

/// Adds up what the services of a deploy file may open, by database; of the project by itself where
/// no file starts it.
pub(in crate::rules) fn budgets(
    services: &[&Service],
    context: Context<'_>,
) -> BTreeMap<String, Budget> {
    let mut terms: BTreeMap<String, (Vec<Term>, Budget)> = BTreeMap::new();
    if !context
        .facts
        .engines
        .iter()
        .any(|engine| is_counted(engine, context))
    {
        return BTreeMap::new();
    }
    let mut doubts = Vec::new();
    let alone = services.is_empty().then(|| by_itself(context));
    for service in services.iter().copied().chain(&alone) {
        let name = (!service.file.is_empty()).then(|| service.environment.clone());
        doubts.extend(service.unknown.clone());
        for process in &service.processes {
            let mut of_process: BTreeMap<String, Vec<pool::Pool>> = BTreeMap::new();
            for engine in counted(process, name.as_deref(), context) {
                let database = database(engine);
                of_process
                    .entry(database.clone())
                    .or_default()
                    .push(pool::of(engine, name.as_ref().map(|_| service)));
                let (_, budget) = terms.entry(database).or_default();
                budget.engines.push((engine.clone(), name.clone()));
            }
            doubts.extend(doubt(process, context));
            for (database, pools) in of_process {
                let (terms, _) = terms.entry(database).or_default();
                terms.push(Term {
                    service: short(service),
                    instances: filled(&service.instances, context.spec.deployment.instances),
                    workers: filled(&process.workers, context.spec.deployment.workers),
                    pools,
                });
            }
        }
    }
    if terms.is_empty() && !doubts.is_empty() {
        terms.entry("a database".to_owned()).or_default();
    }
    let added = terms.into_iter().map(|(database, (terms, budget))| {
        let unknown = doubts.clone();
        (database, add(&terms, Budget { unknown, ..budget }))
    });
    added.collect()
}

/// Returns a number of which no file knows, as `dbharden.toml` gives it.
fn filled(count: &Count, given: Option<u32>) -> Count {
    match (count, given) {
        (Count::Unknown(..), Some(given)) => Count::Known(given, "dbharden.toml".to_owned()),
        _ => count.clone(),
    }
}

fn short(service: &Service) -> String {
    if service.platform.is_empty() {
        return String::new();
    }
    let prefix = format!("{}:", service.file);
    let name = service.environment.strip_prefix(&prefix);
    name.unwrap_or(&service.environment).to_owned()
}

fn add(terms: &[Term], mut budget: Budget) -> Budget {
    let mut parts = Vec::new();
    let mut totals = Vec::new();
    budget.most = budget.unknown.is_empty().then_some(0);
    for term in terms {
        let mut least: u64 = 1;
        let mut is_known = true;
        let mut factors = Vec::new();
        for (count, one) in [(&term.instances, "instance"), (&term.workers, "worker")] {
            least = least.saturating_mul(count.least().into());
            let ends = if count.least() == 1 { "" } else { "s" };
            match count {
                Count::Known(number, _) => factors.push(format!("{number} {one}{ends}")),
                Count::Unknown(number, why) => {
                    is_known = false;
                    budget.unknown.push(format!("the number of {one}s: {why}"));
                    factors.push(format!("at least {number} {one}{ends}"));
                }
            }
        }
        let pools = term.pools.iter();
        let most = pools
            .clone()
            .try_fold(0_u64, |sum, pool| Some(sum.saturating_add(pool.most?)));
        let per_process = pools
            .clone()
            .fold(0_u64, |sum, pool| sum.saturating_add(pool.least));
        budget
            .unknown
            .extend(pools.clone().filter_map(|pool| pool.why.clone()));
        budget.is_unlimited |= least > 0 && pools.clone().any(|pool| pool.is_unlimited);
        let sums: Vec<&str> = pools.map(|pool| pool.sum.as_str()).collect();
        factors.push(format!("({})", sums.join(" + ")));
        let total = least.saturating_mul(per_process);
        let most = most
            .filter(|_| is_known)
            .map(|most| most.saturating_mul(least));
        budget.least = budget.least.saturating_add(total);
        budget.most = budget
            .most
            .zip(most)
            .map(|(sum, most)| sum.saturating_add(most));
        let shown = if most == Some(total) {
            total.to_string()
        } else {
            format!("at least {total}")
        };
        totals.push(total.to_string());
        let label = if term.service.is_empty() {
            String::new()
        } else {
            format!("{}: ", term.service)
        };
        let equals = if budget.is_unlimited {
            String::new()
        } else {
            format!(" = {shown}")
        };
        parts.push(format!("{label}{}{equals}", factors.join(" × ")));
    }
    if totals.len() > 1 && !budget.is_unlimited {
        let least = if budget.most == Some(budget.least) {
            budget.least.to_string()
        } else {
            format!("at least {}", budget.least)
        };
        parts.push(format!("{} = {least}", totals.join(" + ")));
    }
    budget.sum = parts.join("; ");
    budget.unknown.dedup();
    budget
}
