//! `engine-pooler-parameters`: the pooler takes every startup parameter that the code adds.

use super::not_judged;
use crate::conninfo::parse_parts;
use crate::facts::{ArgumentValue, Engine, Library, Missing};
use crate::provider::{Startup, detect};
use crate::rules::session::settings_of_options;
use crate::rules::{Check, Context, Outcome, Rule, Seen, Verdict};
use crate::spec::Severity;

pub(super) static RULE: Rule = Rule {
    id: "engine-pooler-parameters",
    severity: Severity::Error,
    summary: "the pooler refuses or drops a startup parameter that the code adds",
    rationale: "What stands in server_settings (asyncpg) or options (libpq's drivers) is sent \
        when a session starts. A pooler serves one session to many clients, so PgBouncer refuses \
        every parameter that it can neither set back nor is told to ignore, and the connection \
        with it; Neon's proxy drops a server_setting without a word and its pooler refuses those \
        inside options. application_name is refused nowhere.",
    fix: "set it for the role instead: ALTER ROLE app SET statement_timeout = '5s'",
    symptoms: &[
        "unsupported startup parameter: jit",
        "unsupported startup parameter in options: statement_timeout",
    ],
    references: &["https://www.pgbouncer.org/config.html#ignore_startup_parameters"],
    check: Check::Engine(check),
};

fn check(engine: &Engine, _context: Context<'_>) -> Outcome {
    if let Some(why) = not_judged(engine) {
        return Verdict::not_applicable(why);
    }
    let base = match engine.details.library {
        Library::Sqlalchemy | Library::SqlalchemyAsync => "connect_args.",
        Library::PsycopgPool => "kwargs.",
        Library::Django => "OPTIONS.",
        _ => "",
    };
    let sent = sent(engine, base)?;
    if sent.is_empty() {
        return Verdict::not_applicable("the code adds no startup parameter");
    }
    let text = engine
        .details
        .url
        .text
        .as_ref()
        .ok_or_else(|| Missing::new("the connection string, which tells of a pooler"))?;
    let parts = parse_parts(text.expose()).ok();
    let host = parts.and_then(|parts| parts.hosts().into_iter().next());
    let found = host.and_then(|first| {
        let port = first.port.and_then(|port| port.parse().ok());
        detect(first.host.as_deref()?, port)
    });
    let pooler = match found.map(|found| (found.pooled, found.provider)) {
        Some((Some(true), provider)) => provider
            .pooler
            .as_ref()
            .map(|pooler| (provider.name, pooler)),
        Some((None, provider)) if provider.pooler.is_some() => {
            return Err(Missing::new(
                "to know whether a pooler answers at this host",
            ));
        }
        Some(_) | None => None,
    };
    let Some((name, pooler)) = pooler else {
        return Verdict::not_applicable("no pooler is known at this host");
    };
    let fate = |startup: Option<Startup>, parameter: &str| {
        let startup = startup?;
        Some((startup.refuses(parameter)?, startup.ignores(parameter)?))
    };
    let mut dropped = None;
    for (parameter, is_option) in &sent {
        let startup = if *is_option {
            pooler.options.sure()
        } else {
            pooler.startup.sure()
        };
        match fate(startup, parameter) {
            None => {
                return Err(Missing::new(format!(
                    "what {name}'s pooler does with {parameter}"
                )));
            }
            Some((true, _)) => {
                return Seen::new(format!("{name}'s pooler refuses {parameter}"))
                    .observed(parameter)
                    .fail(format!("remove it; set it for the role (ALTER ROLE … SET {parameter} = …), or use the direct host"))
                    .into();
            }
            Some((false, true)) => dropped = dropped.or(Some(parameter)),
            Some((false, false)) => {}
        }
    }
    match dropped {
        Some(parameter) => Seen::new(format!("{name}'s pooler drops {parameter} without a word"))
            .observed(parameter)
            .fail(format!(
                "set it for the role: ALTER ROLE … SET {parameter} = …"
            ))
            .severity(Severity::Warning)
            .into(),
        None => Seen::new(format!("{name}'s pooler takes what the code adds")).pass(),
    }
}

/// Returns the parameters that the code adds, each with whether it stands inside `options`.
fn sent(engine: &Engine, base: &str) -> Result<Vec<(String, bool)>, Missing> {
    let settings = format!("{base}server_settings.");
    let options = format!("{base}options");
    let mut sent = Vec::new();
    for argument in &engine.details.arguments {
        if let Some(name) = argument.name.strip_prefix(&settings) {
            sent.push((name.to_owned(), false));
        } else if argument.name == options {
            match &argument.value {
                ArgumentValue::Text(text) => sent
                    .extend(settings_of_options(text.expose()).map(|name| (name.to_owned(), true))),
                ArgumentValue::Unknown(why) => {
                    return Err(Missing::new(format!("{options}: {why}")));
                }
                ArgumentValue::Plain(_) | ArgumentValue::Object(_) => {}
            }
        }
    }
    Ok(sent)
}

#[cfg(test)]
mod tests {
    use crate::driver::Kind;
    use crate::facts::Engine;
    use crate::rules::engine::tests::{at, engine, given, judged};

    const ID: &str = "engine-pooler-parameters";

    fn with(kind: Kind, host: &str, argument: &str, text: &str) -> Engine {
        let url = format!("postgresql://u:p@{host}:5432/d");
        let value = crate::facts::ArgumentValue::Text(text.into());
        at(given(engine(kind), argument, value), &url)
    }

    #[test]
    fn what_the_pooler_refuses_or_drops_fails_and_the_direct_host_takes_all() {
        let pooled = "ep-cool-1-pooler.eu-central-1.aws.neon.tech";
        let direct = "ep-cool-1.eu-central-1.aws.neon.tech";
        let options = "connect_args.options";
        let timeout = "-c statement_timeout=5000";
        let setting = "connect_args.server_settings.jit";
        let name = "connect_args.server_settings.application_name";
        for (kind, host, argument, text, wanted) in [
            (Kind::SqlalchemyPsycopg2, pooled, options, timeout, "fail"),
            (
                Kind::SqlalchemyPsycopg2,
                pooled,
                options,
                "-c timezone=UTC",
                "pass",
            ),
            (Kind::SqlalchemyPsycopg2, direct, options, timeout, "n/a"),
            (Kind::SqlalchemyAsyncpg, pooled, setting, "off", "fail"),
            (Kind::SqlalchemyAsyncpg, pooled, name, "api", "pass"),
            (
                Kind::SqlalchemyAsyncpg,
                "db.example.com",
                setting,
                "off",
                "n/a",
            ),
            (
                Kind::SqlalchemyPsycopg2,
                pooled,
                "connect_args.sslmode",
                "require",
                "n/a",
            ),
        ] {
            let one = with(kind, host, argument, text);
            assert_eq!(judged(ID, &[one]), wanted, "{host} {argument} {text}");
        }
        let mut unknown = with(Kind::SqlalchemyAsyncpg, pooled, setting, "off");
        unknown.details.url.text = None;
        assert_eq!(judged(ID, &[unknown]), "unknown");
    }
}
