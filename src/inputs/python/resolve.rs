//! Makes of what the evaluations saw the engines that the report shows.

use std::collections::BTreeMap;

use super::eval::flask::LEGACY;
use super::modules::Modules;
use super::record::{Address, Argument, Record};
use super::value::{How, Place};
use super::versions::{major_minor, requirement};
use crate::driver::{Driver, Kind};
use crate::facts::{
    ArgumentValue, Engine, EngineArgument, EngineDetails, EngineSetting, EngineUrl, Known, Library,
    Role, SettingFrom, Settings,
};

/// SQLAlchemy's defaults, the same in 1.4, 2.0 and 2.1 (`sqlalchemy/engine/create.py`).
const DEFAULTS: [(&str, Known); 5] = [
    ("pool_size", Known::Int(5)),
    ("max_overflow", Known::Int(10)),
    ("pool_recycle", Known::Int(-1)),
    ("pool_timeout", Known::Int(30)),
    ("pool_pre_ping", Known::Bool(false)),
];

/// Joins the sights of each call: a call by known code counts before a function run for itself,
/// the application's before those of scripts and tests, one that is reached before one that is not.
pub(super) fn by_call(records: Vec<Record>, modules: &Modules) -> BTreeMap<Place, Record> {
    let mut groups: BTreeMap<Place, Vec<Record>> = BTreeMap::new();
    for record in records {
        groups.entry(record.place).or_default().push(record);
    }
    groups
        .into_iter()
        .filter_map(|(place, group)| {
            let own = modules.role(place.file);
            let group = prefer(group, |record| own != Role::App || record.role == Role::App);
            let group = prefer(group, |record| !record.by_itself);
            let group = prefer(group, |record| record.reached != Some(false));
            let mut group = group.into_iter();
            let mut first = group.next()?;
            for other in group {
                first.join(other);
            }
            Some((place, first))
        })
        .collect()
}

fn prefer(group: Vec<Record>, better: impl Fn(&Record) -> bool) -> Vec<Record> {
    if group.iter().any(&better) {
        group.into_iter().filter(better).collect()
    } else {
        group
    }
}

/// Makes an engine of a call: what it gets in an environment, and by the code alone.
pub(super) fn engine(
    record: &Record,
    code: &Record,
    environment: Option<&str>,
    modules: &Modules,
) -> Engine {
    let path = modules.path(record.place.file).to_owned();
    let (line, column) = modules.line_and_column(record.place);
    let library = library_of(&record.name);
    let files = &modules.sources().requirements;
    let sqlalchemy = requirement(files, &path, "sqlalchemy");
    let version = sqlalchemy.as_ref().and_then(|found| found.version.clone());
    let record = &tidy(record, modules, &path);
    let code = &tidy(code, modules, &path);
    let scheme = scheme_of(record);
    let dialect = dialect_of(library, scheme.as_deref());
    let driver = driver_of(
        library,
        record,
        scheme.as_deref(),
        version.as_deref(),
        files,
        &path,
    );
    let broken = modules.is_broken(record.place.file);
    let mut settings = settings(record, code, library, driver.as_ref(), modules);
    if broken {
        let reason = format!("`{path}` does not parse");
        for (_, setting) in &mut settings {
            setting.value = None;
            setting.code_value = None;
            setting.from = SettingFrom::Unknown(reason.clone());
        }
    }
    Engine {
        line,
        function: record
            .name
            .rsplit('.')
            .next()
            .unwrap_or(&record.name)
            .to_owned(),
        role: modules.role(record.place.file),
        driver: driver.filter(|_| {
            dialect
                .as_deref()
                .is_none_or(|dialect| dialect == "postgresql")
        }),
        url_from: url_from(record),
        environment: environment.map(str::to_owned),
        settings,
        details: EngineDetails {
            library,
            dialect,
            url: url_of(record),
            arguments: record
                .arguments
                .iter()
                .map(|argument| shown(argument, record, modules))
                .collect(),
            open: if broken {
                vec![(String::new(), format!("`{path}` does not parse"))]
            } else {
                record.open.clone()
            },
            variables: record.reads.iter().map(ToString::to_string).collect(),
            sqlalchemy: version.zip(sqlalchemy.map(|found| found.file)),
            reached: record.reached,
            unconverted: Vec::new(),
            column,
        },
        path,
    }
}

