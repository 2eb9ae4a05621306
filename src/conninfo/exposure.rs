//! Finds what may be a password in any text that was meant as a connection string.
//!
//! The readers disagree about where a password ends (libpq: the first `@`; urllib and WHATWG: the
//! last one of the authority; `SQLAlchemy`: the first one, past `/` and `?`), and so does the person
//! who forgot to encode it. A stretch found here covers all of these readings: it may be too long,
//! never too short.

use super::keywords::{is_known, is_secret, names_secret};
use crate::value::Span;

/// Returns the stretches that may hold (a piece of) a password, in order, not overlapping.
pub(super) fn stretches(text: &str) -> Vec<Span> {
    let mut found = Vec::new();
    let start = after_prefix(text);
    let scheme = scheme(text, start);
    if let Some(scheme) = scheme {
        userinfo(text, scheme + 3, &mut found);
    } else if let Some(base) = after_broken_scheme(text, start) {
        userinfo(text, base, &mut found);
    } else if is_key_value(text, start) {
        stray_words(text, start, &mut found);
        if super::parse(&text[start..]).is_err() {
            userinfo(text, start, &mut found);
        }
    } else if !is_harmless(text[start..].trim()) {
        found.push(Span::new(start, text.len()));
    }
    secret_values(text, scheme.is_some(), &mut found);
    merged(found, text)
}

/// Returns where the text proper starts: behind `export NAME=`, `psql -d` and an opening quote.
fn after_prefix(text: &str) -> usize {
    let mut start = 0;
    loop {
        let rest = &text[start..];
        let trimmed = rest.trim_start_matches(|character: char| {
            character.is_whitespace() || matches!(character, '\u{feff}' | '"' | '\'' | '`' | '<')
        });
        start = text.len() - trimmed.len();
        let word = trimmed
            .find(|character: char| {
                !(character.is_ascii_alphanumeric() || "_-:$".contains(character))
            })
            .unwrap_or(trimmed.len());
        let (name, behind) = trimmed.split_at(word);
        let command = matches!(name, "export" | "set" | "setx" | "psql" | "env" | "ENV")
            || (name.starts_with('-') && name.len() == 2)
            || matches!(name, "--dbname" | "--url");
        let blank = behind.starts_with(char::is_whitespace);
        let assigned = behind.starts_with('=');
        if !(command && (blank || assigned) || assigned && is_variable(name)) {
            return start;
        }
        start += name.len() + 1;
    }
}

/// Returns where the `://` of a scheme stands: one behind another `:` may be part of a password.
fn scheme(text: &str, start: usize) -> Option<usize> {
    let found = start + text[start..].find("://")?;
    let head = &text[start..found];
    let head = head.strip_prefix("jdbc:").unwrap_or(head);
    let is_database = [
        "postgre",
        "pg",
        "sql",
        "cockroach",
        "timescale",
        "redshift",
        "http",
        "tcp",
    ]
    .iter()
    .any(|word| head.to_ascii_lowercase().contains(word));
    (is_database && !head.contains([':', '@', '/'])).then_some(found)
}

/// Returns where the text goes on behind a scheme that lacks a part of its `://`.
fn after_broken_scheme(text: &str, start: usize) -> Option<usize> {
    let rest = &text[start..];
    let word =
        rest.find(|character: char| !(character.is_ascii_alphanumeric() || character == '+'))?;
    let name = rest[..word].to_ascii_lowercase();
    let is_scheme =
        ["postgresql", "postgres"].contains(&name.as_str()) || name.starts_with("postgresql+");
    [":/", ":", "//"]
        .iter()
        .find(|mark| is_scheme && rest[word..].starts_with(**mark))
        .map(|mark| start + word + mark.len())
}

/// Returns whether a word in front of `=` is a variable that holds a connection string; any other
/// may be the start of a password.
fn is_variable(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let name = name.strip_prefix("$env:").unwrap_or(&name);
    !name.contains(':')
        && !is_secret(name)
        && ["url", "uri", "dsn", "database", "postgres", "connection"]
            .iter()
            .any(|part| name.contains(part))
        && !is_known(name)
}

/// Marks the password of `user:password@host` behind a scheme.
fn userinfo(text: &str, base: usize, found: &mut Vec<Span>) {
    let last_at = text.rfind('@').filter(|at| *at >= base);
    let raw_colon = text[base..].find(':').map(|offset| base + offset);
    if let Some(colon) = raw_colon
        && let Some(first_at) = text[colon..].find('@').map(|offset| colon + offset)
    {
        found.push(Span::new(colon + 1, password_end(text, first_at)));
    } else if let Some(colon) = raw_colon {
        let authority = last_at.map_or(base, |at| at + 1);
        if !is_host_list(&text[authority..end_of_authority(text, authority)]) {
            found.push(Span::new(colon + 1, end_without_at(text, colon)));
        }
    }
    // A colon that was encoded along with the rest of the user's part.
    if let Some(first_at) = text[base..].find('@').map(|offset| base + offset)
        && let Some(colon) = find_encoded_colon(&text[base..first_at])
    {
        found.push(Span::new(base + colon + 3, password_end(text, first_at)));
    }
}

