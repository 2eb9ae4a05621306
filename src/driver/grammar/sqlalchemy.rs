//! SQLAlchemy's `make_url`: its regular expression, written out.

use super::super::Message;
use super::super::numbers::python_int;
use super::urllib::{parse_qsl, python_repr, unquote};

/// A release line of SQLAlchemy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) enum Release {
    V14,
    V20,
    V21,
}

/// A value of the query: a repeated name becomes a tuple.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) enum Value {
    One(String),
    Many(Vec<String>),
}

impl Value {
    /// Returns the text that `str()` makes of the value.
    pub(in super::super) fn text(&self) -> String {
        match self {
            Self::One(text) => text.clone(),
            Self::Many(texts) => {
                let shown: Vec<_> = texts.iter().map(|text| python_repr(text)).collect();
                format!("({})", shown.join(", "))
            }
        }
    }
}

/// A URL as SQLAlchemy holds it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Url {
    /// `postgresql+asyncpg`
    pub(in super::super) drivername: String,
    pub(in super::super) username: Option<String>,
    pub(in super::super) password: Option<String>,
    pub(in super::super) host: Option<String>,
    pub(in super::super) port: Option<i128>,
    pub(in super::super) database: Option<String>,
    pub(in super::super) query: Vec<(String, Value)>,
}

impl Url {
    /// Returns a value of the query.
    pub(in super::super) fn query(&self, name: &str) -> Option<&Value> {
        self.query
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value)
    }
}

/// Splits a URL as the release does.
pub(in super::super) fn parse(release: Release, text: &str) -> Result<Url, Message> {
    let could_not = || {
        if release == Release::V14 {
            Message::of(&["Could not parse SQLAlchemy URL from string '", text, "'"])
        } else {
            Message::of(&["Could not parse SQLAlchemy URL from given URL string"])
        }
    };
    // `(?P<name>[\w\+]+)://`
    let (name, rest) = text.split_once("://").ok_or_else(could_not)?;
    if name.is_empty()
        || !name
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '+'))
    {
        return Err(could_not());
    }
    let (credentials, rest) = credentials(rest);
    let (host, rest) = host(rest);
    let (port, rest) = match rest.strip_prefix(':') {
        Some(after) => {
            let (port, rest) = after.split_at(after.find(['/', '?']).unwrap_or(after.len()));
            (Some(port), rest)
        }
        None => (None, rest),
    };
    let (database, rest) = match rest.strip_prefix('/') {
        Some(after) => {
            let (database, rest) = after.split_at(after.find('?').unwrap_or(after.len()));
            (Some(database), rest)
        }
        None => (None, rest),
    };
    // `.*` does not match a newline.
    let query = rest
        .strip_prefix('?')
        .map(|query| query.split('\n').next().unwrap_or_default());
    let query = pairs(query.unwrap_or_default())?;
    let port = port.map(parse_port).transpose()?;
    let (username, password) = credentials.unzip();
    let decoded = |text: &str| unquote(text).into_owned();
    Ok(Url {
        drivername: name.to_owned(),
        username: username.map(decoded),
        password: password.flatten().map(decoded),
        host: host.map(str::to_owned),
        port,
        database: database.map(|text| {
            if release >= Release::V21 {
                decoded(text)
            } else {
                text.to_owned()
            }
        }),
        query,
    })
}

/// `(?:(?P<username>[^:/]*)(?::(?P<password>[^@]*))?@)?`
fn credentials(rest: &str) -> (Option<(&str, Option<&str>)>, &str) {
    let end = rest.find([':', '/']).unwrap_or(rest.len());
    if rest[end..].starts_with(':') {
        let after = &rest[end + 1..];
        if let Some(at) = after.find('@') {
            return (Some((&rest[..end], Some(&after[..at]))), &after[at + 1..]);
        }
    }
    // Without a password the user's name may hold `@` itself: the last one before `:` or `/` ends it.
    match rest[..end].rfind('@') {
        Some(at) => (Some((&rest[..at], None)), &rest[at + 1..]),
        None => (None, rest),
    }
}

/// `(?:\[(?P<ipv6host>[^/\?]+)\]|(?P<ipv4host>[^/:\?]+))?`
fn host(rest: &str) -> (Option<&str>, &str) {
    if let Some(after) = rest.strip_prefix('[') {
        let end = after.find(['/', '?']).unwrap_or(after.len());
        if let Some(close) = after[..end].rfind(']').filter(|&close| close > 0) {
            return (Some(&after[..close]), &after[close + 1..]);
        }
    }
    let end = rest.find(['/', ':', '?']).unwrap_or(rest.len());
    let (host, rest) = rest.split_at(end);
    ((!host.is_empty()).then_some(host), rest)
}

fn parse_port(text: &str) -> Result<i128, Message> {
    python_int(text).ok_or_else(|| {
        Message::of(&[
            "invalid literal for int() with base 10: ",
            &python_repr(text),
        ])
    })
}

fn pairs(query: &str) -> Result<Vec<(String, Value)>, Message> {
    let mut pairs: Vec<(String, Value)> = Vec::new();
    for (name, value) in parse_qsl(query, false)? {
        match pairs.iter_mut().find(|(known, _)| *known == name) {
            None => pairs.push((name, Value::One(value))),
            Some((_, known)) => {
                let mut texts = match known {
                    Value::One(text) => vec![std::mem::take(text)],
                    Value::Many(texts) => std::mem::take(texts),
                };
                texts.push(value);
                *known = Value::Many(texts);
            }
        }
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use super::{Release, Url, Value, parse};

    fn url(text: &str) -> Url {
        parse(Release::V20, text).unwrap_or_else(|_| panic!("{text} parses"))
    }

    #[test]
    fn a_raw_at_sign_cuts_the_password() {
        let url = url("postgresql://u:p@ss@h:1/d%20x?a=b&a=c");
        assert_eq!(url.username.as_deref(), Some("u"));
        assert_eq!(url.password.as_deref(), Some("p"));
        assert_eq!(url.host.as_deref(), Some("ss@h"));
        assert_eq!(url.port, Some(1));
        assert_eq!(url.database.as_deref(), Some("d%20x"));
        assert_eq!(
            url.query,
            [(
                "a".to_owned(),
                Value::Many(vec!["b".to_owned(), "c".to_owned()])
            )]
        );
    }

    #[test]
    fn odd_hosts_and_ports_follow_the_expression() {
        assert_eq!(url("postgresql://[::1]:5/d").host.as_deref(), Some("::1"));
        assert_eq!(
            url("postgresql://u:a/b@h/d").password.as_deref(),
            Some("a/b")
        );
        assert_eq!(url("postgresql:///d").host, None);
        assert!(parse(Release::V20, "postgresql://h:/d").is_err());
        assert!(parse(Release::V20, " postgresql://h/d").is_err());
        assert!(parse(Release::V20, "postgresql://h:x/d").is_err());
        assert_eq!(
            parse(Release::V21, "postgresql://h/d%20x")
                .ok()
                .and_then(|url| url.database),
            Some("d x".to_owned())
        );
    }
}
