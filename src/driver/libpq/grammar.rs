//! `conninfo_uri_parse` and `conninfo_parse`: from the text to keywords and values.

use super::super::Message;
use super::{Options, Version, keyword};

/// Splits a connection string in either form.
pub(in super::super) fn parse(version: Version, text: &str) -> Result<Options, Message> {
    // C ends the string at the first NUL.
    let text = text.split('\0').next().unwrap_or_default();
    match text
        .strip_prefix("postgresql://")
        .or_else(|| text.strip_prefix("postgres://"))
    {
        Some(rest) => uri(version, text, rest),
        None => key_value(version, text),
    }
}

/// Joins keywords and values into a keyword/value string as Python's drivers do, and splits it.
pub(in super::super) fn parse_pairs<'a>(
    version: Version,
    pairs: impl Iterator<Item = (&'a str, &'a str)>,
) -> Result<Options, Message> {
    let mut text = String::new();
    for (name, value) in pairs {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(name);
        text.push('=');
        let quoted = value.is_empty() || value.contains(char::is_whitespace);
        if quoted {
            text.push('\'');
        }
        for c in value.chars() {
            if matches!(c, '\\' | '\'') {
                text.push('\\');
            }
            text.push(c);
        }
        if quoted {
            text.push('\'');
        }
    }
    parse(version, &text)
}

/// Splits a URI. `rest` is what follows its scheme, `uri` the whole for error texts.
fn uri(version: Version, uri: &str, rest: &str) -> Result<Options, Message> {
    let mut options = Options::default();
    let mut rest = rest;
    if let Some(at) = rest
        .find(['@', '/'])
        .filter(|&at| rest[at..].starts_with('@'))
    {
        let (user, password) = match rest[..at].split_once(':') {
            Some((user, password)) => (user, password),
            None => (&rest[..at], ""),
        };
        store_decoded(version, &mut options, "user", user)?;
        store_decoded(version, &mut options, "password", password)?;
        rest = &rest[at + 1..];
    }
    let (mut hosts, mut ports) = (String::new(), String::new());
    let terminator = loop {
        let (host, after) = host(uri, rest)?;
        hosts.push_str(host);
        rest = after;
        if let Some(port) = rest.strip_prefix(':') {
            let end = port.find(['/', '?', ',']).unwrap_or(port.len());
            ports.push_str(&port[..end]);
            rest = &port[end..];
        }
        match rest.strip_prefix(',') {
            Some(after) => {
                hosts.push(',');
                ports.push(',');
                rest = after;
            }
            None => break rest.chars().next(),
        }
    };
    store_decoded(version, &mut options, "host", &hosts)?;
    store_decoded(version, &mut options, "port", &ports)?;
    let query = match terminator {
        Some('?') => Some(&rest[1..]),
        Some(_) => {
            let path = &rest[1..];
            let (dbname, query) = match path.split_once('?') {
                Some((dbname, query)) => (dbname, Some(query)),
                None => (path, None),
            };
            store_decoded(version, &mut options, "dbname", dbname)?;
            query
        }
        None => None,
    };
    if let Some(query) = query {
        parameters(version, query, &mut options)?;
    }
    Ok(options)
}

/// Reads one host up to its terminator.
fn host<'a>(uri: &str, rest: &'a str) -> Result<(&'a str, &'a str), Message> {
    let Some(address) = rest.strip_prefix('[') else {
        let end = rest.find([':', '/', '?', ',']).unwrap_or(rest.len());
        return Ok(rest.split_at(end));
    };
    let Some(end) = address.find(']') else {
        return Err(Message::of(&[
            "end of string reached when looking for matching \"]\" in IPv6 host address in URI: \"",
            uri,
            "\"",
        ]));
    };
    if end == 0 {
        return Err(Message::of(&[
            "IPv6 host address may not be empty in URI: \"",
            uri,
            "\"",
        ]));
    }
    let after = &address[end + 1..];
    match after.chars().next() {
        None | Some(':' | '/' | '?' | ',') => Ok((&address[..end], after)),
        Some(c) => Err(Message::of(&[
            "unexpected character \"",
            c.encode_utf8(&mut [0; 4]),
            &format!(
                "\" at position {} in URI (expected \":\" or \"/\"): \"",
                uri.len() - after.len() + 1
            ),
            uri,
            "\"",
        ])),
    }
}

fn parameters(version: Version, query: &str, options: &mut Options) -> Result<(), Message> {
    let mut rest = query;
    while !rest.is_empty() {
        let (parameter, after) = rest.split_once('&').unwrap_or((rest, ""));
        rest = after;
        let Some((name, value)) = parameter.split_once('=') else {
            return Err(Message::of(&[
                "missing key/value separator \"=\" in URI query parameter: \"",
                parameter,
                "\"",
            ]));
        };
        if value.contains('=') {
            return Err(Message::of(&[
                "extra key/value separator \"=\" in URI query parameter: \"",
                name,
                "\"",
            ]));
        }
        let name = text_of(decode(version, name)?, options);
        let value = decode(version, value)?;
        let value = if name.ends_with("application_name") {
            name_of(value, options)
        } else {
            text_of(value, options)
        };
        let (name, value) = if name == "ssl" && value == "true" {
            ("sslmode", "require".to_owned())
        } else {
            (name.as_str(), value)
        };
        if !store(version, options, name, value) {
            return Err(Message::of(&[
                "invalid URI query parameter: \"",
                name,
                "\"",
            ]));
        }
    }
    Ok(())
}

