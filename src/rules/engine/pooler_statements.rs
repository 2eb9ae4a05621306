//! `engine-pooler-statements`: no prepared statements through a pooler that loses them.

use super::not_judged;
use crate::driver::{Kind, parts};
use crate::facts::{ArgumentValue, Engine, Known, Library, Missing};
use crate::provider::detect;
use crate::rules::{Check, Context, Outcome, Rule, Seen, Verdict};
use crate::spec::Severity;

pub(super) static RULE: Rule = Rule {
    id: "engine-pooler-statements",
    severity: Severity::Error,
    summary: "prepared statements go through a pooler that loses them",
    rationale: "asyncpg prepares every statement and psycopg 3 those that it has seen five times. \
        A transaction pooler gives each transaction another server connection: where it does not \
        track prepared statements (PgBouncer before 1.21, or max_prepared_statements=0), later \
        ones fail, some of them and not always. Neon's documentation says that its pooler tracks \
        them.",
    fix: "asyncpg: connect_args={\"statement_cache_size\": 0}; psycopg: connect_args={\"prepare_threshold\": None}",
    symptoms: &[
        "prepared statement \"__asyncpg_stmt_1__\" does not exist",
        "prepared statement \"_pg3_0\" already exists",
        "prepared statement \"_pg3_1\" does not exist",
    ],
    references: &["https://www.pgbouncer.org/config.html#max_prepared_statements"],
    check: Check::Engine(check),
};

fn check(engine: &Engine, _context: Context<'_>) -> Outcome {
    if let Some(why) = not_judged(engine) {
        return Verdict::not_applicable(why);
    }
    let Some(driver) = &engine.driver else {
        return Err(Missing::new("the driver of the engine"));
    };
    let (name, off): (&str, fn(&ArgumentValue) -> bool) = match driver.kind {
        Kind::SqlalchemyAsyncpg | Kind::Asyncpg => ("statement_cache_size", |value| {
            matches!(value, ArgumentValue::Plain(Known::Int(0)))
        }),
        Kind::SqlalchemyPsycopg | Kind::Psycopg => ("prepare_threshold", |value| {
            matches!(value, ArgumentValue::Plain(Known::None))
        }),
        _ => return Verdict::not_applicable("the driver prepares no statements by itself"),
    };
    let base = match engine.details.library {
        Library::Sqlalchemy | Library::SqlalchemyAsync => "connect_args.",
        Library::PsycopgPool => "kwargs.",
        Library::Django => "OPTIONS.",
        _ => "",
    };
    let path = format!("{base}{name}");
    let argument = engine.details.argument(&path);
    if argument.is_some_and(|argument| off(&argument.value)) {
        return Seen::new(format!("{path} turns prepared statements off")).pass();
    }
    let Some(text) = &engine.details.url.text else {
        return Err(Missing::new(
            "the connection string, which tells of a pooler",
        ));
    };
    let Some(parts) = parts(driver, text.expose()) else {
        return Verdict::not_applicable(
            "the driver refuses the connection string (url-parameters)",
        );
    };
    let pooled = parts
        .hosts
        .iter()
        .filter_map(|(host, port)| detect(host.expose(), Some(*port)))
        .map(|detected| detected.loses_statements())
        .collect::<Vec<_>>();
    if pooled.iter().all(|loses| *loses == Some(false)) {
        return Verdict::not_applicable("no pooler that loses prepared statements is known there");
    }
    let above = path
        .match_indices('.')
        .map(|(at, _)| &path[..at])
        .chain([""]);
    let open = above
        .into_iter()
        .find_map(|above| engine.details.open_at(above));
    if let (None, Some(why)) = (argument, open) {
        return Err(Missing::new(format!("{path}: {why}")));
    }
    if let Some(ArgumentValue::Unknown(why)) = argument.map(|argument| &argument.value) {
        return Err(Missing::new(format!("{path}: {why}")));
    }
    if !pooled.contains(&Some(true)) {
        return Err(Missing::new(
            "whether the pooler tracks prepared statements",
        ));
    }
    Seen::new("prepared statements go through a transaction pooler that does not track them")
        .expected(format!("{path} off"))
        .fail(RULE.fix)
        .into()
}

#[cfg(test)]
mod tests {
    use crate::driver::Kind;
    use crate::facts::{ArgumentValue, Known};
    use crate::rules::engine::tests::{at, engine, given, judged};

    const ID: &str = "engine-pooler-statements";
    const POOLED: &str = "postgresql+asyncpg://postgres.abcdefghijklmnopqrst:p@aws-0-eu-central-1.pooler.supabase.com:6543/postgres";

    #[test]
    fn a_cache_behind_a_transaction_pooler_fails_and_none_passes() {
        let pooled = at(engine(Kind::SqlalchemyAsyncpg), POOLED);
        assert_eq!(judged(ID, std::slice::from_ref(&pooled)), "fail");
        let off = given(
            pooled,
            "connect_args.statement_cache_size",
            ArgumentValue::Plain(Known::Int(0)),
        );
        assert_eq!(judged(ID, &[off]), "pass");
    }

    #[test]
    fn a_plain_server_and_a_driver_that_prepares_nothing_are_not_judged() {
        let plain = at(
            engine(Kind::SqlalchemyAsyncpg),
            "postgresql+asyncpg://u:p@db.example.com/d",
        );
        assert_eq!(judged(ID, &[plain]), "n/a");
        assert_eq!(judged(ID, &[engine(Kind::SqlalchemyPsycopg2)]), "n/a");
    }

    #[test]
    fn an_unknown_url_is_unknown() {
        assert_eq!(judged(ID, &[engine(Kind::SqlalchemyAsyncpg)]), "unknown");
    }
}
