//! Stage dns: a host becomes addresses.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use tokio::net::lookup_host;

use super::deadline::Deadline;
use super::diagnose::{Broken, dns as cause, tcp};
use super::question;
use crate::conninfo::Host;
use crate::facts::StageName;

/// One place to dial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Address {
    /// Over TCP.
    Tcp(SocketAddr),
    /// Through a socket file.
    Unix(PathBuf),
}

/// A host whose addresses are known.
#[derive(Clone, Debug)]
pub(super) struct Resolved {
    /// The addresses in the order in which the resolver gave them.
    pub addresses: Vec<Address>,
    /// Whether a name was looked up.
    pub by_name: bool,
}

impl Resolved {
    /// Returns whether a name led to IPv6 addresses alone.
    pub(super) fn only_v6(&self) -> bool {
        self.by_name
            && self
                .addresses
                .iter()
                .all(|address| matches!(address, Address::Tcp(a) if a.is_ipv6()))
    }
}

/// Finds the addresses of a host.
pub(super) async fn resolve(host: &Host, deadline: Deadline) -> Result<Resolved, Broken> {
    if let Some(literal) = &host.hostaddr {
        let ip: IpAddr = bracketless(literal)
            .parse()
            .map_err(|_| cause::bad_shape("is given as hostaddr and is no IP address"))?;
        return Ok(one(Address::Tcp(SocketAddr::new(ip, host.port)), false));
    }
    if is_socket_directory(&host.host) {
        return socket_file(host).map(|path| one(Address::Unix(path), false));
    }
    if let Ok(ip) = bracketless(&host.host).parse::<IpAddr>() {
        return Ok(one(Address::Tcp(SocketAddr::new(ip, host.port)), false));
    }
    if let Some(what) = misshapen(&host.host) {
        return Err(cause::bad_shape(what));
    }
    look_up(host, deadline).await
}

async fn look_up(host: &Host, deadline: Deadline) -> Result<Resolved, Broken> {
    // getaddrinfo is what the application's driver asks, hosts file and all.
    match deadline
        .within(lookup_host((host.host.as_str(), host.port)))
        .await
    {
        None => Err(cause::timed_out(&host.host)),
        Some(Ok(found)) => {
            let mut addresses = Vec::new();
            for address in found.map(Address::Tcp) {
                if !addresses.contains(&address) {
                    addresses.push(address);
                }
            }
            if addresses.is_empty() {
                return Err(cause::failed(&host.host, Some("dns-nodata")));
            }
            let zero = |a: &Address| matches!(a, Address::Tcp(a) if a.ip().is_unspecified());
            if addresses.iter().all(zero) {
                return Err(cause::zero(&host.host));
            }
            Ok(Resolved {
                addresses,
                by_name: true,
            })
        }
        Some(Err(_)) => {
            let why = question::why(&host.host, deadline).await;
            Err(cause::failed(&host.host, why))
        }
    }
}

fn one(address: Address, by_name: bool) -> Resolved {
    Resolved {
        addresses: vec![address],
        by_name,
    }
}

/// Returns whether a host is a socket directory, as libpq tells: it begins with `/` or `@`.
pub(super) fn is_socket_directory(host: &str) -> bool {
    host.starts_with('/') || (host.starts_with('@') && host.len() > 1)
}

fn socket_file(host: &Host) -> Result<PathBuf, Broken> {
    let path = format!("{}/.s.PGSQL.{}", host.host, host.port);
    if path.len() > 107 {
        return Err(Broken::known(
            StageName::Tcp,
            "unix-toolong",
            format!(
                "the socket path is {} bytes long; the system takes at most 107",
                path.len()
            ),
        ));
    }
    if !cfg!(unix) {
        return Err(tcp::failed(
            &std::io::Error::from(std::io::ErrorKind::Unsupported),
            tcp::Dialled {
                shown: &path,
                v6: false,
                only_v6: false,
                local: true,
            },
        ));
    }
    Ok(PathBuf::from(path))
}

fn bracketless(text: &str) -> &str {
    text.strip_prefix('[')
        .and_then(|t| t.strip_suffix(']'))
        .unwrap_or(text)
}

/// Says what keeps a text from being a host name. Such a text is never looked up: it may hold a
/// piece of a password, and the resolver would see it.
fn misshapen(host: &str) -> Option<&'static str> {
    let name = host.strip_suffix('.').unwrap_or(host);
    if host.contains("//") {
        return Some("contains `//`, as a URL does");
    }
    if host.contains([
        ':', '/', '@', '%', '?', '#', '[', ']', '$', '{', '}', '\\', '"', '\'',
    ]) {
        return Some("contains a character that no name has");
    }
    if host.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Some("contains white space or a control character");
    }
    if name.is_empty() || name.split('.').any(str::is_empty) {
        return Some("has an empty label (two dots in a row)");
    }
    if name.split('.').any(|label| label.len() > 63) {
        return Some("has a label of more than 63 bytes");
    }
    (name.len() > 253).then_some("is longer than 253 bytes")
}

#[cfg(test)]
mod tests {
    use super::misshapen;

    #[test]
    fn what_is_no_name_is_never_looked_up() {
        for bad in [
            "db.test:5432",
            "https://db",
            "ss@db.test",
            "db..x",
            "db ",
            "${DB_HOST}",
            ".",
            &"a".repeat(64),
        ] {
            assert!(misshapen(bad).is_some(), "{bad}");
        }
        for good in [
            "db.test",
            "db.test.",
            "my_db",
            "localhost",
            "xn--bcher-kva.test",
        ] {
            assert_eq!(misshapen(good), None, "{good}");
        }
    }
}
