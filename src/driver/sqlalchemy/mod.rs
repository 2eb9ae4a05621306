//! SQLAlchemy 1.4, 2.0 and 2.1: which dialect a URL loads, and what the dialect hands its driver.

mod asyncpg_dialect;
mod multihost;

use super::grammar::sqlalchemy::{Release, Url, Value, parse};
use super::grammar::urllib::python_repr;
use super::{Kind, Message, Outcome, Variables, pg8000, psycopg, psycopg2};
use asyncpg_dialect::{asyncpg_engine, call};
use multihost::{host_tokens, mixed, multihost};

/// A dialect of Postgres.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dialect {
    Psycopg2,
    Psycopg,
    PsycopgAsync,
    Asyncpg,
    Pg8000,
}

/// Reads a string as `create_engine(url).connect()` does, in the kind of engine that the driver
/// needs: asynchronous for asyncpg, synchronous for the rest.
pub(super) fn read(kind: Kind, release: Release, text: &str, variables: &Variables) -> Outcome {
    let url = parse(release, text)?;
    if let Some(plugin) = url.query("plugin") {
        return Err(Message::of(&[
            "Can't load plugin: sqlalchemy.plugins:",
            &plugin.text(),
        ]));
    }
    let asynchronous = kind == Kind::SqlalchemyAsyncpg;
    let dialect = if url.drivername == "postgresql" {
        match kind {
            Kind::SqlalchemyPsycopg => Dialect::Psycopg,
            Kind::SqlalchemyAsyncpg => Dialect::Asyncpg,
            Kind::SqlalchemyPg8000 => Dialect::Pg8000,
            _ => Dialect::Psycopg2,
        }
    } else {
        named_dialect(release, &url.drivername, asynchronous)?
    };
    let fallback = async_fallback(release, dialect, &url)?;
    match (dialect, asynchronous) {
        (Dialect::Psycopg, _) if release == Release::V14 => Err(cannot_load("postgresql.psycopg")),
        (Dialect::PsycopgAsync, _) if release == Release::V14 => {
            Err(cannot_load("postgresql.psycopg_async"))
        }
        (Dialect::Psycopg2, true) => Err(not_async("psycopg2")),
        (Dialect::Pg8000, true) => Err(not_async("pg8000")),
        (Dialect::Asyncpg, false) => {
            if fallback {
                asyncpg_engine(release, &url, variables)
            } else {
                call(release, &url)?;
                Err(missing_greenlet(release))
            }
        }
        (Dialect::PsycopgAsync, false) if !fallback => Err(missing_greenlet(release)),
        (Dialect::Psycopg2, false) => {
            psycopg2::read_keywords(&psycopg_arguments(release, &url)?, variables)
        }
        (Dialect::Psycopg | Dialect::PsycopgAsync, _) => {
            let own = asynchronous || dialect == Dialect::PsycopgAsync;
            psycopg_engine(release, &url, own && release == Release::V20, variables)
        }
        (Dialect::Asyncpg, true) => asyncpg_engine(release, &url, variables),
        (Dialect::Pg8000, false) => {
            let mut arguments = translated(&url, "user", "database");
            update(&mut arguments, &url);
            pg8000::read_keywords(&arguments)
        }
    }
}

/// Up to 2.0, `async_fallback` lets a synchronous engine use an asynchronous driver.
fn async_fallback(release: Release, dialect: Dialect, url: &Url) -> Result<bool, Message> {
    let read = match release {
        Release::V14 => dialect == Dialect::Asyncpg,
        Release::V20 => true,
        Release::V21 => false,
    };
    let Some(value) = url.query("async_fallback").filter(|_| read) else {
        return Ok(false);
    };
    let Value::One(text) = value else {
        return Ok(true);
    };
    let word = text.trim().to_lowercase();
    match word.as_str() {
        "true" | "yes" | "on" | "y" | "t" | "1" => Ok(true),
        "false" | "no" | "off" | "n" | "f" | "0" => Ok(false),
        _ => Err(Message::of(&[
            "String is not true/false: ",
            &python_repr(&word),
        ])),
    }
}

/// psycopg hands bytes to SQLAlchemy where the server does not convert them.
fn psycopg_engine(
    release: Release,
    url: &Url,
    takes_fallback: bool,
    variables: &Variables,
) -> Outcome {
    let mut arguments = psycopg_arguments(release, url)?;
    arguments.retain(|(name, _)| !(takes_fallback && name == "async_fallback"));
    let reading = psycopg::read_keywords(&arguments, variables)?;
    let raw = reading.startup.client_encoding().is_some_and(|value| {
        let letters = value.chars().filter(char::is_ascii_alphanumeric);
        letters.collect::<String>().eq_ignore_ascii_case("sqlascii")
    });
    if raw {
        return Err(Message::of(&[
            "cannot use a string pattern on a bytes-like object",
        ]));
    }
    Ok(reading)
}

