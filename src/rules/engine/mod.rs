//! The **engine** family: what each database engine in the code really gets.

mod application_name;
mod arguments;
mod env_type;
mod max_overflow;
mod overflow_name;
mod pool_drift;
mod pool_size;
mod pooler_parameters;
mod pooler_statements;
mod pre_ping;
mod recycle;
mod timeout;
mod tls;
mod url;
mod url_conflict;
mod url_guard;
mod variable_drift;

use super::{Context, Outcome, Rule, Seen, Verdict};
use crate::conninfo::parse_parts;
use crate::driver::{Driver, Prediction, predict_in};
use crate::facts::{
    Engine, EngineSetting, Environment, Known, Library, Missing, SettingFrom, provider_of,
};
use crate::spec::Bound;
use crate::value::Origin;

/// The rules of the family, in report order.
pub(super) static RULES: &[&Rule] = &[
    &pre_ping::RULE,
    &pool_size::RULE,
    &max_overflow::RULE,
    &recycle::RULE,
    &timeout::RULE,
    &application_name::RULE,
    &tls::RULE,
    &arguments::RULE,
    &env_type::RULE,
    &pooler_statements::RULE,
    &pooler_parameters::RULE,
    &overflow_name::RULE,
    &pool_drift::RULE,
    &url::RULE,
    &url_conflict::RULE,
    &url_guard::RULE,
    &variable_drift::RULE,
];

/// Returns why an engine is not judged at all, where that is so.
fn not_judged(engine: &Engine) -> Option<String> {
    match engine.details.dialect.as_deref() {
        None | Some("postgresql") => {}
        Some(other) => return Some(format!("its database is {other}")),
    }
    let elsewhere = engine.environment.is_some() && engine.details.reached == Some(false);
    elsewhere.then(|| "this environment takes another branch".to_owned())
}

/// Predicts what a driver does with the string that an engine hands it, beside the `PG*` variables of
/// the engine's environment.
fn predicted(engine: &Engine, driver: &Driver, text: &str, context: Context<'_>) -> Prediction {
    let environment = context
        .facts
        .environments
        .iter()
        .find(|environment| Some(&environment.name) == engine.environment.as_ref());
    let variables = environment
        .map(Environment::postgres_variables)
        .unwrap_or_default();
    let provider = parse_parts(text).ok().and_then(|parts| provider_of(&parts));
    let routing = provider.map_or(&[][..], |detected| detected.provider.routing_words());
    predict_in(driver, text, &variables, routing)
}

/// Judges a number of SQLAlchemy's pool against the spec.
fn judge_number(
    engine: &Engine,
    name: &'static str,
    bound: Bound,
    fix: fn(i64, Bound) -> String,
) -> Outcome {
    if let Some(why) = not_judged(engine) {
        return Verdict::not_applicable(why);
    }
    if bound == Bound::Any {
        return Verdict::not_applicable("the spec demands nothing");
    }
    let Some(setting) = engine.setting(name) else {
        return Verdict::not_applicable("this kind of engine has no such setting");
    };
    if setting.from == SettingFrom::NotApplicable {
        return Verdict::not_applicable("this kind of engine or pool has no such setting");
    }
    if !queues(engine) {
        return Verdict::not_applicable("its pool keeps no connection");
    }
    let number = match &setting.value {
        Some(Known::Int(number)) => *number,
        #[expect(
            clippy::cast_possible_truncation,
            reason = "seconds, compared with whole ones"
        )]
        Some(Known::Float(number)) => number.ceil() as i64,
        Some(_) => return Verdict::not_applicable("what it gets is no number (engine-env-type)"),
        None => return Err(missing(name, setting)),
    };
    let seen = seen(engine, name, setting)
        .observed(number.to_string())
        .expected(bound.to_string());
    if bound.holds(number) {
        return seen.pass();
    }
    seen.fail(fix(number, bound)).into()
}

/// Returns whether the pool keeps connections, as far as is known.
fn queues(engine: &Engine) -> bool {
    let class = engine
        .setting("poolclass")
        .and_then(|setting| setting.value.as_ref());
    !matches!(class, Some(Known::Text(name)) if name == "NullPool")
}