/// Returns the `@` that ends a password in the reading that makes it longest.
fn password_end(text: &str, first_at: usize) -> usize {
    let query = text[first_at..]
        .match_indices('?')
        .map(|(offset, _)| first_at + offset)
        .find(|mark| is_query(&text[mark + 1..]));
    let last_at = text[..query.unwrap_or(text.len())].rfind('@');
    last_at.map_or(first_at, |at| at.max(first_at))
}

/// Returns where a password ends that no `@` ends: at a query that is one beyond doubt.
fn end_without_at(text: &str, colon: usize) -> usize {
    text[colon..]
        .match_indices('?')
        .map(|(offset, _)| colon + offset)
        .find(|mark| is_query(&text[mark + 1..]))
        .unwrap_or(text.len())
}

/// Returns whether a text behind `?` starts with a key that a driver knows.
fn is_query(rest: &str) -> bool {
    key_at_start(rest).is_some_and(|key| is_known(&key) || is_secret(&key))
}

/// No key of any tool is longer, even where each of its characters is encoded.
const LONGEST_KEY: usize = 128;

/// Returns the decoded key in front of the first `=`, where it is short enough to be one: a text of
/// a million `?` must not be read a million times.
fn key_at_start(rest: &str) -> Option<String> {
    let end = rest
        .bytes()
        .take(LONGEST_KEY)
        .position(|byte| byte == b'=')?;
    Some(decoded(&rest[..end]))
}

fn end_of_authority(text: &str, start: usize) -> usize {
    text[start..]
        .find(['/', '?', '#'])
        .map_or(text.len(), |offset| start + offset)
}

/// Returns whether an authority without `@` is nothing but hosts and ports.
fn is_host_list(authority: &str) -> bool {
    authority.split(',').all(|netloc| {
        let behind_host = match netloc.strip_prefix('[') {
            Some(rest) => match rest.split_once(']') {
                Some((_, behind)) => behind,
                None => return false,
            },
            None => netloc.find(':').map_or("", |colon| &netloc[colon..]),
        };
        let port = behind_host.trim_end();
        port.is_empty()
            || port
                .strip_prefix(':')
                .is_some_and(|port| port.is_empty() || is_port(port))
    })
}

/// A number that is too large for a port may be a password whose `@` is missing.
fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok()
}

fn find_encoded_colon(userinfo: &str) -> Option<usize> {
    userinfo.find("%3A").or_else(|| userinfo.find("%3a"))
}

/// Returns whether a text starts with a keyword and `=`. A word that only resembles the name of a
/// secret may itself be a password (`pw9zK=`), unless a pair of a known keyword follows.
fn is_key_value(text: &str, start: usize) -> bool {
    text[start..].split_once('=').is_some_and(|(key, _)| {
        let key = key.trim();
        is_known(key)
            || names_secret(key)
            || is_secret(key) && next_pair(text, start + key.len()) < text.len()
    })
}

/// Marks words of a key/value string that are no pair: pieces of a value with a raw space.
fn stray_words(text: &str, start: usize, found: &mut Vec<Span>) {
    let mut at = start;
    while let Some(offset) = text[at..].find(|character: char| !is_blank(character)) {
        at += offset;
        let name_end = text[at..]
            .find(|character: char| character == '=' || is_blank(character))
            .map_or(text.len(), |offset| at + offset);
        let behind = text[name_end..].trim_start_matches(is_blank);
        if !behind.starts_with('=') {
            let end = next_pair(text, at);
            found.push(Span::new(at, end));
            at = end;
            continue;
        }
        let value = text[text.len() - behind.len() + 1..].trim_start_matches(is_blank);
        at = plain_value_end(text, text.len() - value.len());
    }
}

/// Marks the value of every key that names a secret: `password=`, `?pass%77ord=`, `"pwd": "…"`.
fn secret_values(text: &str, is_uri: bool, found: &mut Vec<Span>) {
    let bytes = text.as_bytes();
    // A key inside another one's value ends where that one ends.
    let mut plain = 0;
    for (at, byte) in text.bytes().enumerate() {
        let width = match byte {
            b'=' => 1,
            b':' if !is_uri => 1,
            b'%' if matches!(bytes.get(at + 1..at + 3), Some(b"3D" | b"3d")) => 3,
            _ => continue,
        };
        let key = key_before(text, at);
        if !is_secret(&decoded(key)) {
            continue;
        }
        let start = at + width;
        let quoted = quoted_end(text, start);
        if plain <= start {
            plain = if is_uri {
                next_query_pair(text, start)
            } else {
                next_pair(text, text.len() - text[start..].trim_start().len())
            };
        }
        found.push(Span::new(start, quoted.map_or(plain, |end| end.max(plain))));
    }
}

