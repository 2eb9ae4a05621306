//! psycopg 3.3.9, whose binary wheel holds libpq 18.0.6.

use std::net::IpAddr;

use super::grammar::urllib::python_repr;
use super::libpq::{self, Options, Version};
use super::numbers::{is_numeric_service, python_float};
use super::{Message, Outcome, Variables, resolver};

/// The libpq in the newest binary wheel.
const LIBPQ: Version = Version::V18;

/// Reads a string as `psycopg.connect(conninfo)` does.
pub(super) fn read(text: &str, variables: &Variables) -> Outcome {
    connect(libpq::parse(LIBPQ, text)?, variables)
}

/// Reads keyword arguments as `psycopg.connect(**kwargs)` does.
pub(super) fn read_keywords(pairs: &[(String, String)], variables: &Variables) -> Outcome {
    if pairs
        .iter()
        .any(|(name, _)| matches!(name.as_str(), "row_factory" | "cursor_factory"))
    {
        return Err(Message::of(&["'str' object is not callable"]));
    }
    if pairs.iter().any(|(name, _)| name == "cls") {
        return Err(Message::of(&[
            "Connection.connect() got multiple values for argument 'cls'",
        ]));
    }
    let own = |name: &str| matches!(name, "autocommit" | "context" | "conninfo");
    let timeout = pairs.iter().find(|(name, _)| name == "connect_timeout");
    if let Some((_, value)) = timeout {
        check_timeout(value)?;
    }
    let filled = |wanted: &str| {
        pairs
            .iter()
            .find(|(name, value)| name == wanted && !value.is_empty())
            .map(|(_, value)| value.as_str())
    };
    check_counts(&filled)?;
    reachable(&filled)?;
    let conninfo = filled("conninfo").map(|text| libpq::parse(LIBPQ, text));
    let mut merged = conninfo.transpose()?.unwrap_or_default();
    let sent = pairs
        .iter()
        .filter(|(name, _)| !own(name) && name != "prepare_threshold")
        .map(|(name, value)| (name.as_str(), value.as_str()));
    merged.update(libpq::parse_pairs(LIBPQ, sent)?);
    if pairs.iter().any(|(name, _)| name == "prepare_threshold") {
        return Err(Message::of(&[
            "'>=' not supported between instances of 'int' and 'str'",
        ]));
    }
    connect(merged, variables)
}

fn connect(mut options: Options, variables: &Variables) -> Outcome {
    options.fill(LIBPQ, variables)?;
    if let Some(message) = &options.undecodable {
        return Err(message.clone());
    }
    if let Some(value) = options.get("connect_timeout") {
        check_timeout(value)?;
    }
    let filled = |keyword: &str| options.filled(keyword);
    check_counts(&filled)?;
    let reachable = reachable(&filled)?;
    // psycopg waits by itself, so libpq never reads the timeout.
    let mut sent = options.without("connect_timeout");
    for keyword in ["host", "port"] {
        if let (Some(places), Some(list)) = (&reachable, filled(keyword)) {
            let list: Vec<&str> = list.split(',').collect();
            if list.len() == 1 {
                continue;
            }
            let left: Vec<&str> = places
                .iter()
                .filter_map(|&at| list.get(at).copied())
                .collect();
            sent.set(keyword, left.join(","));
        }
    }
    let mut reading = libpq::connect(LIBPQ, &sent)?;
    if let Some(value) = options.get("connect_timeout") {
        reading
            .client
            .push(("connect_timeout".to_owned(), value.to_owned()));
    }
    Ok(reading)
}

fn check_timeout(value: &str) -> Result<(), Message> {
    if python_float(value).is_some_and(f64::is_finite) {
        return Ok(());
    }
    Err(Message::of(&[
        "bad value for connect_timeout: ",
        &python_repr(value),
    ]))
}

/// psycopg resolves names by itself, together with the port as it is written: returns the places of
/// the hosts that are tried, where some are not.
fn reachable<'a>(filled: &impl Fn(&str) -> Option<&'a str>) -> Result<Option<Vec<usize>>, Message> {
    if filled("hostaddr").is_some() {
        return Ok(None);
    }
    let ports: Vec<&str> = filled("port").unwrap_or_default().split(',').collect();
    let hosts: Vec<&str> = filled("host").unwrap_or_default().split(',').collect();
    let mut reachable = Vec::with_capacity(hosts.len());
    let mut refusal = None;
    for (index, host) in hosts.iter().enumerate() {
        let named = !host.is_empty()
            && !host.starts_with('/')
            && host.as_bytes().get(1) != Some(&b':')
            && host.parse::<IpAddr>().is_err();
        if named {
            resolver::encode(host)?;
        }
        let port = ports.get(index).unwrap_or(&ports[0]);
        if named && !is_numeric_service(port) {
            refusal = Some(Message::of(&[
                "failed to resolve host ",
                &python_repr(host),
                ": [Errno -8] Servname not supported for ai_socktype",
            ]));
        } else {
            reachable.push(index);
        }
    }
    match refusal {
        Some(message) if reachable.is_empty() => Err(message),
        _ => Ok(Some(reachable).filter(|left| left.len() < hosts.len())),
    }
}

/// `split_attempts`: psycopg pairs hosts and ports before libpq does.
fn check_counts<'a>(filled: &impl Fn(&str) -> Option<&'a str>) -> Result<(), Message> {
    let count = |keyword| filled(keyword).map_or(0, |value| value.split(',').count());
    let (hosts, addresses, ports) = (count("host"), count("hostaddr"), count("port"));
    if hosts > 0 && addresses > 0 && hosts != addresses {
        return Err(Message::of(&[&format!(
            "could not match {hosts} host names with {addresses} hostaddr values"
        )]));
    }
    if ports > 1 && ports != hosts.max(addresses) {
        return Err(Message::of(&[&format!(
            "could not match {ports} port numbers to {hosts} hosts"
        )]));
    }
    Ok(())
}