/// Applies what depends on the version of Flask-SQLAlchemy: 3 ignores the keys of 2.
fn tidy(record: &Record, modules: &Modules, path: &str) -> Record {
    let mut record = record.clone();
    if &*record.name != "flask_sqlalchemy.SQLAlchemy" {
        return record;
    }
    let files = &modules.sources().requirements;
    let version = requirement(files, path, "flask-sqlalchemy").and_then(|found| found.version);
    let old = version
        .as_deref()
        .and_then(major_minor)
        .is_some_and(|(major, _)| major < 3);
    if !old {
        return record;
    }
    if let Some(hook) = record.old_hook.take() {
        record.open.push((String::new(), hook));
    }
    // In 2 the constructor's options win over the configuration's; `argument` takes the last.
    record.arguments.reverse();
    for (legacy, name) in LEGACY {
        // `apply_pool_defaults` leaves out what is None.
        if record.argument(name).is_none()
            && let Some(argument) = record.argument(legacy).cloned()
            && argument.value != ArgumentValue::Plain(Known::None)
        {
            record.arguments.push(Argument {
                name: name.to_owned(),
                ..argument
            });
        }
    }
    record
        .arguments
        .retain(|argument| !argument.name.starts_with("SQLALCHEMY_"));
    record
}

fn library_of(name: &str) -> Library {
    match name {
        "sqlalchemy.ext.asyncio.create_async_engine"
        | "sqlalchemy.ext.asyncio.async_engine_from_config" => Library::SqlalchemyAsync,
        "asyncpg.create_pool" => Library::AsyncpgPool,
        "asyncpg.connect" => Library::Asyncpg,
        "psycopg2.connect" => Library::Psycopg2,
        "psycopg.connect" | "psycopg.AsyncConnection.connect" => Library::Psycopg,
        "django.DATABASES" => Library::Django,
        name if name.starts_with("psycopg_pool.") => Library::PsycopgPool,
        name if name.starts_with("psycopg2.pool.") => Library::Psycopg2Pool,
        _ => Library::Sqlalchemy,
    }
}

/// Returns the scheme that the address has, or gets by what is done to it.
fn scheme_of(record: &Record) -> Option<String> {
    let known = match &record.address {
        Address::Known(text) => text
            .expose()
            .split_once("://")
            .map(|(scheme, _)| scheme.trim().to_owned()),
        Address::Scheme(scheme, _) => Some(scheme.clone()),
        Address::Absent | Address::Unknown(_) => None,
    };
    known.or_else(|| {
        let (_, to) = record.replaced.last()?;
        let scheme = to.split("://").next()?;
        let plain = !scheme.is_empty()
            && scheme
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'+');
        (plain && (to.contains("://") || to.contains('+')))
            .then(|| scheme.trim_start_matches('+').to_owned())
            .filter(|scheme| scheme.starts_with("postgres"))
    })
}

fn dialect_of(library: Library, scheme: Option<&str>) -> Option<String> {
    if !library.is_sqlalchemy() {
        return Some("postgresql".to_owned());
    }
    let dialect = scheme?.split('+').next()?;
    Some(
        if dialect == "postgres" {
            "postgresql"
        } else {
            dialect
        }
        .to_owned(),
    )
}

fn driver_of(
    library: Library,
    record: &Record,
    scheme: Option<&str>,
    sqlalchemy: Option<&str>,
    files: &[(String, String)],
    path: &str,
) -> Option<Driver> {
    let kind = match library {
        Library::AsyncpgPool | Library::Asyncpg => Kind::Asyncpg,
        Library::PsycopgPool | Library::Psycopg => Kind::Psycopg,
        Library::Psycopg2Pool | Library::Psycopg2 => Kind::Psycopg2,
        Library::Django => {
            let has = |package: &str| requirement(files, path, package).is_some();
            match (has("psycopg"), has("psycopg2") || has("psycopg2-binary")) {
                (true, _) => Kind::Psycopg,
                (false, true) => Kind::Psycopg2,
                (false, false) => return None,
            }
        }
        Library::Sqlalchemy | Library::SqlalchemyAsync => {
            return sqlalchemy_driver(library, record, scheme, sqlalchemy, files, path);
        }
    };
    Some(Driver::newest(kind))
}

