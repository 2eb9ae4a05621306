//! `engine-arguments`: the engine, its driver and its pool class take every argument.

use super::not_judged;
use crate::driver::Kind;
use crate::facts::{ArgumentValue, Engine, Known, Library, Missing};
use crate::rules::{Check, Context, Outcome, Rule, Seen, Verdict};
use crate::spec::Severity;

pub(super) static RULE: Rule = Rule {
    id: "engine-arguments",
    severity: Severity::Error,
    summary: "an engine gets an argument that it refuses",
    rationale: "create_engine hands connect_args to the driver as they stand, and pool arguments to the pool \
        class: a name that the driver does not know raises at the first connection, a pool argument that the \
        class does not know (pool_size with NullPool) at the call, on the branch where it happens. \
        Flask-SQLAlchemy 3 ignores the SQLALCHEMY_POOL_* keys of version 2 without a word.",
    fix: "remove the argument, or write it as the driver spells it",
    symptoms: &[
        "connect() got an unexpected keyword argument 'sslmode'",
        "connect() got an unexpected keyword argument 'connect_timeout'",
        "Invalid argument(s) 'pool_size' sent to create_engine()",
        "invalid connection option \"server_settings\"",
        "Pool class QueuePool cannot be used with asyncio engine",
        "The asyncio extension requires an async driver to be used",
    ],
    references: &["https://docs.sqlalchemy.org/en/20/core/engines.html#custom-dbapi-args"],
    check: Check::Engine(check),
};

/// libpq's keywords that `asyncpg.connect` does not take (asyncpg 0.32.0, measured).
const NOT_ASYNCPG: [(&str, &str); 14] = [
    ("sslmode", "ssl"),
    ("sslrootcert", "ssl"),
    ("sslcert", "ssl"),
    ("sslkey", "ssl"),
    ("channel_binding", "nothing: asyncpg has no such setting"),
    (
        "application_name",
        "server_settings={\"application_name\": …}",
    ),
    ("connect_timeout", "timeout"),
    ("options", "server_settings"),
    ("keepalives", "nothing: asyncpg has no such setting"),
    ("keepalives_idle", "nothing: asyncpg has no such setting"),
    (
        "keepalives_interval",
        "nothing: asyncpg has no such setting",
    ),
    ("keepalives_count", "nothing: asyncpg has no such setting"),
    ("dbname", "database"),
    ("prepare_threshold", "statement_cache_size"),
];

/// asyncpg's keywords that psycopg2 and psycopg do not take (2.9.13 and 3.3.9, measured).
const NOT_LIBPQ: [(&str, &str); 6] = [
    ("ssl", "sslmode"),
    ("timeout", "connect_timeout"),
    ("command_timeout", "options=\"-c statement_timeout=…\""),
    ("server_settings", "options=\"-c …\" or application_name"),
    ("statement_cache_size", "nothing: it has no such cache"),
    (
        "prepared_statement_cache_size",
        "nothing: it has no such cache",
    ),
];

fn check(engine: &Engine, _context: Context<'_>) -> Outcome {
    if let Some(why) = not_judged(engine) {
        return Verdict::not_applicable(why);
    }
    let mut problems = pool_problems(engine);
    problems.extend(driver_problems(engine));
    if !problems.is_empty() {
        let fix = problems
            .iter()
            .map(|(_, fix)| fix.as_str())
            .collect::<Vec<_>>()
            .join("; ");
        let message = problems
            .iter()
            .map(|(what, _)| what.as_str())
            .collect::<Vec<_>>()
            .join("; ");
        return Seen::new(message).fail(fix).into();
    }
    if let Some((path, why)) = engine
        .details
        .open
        .iter()
        .find(|(path, _)| path.is_empty() || path == "connect_args" || path == "poolclass")
    {
        let what = if path.is_empty() {
            "the arguments"
        } else {
            path
        };
        return Err(Missing::new(format!("all of {what}: {why}")));
    }
    if engine.driver.is_none()
        && engine
            .details
            .arguments
            .iter()
            .any(|argument| argument.name.starts_with("connect_args."))
    {
        return Err(Missing::new("the driver of the engine"));
    }
    Seen::new("it takes every argument").pass()
}

