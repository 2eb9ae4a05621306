//! `url-application-name`: the application's name is set, here or in the engine.

use super::engines::engines;
use super::string_that_is_taken;
use crate::facts::{DatabaseUrl, Engine, EngineSetting, Known, Reader};
use crate::rules::{Check, Context, Outcome, Rule, Seen, Verdict};
use crate::spec::Severity;

pub(super) static RULE: Rule = Rule {
    id: "url-application-name",
    severity: Severity::Warning,
    summary: "the application's name is not set",
    rationale: "The name is what tells the application's sessions from others in pg_stat_activity \
        and in the server's log. Every driver can send it: libpq's as a parameter, asyncpg in \
        server_settings (in SQLAlchemy's URL it is a TypeError). Neon's pooler passes it on; \
        Supabase's in transaction mode shows its own.",
    fix: "set application_name, in the driver's spelling",
    symptoms: &["TypeError: connect() got an unexpected keyword argument 'application_name'"],
    references: &[
        "https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-APPLICATION-NAME",
    ],
    check: Check::Reader(check),
};

fn check(url: &DatabaseUrl, reader: &Reader, context: Context<'_>) -> Outcome {
    if !context.spec.application_name_required {
        return Verdict::not_applicable("the spec has no demand");
    }
    if !reader.prediction.accepts {
        return Err(string_that_is_taken());
    }
    let wanted = context.spec.application_name.as_deref();
    let expected = wanted.unwrap_or("any name");
    let spelling = reader.driver.kind.spelling().application_name;
    let given = url
        .parts
        .as_ref()
        .ok()
        .and_then(|parts| parts.get("application_name"));
    let sent = reader
        .prediction
        .application_name
        .as_deref()
        // What postgres.js calls itself names no application.
        .filter(|name| given.is_some() || *name != "postgres.js");
    match sent {
        Some(name) if wanted.is_none_or(|wanted| wanted == name) => {
            return Seen::new("the name is set")
                .observed(name)
                .expected(expected)
                .pass();
        }
        Some(name) => {
            return Seen::new("another name is set")
                .observed(name)
                .expected(expected)
                .fail(format!("write application_name={expected}"))
                .mark(
                    url.redacted
                        .map(given.map_or_else(Default::default, |given| given.value_span)),
                )
                .into();
        }
        None => {}
    }
    let readers = engines(url, reader, context);
    if !readers.is_empty() && readers.iter().all(|engine| names_itself(engine).is_some()) {
        return Seen::new("every engine sets the name in code")
            .expected(expected)
            .pass();
    }
    let name = wanted.unwrap_or("NAME");
    let fix = match spelling.parameter {
        Some(parameter) => format!("add {parameter}={name} to the URL"),
        None => format!(
            "set it in code: {} (no URL parameter does it)",
            spelling.code
        ),
    };
    Seen::new("no name is set")
        .observed("none")
        .expected(expected)
        .fail(fix)
        .into()
}

fn names_itself(engine: &Engine) -> Option<&EngineSetting> {
    engine.settings.iter().find_map(|(name, setting)| {
        let set = *name == "application_name" && matches!(setting.value, Some(Known::Text(_)));
        set.then_some(setting)
    })
}

#[cfg(test)]
mod tests {
    use crate::driver::Kind;
    use crate::facts::DatabaseUrl;
    use crate::rules::url::tests::{Expected, judge_url, read_by, sample};

    fn judged(kind: Kind, query: &str) -> Expected {
        let text = format!("postgresql://u:p@db.example.com:5432/d{query}");
        judge_url(
            "url-application-name",
            DatabaseUrl {
                readers: vec![read_by(kind, &text)],
                ..sample(&text)
            },
        )
    }

    #[test]
    fn a_name_that_is_sent_passes() {
        assert_eq!(judged(Kind::Libpq, "?application_name=app"), Expected::Pass);
        assert_eq!(
            judged(Kind::Asyncpg, "?application_name=app"),
            Expected::Pass
        );
    }

    #[test]
    fn a_name_from_elsewhere_than_the_url_passes_too() {
        assert_eq!(
            judged(Kind::Libpq, "?options=-c%20application_name%3Dapp"),
            Expected::Pass
        );
        assert_eq!(judged(Kind::PostgresJs, ""), Expected::Fail);
    }

    #[test]
    fn a_string_without_a_name_fails() {
        assert_eq!(judged(Kind::Libpq, ""), Expected::Fail);
        assert_eq!(judged(Kind::SqlalchemyAsyncpg, ""), Expected::Fail);
    }

    #[test]
    fn a_name_that_the_driver_refuses_is_unknown() {
        assert_eq!(
            judged(Kind::SqlalchemyAsyncpg, "?application_name=app"),
            Expected::Unknown
        );
    }
}
