//! Host names: their parts, and which of them are local or private.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A host with its port, ready to be matched: lower case, without the root's dot.
#[derive(Debug)]
pub(super) struct Name<'a> {
    /// The whole text.
    pub(super) text: &'a str,
    /// Its labels.
    labels: Vec<&'a str>,
    /// The port, where one is known.
    pub(super) port: Option<u16>,
}

impl<'a> Name<'a> {
    /// Splits a text that is lower case already.
    pub(super) fn new(text: &'a str, port: Option<u16>) -> Self {
        Self {
            text,
            labels: text.split('.').collect(),
            port,
        }
    }

    /// Returns the labels in front of a domain; `None` where the host is not below it, or some
    /// label is no label.
    pub(super) fn below(&self, domain: &str) -> Option<&[&'a str]> {
        let front = self.text.strip_suffix(domain)?.strip_suffix('.')?;
        let count = front.split('.').count();
        let fits = self.labels.iter().all(|label| is_label(label));
        fits.then(|| &self.labels[..count])
    }

    /// Returns the only label.
    pub(super) fn single(&self) -> Option<&'a str> {
        match self.labels.as_slice() {
            [only] if is_label(only) => Some(only),
            _ => None,
        }
    }
}

/// Returns whether a text may be a label of a host name.
fn is_label(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 63
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// Returns a label's text of a fixed alphabet: lower-case letters and digits, so many of them.
pub(super) fn is_id(text: &str, lengths: std::ops::RangeInclusive<usize>) -> bool {
    lengths.contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

/// Returns whether a host is local or private by its form alone: a socket folder, loopback, an
/// RFC 1918 or unique-local address, a single label, `.internal`, `.local` or `.flycast`.
pub(super) fn is_private(host: &str) -> bool {
    if host.starts_with('/') || host.starts_with('@') {
        return true;
    }
    let bare = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(host);
    if let Some(address) = address(bare) {
        return match address {
            IpAddr::V4(address) => address.is_loopback() || address.is_private(),
            IpAddr::V6(address) => match address.to_ipv4_mapped() {
                Some(mapped) => mapped.is_loopback() || mapped.is_private(),
                None => address.is_loopback() || address.is_unique_local(),
            },
        };
    }
    let name = Name::new(host, None);
    name.single().is_some()
        || ["internal", "local", "flycast", "localhost"]
            .iter()
            .any(|domain| name.below(domain).is_some())
}

/// Reads an address as the resolver does: `127.1` and `0x7f000001` are addresses, not names.
fn address(host: &str) -> Option<IpAddr> {
    let without_zone = host.split('%').next().unwrap_or(host);
    if let Ok(address) = without_zone.parse::<Ipv6Addr>() {
        return Some(IpAddr::V6(address));
    }
    let parts: Vec<u32> = host
        .split('.')
        .map(number)
        .collect::<Option<Vec<u32>>>()
        .filter(|parts| parts.len() <= 4)?;
    let (last, heads) = parts.split_last()?;
    // The last number fills all the bytes that the others leave.
    let free = 32 - 8 * u32::try_from(heads.len()).ok()?;
    if heads.iter().any(|head| *head > 255) || (free < 32 && *last >= 1 << free) {
        return None;
    }
    let top = heads
        .iter()
        .zip([24, 16, 8])
        .fold(0, |sum, (head, shift)| sum | head << shift);
    Some(IpAddr::V4(Ipv4Addr::from(top | last)))
}

/// Reads a number as C does: decimal, octal behind `0`, hexadecimal behind `0x`.
fn number(text: &str) -> Option<u32> {
    let (digits, radix) = if let Some(digits) = text.strip_prefix("0x") {
        (digits, 16)
    } else if text.len() > 1 && text.starts_with('0') {
        (&text[1..], 8)
    } else {
        (text, 10)
    };
    let plain = digits.bytes().all(|byte| byte.is_ascii_alphanumeric());
    plain.then(|| u32::from_str_radix(digits, radix).ok())?
}
