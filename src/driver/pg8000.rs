//! pg8000 1.31.6, as SQLAlchemy calls it: `connect(**kwargs)`.

use super::grammar::sqlalchemy::Value;
use super::numbers::{is_numeric_service, python_int};
use super::server::Startup;
use super::{Message, Outcome, Reading, Tls, Verifies, resolver, saslprep};

/// The keyword arguments of `pg8000.connect`.
const ARGUMENTS: &[&str] = &[
    "user",
    "host",
    "database",
    "port",
    "password",
    "source_address",
    "unix_sock",
    "ssl_context",
    "timeout",
    "tcp_keepalive",
    "application_name",
    "replication",
    "startup_params",
];

/// Reads keyword arguments. pg8000 asks for TLS and goes on without where the server has none; it
/// never checks a certificate.
pub(super) fn read_keywords(arguments: &[(String, Value)]) -> Outcome {
    if let Some((name, _)) = arguments
        .iter()
        .find(|(name, _)| !ARGUMENTS.contains(&name.as_str()))
    {
        return Err(Message::of(&[
            "connect() got an unexpected keyword argument '",
            name,
            "'",
        ]));
    }
    let get = |wanted: &str| {
        arguments
            .iter()
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value)
    };
    let Some(user) = get("user") else {
        return Err(Message::of(&[
            "connect() missing 1 required positional argument: 'user'",
        ]));
    };
    if get("startup_params").is_some() {
        return Err(Message::of(&["'str' object has no attribute 'keys'"]));
    }
    for name in ["user", "database", "application_name", "replication"] {
        if let Some(Value::Many(_)) = get(name) {
            return Err(Message::of(&[&format!(
                "The parameter {name} can't be of type <class 'tuple'>."
            )]));
        }
    }
    let text = |wanted: &str| get(wanted).map(Value::text);
    check_socket_arguments(&get)?;
    let host = match text("unix_sock") {
        Some(socket) => (socket, 5432),
        None => endpoint(&get)?,
    };
    let user = user.text();
    if let Some(words) = saslprep::refusal(&user) {
        return Err(Message::of(&[&format!(
            "{words}: invalid-username-encoding"
        )]));
    }
    if let Some(words) = text("password").as_deref().and_then(saslprep::refusal) {
        return Err(Message::of(&[&format!("{words}: other-error")]));
    }
    let mut startup = Startup::default();
    for name in ["application_name", "replication"] {
        if let Some(value) = text(name) {
            startup.push(name, &value);
        }
    }
    Ok(Reading {
        hosts: vec![host],
        dbname: Some(text("database").unwrap_or_else(|| user.clone())),
        user: Some(user),
        password: text("password"),
        tls: Some(Tls::IfOffered),
        verifies: Some(Verifies::Nothing),
        roots: None,
        plaintext_password: Some(true),
        startup,
        root_file: None,
        unprepared: text("password")
            .as_deref()
            .is_some_and(saslprep::drops_a_space),
        files: Vec::new(),
        client: Vec::new(),
    })
}

/// A string reaches arguments that want something else.
fn check_socket_arguments<'a>(get: &impl Fn(&str) -> Option<&'a Value>) -> Result<(), Message> {
    if get("timeout").is_some() {
        return Err(Message::of(&[
            "'str' object cannot be interpreted as an integer",
        ]));
    }
    if get("source_address").is_some() && get("unix_sock").is_none() {
        return Err(Message::of(&[
            "bind(): AF_INET address must be tuple, not str",
        ]));
    }
    if get("ssl_context").is_some() {
        return Err(Message::of(&[
            "'str' object has no attribute 'wrap_socket'",
        ]));
    }
    for (name, words) in [
        ("unix_sock", "argument unix_sock cannot be a tuple"),
        ("password", "'tuple' object has no attribute 'decode'"),
    ] {
        if let Some(Value::Many(_)) = get(name) {
            return Err(Message::of(&[words]));
        }
    }
    Ok(())
}

/// Reads host and port. pg8000 knows no socket folder, and hands the resolver what it gets: a port
/// in the query stays text, which is read as a number or as a service's name.
fn endpoint<'a>(get: &impl Fn(&str) -> Option<&'a Value>) -> Result<(String, u16), Message> {
    let host = match get("host") {
        None => "localhost".to_owned(),
        Some(Value::One(host)) => host.clone(),
        Some(Value::Many(_)) => {
            return Err(Message::of(&[
                "getaddrinfo() argument 1 must be string or None",
            ]));
        }
    };
    resolver::encode(&host)?;
    let text = get("port").map_or_else(|| "5432".to_owned(), Value::text);
    let number = is_numeric_service(&text)
        .then(|| python_int(&text))
        .flatten();
    match number {
        Some(number) if !host.starts_with('/') => Ok((host, super::wrapped_port(number))),
        _ => Err(Message::of(&[
            "Can't create a connection to host ",
            &host,
            " and port ",
            &text,
            " (timeout is None and source_address is None).",
        ])),
    }
}