/// Says what a setting is and how it got there.
fn seen(engine: &Engine, name: &str, setting: &EngineSetting) -> Seen {
    let value = setting
        .value
        .as_ref()
        .map_or_else(|| "not known".to_owned(), shown);
    let how = match &setting.from {
        SettingFrom::Literal => "written at the call".to_owned(),
        SettingFrom::Constant => "set in the code".to_owned(),
        SettingFrom::Env(variable) => format!("from ${variable}"),
        SettingFrom::EnvDefault(variable) => format!("the default where ${variable} is unset"),
        SettingFrom::LibraryDefault => "the library's default".to_owned(),
        SettingFrom::NotApplicable => "not applicable".to_owned(),
        SettingFrom::Unknown(reason) => reason.clone(),
    };
    let code = match &setting.code_value {
        Some(code) if setting.value.as_ref() != Some(code) => {
            format!("; by the code alone {}", shown(code))
        }
        _ => String::new(),
    };
    let message = format!("{name} is {value} ({how}{code})");
    match setting.line {
        Some(line) if line != engine.line => {
            Seen::new(message).at(Origin::file(engine.path.clone(), line, 1))
        }
        _ => Seen::new(message),
    }
}

/// Says `pass name=value` as the engine's library takes it: Flask-SQLAlchemy and Django make the
/// engine of a configuration.
fn advised(engine: &Engine, fix: &str) -> String {
    let argument = fix
        .strip_prefix("pass ")
        .and_then(|argument| argument.split_once('='));
    let Some((name, value)) = argument else {
        return fix.to_owned();
    };
    match engine.details.library {
        Library::Sqlalchemy if engine.function == "SQLAlchemy" => {
            format!("add to SQLALCHEMY_ENGINE_OPTIONS: \"{name}\": {value}")
        }
        Library::Django => {
            let options = format!("\"{name}\": {value}");
            let options = match value.strip_prefix('{') {
                Some(inside) if name == "connect_args" => inside.replacen('}', "", 1),
                _ => options,
            };
            format!("add to OPTIONS of the entry in DATABASES: {options}")
        }
        _ => fix.to_owned(),
    }
}

/// Writes a value as Python does.
fn shown(value: &Known) -> String {
    match value {
        Known::Int(number) => number.to_string(),
        Known::Float(number) => number.to_string(),
        Known::Bool(true) => "True".to_owned(),
        Known::Bool(false) => "False".to_owned(),
        Known::Text(text) => format!("\"{text}\""),
        Known::None => "None".to_owned(),
    }
}

