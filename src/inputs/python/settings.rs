//! The settings that an engine really gets: what its call gives, else its library's default.

use super::modules::Modules;
use super::record::{Address, Argument, Record};
use super::resolve::line_of;
use super::value::How;
use crate::driver::{Driver, Kind};
use crate::facts::{ArgumentValue, EngineSetting, Known, Library, SettingFrom, Settings};

/// SQLAlchemy's defaults, the same in 1.4, 2.0 and 2.1 (`sqlalchemy/engine/create.py`).
const DEFAULTS: [(&str, Known); 5] = [
    ("pool_size", Known::Int(5)),
    ("max_overflow", Known::Int(10)),
    ("pool_recycle", Known::Int(-1)),
    ("pool_timeout", Known::Int(30)),
    ("pool_pre_ping", Known::Bool(false)),
];

/// Returns how an argument got its value.
pub(super) fn from_of(argument: &Argument) -> SettingFrom {
    if let ArgumentValue::Unknown(reason) = &argument.value {
        return SettingFrom::Unknown(reason.clone());
    }
    match &argument.how {
        How::Literal => SettingFrom::Literal,
        How::Constant => SettingFrom::Constant,
        How::Env(name) => SettingFrom::Env(name.to_string()),
        How::EnvDefault(name) => SettingFrom::EnvDefault(name.to_string()),
    }
}

/// Returns what a record gives for a setting; `None` where nothing sets it.
type Found<'r> = Option<Result<(&'r Argument, Option<Known>), String>>;

fn find<'r>(record: &'r Record, name: &str) -> Found<'r> {
    match record.argument(name) {
        Some(argument) => Some(match &argument.value {
            ArgumentValue::Plain(known) => Ok((argument, Some(known.clone()))),
            ArgumentValue::Text(text) if name != "connect_args" => {
                Ok((argument, Some(Known::Text(text.expose().to_owned()))))
            }
            ArgumentValue::Object(object) if name == "poolclass" => {
                let last = object.rsplit('.').next().unwrap_or(object);
                Ok((argument, Some(Known::Text(last.to_owned()))))
            }
            ArgumentValue::Text(_) | ArgumentValue::Object(_) => Ok((argument, None)),
            ArgumentValue::Unknown(reason) => Err(reason.clone()),
        }),
        None => record
            .open
            .iter()
            .find(|(path, _)| path.is_empty())
            .map(|(_, reason)| Err(reason.clone())),
    }
}

/// Returns the settings of an engine; `code` is what the code alone gives.
pub(super) fn settings(
    record: &Record,
    code: &Record,
    library: Library,
    driver: Option<&Driver>,
    modules: &Modules,
) -> Settings {
    let mut settings = Settings::new();
    if !library.is_sqlalchemy() {
        for (name, _) in DEFAULTS {
            settings.push((name, plain(None, SettingFrom::NotApplicable)));
        }
        settings.push((
            "application_name",
            application_name(record, code, library, driver, modules),
        ));
        settings.push(("poolclass", plain(None, SettingFrom::NotApplicable)));
        return settings;
    }
    let pool = poolclass(record, code, library, modules);
    for (name, default) in DEFAULTS {
        settings.push((
            name,
            pool_setting(record, code, name, &default, &pool, modules),
        ));
    }
    settings.push((
        "application_name",
        application_name(record, code, library, driver, modules),
    ));
    settings.push(("poolclass", pool));
    settings
}

fn plain(value: Option<Known>, from: SettingFrom) -> EngineSetting {
    EngineSetting {
        code_value: value.clone(),
        value,
        from,
        line: None,
    }
}

fn setting_of(
    found: &Found<'_>,
    code_value: Option<Known>,
    record: &Record,
    modules: &Modules,
) -> Option<EngineSetting> {
    Some(match found.as_ref()? {
        Ok((argument, value)) => EngineSetting {
            value: value.clone(),
            code_value,
            from: match value {
                Some(_) => from_of(argument),
                None => SettingFrom::Unknown(format!("`{}` is an object", argument.name)),
            },
            line: line_of(argument, record, modules),
        },
        Err(reason) => EngineSetting {
            value: None,
            code_value,
            from: SettingFrom::Unknown(reason.clone()),
            line: None,
        },
    })
}

fn poolclass(record: &Record, code: &Record, library: Library, modules: &Modules) -> EngineSetting {
    let default = |record: &Record| {
        if record.argument("pool").is_some() {
            return None;
        }
        let memory = match &record.address {
            Address::Known(text) => {
                let text = text.expose();
                text.starts_with("sqlite") && (text.ends_with("://") || text.contains(":memory:"))
            }
            _ => false,
        };
        let name = match (memory, library) {
            (true, Library::SqlalchemyAsync) => "StaticPool",
            (true, _) => "SingletonThreadPool",
            (false, Library::SqlalchemyAsync) => "AsyncAdaptedQueuePool",
            (false, _) => "QueuePool",
        };
        Some(Known::Text(name.to_owned()))
    };
    let value_in = |record: &Record| match find(record, "poolclass") {
        None => default(record),
        Some(Ok((_, Some(Known::None)))) => default(record),
        Some(Ok((_, value))) => value,
        Some(Err(_)) => None,
    };
    let code_value = value_in(code);
    let found = find(record, "poolclass");
    let mut setting =
        setting_of(&found, code_value.clone(), record, modules).unwrap_or_else(|| EngineSetting {
            value: default(record),
            code_value,
            from: if record.argument("pool").is_some() {
                SettingFrom::Unknown("`pool=` is an object".to_owned())
            } else {
                SettingFrom::LibraryDefault
            },
            line: None,
        });
    if setting.value == Some(Known::None) {
        setting.value = default(record);
        setting.from = SettingFrom::LibraryDefault;
    }
    setting
}

