//! Where a string leads beside the variables of its process: near or far, and by which mode of TLS.

use super::parts;
use crate::conninfo::HostSpec;
use crate::facts::{DatabaseUrl, Missing, Reader};
use crate::provider::is_local_or_private;

/// Returns whether all hosts are sockets, or local or private: those that the string names, else those
/// that the driver finds without it, in `PGHOST` say.
pub(super) fn stays_near(url: &DatabaseUrl, reader: &Reader) -> Result<bool, Missing> {
    let hosts = parts(url)?.hosts();
    let kind = reader.driver.kind;
    let has_address = hosts.iter().any(|host| host.hostaddr.is_some());
    let named = has_address || hosts.iter().any(|host| host.host.is_some());
    for (name, is_given) in [("PGHOST", named), ("PGHOSTADDR", has_address)] {
        if !is_given && url.variables.hides(name, kind) {
            return Err(Missing::new(format!("the value of {name}")));
        }
    }
    if let Some(addresses) = url.variables.hostaddr(kind).filter(|_| !has_address) {
        return Ok(addresses.split(',').all(is_local_or_private));
    }
    let found = &reader.prediction.hosts;
    if named || found.is_empty() {
        return Ok(hosts.iter().all(is_near));
    }
    Ok(found
        .iter()
        .all(|(host, _)| host.starts_with(['/', '@']) || is_local_or_private(host)))
}

/// Returns what is missing where the mode of TLS stands in a variable that nobody knows.
pub(super) fn hidden_mode(url: &DatabaseUrl, reader: &Reader) -> Result<(), Missing> {
    let parts = parts(url)?;
    let is_given = parts.get("sslmode").is_some() || parts.get("ssl").is_some();
    if !is_given && url.variables.hides("PGSSLMODE", reader.driver.kind) {
        return Err(Missing::new("the value of PGSSLMODE"));
    }
    Ok(())
}

/// Returns whether a host is a Unix socket: a folder, or an abstract name.
pub(super) fn is_socket(host: &HostSpec) -> bool {
    host.hostaddr.is_none()
        && host
            .host
            .as_deref()
            .is_some_and(|host| host.starts_with(['/', '@']))
}

/// Returns whether a host is a Unix socket, or local or private.
pub(super) fn is_near(host: &HostSpec) -> bool {
    let name = host.host.as_deref().or(host.hostaddr.as_deref());
    is_socket(host) || name.is_none_or(is_local_or_private)
}