/// Returns what is missing to know a setting.
fn missing(name: &str, setting: &EngineSetting) -> Missing {
    match &setting.from {
        SettingFrom::Unknown(reason) => Missing::new(format!("the value of {name}: {reason}")),
        _ => Missing::new(format!("the value of {name}")),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

    use crate::driver::{Driver, Kind};
    use crate::facts::{
        ArgumentValue, Engine, EngineArgument, EngineDetails, EngineSetting, EngineUrl, Facts,
        Known, Library, Role, SettingFrom,
    };
    use crate::rules::engine::RULES;
    use crate::rules::{Check, Context, Outcome, Verdict};
    use crate::spec::Spec;

    pub(in crate::rules::engine) fn engine(kind: Kind) -> Engine {
        let set = |value: Known| EngineSetting {
            value: Some(value.clone()),
            code_value: Some(value),
            from: SettingFrom::Literal,
            line: Some(3),
        };
        Engine {
            path: "app/db.py".into(),
            line: 3,
            function: "create_engine".into(),
            role: Role::App,
            driver: Some(Driver::newest(kind)),
            url_from: "env:DATABASE_URL".into(),
            environment: None,
            settings: vec![
                ("pool_size", set(Known::Int(5))),
                ("max_overflow", set(Known::Int(10))),
                ("pool_recycle", set(Known::Int(1800))),
                ("pool_timeout", set(Known::Int(30))),
                ("pool_pre_ping", set(Known::Bool(true))),
                ("application_name", set(Known::Text("api".into()))),
                ("poolclass", set(Known::Text("QueuePool".into()))),
            ],
            details: EngineDetails {
                library: if kind == Kind::SqlalchemyAsyncpg {
                    Library::SqlalchemyAsync
                } else {
                    Library::Sqlalchemy
                },
                dialect: Some("postgresql".into()),
                url: EngineUrl {
                    variables: vec!["DATABASE_URL".into()],
                    ..EngineUrl::default()
                },
                reached: Some(true),
                ..EngineDetails::default()
            },
        }
    }

    #[test]
    fn an_advice_is_one_for_the_library_that_makes_the_engine() {
        let mut flask = engine(Kind::SqlalchemyPsycopg2);
        assert_eq!(
            super::advised(&flask, "pass pool_pre_ping=True"),
            "pass pool_pre_ping=True"
        );
        flask.function = "SQLAlchemy".into();
        assert_eq!(
            super::advised(&flask, "pass pool_pre_ping=True"),
            "add to SQLALCHEMY_ENGINE_OPTIONS: \"pool_pre_ping\": True"
        );
        let mut django = engine(Kind::Psycopg);
        django.details.library = Library::Django;
        for fix in [
            "pass application_name=\"shop\"",
            "pass connect_args={\"application_name\": \"shop\"}",
        ] {
            assert_eq!(
                super::advised(&django, fix),
                "add to OPTIONS of the entry in DATABASES: \"application_name\": \"shop\""
            );
        }
        assert_eq!(
            super::advised(&flask, "set pool_recycle to 1800"),
            "set pool_recycle to 1800"
        );
    }

    #[expect(clippy::needless_pass_by_value, reason = "the tests read better")]
    pub(in crate::rules::engine) fn with(
        mut engine: Engine,
        name: &str,
        value: Option<Known>,
        from: SettingFrom,
    ) -> Engine {
        for (known, setting) in &mut engine.settings {
            if *known == name {
                setting.value.clone_from(&value);
                setting.from = from.clone();
            }
        }
        engine
    }

    pub(in crate::rules::engine) fn given(
        mut engine: Engine,
        name: &str,
        value: ArgumentValue,
    ) -> Engine {
        engine.details.arguments.push(EngineArgument {
            name: name.to_owned(),
            value,
            from: SettingFrom::Literal,
            line: Some(3),
        });
        engine
    }

    pub(in crate::rules::engine) fn at(mut engine: Engine, url: &str) -> Engine {
        engine.details.url.text = Some(url.into());
        engine
    }

    /// Judges by a rule, over one or more engines, and says how it ended.
    pub(in crate::rules::engine) fn judged(id: &str, engines: &[Engine]) -> &'static str {
        let facts = Facts {
            engines: engines.to_vec(),
            code_read: true,
            ..Facts::default()
        };
        outcome(id, &facts)
    }

    pub(in crate::rules::engine) fn outcome(id: &str, facts: &Facts) -> &'static str {
        let rule = RULES.iter().find(|rule| rule.id == id).unwrap();
        let spec = Spec::profile("enterprise").unwrap();
        let context = Context {
            spec: &spec,
            facts,
            today: jiff::civil::date(2026, 11, 24),
        };
        let outcome: Outcome = match rule.check {
            Check::Engine(check) => check(&facts.engines[0], context),
            Check::Project(check) => check(context),
            _ => unreachable!("the family has no other subjects"),
        };
        match outcome {
            Ok(Verdict::Pass(_)) => "pass",
            Ok(Verdict::Fail(_)) => "fail",
            Ok(Verdict::NotApplicable(_)) => "n/a",
            Err(_) => "unknown",
        }
    }

    pub(in crate::rules::engine) fn number(
        id: &str,
        name: &str,
        value: Option<i64>,
    ) -> &'static str {
        let from = match value {
            Some(_) => SettingFrom::Literal,
            None => SettingFrom::Unknown("`n` (app/db.py:3)".into()),
        };
        let engine = with(
            engine(Kind::SqlalchemyPsycopg2),
            name,
            value.map(Known::Int),
            from,
        );
        judged(id, &[engine])
    }
}
