//! Reads what was meant, where no driver takes what was written.

use percent_encoding::percent_decode_str;

use super::intent::{Intent, Mode, Trust};

/// Parameters of other tools, with their owners.
const FOREIGN: &[(&str, &str)] = &[
    ("pgbouncer", "Prisma"),
    ("connection_limit", "Prisma"),
    ("pool_timeout", "Prisma"),
    ("schema", "Prisma"),
    ("sslaccept", "Prisma"),
    ("sslidentity", "Prisma"),
    ("socket_timeout", "Prisma"),
    ("statement_cache_size", "asyncpg, as an argument"),
    (
        "prepared_statement_cache_size",
        "SQLAlchemy's asyncpg dialect",
    ),
    ("prepare_threshold", "psycopg, as an argument"),
    ("preparethreshold", "pgjdbc"),
    ("currentschema", "pgjdbc"),
    ("uselibpqcompat", "node-postgres"),
    ("command_timeout", "asyncpg"),
    ("pool_size", "SQLAlchemy, as an argument"),
    ("max_overflow", "SQLAlchemy, as an argument"),
    ("prepare", "postgres.js"),
    ("max", "postgres.js"),
    ("idle_timeout", "postgres.js"),
];

/// Keywords whose values are words in lower case.
const WORDS: &[&str] = &[
    "channel_binding",
    "gssencmode",
    "load_balance_hosts",
    "require_auth",
    "sslnegotiation",
    "target_session_attrs",
];

/// Reads a text as the connection string that it was meant to be.
pub(super) fn read(text: &str) -> Option<Intent> {
    let text = unwrapped(text);
    let (_, rest) = text.split_once("://")?;
    let mut intent = Intent {
        hosts: Vec::new(),
        user: None,
        password: None,
        dbname: None,
        mode: Mode::Prefer,
        trust: Trust::Default,
        application_name: None,
        options: None,
        settings: Vec::new(),
        client: Vec::new(),
        lost: Vec::new(),
        warnings: Vec::new(),
    };
    let rest = match credentials_end(rest) {
        Some(at) => {
            let (user, password) = rest[..at].split_once(':').unwrap_or((&rest[..at], ""));
            intent.user = filled(decoded(user));
            intent.password = filled(decoded(password));
            &rest[at + 1..]
        }
        None => rest,
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    intent.hosts = hosts(&rest[..end])?;
    let rest = rest[end..].split('#').next().unwrap_or_default();
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let mut path = path.strip_prefix('/').unwrap_or(path);
    let mut query = query.to_owned();
    // `/db&sslmode=…` was meant as `/db?sslmode=…`.
    if let Some((database, parameters)) = path.split_once('&').filter(|(_, p)| p.contains('=')) {
        path = database;
        query = format!("{parameters}&{query}");
    }
    intent.dbname = filled(decoded(path.trim_matches('/')));
    parameters(&query, &mut intent);
    if intent.hosts.is_empty() {
        return None;
    }
    if intent.dbname.is_none() {
        intent.dbname.clone_from(&intent.user);
    }
    Some(intent)
}

fn filled(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// Takes off what a shell, a file or a form left around the string.
fn unwrapped(text: &str) -> &str {
    let space = |c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}');
    let mut text = text.trim_matches(space);
    for prefix in ["export ", "DATABASE_URL=", "psql "] {
        text = text
            .strip_prefix(prefix)
            .unwrap_or(text)
            .trim_matches(space);
    }
    text.trim_matches(['"', '\'', '`', '<', '>'])
        .trim_matches(space)
}

/// Finds the `@` that ends user and password: the last one before a parameter begins.
fn credentials_end(rest: &str) -> Option<usize> {
    let query = rest
        .match_indices('?')
        .map(|(at, _)| at)
        .find(|&at| {
            let name = rest[at + 1..].split(['=', '&']).next().unwrap_or_default();
            rest[at + 1 + name.len()..].starts_with('=')
                && !name.is_empty()
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
                && rest[..at].contains('/')
        })
        .unwrap_or(rest.len());
    rest[..query].rfind('@')
}

/// Decodes `%XX`; a text with a lone `%` was never encoded.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let encoded = bytes.iter().enumerate().all(|(at, &byte)| {
        byte != b'%'
            || bytes
                .get(at + 1..at + 3)
                .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    });
    if !encoded {
        return text.to_owned();
    }
    percent_decode_str(text)
        .decode_utf8()
        .map_or_else(|_| text.to_owned(), std::borrow::Cow::into_owned)
}

