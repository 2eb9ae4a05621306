//! `engine-url`: the connection string that the code itself writes is one that its driver takes.

use super::{not_judged, predicted};
use crate::conninfo::redact;
use crate::facts::{Engine, Missing};
use crate::rules::{Check, Context, Outcome, Rule, Seen, Verdict};
use crate::spec::Severity;

pub(super) static RULE: Rule = Rule {
    id: "engine-url",
    severity: Severity::Error,
    summary: "the driver refuses the connection string that the code writes",
    rationale: "A connection string in the code is read by one driver alone: postgres:// is no scheme of \
        SQLAlchemy's, postgresql+asyncpg:// none of asyncpg's own, and sslmode raises behind \
        create_async_engine with asyncpg. What a variable holds is judged by the url rules, \
        where a run asks them (code does not); what the code writes nobody else looks at before it runs.",
    fix: "write it as the driver takes it: dbharden translate --to DRIVER",
    symptoms: &[
        "Can't load plugin: sqlalchemy.dialects:postgres",
        "ModuleNotFoundError: No module named 'psycopg'",
        "invalid DSN: scheme is expected to be either \"postgresql\" or \"postgres\", got 'postgresql+asyncpg'",
    ],
    references: &["https://docs.sqlalchemy.org/en/20/core/engines.html#database-urls"],
    check: Check::Engine(check),
};

fn check(engine: &Engine, context: Context<'_>) -> Outcome {
    if let Some(why) = not_judged(engine) {
        return Verdict::not_applicable(why);
    }
    if let (Some((package, file)), Some(driver)) = (&engine.details.not_installed, &engine.driver) {
        return Seen::new(format!(
            "{driver} needs {package}, which {file} does not install"
        ))
        .expected(package.clone())
        .fail(format!(
            "add {package} to the requirements, or name the driver that is there in the URL"
        ))
        .into();
    }
    let url = &engine.details.url;
    if engine.url_from != "literal" && (url.text.is_none() || is_judged(engine, context)) {
        return Verdict::not_applicable("the code writes no connection string (see the url rules)");
    }
    let unreached = engine.environment.is_none() && engine.details.reached == Some(false);
    if unreached && engine.url_from != "literal" {
        return Err(Missing::new(
            "the connection string with which the call is reached: by the code alone it is not",
        ));
    }
    let (Some(driver), Some(text)) = (&engine.driver, &url.text) else {
        return Err(Missing::new("the whole connection string and its driver"));
    };
    let prediction = predicted(engine, driver, text.expose(), context);
    let seen = Seen::new(match &prediction.error {
        Some(error) => format!("{driver} refuses the connection string: {error}"),
        None => format!("{driver} takes the connection string"),
    })
    .observed(redact(text.expose()).text);
    if prediction.accepts {
        return seen.pass();
    }
    seen.fail(format!(
        "write it as {driver} takes it: dbharden translate --to {driver}"
    ))
    .into()
}

/// Returns whether the url rules judge what the engine reads: `code` does not ask them.
fn is_judged(engine: &Engine, context: Context<'_>) -> bool {
    context.facts.urls.iter().any(|url| {
        url.environment == engine.environment && engine.details.url.variables.contains(&url.subject)
    })
}

#[cfg(test)]
mod tests {
    use crate::driver::Kind;
    use crate::facts::{DatabaseUrl, Engine, Facts};
    use crate::rules::engine::tests::{at, engine, judged, outcome};
    use crate::rules::url::tests::sample;

    const ID: &str = "engine-url";

    #[test]
    fn words_that_a_provider_takes_out_of_the_options_are_no_settings() {
        let options = "options=endpoint%3Dep-x-1";
        for (host, wanted) in [
            ("ep-x-1.eu-central-1.aws.neon.tech", "pass"),
            ("db.example.com", "fail"),
        ] {
            let url = format!("postgresql+psycopg://u:p@{host}:5432/d?{options}");
            let engine = written(Kind::SqlalchemyPsycopg, &url);
            assert_eq!(judged(ID, &[engine]), wanted, "{host}");
        }
    }

    #[test]
    fn a_driver_that_the_lock_file_leaves_out_fails() {
        let mut engine = written(Kind::SqlalchemyPsycopg, "postgresql://h/d");
        assert_eq!(judged(ID, std::slice::from_ref(&engine)), "pass");
        engine.details.not_installed = Some(("psycopg".into(), "uv.lock".into()));
        assert_eq!(judged(ID, &[engine]), "fail");
    }

    #[test]
    fn a_default_with_which_the_call_is_not_reached_is_no_string_of_the_engine() {
        let mut engine = at(engine(Kind::Psycopg2), "EMPTY");
        assert_eq!(judged(ID, std::slice::from_ref(&engine)), "fail");
        engine.details.reached = Some(false);
        assert_eq!(judged(ID, &[engine]), "unknown");
    }

    fn written(kind: Kind, url: &str) -> Engine {
        let mut engine = at(engine(kind), url);
        engine.url_from = "literal".into();
        engine
    }

    #[test]
    fn what_the_driver_refuses_fails_and_what_it_takes_passes() {
        for (kind, url, wanted) in [
            (Kind::SqlalchemyPsycopg, "postgres://h/d", "fail"),
            (Kind::SqlalchemyPsycopg, "postgresql+psycopg://h/d", "pass"),
            (
                Kind::SqlalchemyAsyncpg,
                "postgresql+asyncpg://h/d?sslmode=require",
                "fail",
            ),
            (
                Kind::SqlalchemyAsyncpg,
                "postgresql+asyncpg://h/d?ssl=require",
                "pass",
            ),
            (
                Kind::SqlalchemyPsycopg2,
                "postgresql+psycopg2://h/d?pool_size=5",
                "fail",
            ),
            (Kind::Asyncpg, "postgresql+asyncpg://h/d", "fail"),
            (Kind::Asyncpg, "postgresql://u@h/d", "pass"),
        ] {
            assert_eq!(judged(ID, &[written(kind, url)]), wanted, "{url}");
        }
    }

    #[test]
    fn what_a_variable_holds_is_judged_where_the_url_rules_are_not_asked() {
        let read = at(engine(Kind::SqlalchemyPsycopg), "postgres://h/d");
        assert_eq!(judged(ID, std::slice::from_ref(&read)), "fail");
        assert_eq!(judged(ID, &[engine(Kind::SqlalchemyPsycopg)]), "n/a");
        let url = DatabaseUrl {
            subject: "DATABASE_URL".to_owned(),
            environment: None,
            ..sample("postgres://h/d")
        };
        let facts = Facts {
            engines: vec![read],
            urls: vec![url],
            code_read: true,
            ..Facts::default()
        };
        assert_eq!(outcome(ID, &facts), "n/a");
    }

    #[test]
    fn what_is_not_known_whole_is_unknown() {
        let mut engine = engine(Kind::SqlalchemyPsycopg);
        engine.url_from = "literal".into();
        assert_eq!(judged(ID, &[engine]), "unknown");
    }
}
