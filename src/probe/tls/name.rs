//! Does a certificate name the host? As libpq 15 and newer judge it.

use std::net::IpAddr;

use super::certificate::Fields;
use super::problem::Problem;

/// Judges whether the certificate names the host. Says on success whether only the common name did.
pub(super) fn judge(certificate: &Fields, host: &str) -> Result<bool, Problem> {
    let (names, addresses) = certificate.alternative_names();
    let address: Option<IpAddr> = host.trim_matches(['[', ']']).parse().ok();
    if names.iter().any(|name| matches(name, host)) {
        return Ok(false);
    }
    if address.is_some_and(|address| addresses.contains(&address)) {
        return Ok(false);
    }
    // The common name counts only where there is no alternative name of the host's own kind.
    let common_name_counts = if address.is_some() {
        addresses.is_empty()
    } else {
        names.is_empty()
    };
    let common_name = certificate.common_name();
    if common_name_counts && common_name.as_deref().is_some_and(|cn| matches(cn, host)) {
        return Ok(true);
    }
    let all: Vec<String> = names
        .into_iter()
        .chain(addresses.iter().map(ToString::to_string))
        .chain(common_name.filter(|_| common_name_counts))
        .collect();
    Err(mismatch(&all, host, address.is_some()))
}

fn mismatch(names: &[String], host: &str, is_address: bool) -> Problem {
    let dotless = host.strip_suffix('.');
    let (cause, why) = if host.is_empty() {
        (
            "tls-ip",
            "no host name was given to compare it with".to_owned(),
        )
    } else if is_address {
        (
            "tls-ip",
            format!(
                "the certificate is for {}, not for the address {host}",
                list(names)
            ),
        )
    } else if dotless.is_some_and(|h| names.iter().any(|n| matches(n, h))) {
        (
            "tls-trailing-dot",
            format!(
                "the certificate is for {}; the host ends with a dot",
                list(names)
            ),
        )
    } else if names.iter().any(|name| is_near(name, host)) {
        (
            "tls-wildcard",
            format!(
                "the certificate is for {}; a wildcard stands for exactly one label, and {host} needs another",
                list(names)
            ),
        )
    } else {
        (
            "tls-wrong-host",
            format!("the certificate is for {}, not for {host}", list(names)),
        )
    };
    Problem::new(cause, why)
}

fn list(names: &[String]) -> String {
    match names {
        [] => "no name at all".to_owned(),
        _ if names.len() > 6 => format!("{} and {} more", names[..6].join(", "), names.len() - 6),
        _ => names.join(", "),
    }
}

/// Compares as libpq does: without regard to ASCII case, `*.` stands for one leftmost label.
fn matches(pattern: &str, host: &str) -> bool {
    if pattern.eq_ignore_ascii_case(host) {
        return true;
    }
    let Some(suffix) = pattern.strip_prefix('*') else {
        return false;
    };
    // `*.x` and longer; the label that the star stands for has no dot and is not empty.
    if suffix.len() < 2 || !suffix.starts_with('.') || host.len() <= suffix.len() {
        return false;
    }
    let (label, rest) = host
        .split_at_checked(host.len() - suffix.len())
        .unwrap_or_default();
    !label.is_empty() && !label.contains('.') && rest.eq_ignore_ascii_case(suffix)
}

/// Returns whether a wildcard would cover the host if it stood for no label, or for several.
fn is_near(pattern: &str, host: &str) -> bool {
    let Some(suffix) = pattern.strip_prefix("*.") else {
        return false;
    };
    let (suffix, host) = (suffix.to_ascii_lowercase(), host.to_ascii_lowercase());
    host == suffix
        || host
            .strip_suffix(&suffix)
            .is_some_and(|rest| rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::{is_near, matches};

    #[test]
    fn a_wildcard_stands_for_exactly_one_label() {
        assert!(matches("*.db.test", "a.db.test"));
        assert!(matches("*.DB.test", "A.db.TEST"));
        assert!(!matches("*.db.test", "db.test"));
        assert!(!matches("*.db.test", "a.b.db.test"));
        assert!(!matches("*", "db"));
        assert!(!matches("a*.db.test", "ab.db.test"));
        assert!(is_near("*.db.test", "db.test"));
        assert!(is_near("*.db.test", "a.b.db.test"));
        assert!(!is_near("*.db.test", "xdb.test"));
    }
}
