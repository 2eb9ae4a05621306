//! psycopg2 2.9.13, whose binary wheel holds libpq 17.0.11.

use super::libpq::{self, Options, Version};
use super::{Message, Outcome};

/// The libpq in the newest binary wheel.
const LIBPQ: Version = Version::V17;

/// Reads a string as `psycopg2.connect(dsn)` does.
pub(super) fn read(text: &str) -> Outcome {
    if text.contains('\0') {
        return Err(Message::of(&["embedded null byte"]));
    }
    connect(&libpq::parse(LIBPQ, text).map_err(invalid_dsn)?)
}

/// Reads keyword arguments as `psycopg2.connect(**kwargs)` does.
pub(super) fn read_keywords(pairs: &[(String, String)]) -> Outcome {
    if let Some((name, _)) = pairs
        .iter()
        .find(|(name, _)| matches!(name.as_str(), "connection_factory" | "async" | "async_"))
    {
        return Err(Message::of(&[&format!(
            "argument \"{name}\" cannot be a string"
        )]));
    }
    let database = pairs.iter().any(|(name, _)| name == "database");
    if database && pairs.iter().any(|(name, _)| name == "dbname") {
        return Err(Message::of(&[
            "you can't specify both 'database' and 'dbname' arguments",
        ]));
    }
    let pairs = pairs.iter().map(|(name, value)| {
        let name = if name == "database" { "dbname" } else { name };
        (name, value.as_str())
    });
    connect(&libpq::parse_pairs(LIBPQ, pairs).map_err(invalid_dsn)?)
}

fn invalid_dsn(message: Message) -> Message {
    message.prefixed("invalid dsn: ")
}

fn connect(options: &Options) -> Outcome {
    if options.invalid_utf8 {
        return Err(Message::of(&[
            "'utf-8' codec can't decode bytes: invalid data",
        ]));
    }
    libpq::connect(LIBPQ, options)
}