/// Returns the word in front of `=`, past blanks and a quote.
fn key_before(text: &str, equals: usize) -> &str {
    let head = text[..equals]
        .trim_end_matches(|character: char| is_blank(character) || "'\"`".contains(character));
    let length = head
        .bytes()
        .rev()
        .take(LONGEST_KEY)
        .take_while(|byte| byte.is_ascii_alphanumeric() || b"_.%+-".contains(byte))
        .count();
    &head[head.len() - length..]
}

/// Returns the place behind a quoted value; the end of the text where the quote stays open.
fn quoted_end(text: &str, start: usize) -> Option<usize> {
    let rest = text[start..].trim_start_matches(is_blank);
    let quote = rest
        .chars()
        .next()
        .filter(|first| "'\"`".contains(*first))?;
    let first = text.len() - rest.len() + 1;
    Some(closing(text, first, quote).map_or(text.len(), |end| end + 1))
}

/// Returns the first unescaped quote.
fn closing(text: &str, start: usize, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (offset, character) in text[start..].char_indices() {
        if character == quote && !escaped {
            return Some(start + offset);
        }
        escaped = character == '\\' && !escaped;
    }
    None
}

/// Returns the end of a value as libpq reads it.
fn plain_value_end(text: &str, start: usize) -> usize {
    if text[start..].starts_with('\'') {
        return closing(text, start + 1, '\'').map_or(text.len(), |end| end + 1);
    }
    let mut escaped = false;
    for (offset, character) in text[start..].char_indices() {
        if is_blank(character) && !escaped {
            return start + offset;
        }
        escaped = character == '\\' && !escaped;
    }
    text.len()
}

/// Returns the blank in front of the next `known key =`; the end of the text where none follows.
fn next_pair(text: &str, start: usize) -> usize {
    let mut escaped = false;
    for (offset, character) in text[start..].char_indices() {
        let at = start + offset;
        let rest = &text[at + character.len_utf8()..];
        // Of a run of blanks, only the last stands in front of a word.
        if is_blank(character) && !escaped && !rest.starts_with(is_blank) {
            let word = rest
                .find(|character: char| !(character.is_ascii_alphanumeric() || character == '_'));
            if let Some(word) = word
                && is_known(&rest[..word])
                && rest[word..].trim_start_matches(is_blank).starts_with('=')
            {
                return at;
            }
        }
        escaped = character == '\\' && !escaped;
    }
    text.len()
}

/// Returns the `&` in front of the next known key; the end of the text where none follows.
fn next_query_pair(text: &str, start: usize) -> usize {
    text[start..]
        .match_indices('&')
        .map(|(offset, _)| start + offset)
        .find(|at| key_at_start(&text[at + 1..]).is_some_and(|key| is_known(&key)))
        .unwrap_or(text.len())
}

/// C's `isspace`, and what a person takes for a blank.
fn is_blank(character: char) -> bool {
    character.is_whitespace()
}

/// Returns whether a text without any structure is no password: a placeholder, or nothing at all.
fn is_harmless(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let is_placeholder = [("${", "}"), ("{{", "}}"), ("$(", ")"), ("%(", ")s")]
        .iter()
        .any(|(open, close)| {
            text.strip_prefix(open)
                .and_then(|rest| rest.strip_suffix(close))
                .is_some_and(|name| {
                    name.chars()
                        .all(|c| c.is_ascii_alphanumeric() || "_. ".contains(c))
                })
        });
    is_placeholder
        || text.is_empty()
        || is_local_address(text)
        || matches!(
            lower.as_str(),
            "null" | "none" | "undefined" | "nil" | "changeme" | "todo"
        )
}

/// `localhost:5432/db` is no password; any other word may be one.
fn is_local_address(text: &str) -> bool {
    let authority = &text[..end_of_authority(text, 0)];
    let host = authority.split(':').next().unwrap_or_default();
    (host == "localhost" || host.parse::<std::net::Ipv4Addr>().is_ok())
        && !authority.contains([',', '@'])
        && is_host_list(authority)
}

/// Decodes percent escapes where they are whole.
pub(super) fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text)
        .decode_utf8_lossy()
        .into_owned()
}

/// Sorts stretches, drops empty ones and joins those that touch.
fn merged(mut found: Vec<Span>, text: &str) -> Vec<Span> {
    found.retain(|span| span.start < span.end && !text[span.start..span.end].trim().is_empty());
    found.sort();
    let mut merged: Vec<Span> = Vec::new();
    for span in found {
        match merged.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => merged.push(span),
        }
    }
    merged
}
