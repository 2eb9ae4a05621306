//! `engine-url-conflict`: engines that read one variable take one spelling.

use std::collections::BTreeMap;

use super::predicted;
use crate::facts::{Engine, Missing, Role};
use crate::rules::{Check, Context, Outcome, Rule, Seen, Verdict};
use crate::spec::Severity;
use crate::value::Origin;

pub(super) static RULE: Rule = Rule {
    id: "engine-url-conflict",
    severity: Severity::Error,
    summary: "engines with different drivers read one URL that cannot suit both",
    rationale: "A URL names one driver (postgresql+asyncpg://), and drivers spell TLS, timeouts and names \
        differently: sslmode=require is right for psycopg2 and raises in asyncpg. Where a sync and an async engine \
        read the same variable, the code must rewrite it for one of them, or one of the two fails.",
    fix: "keep the URL in libpq's spelling and rewrite it in the code for the async engine",
    symptoms: &[
        "connect() got an unexpected keyword argument 'sslmode'",
        "The asyncio extension requires an async driver to be used",
    ],
    references: &["https://docs.sqlalchemy.org/en/20/core/engines.html#database-urls"],
    check: Check::Project(check),
};

fn check(context: Context<'_>) -> Outcome {
    let mut readers: BTreeMap<&str, Vec<&Engine>> = BTreeMap::new();
    for engine in &context.facts.engines {
        let judged = engine.role == Role::App || context.spec.all_roles;
        if let ([variable], true) = (engine.details.url.variables.as_slice(), judged) {
            readers.entry(variable).or_default().push(engine);
        }
    }
    let mut shared = false;
    let mut unknown: Option<String> = None;
    for (variable, engines) in readers {
        let mut kinds: Vec<_> = engines
            .iter()
            .filter_map(|engine| engine.driver.as_ref().map(|driver| driver.kind))
            .collect();
        kinds.sort_unstable();
        kinds.dedup();
        if kinds.len() < 2 {
            continue;
        }
        shared = true;
        if let Some((one, other)) = conflict(&engines, context) {
            let name = |engine: &Engine| {
                let driver = engine
                    .driver
                    .as_ref()
                    .map_or_else(String::new, ToString::to_string);
                format!("{} ({driver})", engine.subject())
            };
            return Seen::new(format!("{} and {} read ${variable}, which cannot suit both", name(one), name(other)))
                .at(Origin::file(one.path.clone(), one.line, 1))
                .at(Origin::file(other.path.clone(), other.line, 1))
                .fail(format!(
                    "keep ${variable} as postgresql://…, and give the async engine make_url(os.environ[\"{variable}\"]).set(drivername=\"postgresql+asyncpg\", query={{}}) with TLS in connect_args"
                ))
                .into();
        }
        let known = engines
            .iter()
            .any(|engine| engine.details.url.text.is_some());
        if !known {
            unknown.get_or_insert_with(|| {
                format!("the value of ${variable}, which engines with different drivers read")
            });
        }
    }
    match (shared, unknown) {
        (_, Some(why)) => Err(Missing::new(why)),
        (true, None) => Seen::new("every engine takes the URL that it shares").pass(),
        (false, None) => {
            Verdict::not_applicable("no two engines with different drivers read one variable")
        }
    }
}

/// Returns two engines of which one at most can take the URL.
fn conflict<'e>(engines: &[&'e Engine], context: Context<'_>) -> Option<(&'e Engine, &'e Engine)> {
    for one in engines {
        for other in engines {
            let same_environment = one.environment == other.environment;
            if one.driver.is_none() || one.driver == other.driver || !same_environment {
                continue;
            }
            // SQLAlchemy takes one driver from a URL: unless the code rewrites it, two cannot read it.
            let plain = |engine: &Engine| {
                engine.details.library.is_sqlalchemy()
                    && engine.details.url.replaced.is_empty()
                    && engine.details.url.prefix.is_none()
            };
            let distinct =
                plain(one) && plain(other) && one.details.library != other.details.library;
            if distinct && one.details.url.text.is_none() {
                return Some((one, other));
            }
            if let (Some(false), Some(true)) = (accepts(one, context), accepts(other, context)) {
                return Some((one, other));
            }
        }
    }
    None
}

/// Returns whether an engine's driver takes the text that the engine gets.
fn accepts(engine: &Engine, context: Context<'_>) -> Option<bool> {
    let (driver, text) = (engine.driver.as_ref()?, engine.details.url.text.as_ref()?);
    Some(predicted(engine, driver, text.expose(), context).accepts)
}

#[cfg(test)]
mod tests {
    use crate::driver::Kind;
    use crate::rules::engine::tests::{at, engine, judged};

    const ID: &str = "engine-url-conflict";

    #[test]
    fn a_url_that_only_one_driver_takes_fails() {
        let sync = at(
            engine(Kind::SqlalchemyPsycopg2),
            "postgresql+psycopg2://u:p@h/d?sslmode=require",
        );
        let other = at(
            engine(Kind::SqlalchemyAsyncpg),
            "postgresql+asyncpg://u:p@h/d?sslmode=require",
        );
        assert_eq!(judged(ID, &[sync, other]), "fail");
    }

    #[test]
    fn a_sync_and_an_async_engine_that_do_not_rewrite_it_fail() {
        let both = [
            engine(Kind::SqlalchemyPsycopg2),
            engine(Kind::SqlalchemyAsyncpg),
        ];
        assert_eq!(judged(ID, &both), "fail");
    }

    #[test]
    fn urls_that_each_driver_takes_pass() {
        let sync = at(
            engine(Kind::SqlalchemyPsycopg2),
            "postgresql+psycopg2://u:p@h/d",
        );
        let other = at(
            engine(Kind::SqlalchemyAsyncpg),
            "postgresql+asyncpg://u:p@h/d",
        );
        assert_eq!(judged(ID, &[sync, other]), "pass");
    }

    #[test]
    fn a_rewritten_url_that_is_not_known_is_unknown() {
        let mut other = engine(Kind::SqlalchemyAsyncpg);
        other
            .details
            .url
            .replaced
            .push(("postgresql://".into(), "postgresql+asyncpg://".into()));
        assert_eq!(
            judged(ID, &[engine(Kind::SqlalchemyPsycopg2), other]),
            "unknown"
        );
    }

    #[test]
    fn one_driver_is_not_judged() {
        assert_eq!(judged(ID, &[engine(Kind::SqlalchemyPsycopg2)]), "n/a");
    }
}
