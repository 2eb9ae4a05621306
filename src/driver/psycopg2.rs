//! psycopg2 2.9.13, whose binary wheel holds libpq 17.0.11.

use super::libpq::{self, Options, Version};
use super::{Message, Outcome, Variables};

/// The libpq in the newest binary wheel.
const LIBPQ: Version = Version::V17;

/// Reads a string as `psycopg2.connect(dsn)` does.
pub(super) fn read(text: &str, variables: &Variables) -> Outcome {
    if text.contains('\0') {
        return Err(Message::of(&["embedded null character"]));
    }
    connect(libpq::parse(LIBPQ, text).map_err(invalid_dsn)?, variables)
}

/// Reads keyword arguments as `psycopg2.connect(**kwargs)` does.
pub(super) fn read_keywords(pairs: &[(String, String)], variables: &Variables) -> Outcome {
    let named = |wanted: &str| pairs.iter().find(|(name, _)| name == wanted);
    if named("database").is_some() && named("dbname").is_some() {
        return Err(Message::of(&[
            "you can't specify both 'database' and 'dbname' arguments",
        ]));
    }
    if pairs.iter().any(|(_, value)| value.contains('\0')) {
        return Err(Message::of(&["embedded null character"]));
    }
    let mut options = match named("dsn") {
        Some((_, dsn)) => libpq::parse(LIBPQ, dsn).map_err(invalid_dsn)?,
        None => Options::default(),
    };
    let own = [
        "dsn",
        "connection_factory",
        "cursor_factory",
        "async",
        "async_",
    ];
    let sent = pairs
        .iter()
        .filter(|(name, _)| !own.contains(&name.as_str()))
        .map(|(name, value)| {
            let name = if name == "database" { "dbname" } else { name };
            (name, value.as_str())
        });
    options.update(libpq::parse_pairs(LIBPQ, sent).map_err(invalid_dsn)?);
    if ["connection_factory", "cursor_factory"]
        .into_iter()
        .any(|factory| named(factory).is_some())
    {
        return Err(Message::of(&["'str' object is not callable"]));
    }
    if named("async").or(named("async_")).is_some() {
        return Err(Message::of(&[
            "'str' object cannot be interpreted as an integer",
        ]));
    }
    connect(options, variables)
}

fn invalid_dsn(message: Message) -> Message {
    message.prefixed("invalid dsn: ")
}

fn connect(mut options: Options, variables: &Variables) -> Outcome {
    options.fill(LIBPQ, variables)?;
    if let Some(message) = &options.undecodable {
        return Err(message.clone());
    }
    let reading = libpq::connect(LIBPQ, &options)?;
    // psycopg2 asks for a cancellation key at once, and that reads every one of these.
    for keyword in [
        "tcp_user_timeout",
        "keepalives",
        "keepalives_idle",
        "keepalives_interval",
        "keepalives_count",
    ] {
        if let Some(value) = options.get(keyword)
            && libpq::integer(keyword, value).is_err()
        {
            return Err(Message::of(&["can't get cancellation key"]));
        }
    }
    Ok(reading)
}
