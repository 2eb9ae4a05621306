//! The asyncpg dialect: what it hands `asyncpg.connect`, and what that says to strings.

use super::super::grammar::sqlalchemy::{Release, Url, Value};
use super::super::grammar::urllib::python_repr;
use super::super::numbers::{python_float, python_int};
use super::super::{Message, Outcome, Variables, asyncpg};
use super::multihost::{Multihost, multihost};
use super::{translated, update};

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

/// What the dialect makes of a URL before it calls `asyncpg.connect`, and what the call itself says.
pub(super) struct Call {
    arguments: Vec<(String, Value)>,
    hosts: Option<Vec<String>>,
    ports: Option<Vec<i128>>,
}

/// Calls `asyncpg.connect`, whose body does not run yet.
pub(super) fn call(release: Release, url: &Url) -> Result<Call, Message> {
    let mut arguments = translated(url, "user", "database");
    let many = if release == Release::V14 {
        Multihost::default()
    } else {
        multihost(url)?
    };
    update(&mut arguments, url);
    if let Some(value) = url.query("prepared_statement_cache_size")
        && coerce_int(value)? < 0
    {
        // `LRUCache` looks for ever for what else it could drop.
        return Err(Message::of(&[
            "(hangs at the first statement: the cache cannot be smaller than nothing)",
        ]));
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
    Ok(Call {
        arguments,
        hosts,
        ports,
    })
}

/// Runs what was called.
pub(super) fn asyncpg_engine(release: Release, url: &Url, variables: &Variables) -> Outcome {
    let Call {
        arguments,
        hosts,
        ports,
    } = call(release, url)?;
    check_strings(&arguments)?;
    let text = |wanted: &str| {
        arguments
            .iter()
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value.text())
    };
    let arguments = asyncpg::Arguments {
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
    };
    let mut reading = asyncpg::read_arguments(arguments, variables)?;
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
        ("password", "Expected str, got tuple"),
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
