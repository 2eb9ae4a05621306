//! Lists of hosts and ports: `_parse_hostlist` and `_validate_port_spec`.

use std::net::IpAddr;

use super::super::grammar::urllib::{python_repr, unquote};
use super::super::numbers::python_int;
use super::super::{Message, Variables, resolver, wrapped_port};

pub(super) fn int(text: &str) -> Result<i128, Message> {
    python_int(text).ok_or_else(|| {
        Message::of(&[
            "invalid literal for int() with base 10: ",
            &python_repr(text),
        ])
    })
}

/// `_validate_port_spec`
pub(super) fn spread_ports(hosts: usize, ports: &[i128]) -> Result<Vec<i128>, Message> {
    match ports {
        [port] => Ok(vec![*port; hosts]),
        ports if ports.len() == hosts => Ok(ports.to_vec()),
        ports => Err(Message::of(&[&format!(
            "could not match {} port numbers to {hosts} hosts",
            ports.len()
        )])),
    }
}

/// The ports of `PGPORT`, or else the usual one.
pub(super) fn default_ports(variables: &Variables) -> Result<Vec<i128>, Message> {
    match variables.filled("PGPORT") {
        Some(ports) => ports.split(',').map(int).collect(),
        None => Ok(vec![5432]),
    }
}

/// `_parse_hostlist`, which reads `PGPORT` whatever ports the list names.
pub(super) fn host_list(
    list: &str,
    ports: Option<&[i128]>,
    unquoted: bool,
    variables: &Variables,
) -> Result<(Vec<String>, Vec<i128>), Message> {
    let specs: Vec<&str> = list.split(',').collect();
    let (ports, defaults) = match ports {
        Some(ports) => (Some(spread_ports(specs.len(), ports)?), Vec::new()),
        None => (None, spread_ports(specs.len(), &default_ports(variables)?)?),
    };
    let (mut hosts, mut own_ports) = (Vec::new(), Vec::new());
    for (index, spec) in specs.into_iter().enumerate() {
        let (host, port) = host_spec(spec)?;
        hosts.push(if unquoted {
            unquote(host).into_owned()
        } else {
            host.to_owned()
        });
        if ports.is_none() {
            own_ports.push(if port.is_empty() {
                defaults[index]
            } else if unquoted {
                int(&unquote(port))?
            } else {
                int(port)?
            });
        }
    }
    Ok((hosts, ports.unwrap_or(own_ports)))
}

fn host_spec(spec: &str) -> Result<(&str, &str), Message> {
    match spec.chars().next() {
        None => Err(Message::of(&["string index out of range"])),
        Some('/') => Ok((spec, "")),
        Some('[') => {
            let Some((address, after)) = spec[1..].split_once(']').filter(|(a, _)| !a.is_empty())
            else {
                return Err(Message::of(&[
                    "invalid IPv6 address in the connection URI: ",
                    &python_repr(spec),
                ]));
            };
            // The expression is not anchored at its end: what follows the digits is dropped.
            let port = after.strip_prefix(':').map_or("", |port| {
                let end = port
                    .find(|c: char| !c.is_ascii_digit())
                    .unwrap_or(port.len());
                &port[..end]
            });
            Ok((address, port))
        }
        Some(_) => Ok(spec.split_once(':').unwrap_or((spec, ""))),
    }
}

/// Leaves the hosts that are tried. A port that is none is refused by the resolver, which only ends
/// this attempt, or with an address by the socket, which ends them all, as a name does that cannot be
/// encoded.
pub(super) fn reachable(hosts: Vec<String>, ports: &[i128]) -> Result<Vec<(String, u16)>, Message> {
    let mut reachable = Vec::with_capacity(hosts.len());
    let mut refusal = None;
    for (host, &port) in hosts.into_iter().zip(ports) {
        let attempt = if host.starts_with('/') {
            Ok(Some(wrapped_port(port)))
        } else if host.parse::<IpAddr>().is_ok() {
            u16::try_from(port)
                .map(Some)
                .map_err(|_| Message::of(&["connect(): port must be 0-65535."]))
        } else {
            resolver::encode(&host).map(|()| resolver::service(port))
        };
        match attempt {
            Ok(Some(port)) => reachable.push((host, port)),
            Ok(None) => {
                refusal = Some(Message::of(&[
                    "[Errno -8] Servname not supported for ai_socktype",
                ]));
            }
            Err(_) if !reachable.is_empty() => break,
            Err(message) => return Err(message),
        }
    }
    match refusal {
        Some(message) if reachable.is_empty() => Err(message),
        _ => Ok(reachable),
    }
}
