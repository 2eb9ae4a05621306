//! Makes of what the evaluations saw the engines that the report shows.

use std::collections::BTreeMap;

use super::eval::flask::LEGACY;
use super::modules::Modules;
use super::record::{Address, Argument, Record};
use super::settings::{from_of, settings};
use super::value::{How, Place};
use super::versions::{major_minor, requirement};
use crate::driver::{Driver, Kind};
use crate::facts::{
    ArgumentValue, Engine, EngineArgument, EngineDetails, EngineUrl, Known, Library, Role,
    SettingFrom,
};

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
    let dialect = elsewhere(record, library)
        .map(str::to_owned)
        .or_else(|| dialect_of(library, scheme.as_deref()));
    let driver = driver_of(
        library,
        record,
        scheme.as_deref(),
        version.as_deref(),
        files,
        &path,
    );
    let driver = driver.filter(|_| {
        dialect
            .as_deref()
            .is_none_or(|dialect| dialect == "postgresql")
    });
    let not_installed = not_installed(driver.as_ref(), library, &path, files);
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
        driver,
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
            dead_hook: record.dead_hook(modules, &path),
            not_installed,
            column,
        },
        path,
    }
}

/// Returns the major version of Flask-SQLAlchemy, where it makes the engine and is known.
fn flask_major(record: &Record, modules: &Modules, path: &str) -> Option<u32> {
    if &*record.name != "flask_sqlalchemy.SQLAlchemy" {
        return None;
    }
    let files = &modules.sources().requirements;
    let version = requirement(files, path, "flask-sqlalchemy")?.version?;
    major_minor(&version).map(|(major, _)| major)
}

impl Record {
    /// Returns the method that Flask-SQLAlchemy 2 called and 3 never does.
    fn dead_hook(&self, modules: &Modules, path: &str) -> Option<String> {
        let new = flask_major(self, modules, path).is_some_and(|major| major >= 3);
        self.old_hook.clone().filter(|_| new)
    }
}

/// Applies what depends on the version of Flask-SQLAlchemy: 3 ignores the keys of 2.
fn tidy(record: &Record, modules: &Modules, path: &str) -> Record {
    let mut record = record.clone();
    if flask_major(&record, modules, path).is_none_or(|major| major >= 3) {
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

/// Returns the package that SQLAlchemy's driver needs, where the lock file that installs SQLAlchemy
/// does not install it.
fn not_installed(
    driver: Option<&Driver>,
    library: Library,
    path: &str,
    files: &[(String, String)],
) -> Option<(String, String)> {
    let packages: &[&str] = match driver?.kind {
        _ if !library.is_sqlalchemy() => return None,
        Kind::SqlalchemyPsycopg => &["psycopg", "psycopg-binary", "psycopg-c"],
        Kind::SqlalchemyPsycopg2 => &["psycopg2", "psycopg2-binary"],
        Kind::SqlalchemyAsyncpg => &["asyncpg"],
        Kind::SqlalchemyPg8000 => &["pg8000"],
        _ => return None,
    };
    let sqlalchemy = requirement(files, path, "sqlalchemy")?;
    // Other files may leave packages to others; a lock names all.
    let name = sqlalchemy.file.rsplit('/').next()?;
    if !matches!(
        name,
        "poetry.lock" | "uv.lock" | "pdm.lock" | "Pipfile.lock"
    ) {
        return None;
    }
    let elsewhere = packages
        .iter()
        .any(|package| requirement(files, path, package).is_some());
    (!elsewhere).then(|| (packages[0].to_owned(), sqlalchemy.file))
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

/// Returns what is said of the database of a call that no PostgreSQL URL reaches.
///
/// Where the variables of the address alone decide for a branch, `if URL.startswith("sqlite")`, the
/// branch that is not taken gets another address; and `check_same_thread` is an argument that
/// the driver of `sqlite` alone takes.
fn elsewhere(record: &Record, library: Library) -> Option<&'static str> {
    if !library.is_sqlalchemy() {
        return None;
    }
    let by_address = record.reached == Some(false)
        && !record.decisions.is_empty()
        && record.decisions.is_subset(&record.address_reads);
    let known =
        matches!(&record.address, Address::Known(text) if text.expose().starts_with("postgres"));
    if by_address && known {
        return Some("not PostgreSQL");
    }
    let sqlite = !matches!(record.address, Address::Known(_) | Address::Scheme(..))
        && record
            .argument("connect_args.check_same_thread")
            .is_some_and(|argument| !matches!(argument.value, ArgumentValue::Unknown(_)));
    sqlite.then_some("sqlite")
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
        (Address::Unknown(_), How::Env(name) | How::EnvDefault(name)) if !names_address(name) => {
            "unknown".to_owned()
        }
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
                (Some(name), None) if names_address(name) => format!("env:{name}"),
                _ => "unknown".to_owned(),
            }
        }
    }
}

/// Returns whether a variable's name is one of an address: another, `ENV`, merely decides for it.
fn names_address(name: &str) -> bool {
    let name = name.to_uppercase();
    [
        "URL", "URI", "DSN", "DATABASE", "DB", "CONN", "POSTGRES", "PG", "SQL",
    ]
    .iter()
    .any(|word| name.contains(word))
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

/// Returns the line of an argument, where it stands in the file of its call.
pub(super) fn line_of(argument: &Argument, record: &Record, modules: &Modules) -> Option<u32> {
    let place = argument.place?;
    (place.file == record.place.file).then(|| modules.line(place.file, place.offset))
}