fn missing_greenlet(release: Release) -> Message {
    let call = if release >= Release::V21 {
        "await_"
    } else {
        "await_only"
    };
    Message::of(&[&format!(
        "greenlet_spawn has not been called; can't call {call}() here. Was IO attempted in an unexpected place?"
    )])
}

fn cannot_load(name: &str) -> Message {
    Message::of(&[&format!("Can't load plugin: sqlalchemy.dialects:{name}")])
}

fn not_async(driver: &str) -> Message {
    Message::of(&[&format!(
        "The asyncio extension requires an async driver to be used. The loaded '{driver}' is not async."
    )])
}

/// Returns the dialect that a scheme names, or why it cannot be used.
fn named_dialect(
    release: Release,
    drivername: &str,
    asynchronous: bool,
) -> Result<Dialect, Message> {
    let module = |name: &str| Message::of(&[&format!("No module named '{name}'")]);
    match drivername {
        "postgresql+psycopg2" => Ok(Dialect::Psycopg2),
        "postgresql+psycopg" => Ok(Dialect::Psycopg),
        "postgresql+psycopg_async" => Ok(Dialect::PsycopgAsync),
        "postgresql+asyncpg" => Ok(Dialect::Asyncpg),
        "postgresql+pg8000" => Ok(Dialect::Pg8000),
        "postgresql+pygresql" if release == Release::V14 => Err(module("pgdb")),
        "postgresql+pypostgresql" if release == Release::V14 => Err(module("postgresql")),
        "postgresql+psycopg2cffi" => Err(module("psycopg2cffi")),
        "mysql" | "mysql+mysqldb" | "mariadb" | "mariadb+mysqldb" => Err(module("MySQLdb")),
        "mysql+pymysql" | "mariadb+pymysql" => Err(module("pymysql")),
        "mssql" | "mssql+pyodbc" => Err(module("pyodbc")),
        "oracle+cx_oracle" => Err(module("cx_Oracle")),
        "oracle" if release < Release::V21 => Err(module("cx_Oracle")),
        "oracle" | "oracle+oracledb" => Err(module("oracledb")),
        "sqlite" | "sqlite+pysqlite" if asynchronous => Err(not_async("pysqlite")),
        "sqlite" | "sqlite+pysqlite" => Err(Message::of(&["not a PostgreSQL dialect: sqlite"])),
        name => {
            let plugin = name.replace('+', ".");
            if plugin.matches('.').count() > 1 {
                return Err(Message::of(&["too many values to unpack (expected 2)"]));
            }
            Err(cannot_load(&plugin))
        }
    }
}

/// `URL.translate_connect_args`: what is missing or empty is left out, so is port 0.
fn translated(url: &Url, user: &str, database: &str) -> Vec<(String, Value)> {
    let mut arguments = Vec::new();
    let mut add = |name: &str, value: Option<&String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            arguments.push((name.to_owned(), Value::One(value.clone())));
        }
    };
    add("host", url.host.as_ref());
    add(database, url.database.as_ref());
    add(user, url.username.as_ref());
    add("password", url.password.as_ref());
    let port = url
        .port
        .filter(|&port| port != 0)
        .map(|port| port.to_string());
    add("port", port.as_ref());
    arguments
}

/// `opts.update(url.query)`
fn update(arguments: &mut Vec<(String, Value)>, url: &Url) {
    for (name, value) in &url.query {
        set(arguments, name, value.clone());
    }
}

fn set(arguments: &mut Vec<(String, Value)>, name: &str, value: Value) {
    match arguments.iter_mut().find(|(known, _)| known == name) {
        Some((_, known)) => *known = value,
        None => arguments.push((name.to_owned(), value)),
    }
}

/// What the psycopg dialects hand their driver.
fn psycopg_arguments(release: Release, url: &Url) -> Result<Vec<(String, String)>, Message> {
    let mut arguments = translated(
        url,
        "user",
        if release == Release::V14 {
            "database"
        } else {
            "dbname"
        },
    );
    if release == Release::V14 {
        update(&mut arguments, url);
        if let Some(Value::Many(tokens)) = url.query("host") {
            let (hosts, ports): (Vec<_>, Vec<_>) = host_tokens(tokens)?.into_iter().unzip();
            if arguments.iter().any(|(name, _)| name == "port") {
                return Err(mixed());
            }
            set(&mut arguments, "host", Value::One(hosts.join(",")));
            set(&mut arguments, "port", Value::One(ports.join(",")));
        }
    } else {
        let many = multihost(url)?;
        update(&mut arguments, url);
        if let Some(hosts) = many.hosts {
            set(&mut arguments, "host", Value::One(hosts.join(",")));
            let ports: Vec<String> = many
                .ports
                .iter()
                .map(|port| {
                    port.filter(|&port| port != 0)
                        .map_or_else(String::new, |port| port.to_string())
                })
                .collect();
            let ports = ports.join(",");
            if !ports.is_empty() {
                set(&mut arguments, "port", Value::One(ports));
            }
        }
    }
    Ok(arguments
        .into_iter()
        .map(|(name, value)| (name, value.text()))
        .collect())
}
