//! Writes a connection string from its parameters: the way back from [`super::parse`].

use std::fmt::Write as _;

use super::Form;
use crate::value::Secret;

/// Writes parameters as a connection string that [`super::parse`] reads back to the same values.
///
/// A later parameter of the same name replaces an earlier one. In a URI, user, password, hosts,
/// ports and database stand where a reader looks for them when they can; what the authority cannot
/// say (an empty value, lists of unequal length) goes into the query.
pub fn print(form: Form, parameters: &[(&str, &str)]) -> Secret {
    let mut last: Vec<(&str, &str)> = Vec::new();
    for (keyword, value) in parameters {
        match last.iter_mut().find(|entry| entry.0 == *keyword) {
            Some(entry) => entry.1 = value,
            None => last.push((keyword, value)),
        }
    }
    Secret::new(match form {
        Form::Uri => uri(&last),
        Form::KeyValue => key_value(&last),
    })
}

fn key_value(parameters: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = parameters
        .iter()
        .map(|(keyword, value)| format!("{keyword}={}", quoted(value)))
        .collect();
    pairs.join(" ")
}

fn quoted(value: &str) -> String {
    let escaped = value.replace('\\', "\\\\").replace('\'', "\\'");
    let plain = !value.is_empty()
        && !value.contains(|character: char| character.is_whitespace() || character == '\'');
    if plain {
        escaped
    } else {
        format!("'{escaped}'")
    }
}

fn uri(parameters: &[(&str, &str)]) -> String {
    let in_authority = |keyword: &str| {
        parameters
            .iter()
            .find(|(name, value)| *name == keyword && !value.is_empty())
            .map(|(_, value)| *value)
    };
    let mut text = "postgresql://".to_owned();
    let mut written = Vec::new();
    let (user, password) = (in_authority("user"), in_authority("password"));
    if let Some(user) = user {
        written.push("user");
        text.push_str(&encoded(user));
    }
    if let Some(password) = password {
        written.push("password");
        let _ = write!(text, ":{}", encoded(password));
    }
    if user.is_some() || password.is_some() {
        text.push('@');
    }
    if let Some(netlocs) = netlocs(in_authority("host"), in_authority("port")) {
        written.extend(["host", "port"]);
        text.push_str(&netlocs);
    }
    text.push('/');
    if let Some(dbname) = in_authority("dbname") {
        written.push("dbname");
        text.push_str(&encoded(dbname));
    }
    let rest = parameters
        .iter()
        .filter(|(keyword, value)| !written.contains(keyword) || value.is_empty());
    for (index, (keyword, value)) in rest.enumerate() {
        text.push(if index == 0 { '?' } else { '&' });
        let _ = write!(text, "{}={}", encoded(keyword), encoded_in_query(value));
    }
    text
}

/// Writes hosts and ports as an authority; `None` where it cannot say them.
fn netlocs(hosts: Option<&str>, ports: Option<&str>) -> Option<String> {
    let hosts: Vec<&str> = hosts.unwrap_or_default().split(',').collect();
    let ports: Vec<&str> = match ports {
        Some(ports) => ports.split(',').collect(),
        None if hosts.len() == 1 => Vec::new(),
        None => return None,
    };
    if !ports.is_empty() && ports.len() != hosts.len() {
        return None;
    }
    // A lone `,` per host keeps the lists as long as they were.
    let pieces: Vec<String> = hosts
        .iter()
        .enumerate()
        .map(|(index, host)| match ports.get(index) {
            Some(port) if !port.is_empty() => format!("{}:{}", host_text(host), encoded(port)),
            _ => host_text(host),
        })
        .collect();
    Some(pieces.join(","))
}

fn host_text(host: &str) -> String {
    let is_ipv6 = host.contains(':')
        && host
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit() || byte == b':' || byte == b'.');
    if is_ipv6 {
        format!("[{host}]")
    } else {
        encoded(host)
    }
}

/// Encodes what no URI may hold as it is, and what a URI reads as a mark.
pub(super) fn encoded(text: &str) -> String {
    encode(text, b"-._~")
}

/// Encodes a query value; what is plain in a query for every reader stays as it is.
fn encoded_in_query(text: &str) -> String {
    encode(text, b"-._~/:,")
}

fn encode(text: &str, plain: &[u8]) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || plain.contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

    use super::print;
    use crate::conninfo::{Form, parse};

    fn uri(parameters: &[(&str, &str)]) -> String {
        print(Form::Uri, parameters).expose().to_owned()
    }

    #[test]
    fn a_uri_keeps_the_usual_places() {
        assert_eq!(
            uri(&[
                ("host", "h"),
                ("port", "5432"),
                ("user", "a b"),
                ("password", "p@/"),
                ("dbname", "d"),
                ("sslmode", "require"),
            ]),
            "postgresql://a%20b:p%40%2F@h:5432/d?sslmode=require"
        );
        assert_eq!(
            uri(&[("host", "::1"), ("user", "u")]),
            "postgresql://u@[::1]/"
        );
        assert_eq!(
            uri(&[("host", "/tmp"), ("dbname", "d")]),
            "postgresql://%2Ftmp/d"
        );
    }

    #[test]
    fn what_the_authority_cannot_say_goes_into_the_query() {
        assert_eq!(uri(&[("host", "a,b")]), "postgresql:///?host=a,b");
        assert_eq!(
            uri(&[("host", "a,b"), ("port", "1,2")]),
            "postgresql://a:1,b:2/"
        );
        assert_eq!(
            uri(&[("host", "a,b"), ("port", "1")]),
            "postgresql:///?host=a,b&port=1"
        );
        assert_eq!(uri(&[("password", "")]), "postgresql:///?password=");
    }

    #[test]
    fn key_value_quotes_what_needs_it() {
        let text = print(Form::KeyValue, &[("password", "it's a\\b"), ("dbname", "")]);
        assert_eq!(text.expose(), "password='it\\'s a\\\\b' dbname=''");
        let parsed = parse(text.expose()).unwrap();
        assert_eq!(parsed.get("password").unwrap().value.expose(), "it's a\\b");
    }
}
