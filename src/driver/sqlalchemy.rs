//! SQLAlchemy 1.4, 2.0 and 2.1: which dialect a URL loads, and what the dialect hands its driver.

use super::grammar::sqlalchemy::{Release, Url, Value, parse};
use super::grammar::urllib::python_repr;
use super::numbers::{python_float, python_int};
use super::{Kind, Message, Outcome, asyncpg, pg8000, psycopg, psycopg2};

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
pub(super) fn read(kind: Kind, release: Release, text: &str) -> Outcome {
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
            let reading = asyncpg_engine(release, &url)?;
            if fallback {
                Ok(reading)
            } else {
                Err(missing_greenlet(release))
            }
        }
        (Dialect::PsycopgAsync, false) if !fallback => Err(missing_greenlet(release)),
        (Dialect::Psycopg2, false) => psycopg2::read_keywords(&psycopg_arguments(release, &url)?),
        (Dialect::Psycopg | Dialect::PsycopgAsync, _) => {
            let own = asynchronous || dialect == Dialect::PsycopgAsync;
            psycopg_engine(release, &url, own && release == Release::V20)
        }
        (Dialect::Asyncpg, true) => asyncpg_engine(release, &url),
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
fn psycopg_engine(release: Release, url: &Url, takes_fallback: bool) -> Outcome {
    let mut arguments = psycopg_arguments(release, url)?;
    arguments.retain(|(name, _)| !(takes_fallback && name == "async_fallback"));
    let reading = psycopg::read_keywords(&arguments)?;
    let raw = arguments.iter().any(|(name, value)| {
        let letters = value.chars().filter(char::is_ascii_alphanumeric);
        name == "client_encoding" && letters.collect::<String>().eq_ignore_ascii_case("sqlascii")
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

/// Hosts and ports that the query names.
#[derive(Default)]
struct Multihost {
    hosts: Option<Vec<String>>,
    ports: Vec<Option<i128>>,
}

fn mixed() -> Message {
    Message::of(&[
        "Can't mix 'multihost' formats together; use \"host=h1,h2,h3&port=p1,p2,p3\" or \"host=h1:p1&host=h2:p2&host=h3:p3\" separately",
    ])
}

/// `host:port` tokens, as `token.split(":")` and `zip` read them: `zip` drops what the shortest
/// token has no place for.
fn host_tokens(tokens: &[String]) -> Result<Vec<(String, String)>, Message> {
    if tokens.iter().all(|token| token.matches(':').count() > 1) {
        return Err(Message::of(&["too many values to unpack (expected 2)"]));
    }
    Ok(tokens
        .iter()
        .map(|token| {
            let mut parts = token.split(':').map(str::to_owned);
            let host = parts.next().unwrap_or_default();
            (host, parts.next().unwrap_or_default())
        })
        .collect())
}

/// `_split_multihost_from_url` of 2.0 and 2.1.
fn multihost(url: &Url) -> Result<Multihost, Message> {
    let mut integrated = false;
    let mut hosts: Option<Vec<String>> = None;
    let mut ports: Option<Vec<String>> = None;
    match url.query("host") {
        Some(Value::Many(tokens)) => {
            integrated = true;
            let (names, numbers) = host_tokens(tokens)?.into_iter().unzip();
            (hosts, ports) = (Some(names), Some(numbers));
        }
        Some(Value::One(text)) => {
            let names: Vec<String> = text.split(',').map(str::to_owned).collect();
            let single = (names.len() == 1 && url.query("port").is_none())
                .then(|| integrated_host(&names[0]))
                .flatten();
            if let Some((host, port)) = single {
                integrated = true;
                (hosts, ports) = (Some(vec![host]), Some(vec![port]));
            } else {
                hosts = Some(names);
            }
        }
        None => {}
    }
    if let Some(value) = url.query("port") {
        if integrated {
            return Err(mixed());
        }
        ports = Some(match value {
            Value::Many(texts) => texts.clone(),
            Value::One(text) => text.split(',').map(str::to_owned).collect(),
        });
    }
    let numbers = ports.map(|ports| port_numbers(&ports)).transpose()?;
    if let Some(numbers) = &numbers {
        let (host_count, port_count) = (hosts.as_ref().map(Vec::len), numbers.len());
        let mismatch = match host_count {
            None => port_count > 1,
            Some(count) => count != port_count && (count > 1 || port_count > 1),
        };
        if mismatch {
            return Err(Message::of(&["number of hosts and ports don't match"]));
        }
    }
    let ports = match (&hosts, numbers) {
        (Some(hosts), None) => vec![None; hosts.len()],
        (_, numbers) => numbers.unwrap_or_default(),
    };
    Ok(Multihost { hosts, ports })
}

/// `^([a-zA-Z0-9\-\.]*)(?:\:(\d*))?$` for a host with a colon.
fn integrated_host(text: &str) -> Option<(String, String)> {
    let (host, port) = text.split_once(':')?;
    // `$` matches before a last newline too.
    let port = port.strip_suffix('\n').unwrap_or(port);
    let fits = host
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'))
        && port.chars().all(char::is_numeric);
    fits.then(|| (host.to_owned(), port.to_owned()))
}

fn port_numbers(ports: &[String]) -> Result<Vec<Option<i128>>, Message> {
    ports
        .iter()
        .map(|port| {
            if port.is_empty() {
                return Ok(None);
            }
            python_int(port).map(Some).ok_or_else(|| {
                let shown: Vec<_> = ports.iter().map(|port| python_repr(port)).collect();
                let comma = if ports.len() == 1 { "," } else { "" };
                Message::of(&[
                    "Received non-integer port arguments: (",
                    &shown.join(", "),
                    &format!("{comma})"),
                ])
            })
        })
        .collect()
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

/// The arguments of `asyncpg.connect`.
const ASYNCPG_ARGUMENTS: &[&str] = &[
    "dsn",
    "host",
    "port",
    "user",
    "password",
    "passfile",
    "service",
    "servicefile",
    "database",
    "loop",
    "timeout",
    "statement_cache_size",
    "max_cached_statement_lifetime",
    "max_cacheable_statement_size",
    "command_timeout",
    "ssl",
    "direct_tls",
    "connection_class",
    "record_class",
    "server_settings",
    "target_session_attrs",
    "krbsrvname",
    "gsslib",
];

fn asyncpg_engine(release: Release, url: &Url) -> Outcome {
    let mut arguments = translated(url, "user", "database");
    let many = if release == Release::V14 {
        Multihost::default()
    } else {
        multihost(url)?
    };
    update(&mut arguments, url);
    if let Some(value) = url.query("prepared_statement_cache_size") {
        coerce_int(value)?;
    }
    let own: &[&str] = match release {
        Release::V14 => &["async_fallback", "prepared_statement_cache_size"],
        Release::V20 => &[
            "async_fallback",
            "prepared_statement_cache_size",
            "prepared_statement_name_func",
        ],
        Release::V21 => &[
            "prepared_statement_cache_size",
            "prepared_statement_name_func",
        ],
    };
    let own = |name: &str| own.contains(&name);
    let (hosts, ports) = endpoints(&arguments, many)?;
    if let Some((name, _)) = arguments
        .iter()
        .find(|(name, _)| !own(name) && !ASYNCPG_ARGUMENTS.contains(&name.as_str()))
    {
        return Err(Message::of(&[
            "connect() got an unexpected keyword argument '",
            name,
            "'",
        ]));
    }
    check_strings(&arguments)?;
    let text = |wanted: &str| {
        arguments
            .iter()
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value.text())
    };
    let mut reading = asyncpg::read_arguments(&asyncpg::Arguments {
        hosts,
        ports,
        user: text("user"),
        password: text("password"),
        database: text("database"),
        ssl: text("ssl"),
        direct_tls: text("direct_tls").is_some(),
        target_session_attrs: text("target_session_attrs"),
        gsslib: text("gsslib"),
        dsn: text("dsn"),
    })?;
    for (name, value) in &url.query {
        if matches!(
            name.as_str(),
            "command_timeout" | "prepared_statement_cache_size"
        ) {
            reading.client.push((name.clone(), value.text()));
        }
    }
    Ok(reading)
}

type Endpoints = (Option<Vec<String>>, Option<Vec<i128>>);

/// The hosts and ports that the asyncpg dialect hands on.
fn endpoints(arguments: &[(String, Value)], many: Multihost) -> Result<Endpoints, Message> {
    let get = |wanted: &str| {
        arguments
            .iter()
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value)
    };
    // asyncpg takes 0 for no port at all.
    let port = || {
        Ok::<_, Message>(
            get("port")
                .map(coerce_int)
                .transpose()?
                .filter(|&port| port != 0),
        )
    };
    let Some(hosts) = many.hosts else {
        let hosts = get("host").map(|value| match value {
            Value::One(text) => vec![text.clone()],
            Value::Many(texts) => texts.clone(),
        });
        return Ok((hosts, port()?.map(|port| vec![port])));
    };
    if let [host] = hosts.as_slice() {
        let ports = match many.ports.first().copied().flatten() {
            Some(port) => Some(vec![port]),
            None => port()?.map(|port| vec![port]),
        };
        return Ok((Some(vec![host.clone()]), ports));
    }
    if hosts.iter().any(String::is_empty) {
        return Err(Message::of(&[
            "All hosts are required to be present for asyncpg multiple host URL",
        ]));
    }
    let ports: Vec<i128> = many
        .ports
        .iter()
        .copied()
        .flatten()
        .filter(|&port| port != 0)
        .collect();
    if ports.len() != many.ports.len() {
        return Err(Message::of(&[
            "All ports are required to be present for asyncpg multiple host URL",
        ]));
    }
    Ok((Some(hosts), Some(ports)))
}

fn coerce_int(value: &Value) -> Result<i128, Message> {
    match value {
        Value::One(text) => python_int(text).ok_or_else(|| {
            Message::of(&[
                "invalid literal for int() with base 10: ",
                &python_repr(text),
            ])
        }),
        Value::Many(_) => Err(Message::of(&[
            "int() argument must be a string, a bytes-like object or a real number, not 'tuple'",
        ])),
    }
}

/// The query holds strings, and some arguments of asyncpg want something else.
fn check_strings(arguments: &[(String, Value)]) -> Result<(), Message> {
    let get = |wanted: &str| {
        arguments
            .iter()
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value)
    };
    for (name, words) in [
        ("connection_class", "issubclass() arg 1 must be a class"),
        (
            "record_class",
            "record_class is expected to be a subclass of asyncpg.Record, got ",
        ),
        ("loop", "'str' object has no attribute 'get_debug'"),
        (
            "timeout",
            "unsupported operand type(s) for +: 'float' and 'str'",
        ),
        (
            "max_cacheable_statement_size",
            "'<' not supported between instances of 'str' and 'int'",
        ),
        (
            "max_cached_statement_lifetime",
            "'<' not supported between instances of 'str' and 'int'",
        ),
        (
            "statement_cache_size",
            "'<' not supported between instances of 'str' and 'int'",
        ),
    ] {
        if get(name).is_some() {
            return Err(Message::of(&[words]));
        }
    }
    if let Some(value) = get("command_timeout") {
        let text = value.text();
        if !python_float(&text).is_some_and(|seconds| seconds > 0.0) {
            return Err(Message::of(&[
                "invalid command_timeout value: expected greater than 0 float (got ",
                &python_repr(&text),
                ")",
            ]));
        }
    }
    if get("server_settings").is_some() {
        return Err(Message::of(&[
            "server_settings is expected to be None or a Dict[str, str]",
        ]));
    }
    for (name, words) in [
        ("user", "'Protocol' object has no attribute '_on_error'"),
        ("database", "'Protocol' object has no attribute '_on_error'"),
        ("password", "'tuple' object has no attribute 'encode'"),
    ] {
        if let Some(Value::Many(_)) = get(name) {
            return Err(Message::of(&[words]));
        }
    }
    if let Some(value @ Value::Many(_)) = get("ssl") {
        return Err(Message::of(&[
            "sslcontext is expected to be an instance of ssl.SSLContext, got ",
            &value.text(),
        ]));
    }
    if get("prepared_statement_name_func").is_some() {
        return Err(Message::of(&["'str' object is not callable"]));
    }
    Ok(())
}