/// Returns whether a pool of this class queues, so that size, overflow and timeout mean something.
fn queues(pool: Option<&Known>) -> Option<bool> {
    match pool {
        Some(Known::Text(name)) => match name.as_str() {
            "QueuePool" | "AsyncAdaptedQueuePool" | "FallbackAsyncAdaptedQueuePool" => Some(true),
            "NullPool" | "StaticPool" | "SingletonThreadPool" | "AssertionPool" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

fn pool_setting(
    record: &Record,
    code: &Record,
    name: &'static str,
    default: &Known,
    pool: &EngineSetting,
    modules: &Modules,
) -> EngineSetting {
    let found = find(record, name);
    let value_in = |record: &Record, pool: Option<&Known>| match find(record, name) {
        Some(Ok((_, value))) => value,
        Some(Err(_)) => None,
        None => (queues(pool) == Some(true)).then(|| default.clone()),
    };
    let code_value = value_in(code, pool.code_value.as_ref());
    if let Some(setting) = setting_of(&found, code_value.clone(), record, modules) {
        return setting;
    }
    let (value, from) = match queues(pool.value.as_ref()) {
        Some(true) => (Some(default.clone()), SettingFrom::LibraryDefault),
        Some(false) => (None, SettingFrom::NotApplicable),
        None => (
            None,
            match &pool.from {
                SettingFrom::Unknown(reason) => SettingFrom::Unknown(reason.clone()),
                _ => SettingFrom::Unknown("a pool class of its own".to_owned()),
            },
        ),
    };
    EngineSetting {
        value,
        code_value,
        from,
        line: None,
    }
}

fn application_name(
    record: &Record,
    code: &Record,
    library: Library,
    driver: Option<&Driver>,
    modules: &Modules,
) -> EngineSetting {
    let asyncpg =
        driver.map(|driver| matches!(driver.kind, Kind::Asyncpg | Kind::SqlalchemyAsyncpg));
    let paths: &[&str] = match (library, asyncpg) {
        (Library::Sqlalchemy | Library::SqlalchemyAsync, Some(true)) => {
            &["connect_args.server_settings.application_name"]
        }
        (Library::Sqlalchemy | Library::SqlalchemyAsync, Some(false)) => {
            &["connect_args.application_name"]
        }
        (Library::Sqlalchemy | Library::SqlalchemyAsync, None) => &[
            "connect_args.server_settings.application_name",
            "connect_args.application_name",
        ],
        (Library::AsyncpgPool | Library::Asyncpg, _) => &["server_settings.application_name"],
        (Library::PsycopgPool, _) => &["kwargs.application_name"],
        (Library::Django, _) => &["OPTIONS.application_name"],
        _ => &["application_name"],
    };
    let value_in = |record: &Record| -> Option<Result<Known, String>> {
        for path in paths {
            if let Some(argument) = record.argument(path) {
                return Some(match &argument.value {
                    ArgumentValue::Text(text) => Ok(Known::Text(text.expose().to_owned())),
                    ArgumentValue::Plain(known) => Ok(known.clone()),
                    ArgumentValue::Unknown(reason) => Err(reason.clone()),
                    ArgumentValue::Object(_) => Err("an object".to_owned()),
                });
            }
        }
        let above = paths.iter().flat_map(|path| {
            path.match_indices('.')
                .map(|(at, _)| path[..at].to_owned())
                .chain([String::new()])
        });
        let open: Vec<String> = above.collect();
        record
            .open
            .iter()
            .find(|(path, _)| open.contains(path))
            .map(|(_, reason)| Err(reason.clone()))
    };
    let in_url = |record: &Record| match &record.address {
        Address::Known(text) => url_parameter(text.expose(), "application_name").map(Known::Text),
        _ => None,
    };
    let code_value = match value_in(code) {
        Some(Ok(value)) => Some(value),
        Some(Err(_)) => None,
        None => Some(in_url(code).unwrap_or(Known::None)),
    };
    let argument = paths.iter().find_map(|path| record.argument(path));
    match value_in(record) {
        Some(Ok(value)) => EngineSetting {
            value: Some(value),
            code_value,
            from: argument.map_or(SettingFrom::Constant, from_of),
            line: argument.and_then(|argument| line_of(argument, record, modules)),
        },
        Some(Err(reason)) => EngineSetting {
            value: None,
            code_value,
            from: SettingFrom::Unknown(reason),
            line: None,
        },
        None => match in_url(record) {
            Some(value) => EngineSetting {
                value: Some(value),
                code_value,
                from: match &record.address_how {
                    How::Env(name) => SettingFrom::Env(name.to_string()),
                    How::EnvDefault(name) => SettingFrom::EnvDefault(name.to_string()),
                    How::Constant => SettingFrom::Constant,
                    How::Literal => SettingFrom::Literal,
                },
                line: None,
            },
            None => EngineSetting {
                value: Some(Known::None),
                code_value,
                from: SettingFrom::LibraryDefault,
                line: None,
            },
        },
    }
}

/// Returns a query parameter of a connection string.
fn url_parameter(text: &str, name: &str) -> Option<String> {
    let (_, query) = text.split_once('?')?;
    query.split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        (key == name).then(|| {
            percent_encoding::percent_decode_str(value)
                .decode_utf8_lossy()
                .into_owned()
        })
    })
}