/// Returns what the pool refuses, each with the thing to do.
fn pool_problems(engine: &Engine) -> Vec<(String, String)> {
    let details = &engine.details;
    let mut problems = Vec::new();
    if !details.library.is_sqlalchemy() {
        return problems;
    }
    let class = match engine
        .setting("poolclass")
        .and_then(|setting| setting.value.as_ref())
    {
        Some(Known::Text(name)) => name.as_str(),
        _ => "",
    };
    let refused: &[&str] = match class {
        "NullPool" | "StaticPool" | "AssertionPool" => {
            &["pool_size", "max_overflow", "pool_timeout"]
        }
        "SingletonThreadPool" => &["max_overflow", "pool_timeout"],
        _ => &[],
    };
    for name in refused {
        let sure = details
            .argument(name)
            .is_some_and(|argument| !matches!(argument.value, ArgumentValue::Unknown(_)));
        if sure {
            problems.push((
                format!("{class} takes no {name}"),
                format!("remove {name}, or use a queueing pool"),
            ));
        }
    }
    if details.library == Library::SqlalchemyAsync && class == "QueuePool" {
        problems.push((
            "QueuePool cannot be used with an async engine".to_owned(),
            "leave poolclass out, or use AsyncAdaptedQueuePool".to_owned(),
        ));
    }
    if let Some(hook) = &details.dead_hook {
        problems.push((
            format!("Flask-SQLAlchemy 3 never calls {hook}"),
            "write what it sets in engine_options or SQLALCHEMY_ENGINE_OPTIONS".to_owned(),
        ));
    }
    for argument in details
        .arguments
        .iter()
        .filter(|argument| argument.name.starts_with("SQLALCHEMY_"))
        .filter(|argument| argument.value != ArgumentValue::Plain(Known::None))
        .filter(|argument| details.argument(modern(&argument.name)).is_none())
    {
        problems.push((
            format!("Flask-SQLAlchemy 3 ignores {}", argument.name),
            "write it in SQLALCHEMY_ENGINE_OPTIONS".to_owned(),
        ));
    }
    problems
}

/// Returns what the driver refuses, each with the thing to do.
fn driver_problems(engine: &Engine) -> Vec<(String, String)> {
    let Some(kind) = engine.driver.as_ref().map(|driver| driver.kind) else {
        return Vec::new();
    };
    let details = &engine.details;
    let mut problems = Vec::new();
    let written = engine.environment.is_none()
        && (details.url.text.is_some() || details.url.prefix.is_some());
    match (details.library, kind) {
        (Library::SqlalchemyAsync, Kind::SqlalchemyPsycopg2 | Kind::SqlalchemyPg8000)
            if written =>
        {
            problems.push((
                "an async engine gets a driver that is not async".to_owned(),
                "write postgresql+asyncpg:// or postgresql+psycopg://".to_owned(),
            ));
        }
        (Library::Sqlalchemy, Kind::SqlalchemyAsyncpg) if written => problems.push((
            "a sync engine gets asyncpg, which is async".to_owned(),
            "use create_async_engine, or a sync driver".to_owned(),
        )),
        _ => {}
    }
    let (base, table): (&str, &[(&str, &str)]) = match kind {
        Kind::SqlalchemyAsyncpg => ("connect_args.", &NOT_ASYNCPG),
        Kind::Asyncpg => ("", &NOT_ASYNCPG),
        Kind::SqlalchemyPsycopg2 | Kind::SqlalchemyPsycopg => ("connect_args.", &NOT_LIBPQ),
        Kind::Psycopg2 | Kind::Psycopg
            if details.library != Library::PsycopgPool && details.library != Library::Django =>
        {
            ("", &NOT_LIBPQ)
        }
        _ => return problems,
    };
    for (name, instead) in table {
        if details.argument(&format!("{base}{name}")).is_some() {
            problems.push((
                format!(
                    "{} takes no {name}",
                    engine
                        .driver
                        .as_ref()
                        .map_or_else(String::new, ToString::to_string)
                ),
                format!("replace {name} by {instead}"),
            ));
        }
    }
    if details.argument("connect_args.check_same_thread").is_some() {
        problems.push((
            "check_same_thread is SQLite's".to_owned(),
            "pass it only where the URL is SQLite's".to_owned(),
        ));
    }
    problems
}