fn hosts(text: &str) -> Option<Vec<(String, u16)>> {
    text.split(',')
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (host, port) = match part.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
                Some((host, rest)) => (host, rest.strip_prefix(':').unwrap_or(rest)),
                None => part.split_once(':').unwrap_or((part, "")),
            };
            let port = match port.trim() {
                "" => 5432,
                port => port.parse().ok().filter(|&port| port > 0)?,
            };
            Some((decoded(host.trim()), port))
        })
        .collect()
}

fn parameters(query: &str, intent: &mut Intent) {
    for text in query
        .split(['&', '?'])
        .filter(|parameter| !parameter.is_empty())
    {
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        parameter(&decoded(name.trim()), decoded(value.trim()), intent);
    }
    strengthen(intent);
}

/// Roots that are named were meant to be verified against.
pub(super) fn strengthen(intent: &mut Intent) {
    if intent.trust != Trust::Default && intent.mode == Mode::Require {
        intent.mode = if intent.trust == Trust::Public {
            Mode::VerifyFull
        } else {
            Mode::VerifyCa
        };
    }
}

/// Reads what a parameter was meant to say, in whatever driver's spelling.
pub(super) fn parameter(name: &str, value: String, intent: &mut Intent) {
    let key = name.to_ascii_lowercase().replace('-', "_");
    match key.as_str() {
        _ if value.is_empty() => {}
        "sslmode" | "ssl_mode" | "ssl" | "tls" => tls(&value, intent),
        "sslrootcert" if value == "system" => intent.trust = Trust::Public,
        "sslrootcert" | "sslcafile" | "ca" => intent.trust = Trust::File(value),
        "requiressl" if value.starts_with('1') => intent.mode = Mode::Require,
        "application_name" | "applicationname" => intent.application_name = Some(value),
        "options" => intent.options = Some(value),
        "host" => {
            if let Some(hosts) = hosts(&value) {
                intent.hosts = hosts;
            }
        }
        "port" => {
            if let Ok(port) = value.parse() {
                for host in &mut intent.hosts {
                    host.1 = port;
                }
            }
        }
        "user" | "username" => intent.user = Some(value),
        "password" => intent.password = Some(value),
        "dbname" | "database" => intent.dbname = Some(value),
        "connect_timeout" | "connecttimeout" | "timeout" => {
            intent.client.push(("connect_timeout".to_owned(), value));
        }
        _ => other(name, &key, value, intent),
    }
}

fn tls(value: &str, intent: &mut Intent) {
    intent.mode = match value.to_ascii_lowercase().replace('_', "-").as_str() {
        "disable" | "disabled" | "false" | "0" | "off" | "no" => Mode::Disable,
        "allow" => Mode::Allow,
        "prefer" | "preferred" => Mode::Prefer,
        "verify-ca" => Mode::VerifyCa,
        "verify-full" | "verify-identity" | "strict" => Mode::VerifyFull,
        // Whatever else somebody wrote, TLS was wanted.
        _ => Mode::Require,
    };
}

fn other(name: &str, key: &str, value: String, intent: &mut Intent) {
    if let Some((_, owner)) = FOREIGN.iter().find(|(known, _)| *known == key) {
        intent.lost.push(format!("{key}: a parameter of {owner}"));
    } else if crate::conninfo::keywords::find(key).is_some() {
        let value = if WORDS.contains(&key) {
            value.to_ascii_lowercase().replace('_', "-")
        } else {
            value
        };
        intent.client.push((key.to_owned(), value));
    } else if super::super::guc::find(key).is_some()
        && super::super::guc::set(key, &value, "").is_ok()
    {
        intent.settings.push((key.to_owned(), value));
    } else if super::super::guc::find(key).is_some() {
        intent
            .lost
            .push(format!("{key}: the server refuses the value"));
    } else if name
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'))
    {
        intent
            .lost
            .push(format!("{name}: no driver of Postgres knows it"));
    } else {
        intent
            .lost
            .push("a parameter without a name that can be read".to_owned());
    }
}
