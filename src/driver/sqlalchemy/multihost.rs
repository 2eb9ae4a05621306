//! Hosts and ports in the query: `_split_multihost_from_url` of SQLAlchemy 2.0 and 2.1.

use super::super::Message;
use super::super::grammar::sqlalchemy::{Url, Value};
use super::super::grammar::urllib::python_repr;
use super::super::numbers::python_int;

/// Hosts and ports that the query names.
#[derive(Default)]
pub(super) struct Multihost {
    pub(super) hosts: Option<Vec<String>>,
    pub(super) ports: Vec<Option<i128>>,
}

pub(super) fn mixed() -> Message {
    Message::of(&[
        "Can't mix 'multihost' formats together; use \"host=h1,h2,h3&port=p1,p2,p3\" or \"host=h1:p1&host=h2:p2&host=h3:p3\" separately",
    ])
}

/// `host:port` tokens, as `token.split(":")` and `zip` read them: `zip` drops what the shortest
/// token has no place for.
pub(super) fn host_tokens(tokens: &[String]) -> Result<Vec<(String, String)>, Message> {
    if tokens.iter().all(|token| token.matches(':').count() > 1) {
        return Err(Message::of(&["too many values to unpack (expected 2)"]));
    }
    Ok(tokens
        .iter()
        .map(|token| {
            let mut parts = token.split(':').map(str::to_owned);
            let host = parts.next().unwrap_or_default();
            (host, parts.next().unwrap_or_default())
        })
        .collect())
}

/// `_split_multihost_from_url` of 2.0 and 2.1.
pub(super) fn multihost(url: &Url) -> Result<Multihost, Message> {
    let mut integrated = false;
    let mut hosts: Option<Vec<String>> = None;
    let mut ports: Option<Vec<String>> = None;
    match url.query("host") {
        Some(Value::Many(tokens)) => {
            integrated = true;
            let (names, numbers) = host_tokens(tokens)?.into_iter().unzip();
            (hosts, ports) = (Some(names), Some(numbers));
        }
        Some(Value::One(text)) => {
            let names: Vec<String> = text.split(',').map(str::to_owned).collect();
            let single = (names.len() == 1 && url.query("port").is_none())
                .then(|| integrated_host(&names[0]))
                .flatten();
            if let Some((host, port)) = single {
                integrated = true;
                (hosts, ports) = (Some(vec![host]), Some(vec![port]));
            } else {
                hosts = Some(names);
            }
        }
        None => {}
    }
    if let Some(value) = url.query("port") {
        if integrated {
            return Err(mixed());
        }
        ports = Some(match value {
            Value::Many(texts) => texts.clone(),
            Value::One(text) => text.split(',').map(str::to_owned).collect(),
        });
    }
    let numbers = ports.map(|ports| port_numbers(&ports)).transpose()?;
    if let Some(numbers) = &numbers {
        let (host_count, port_count) = (hosts.as_ref().map(Vec::len), numbers.len());
        let mismatch = match host_count {
            None => port_count > 1,
            Some(count) => count != port_count && (count > 1 || port_count > 1),
        };
        if mismatch {
            return Err(Message::of(&["number of hosts and ports don't match"]));
        }
    }
    let ports = match (&hosts, numbers) {
        (Some(hosts), None) => vec![None; hosts.len()],
        (_, numbers) => numbers.unwrap_or_default(),
    };
    Ok(Multihost { hosts, ports })
}

/// `^([a-zA-Z0-9\-\.]*)(?:\:(\d*))?$` for a host with a colon.
fn integrated_host(text: &str) -> Option<(String, String)> {
    let (host, port) = text.split_once(':')?;
    // `$` matches before a last newline too.
    let port = port.strip_suffix('\n').unwrap_or(port);
    let fits = host
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'))
        && port.chars().all(char::is_numeric);
    fits.then(|| (host.to_owned(), port.to_owned()))
}

fn port_numbers(ports: &[String]) -> Result<Vec<Option<i128>>, Message> {
    ports
        .iter()
        .map(|port| {
            if port.is_empty() {
                return Ok(None);
            }
            python_int(port).map(Some).ok_or_else(|| {
                let shown: Vec<_> = ports.iter().map(|port| python_repr(port)).collect();
                let comma = if ports.len() == 1 { "," } else { "" };
                Message::of(&[
                    "Received non-integer port arguments: (",
                    &shown.join(", "),
                    &format!("{comma})"),
                ])
            })
        })
        .collect()
}