/// Returns the engine's argument that a key of Flask-SQLAlchemy 2 was.
fn modern(legacy: &str) -> &'static str {
    match legacy {
        "SQLALCHEMY_POOL_SIZE" => "pool_size",
        "SQLALCHEMY_POOL_TIMEOUT" => "pool_timeout",
        "SQLALCHEMY_POOL_RECYCLE" => "pool_recycle",
        _ => "max_overflow",
    }
}

#[cfg(test)]
mod tests {
    use crate::driver::Kind;
    use crate::facts::{ArgumentValue, Known, SettingFrom};
    use crate::rules::engine::tests::{engine, given, judged, with};

    const ID: &str = "engine-arguments";

    #[test]
    fn arguments_that_are_taken_pass() {
        let sync = engine(Kind::SqlalchemyPsycopg2);
        assert_eq!(
            judged(
                ID,
                &[given(
                    sync,
                    "connect_args.sslmode",
                    ArgumentValue::Text("require".into())
                )]
            ),
            "pass"
        );
    }

    #[test]
    fn another_drivers_argument_fails() {
        let asynchronous = engine(Kind::SqlalchemyAsyncpg);
        let sslmode = given(
            asynchronous,
            "connect_args.sslmode",
            ArgumentValue::Text("require".into()),
        );
        assert_eq!(judged(ID, &[sslmode]), "fail");
        let sync = given(
            engine(Kind::SqlalchemyPsycopg2),
            "connect_args.command_timeout",
            ArgumentValue::Plain(Known::Int(5)),
        );
        assert_eq!(judged(ID, &[sync]), "fail");
    }

    #[test]
    fn a_pool_argument_that_the_class_refuses_fails() {
        let none = with(
            engine(Kind::SqlalchemyPsycopg2),
            "poolclass",
            Some(Known::Text("NullPool".into())),
            SettingFrom::Literal,
        );
        assert_eq!(judged(ID, std::slice::from_ref(&none)), "pass");
        assert_eq!(
            judged(
                ID,
                &[given(
                    none,
                    "pool_size",
                    ArgumentValue::Plain(Known::Int(5))
                )]
            ),
            "fail"
        );
        let queue = engine(Kind::SqlalchemyAsyncpg);
        assert_eq!(judged(ID, &[queue]), "fail");
    }

    #[test]
    fn a_key_that_the_library_ignores_fails_where_nothing_else_says_the_same() {
        let old = |value| {
            let flask = engine(Kind::SqlalchemyPsycopg2);
            given(flask, "SQLALCHEMY_POOL_SIZE", value)
        };
        let five = || ArgumentValue::Plain(Known::Int(5));
        assert_eq!(judged(ID, &[old(five())]), "fail");
        assert_eq!(
            judged(ID, &[old(ArgumentValue::Plain(Known::None))]),
            "pass"
        );
        assert_eq!(
            judged(ID, &[given(old(five()), "pool_size", five())]),
            "pass"
        );
    }

    #[test]
    fn a_method_that_nobody_calls_fails() {
        let mut flask = engine(Kind::SqlalchemyPsycopg2);
        flask.details.dead_hook = Some("`apply_driver_hacks` (app/db.py:3)".into());
        assert_eq!(judged(ID, &[flask]), "fail");
    }

    #[test]
    fn arguments_that_are_not_all_known_are_unknown() {
        let mut open = engine(Kind::SqlalchemyPsycopg2);
        open.details
            .open
            .push((String::new(), "`**kw` (app/db.py:3)".into()));
        assert_eq!(judged(ID, &[open]), "unknown");
    }
}
