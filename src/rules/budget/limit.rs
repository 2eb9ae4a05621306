//! How many connections a database takes from the application.

use super::Budget;
use crate::conninfo::parse_parts;
use crate::facts::{Connection, Engine, ServerFacts, Service};
use crate::provider::{Limits, Provider, detect, find};
use crate::rules::Context;

/// How many connections are the application's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Limit {
    /// This many: the arithmetic behind it.
    Known(u64, String),
    /// By the plan, which is not known: from the smallest to the greatest.
    ByPlan(u64, u64, String),
    /// Nobody has said; why.
    Unknown(String),
}

/// Returns the limit of the database that a budget is for: the server's own where it was asked,
/// else the plan's.
pub(super) fn of(budget: &Budget, services: &[&Service], context: Context<'_>) -> Limit {
    let live = context
        .facts
        .connections
        .iter()
        .filter(|connection| is_dialled(budget, connection))
        .find_map(|connection| connection.server.as_ref());
    if let Some(server) = live
        && server.pooler.is_none()
        && let Some(limit) = of_server(server)
    {
        return limit;
    }
    let is_pooled = pooled(budget, context).unwrap_or(live.is_some_and(|one| one.pooler.is_some()));
    let declared = services.iter().find_map(|service| service.plan.as_ref());
    let provider = provider(budget, context)
        .or_else(|| find(declared.map(|(provider, _)| provider.as_str())?));
    let reserved = provider
        .and_then(|provider| provider.reserved)
        .and_then(|fact| fact.sure())
        .filter(|_| !is_pooled)
        .map_or(0, u64::from);
    let less = |limit: u32, what: &str| {
        let usable = u64::from(limit).saturating_sub(reserved);
        match reserved {
            0 => Limit::Known(usable, format!("{what}: {limit}")),
            _ => Limit::Known(
                usable,
                format!("{what}: {limit} − {reserved} reserved = {usable}"),
            ),
        }
    };
    let limits = provider.and_then(|provider| provider.limits.sure());
    let of_plan = declared.zip(limits).and_then(|((_, plan), limits)| {
        let number = limits.of(plan).filter(|_| !is_pooled)?;
        Some(less(number, &format!("the plan {plan}")))
    });
    let given = context.spec.deployment.plan_connections;
    of_plan
        .or_else(|| Some(less(given?, "plan_connections in dbharden.toml")))
        .or_else(|| Some(by_plan(provider?, limits?, is_pooled, reserved)))
        .unwrap_or_else(|| {
            let how = "name it: plan_connections in dbharden.toml, or let check connect";
            Limit::Unknown(match provider {
                Some(provider) => format!("how many connections {} allows ({how})", provider.name),
                None => format!("the database's connection limit ({how})"),
            })
        })
}

/// Returns whether a connection was made to the database that a budget is for.
pub(in crate::rules) fn is_dialled(budget: &Budget, connection: &Connection) -> bool {
    budget.engines.iter().any(|(engine, _)| {
        let url = &engine.details.url;
        match &url.text {
            Some(text) => parse_parts(text.expose()).is_ok_and(|parts| {
                let hosts = parts.hosts();
                let host = hosts.first().and_then(|first| first.host.clone());
                host.is_some_and(|host| host.eq_ignore_ascii_case(&connection.host))
            }),
            None => url.variables.contains(&connection.url.0) || connection.url.0 == "URL",
        }
    })
}

/// Returns the tightest limit of a server: its own less what is reserved, the database's, the role's.
fn of_server(server: &ServerFacts) -> Option<Limit> {
    let (most, reserved) = (server.max_connections?, server.reserved_connections?);
    let usable = most.saturating_sub(reserved);
    let own = format!("max_connections {most} − {reserved} reserved = {usable}");
    let mut limits = vec![(usable, own)];
    for (limit, what) in [
        (server.database_limit, "the database's limit"),
        (server.role_limit, "the role's limit"),
    ] {
        limits.extend(limit.map(|limit| (limit, format!("{what}: {limit}"))));
    }
    let (usable, text) = limits.into_iter().min_by_key(|(limit, _)| *limit)?;
    Some(Limit::Known(usable.into(), text))
}

/// Returns the limits of a provider's smallest and greatest plan.
fn by_plan(provider: &Provider, limits: Limits, is_pooled: bool, reserved: u64) -> Limit {
    let numbers: Vec<u64> = match limits {
        Limits::ByPlan(plans) if is_pooled => {
            let clients = plans.iter().map(|(_, _, clients)| clients.map(u64::from));
            clients.collect::<Option<Vec<u64>>>().unwrap_or_default()
        }
        Limits::ByPlan(plans) => plans.iter().map(|(_, most, _)| u64::from(*most)).collect(),
        Limits::BySteps(steps) if !is_pooled => {
            steps.iter().map(|(_, most)| u64::from(*most)).collect()
        }
        Limits::Always(most) if !is_pooled => vec![most.into()],
        Limits::BySteps(_) | Limits::Always(_) | Limits::ByBytes { .. } | Limits::Unknown => {
            Vec::new()
        }
    };
    let name = provider.name;
    let usable = |number: u64| number.saturating_sub(reserved);
    let what = if is_pooled { "pooler" } else { "server" };
    match (numbers.iter().min(), numbers.iter().max()) {
        (Some(least), Some(most)) if least == most => {
            Limit::Known(usable(*least), format!("{name}'s {what} takes {least}"))
        }
        (Some(least), Some(most)) => Limit::ByPlan(
            usable(*least),
            usable(*most),
            format!("{name}'s {what} takes {least} to {most} by the plan"),
        ),
        _ => Limit::Unknown(format!(
            "how many connections {name}'s {what} allows (name it: plan_connections in dbharden.toml)"
        )),
    }
}

/// Returns the provider of the database, by the connection string that the engines get.
fn provider(budget: &Budget, context: Context<'_>) -> Option<&'static Provider> {
    detected(budget, context).map(|found| found.provider)
}

fn pooled(budget: &Budget, context: Context<'_>) -> Option<bool> {
    detected(budget, context)?.pooled
}

fn detected(budget: &Budget, context: Context<'_>) -> Option<crate::provider::Detected> {
    budget.engines.iter().find_map(|(engine, environment)| {
        of_text(engine).or_else(|| {
            let mut urls = context.facts.urls.iter();
            let url = urls.find(|url| {
                engine.details.url.variables.contains(&url.subject)
                    && url.environment == *environment
            })?;
            url.provider
        })
    })
}

fn of_text(engine: &Engine) -> Option<crate::provider::Detected> {
    let text = engine.details.url.text.as_ref()?;
    let parts = parse_parts(text.expose()).ok()?;
    let first = parts.hosts().into_iter().next()?;
    detect(
        first.host.as_deref()?,
        first.port.and_then(|port| port.parse().ok()),
    )
}