fn store_decoded(
    version: Version,
    options: &mut Options,
    name: &'static str,
    raw: &str,
) -> Result<(), Message> {
    if !raw.is_empty() {
        let value = text_of(decode(version, raw)?, options);
        options.set(name, value);
    }
    Ok(())
}

/// Sets a keyword; false where the version does not know it.
fn store(version: Version, options: &mut Options, name: &str, value: String) -> bool {
    let (name, value) = if name == "requiressl" {
        let mode = if value.starts_with('1') {
            "require"
        } else {
            "prefer"
        };
        ("sslmode", mode.to_owned())
    } else {
        (name, value)
    };
    match keyword(version, name) {
        Some(keyword) => {
            options.set(keyword, value);
            true
        }
        None => false,
    }
}

/// An application's name that is no UTF-8 stands as the server will show it.
fn name_of(bytes: Vec<u8>, options: &mut Options) -> String {
    let shown = bytes.escape_ascii().to_string();
    let valid = std::str::from_utf8(&bytes).is_ok();
    let text = text_of(bytes, options);
    if valid { text } else { shown }
}

fn text_of(bytes: Vec<u8>, options: &mut Options) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| {
        let (at, length) = (
            error.utf8_error().valid_up_to(),
            error.utf8_error().error_len(),
        );
        let byte = error.as_bytes()[at];
        let reason = match length {
            None => "unexpected end of data",
            Some(_) if matches!(byte, 0xc2..=0xf4) => "invalid continuation byte",
            Some(_) => "invalid start byte",
        };
        let length = length.unwrap_or(error.as_bytes().len() - at);
        let place = if length == 1 {
            format!("byte 0x{byte:02x} in position {at}")
        } else {
            format!("bytes in position {at}-{}", at + length - 1)
        };
        options.undecodable.get_or_insert_with(|| {
            Message::of(&[&format!("'utf-8' codec can't decode {place}: {reason}")])
        });
        String::from_utf8_lossy(error.as_bytes()).into_owned()
    })
}

/// Decodes `%XX`. From 18 on, spaces end a value: those around it are dropped, one inside is an
/// error.
fn decode(version: Version, raw: &str) -> Result<Vec<u8>, Message> {
    let bytes = raw.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    if version >= Version::V18 {
        while bytes.get(at) == Some(&b' ') {
            at += 1;
        }
    }
    while let Some(&byte) = bytes.get(at) {
        if byte != b'%' {
            if version >= Version::V18 && byte == b' ' {
                break;
            }
            decoded.push(byte);
            at += 1;
            continue;
        }
        let digit = |at: usize| {
            bytes
                .get(at)
                .and_then(|&byte| char::from(byte).to_digit(16))
                .and_then(|digit| u8::try_from(digit).ok())
        };
        match (digit(at + 1), digit(at + 2)) {
            (Some(0), Some(0)) => {
                return Err(Message::of(&[
                    "forbidden value %00 in percent-encoded value: \"",
                    raw,
                    "\"",
                ]));
            }
            (Some(high), Some(low)) => decoded.push(high << 4 | low),
            _ => {
                return Err(Message::of(&[
                    "invalid percent-encoded token: \"",
                    raw,
                    "\"",
                ]));
            }
        }
        at += 3;
    }
    while bytes.get(at) == Some(&b' ') {
        at += 1;
    }
    if at < bytes.len() {
        return Err(Message::of(&[
            "unexpected spaces found in \"",
            raw,
            "\", use percent-encoded spaces (%20) instead",
        ]));
    }
    Ok(decoded)
}

fn key_value(version: Version, text: &str) -> Result<Options, Message> {
    let space = super::super::numbers::is_c_space;
    let mut options = Options::default();
    let mut rest = text.trim_start_matches(space);
    while !rest.is_empty() {
        let end = rest.find(|c| c == '=' || space(c)).unwrap_or(rest.len());
        let name = &rest[..end];
        let Some(after) = rest[end..].trim_start_matches(space).strip_prefix('=') else {
            return Err(Message::of(&[
                "missing \"=\" after \"",
                name,
                "\" in connection info string",
            ]));
        };
        let (value, after) = value(after.trim_start_matches(space))?;
        if !store(version, &mut options, name, value) {
            return Err(Message::of(&["invalid connection option \"", name, "\""]));
        }
        rest = after.trim_start_matches(space);
    }
    Ok(options)
}

/// Reads one value, quoted or not, and returns it with the text behind it.
fn value(text: &str) -> Result<(String, &str), Message> {
    let quoted = text.starts_with('\'');
    let mut value = String::new();
    let mut chars = text.char_indices().skip(usize::from(quoted));
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => value.extend(chars.next().map(|(_, c)| c)),
            '\'' if quoted => return Ok((value, &text[at + 1..])),
            c if !quoted && super::super::numbers::is_c_space(c) => {
                return Ok((value, &text[at + 1..]));
            }
            c => value.push(c),
        }
    }
    if quoted {
        Err(Message::of(&[
            "unterminated quoted string in connection info string",
        ]))
    } else {
        Ok((value, ""))
    }
}
