//! Python's `urllib.parse`, as CPython 3.11 and newer have it.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::super::Message;

/// What `urlsplit` returns, without the fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Split {
    /// The scheme in lower case; empty where there is none.
    pub(in super::super) scheme: String,
    /// What stands between `//` and the path.
    pub(in super::super) netloc: String,
    /// The path with its slash.
    pub(in super::super) path: String,
    /// What stands between `?` and `#`.
    pub(in super::super) query: String,
}

/// Splits a URL; `Err` holds the text of the `ValueError`.
pub(in super::super) fn urlsplit(url: &str) -> Result<Split, Message> {
    let url = url.trim_start_matches(|c: char| c <= ' ');
    let url: String = url
        .chars()
        .filter(|c| !matches!(c, '\t' | '\r' | '\n'))
        .collect();
    let (scheme, rest) = split_scheme(&url);
    let (netloc, rest) = match rest.strip_prefix("//") {
        Some(after) => after.split_at(after.find(['/', '?', '#']).unwrap_or(after.len())),
        None => ("", rest),
    };
    if netloc.contains('[') != netloc.contains(']') {
        return Err(Message::of(&["Invalid IPv6 URL"]));
    }
    if netloc.contains('[') {
        check_bracketed_netloc(netloc)?;
    }
    let rest = rest.split('#').next().unwrap_or_default();
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    check_netloc(netloc)?;
    Ok(Split {
        scheme,
        netloc: netloc.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
    })
}

fn split_scheme(url: &str) -> (String, &str) {
    match url.split_once(':') {
        Some((scheme, rest))
            if scheme.starts_with(|c: char| c.is_ascii_alphabetic())
                && scheme
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.')) =>
        {
            (scheme.to_ascii_lowercase(), rest)
        }
        _ => (String::new(), url),
    }
}

/// CPython since 3.11.12, 3.12.9 and 3.13.2 (gh-105704), and Debian's 3.11.2: nothing may stand
/// before a bracket or between it and the port.
fn check_bracketed_netloc(netloc: &str) -> Result<(), Message> {
    let address = netloc
        .rsplit_once('@')
        .map_or(netloc, |(_, address)| address);
    let Some((before, bracketed)) = address.split_once('[') else {
        return check_bracketed_host(address.split(':').next().unwrap_or_default());
    };
    let (host, port) = bracketed.split_once(']').unwrap_or((bracketed, ""));
    if !before.is_empty() || !(port.is_empty() || port.starts_with(':')) {
        return Err(Message::of(&["Invalid IPv6 URL"]));
    }
    check_bracketed_host(host)
}

fn check_bracketed_host(host: &str) -> Result<(), Message> {
    if let Some(future) = host.strip_prefix('v') {
        let fits = future.split_once('.').is_some_and(|(version, rest)| {
            !version.is_empty()
                && version.bytes().all(|b| b.is_ascii_hexdigit())
                && !rest.is_empty()
                && rest
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:".contains(&b))
        });
        return if fits {
            Ok(())
        } else {
            Err(Message::of(&["IPvFuture address is invalid"]))
        };
    }
    let (address, scope) = host.split_once('%').unwrap_or((host, "x"));
    if host.parse::<Ipv4Addr>().is_ok() {
        return Err(Message::of(&["An IPv4 address cannot be in brackets"]));
    }
    if address.parse::<Ipv6Addr>().is_ok() && !scope.is_empty() && !scope.contains('%') {
        return Ok(());
    }
    Err(Message::of(&[
        "",
        &python_repr(host),
        " does not appear to be an IPv4 or IPv6 address",
    ]))
}

/// Some characters become `/`, `?`, `#`, `@` or `:` under NFKC; Python refuses a netloc with one.
fn check_netloc(netloc: &str) -> Result<(), Message> {
    /// The characters whose NFKC form holds one of the five.
    const HIDING: &[char] = &[
        '\u{2048}', '\u{2047}', '\u{2049}', '\u{2100}', '\u{2101}', '\u{2105}', '\u{2106}',
        '\u{2A74}', '\u{FE13}', '\u{FE16}', '\u{FE55}', '\u{FE56}', '\u{FE5F}', '\u{FE6B}',
        '\u{FF03}', '\u{FF0F}', '\u{FF1A}', '\u{FF1F}', '\u{FF20}',
    ];
    if netloc.is_ascii() || !netloc.contains(HIDING) {
        return Ok(());
    }
    Err(Message::of(&[
        "netloc '",
        netloc,
        "' contains invalid characters under NFKC normalization",
    ]))
}

/// Splits a query; with `strict`, a field without `=` is an error. Empty values are dropped.
pub(in super::super) fn parse_qsl(
    query: &str,
    strict: bool,
) -> Result<Vec<(String, String)>, Message> {
    let mut pairs = Vec::new();
    if query.is_empty() {
        return Ok(pairs);
    }
    for field in query.split('&') {
        if field.is_empty() && !strict {
            continue;
        }
        let Some((name, value)) = field.split_once('=') else {
            if strict {
                return Err(Message::of(&["bad query field: ", &python_repr(field)]));
            }
            continue;
        };
        if !value.is_empty() {
            pairs.push((unquote_plus(name), unquote_plus(value)));
        }
    }
    Ok(pairs)
}

fn unquote_plus(text: &str) -> String {
    if text.contains('+') {
        unquote(&text.replace('+', " ")).into_owned()
    } else {
        unquote(text).into_owned()
    }
}

/// Decodes `%XX`; what is no escape stays, what is no UTF-8 becomes U+FFFD.
pub(in super::super) fn unquote(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let bytes: Vec<u8> = percent_encoding::percent_decode_str(text).collect();
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

/// Returns the text as Python's `repr` shows it, near enough for an error text.
pub(in super::super) fn python_repr(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    let mut shown = String::with_capacity(text.len() + 2);
    shown.push(quote);
    for c in text.chars() {
        match c {
            '\\' => shown.push_str("\\\\"),
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            c if c == quote => {
                shown.push('\\');
                shown.push(c);
            }
            c if c < ' ' || c == '\x7f' => drop(write!(shown, "\\x{:02x}", u32::from(c))),
            c => shown.push(c),
        }
    }
    shown.push(quote);
    shown
}

#[cfg(test)]
mod tests {
    use super::{parse_qsl, unquote, urlsplit};

    #[test]
    fn urls_are_split_as_python_splits_them() {
        let split = urlsplit(" POSTGRES://u:p@h:1/d/x?a=b#?c").unwrap_or_else(|_| panic!("splits"));
        assert_eq!(split.scheme, "postgres");
        assert_eq!(split.netloc, "u:p@h:1");
        assert_eq!(split.path, "/d/x");
        assert_eq!(split.query, "a=b");
        assert!(urlsplit("postgres://u:[@h/d").is_err());
        assert!(urlsplit("postgres://[::1]/d").is_ok());
        assert!(urlsplit("postgres://[1.2.3.4]/d").is_err());
        assert_eq!(
            urlsplit("host=h").map(|split| split.path).ok().as_deref(),
            Some("host=h")
        );
    }

    #[test]
    fn empty_values_are_dropped_and_fields_without_a_sign_are_strictly_wrong() {
        assert_eq!(
            parse_qsl("a=b+c&d=&e=%41&&f", false).ok(),
            Some(vec![
                ("a".to_owned(), "b c".to_owned()),
                ("e".to_owned(), "A".to_owned())
            ])
        );
        assert!(parse_qsl("a=b&", true).is_err());
        assert_eq!(unquote("%zz%E4%41"), "%zz\u{FFFD}A");
    }
}
