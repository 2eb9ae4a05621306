//! `engine-application-name`: the sessions of an engine carry a name.

use super::{advised, missing, not_judged, seen};
use crate::driver::Kind;
use crate::facts::{Engine, Known, Missing};
use crate::rules::{Check, Context, Outcome, Rule, Verdict};
use crate::spec::Severity;

pub(super) static RULE: Rule = Rule {
    id: "engine-application-name",
    severity: Severity::Warning,
    summary: "the sessions of an engine carry no application name",
    rationale: "pg_stat_activity and the server's log show application_name: without it nobody can tell \
        which program holds a lock or uses up the slots. Async engines set it too, by server_settings: \
        asyncpg takes it neither in connect_args itself nor, through SQLAlchemy, in the URL.",
    fix: "pass connect_args={\"application_name\": \"…\"}, for asyncpg connect_args={\"server_settings\": {\"application_name\": \"…\"}}",
    symptoms: &["connect() got an unexpected keyword argument 'application_name'"],
    references: &[
        "https://www.postgresql.org/docs/current/runtime-config-logging.html#GUC-APPLICATION-NAME",
    ],
    check: Check::Engine(check),
};

fn check(engine: &Engine, context: Context<'_>) -> Outcome {
    if let Some(why) = not_judged(engine) {
        return Verdict::not_applicable(why);
    }
    if !context.spec.application_name_required {
        return Verdict::not_applicable("the spec demands nothing");
    }
    let Some(setting) = engine.setting("application_name") else {
        return Err(Missing::new("the arguments of the engine"));
    };
    let wanted = context.spec.application_name.as_deref();
    let expected = wanted.unwrap_or("any name");
    let seen = seen(engine, "application_name", setting).expected(expected);
    match &setting.value {
        None => Err(missing("application_name", setting)),
        Some(Known::Text(name)) if !name.is_empty() => {
            let seen = seen.observed(name.clone());
            if wanted.is_none_or(|wanted| wanted == name) {
                return seen.pass();
            }
            seen.fail(format!("name it {expected}")).into()
        }
        Some(_) => {
            // Through SQLAlchemy asyncpg takes no name from the URL; every other driver does.
            let by_url = engine
                .driver
                .as_ref()
                .is_none_or(|driver| driver.kind != Kind::SqlalchemyAsyncpg);
            if by_url && engine.details.url.text.is_none() && engine.url_from != "keywords" {
                return Err(Missing::new(
                    "the connection string, which may set the name",
                ));
            }
            let fix = advised(engine, &fix(engine, wanted));
            seen.observed("none").fail(fix).into()
        }
    }
}

fn fix(engine: &Engine, wanted: Option<&str>) -> String {
    let name = wanted.unwrap_or("<app>");
    match engine.driver.as_ref().map(|driver| driver.kind) {
        Some(Kind::SqlalchemyAsyncpg) => {
            format!(
                "pass connect_args={{\"server_settings\": {{\"application_name\": \"{name}\"}}}}"
            )
        }
        Some(Kind::Asyncpg) => format!("pass server_settings={{\"application_name\": \"{name}\"}}"),
        Some(Kind::Psycopg | Kind::Psycopg2) => format!("pass application_name=\"{name}\""),
        _ => format!("pass connect_args={{\"application_name\": \"{name}\"}}"),
    }
}

#[cfg(test)]
mod tests {
    use crate::driver::Kind;
    use crate::facts::{Known, SettingFrom};
    use crate::rules::engine::tests::{at, engine, judged, with};

    const ID: &str = "engine-application-name";

    #[test]
    fn a_name_passes() {
        assert_eq!(judged(ID, &[engine(Kind::SqlalchemyPsycopg2)]), "pass");
    }

    #[test]
    fn no_name_fails_where_the_url_cannot_bring_one() {
        let none = |kind| {
            with(
                engine(kind),
                "application_name",
                Some(Known::None),
                SettingFrom::LibraryDefault,
            )
        };
        assert_eq!(judged(ID, &[none(Kind::SqlalchemyAsyncpg)]), "fail");
        assert_eq!(
            judged(
                ID,
                &[at(none(Kind::SqlalchemyPsycopg2), "postgresql://h/d")]
            ),
            "fail"
        );
    }

    #[test]
    fn no_name_is_unknown_while_the_url_is() {
        let none = with(
            engine(Kind::SqlalchemyPsycopg2),
            "application_name",
            Some(Known::None),
            SettingFrom::LibraryDefault,
        );
        assert_eq!(judged(ID, &[none]), "unknown");
        let unknown = with(
            engine(Kind::SqlalchemyPsycopg2),
            "application_name",
            None,
            SettingFrom::Unknown("`x`".into()),
        );
        assert_eq!(judged(ID, &[unknown]), "unknown");
    }
}