fn sqlalchemy_driver(
    library: Library,
    record: &Record,
    scheme: Option<&str>,
    sqlalchemy: Option<&str>,
    files: &[(String, String)],
    path: &str,
) -> Option<Driver> {
    let has = |package: &str| requirement(files, path, package).is_some();
    let psycopg2 = has("psycopg2") || has("psycopg2-binary");
    let (psycopg, asyncpg, pg8000) = (has("psycopg"), has("asyncpg"), has("pg8000"));
    let version = sqlalchemy.and_then(major_minor);
    let by_name = |name: &str| match name {
        "psycopg2" => Some(Kind::SqlalchemyPsycopg2),
        "psycopg" | "psycopg_async" => Some(Kind::SqlalchemyPsycopg),
        "asyncpg" => Some(Kind::SqlalchemyAsyncpg),
        "pg8000" => Some(Kind::SqlalchemyPg8000),
        _ => None,
    };
    let kind = match scheme {
        Some(scheme) if scheme.starts_with("postgres") => match scheme.split_once('+') {
            Some((_, name)) => by_name(name)?,
            None => match version {
                // SQLAlchemy 2.1 changed the driver of a bare `postgresql://` (ticket 13010).
                Some(version) if version >= (2, 1) => Kind::SqlalchemyPsycopg,
                Some(_) if psycopg2 || !psycopg => Kind::SqlalchemyPsycopg2,
                None if psycopg2 && !psycopg => Kind::SqlalchemyPsycopg2,
                None if psycopg && !psycopg2 => Kind::SqlalchemyPsycopg,
                None if !psycopg && !psycopg2 => Kind::SqlalchemyPsycopg,
                _ => return None,
            },
        },
        Some(_) => return None,
        None if record.address == Address::Absent
            && record.argument("creator").is_none()
            && record.argument("async_creator").is_none()
            && record.open.is_empty() =>
        {
            return None;
        }
        None if library == Library::SqlalchemyAsync => match (asyncpg, psycopg) {
            (true, false) => Kind::SqlalchemyAsyncpg,
            (false, true) => Kind::SqlalchemyPsycopg,
            _ => return None,
        },
        None => match (psycopg2, psycopg, pg8000) {
            (true, false, false) => Kind::SqlalchemyPsycopg2,
            (false, true, false) => Kind::SqlalchemyPsycopg,
            (false, false, true) => Kind::SqlalchemyPg8000,
            _ => return None,
        },
    };
    let old = version
        .filter(|version| *version < (2, 0))
        .map(|(major, minor)| format!("{major}.{minor}"));
    Some(Driver { kind, version: old })
}

fn url_from(record: &Record) -> String {
    if record.composed {
        return "variables".to_owned();
    }
    match (&record.address, &record.address_how) {
        (_, How::Env(name) | How::EnvDefault(name)) => format!("env:{name}"),
        (Address::Known(_), _) if record.address_reads.is_empty() => "literal".to_owned(),
        (Address::Absent, _)
            if record.argument("creator").is_some()
                || record.argument("async_creator").is_some() =>
        {
            "creator".to_owned()
        }
        (Address::Absent, _) if record.argument("host").is_some() => "keywords".to_owned(),
        _ => {
            let mut names = record.address_reads.iter();
            match (names.next(), names.next()) {
                (Some(name), None) => format!("env:{name}"),
                _ => "unknown".to_owned(),
            }
        }
    }
}

fn url_of(record: &Record) -> EngineUrl {
    let (text, prefix, reason) = match &record.address {
        Address::Known(text) => (Some(text.clone()), None, None),
        Address::Scheme(scheme, why) => (None, Some(format!("{scheme}://")), Some(why.clone())),
        Address::Unknown(why) => (None, None, Some(why.clone())),
        Address::Absent => (None, None, None),
    };
    EngineUrl {
        text,
        prefix,
        reason,
        variables: record
            .address_reads
            .iter()
            .map(ToString::to_string)
            .collect(),
        replaced: record.replaced.clone(),
    }
}

fn shown(argument: &Argument, record: &Record, modules: &Modules) -> EngineArgument {
    EngineArgument {
        name: argument.name.clone(),
        value: argument.value.clone(),
        from: from_of(argument),
        line: line_of(argument, record, modules),
    }
}

fn line_of(argument: &Argument, record: &Record, modules: &Modules) -> Option<u32> {
    let place = argument.place?;
    (place.file == record.place.file).then(|| modules.line(place.file, place.offset))
}

fn from_of(argument: &Argument) -> SettingFrom {
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

fn settings(
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
pub(super) fn url_parameter(text: &str, name: &str) -> Option<String> {
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
