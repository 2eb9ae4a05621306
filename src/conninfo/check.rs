//! The checks that libpq makes on values before it dials (`pqConnectOptions2`), in its order.
//!
//! Splitting a string does not make them: `sslmode=bogus` parses.

use super::Parsed;
use super::resolve::is_socket_path;
use crate::value::Span;

/// A value that libpq refuses. Holds no text of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadValue {
    /// The keyword that has the value.
    pub keyword: &'static str,
    /// What is wrong, as a fragment.
    pub message: String,
    /// Where the value stands; empty where another keyword's is compared with a default.
    pub span: Span,
}

/// Returns every value of a string that libpq 18 refuses, in the order of its checks: the first
/// one is what it would report. What the environment would fill in is not looked at.
pub fn check(parsed: &Parsed) -> Vec<BadValue> {
    let lookup = |keyword: &str| {
        parsed
            .get(keyword)
            .map(|parameter| parameter.value.expose())
    };
    problems(&lookup)
        .into_iter()
        .map(|(keyword, message)| BadValue {
            keyword,
            message,
            span: parsed
                .get(keyword)
                .map(|parameter| parameter.value_span)
                .unwrap_or_default(),
        })
        .collect()
}

/// What a keyword's value is; `None` where nothing sets it.
pub(super) type Lookup<'a> = &'a dyn Fn(&str) -> Option<&'a str>;

type Problem = (&'static str, String);

/// Returns each keyword whose value libpq refuses, with the reason.
pub(super) fn problems(lookup: Lookup<'_>) -> Vec<Problem> {
    let mut found = Vec::new();
    counts(lookup, &mut found);
    require_auth(lookup, &mut found);
    choice(lookup, "channel_binding", CHANNEL_BINDINGS, &mut found);
    tls(lookup, &mut found);
    for (keyword, choices) in [
        ("sslcertmode", ["disable", "allow", "require"].as_slice()),
        ("gssencmode", ["disable", "prefer", "require"].as_slice()),
        ("target_session_attrs", SESSION_ATTRIBUTES),
        ("load_balance_hosts", ["disable", "random"].as_slice()),
    ] {
        choice(lookup, keyword, choices, &mut found);
    }
    scram_keys(lookup, &mut found);
    protocol_versions(lookup, &mut found);
    ports(lookup, &mut found);
    numbers(lookup, &mut found);
    found
}

const CHANNEL_BINDINGS: &[&str] = &["disable", "prefer", "require"];
const SSL_MODES: &[&str] = &[
    "disable",
    "allow",
    "prefer",
    "require",
    "verify-ca",
    "verify-full",
];
const SESSION_ATTRIBUTES: &[&str] = &[
    "any",
    "read-write",
    "read-only",
    "primary",
    "standby",
    "prefer-standby",
];

/// Compares a value with a closed list, to the letter.
fn choice(
    lookup: Lookup<'_>,
    keyword: &'static str,
    choices: &[&str],
    found: &mut Vec<Problem>,
) -> bool {
    let fits = lookup(keyword).is_none_or(|value| choices.contains(&value));
    if !fits {
        found.push((
            keyword,
            format!("{keyword} must be one of {}", choices.join(", ")),
        ));
    }
    fits
}

/// `host`, `hostaddr` and `port` are lists that must agree; one port serves every host.
fn counts(lookup: Lookup<'_>, found: &mut Vec<Problem>) {
    let count = |keyword| match lookup(keyword) {
        None | Some("") => 0,
        Some(list) => list.split(',').count(),
    };
    let (names, addresses, ports) = (count("host"), count("hostaddr"), count("port"));
    if names > 0 && addresses > 0 && names != addresses {
        found.push((
            "hostaddr",
            format!("{names} host names do not match {addresses} addresses"),
        ));
    }
    let hosts = names.max(addresses).max(1);
    if ports > 1 && ports != hosts {
        found.push((
            "port",
            format!("{ports} ports do not match the number of hosts ({hosts})"),
        ));
    }
}

fn require_auth(lookup: Lookup<'_>, found: &mut Vec<Problem>) {
    let Some(list) = lookup("require_auth").filter(|list| !list.is_empty()) else {
        return;
    };
    let mut fail = |message: &str| found.push(("require_auth", message.to_owned()));
    let negative = list.starts_with('!');
    let mut seen = Vec::new();
    for entry in list.split(',') {
        if entry.starts_with('!') != negative {
            return fail("require_auth mixes methods with and without !");
        }
        let method = entry.strip_prefix('!').unwrap_or(entry);
        if ![
            "password",
            "md5",
            "gss",
            "sspi",
            "scram-sha-256",
            "oauth",
            "none",
        ]
        .contains(&method)
        {
            return fail("require_auth names an unknown method");
        }
        if seen.contains(&method) {
            return fail("require_auth names a method twice");
        }
        seen.push(method);
    }
}

fn tls(lookup: Lookup<'_>, found: &mut Vec<Problem>) {
    let mode_fits = choice(lookup, "sslmode", SSL_MODES, found);
    let strong =
        lookup("sslmode").is_some_and(|mode| mode.starts_with('r') || mode.starts_with('v'));
    let negotiation_fits = choice(lookup, "sslnegotiation", &["postgres", "direct"], found);
    if negotiation_fits && mode_fits && !strong && lookup("sslnegotiation") == Some("direct") {
        // With `sslrootcert=system` alone the mode becomes verify-full.
        let becomes_strong = lookup("sslmode").is_none() && lookup("sslrootcert") == Some("system");
        if !becomes_strong {
            found.push((
                "sslnegotiation",
                "sslnegotiation=direct needs sslmode=require or stronger".to_owned(),
            ));
        }
    }
    if mode_fits
        && lookup("sslrootcert") == Some("system")
        && lookup("sslmode").is_some_and(|mode| mode != "verify-full")
    {
        found.push((
            "sslmode",
            "a weak sslmode may not be used with sslrootcert=system (use verify-full)".to_owned(),
        ));
    }
    tls_versions(lookup, found);
}

fn tls_versions(lookup: Lookup<'_>, found: &mut Vec<Problem>) {
    let rank = |keyword: &'static str, found: &mut Vec<Problem>| {
        let value = lookup(keyword).filter(|value| !value.is_empty())?;
        let rank = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"]
            .iter()
            .position(|version| version.eq_ignore_ascii_case(value));
        if rank.is_none() {
            found.push((
                keyword,
                format!("{keyword} must be one of TLSv1, TLSv1.1, TLSv1.2, TLSv1.3"),
            ));
        }
        rank
    };
    let least = rank("ssl_min_protocol_version", found)
        .or_else(|| lookup("ssl_min_protocol_version").map_or(Some(2), |_| None));
    let most = rank("ssl_max_protocol_version", found);
    if let (Some(least), Some(most)) = (least, most)
        && least > most
    {
        found.push((
            "ssl_max_protocol_version",
            "the range of TLS versions is empty".to_owned(),
        ));
    }
}

/// A SCRAM key is the base64 of 32 bytes.
fn scram_keys(lookup: Lookup<'_>, found: &mut Vec<Problem>) {
    for keyword in ["scram_client_key", "scram_server_key"] {
        let Some(value) = lookup(keyword) else {
            continue;
        };
        let digits = value.trim_end_matches('=');
        let fits = value.len() == 44
            && digits.len() == 43
            && digits
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/');
        if !fits {
            found.push((keyword, format!("{keyword} must be 32 bytes in base64")));
        }
    }
}

fn protocol_versions(lookup: Lookup<'_>, found: &mut Vec<Problem>) {
    let version = |keyword: &'static str, found: &mut Vec<Problem>| {
        let value = lookup(keyword)?;
        let version = match value {
            "3.0" => Some(0),
            "3.2" | "latest" => Some(2),
            _ => None,
        };
        if version.is_none() {
            found.push((
                keyword,
                format!("{keyword} must be one of 3.0, 3.2, latest"),
            ));
        }
        version
    };
    let least = version("min_protocol_version", found);
    let most = version("max_protocol_version", found);
    if let (Some(least), Some(most)) = (least, most)
        && least > most
    {
        found.push((
            "min_protocol_version",
            "min_protocol_version is greater than max_protocol_version".to_owned(),
        ));
    }
}

/// libpq checks a port when it comes to its host; a bad one further back waits for the day on
/// which the hosts before it are down.
fn ports(lookup: Lookup<'_>, found: &mut Vec<Problem>) {
    let list = lookup("port").unwrap_or_default();
    for port in list.split(',').filter(|port| !port.is_empty()) {
        match integer(port) {
            None => return found.push(("port", "the port is not an integer".to_owned())),
            Some(1..=65535) => {}
            Some(_) => return found.push(("port", "the port is not within 1 to 65535".to_owned())),
        }
    }
}

/// The numbers that libpq reads while it connects; those about keepalives for TCP alone, and all but
/// the first of them only where keepalives are on.
fn numbers(lookup: Lookup<'_>, found: &mut Vec<Problem>) {
    let mut expect = |keyword: &'static str| {
        let number = integer(lookup(keyword)?);
        if number.is_none() {
            found.push((keyword, format!("{keyword} must be an integer")));
        }
        number
    };
    expect("connect_timeout");
    if !dials_tcp(lookup) {
        return;
    }
    if expect("keepalives") != Some(0) {
        for keyword in ["keepalives_idle", "keepalives_interval", "keepalives_count"] {
            expect(keyword);
        }
    }
    expect("tcp_user_timeout");
}

/// Returns whether any host is reached by TCP.
fn dials_tcp(lookup: Lookup<'_>) -> bool {
    let any = |keyword: &str, is_tcp: fn(&str) -> bool| {
        lookup(keyword).is_some_and(|list| list.split(',').any(is_tcp))
    };
    any("hostaddr", |address| !address.is_empty())
        || any("host", |host| !host.is_empty() && !is_socket_path(host))
}

/// Reads a number as libpq's `pqParseIntParam`: white space around it and a sign are fine, it must
/// fit a C `int`.
pub(super) fn integer(text: &str) -> Option<i32> {
    let blank = |character: char| character.is_ascii_whitespace() || character == '\x0B';
    let text = text.trim_matches(blank);
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

    use super::{check, integer};
    use crate::conninfo::parse;

    fn first(text: &str) -> Option<&'static str> {
        check(&parse(text).unwrap()).first().map(|bad| bad.keyword)
    }

    #[test]
    fn a_number_may_have_white_space_and_a_sign() {
        assert_eq!(integer(" +5432\n"), Some(5432));
        assert_eq!(integer("-1"), Some(-1));
        for bad in ["", "+", "5432x", "0x10", "1_000", "٥", "99999999999", "+-1"] {
            assert_eq!(integer(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_first_problem_is_the_one_that_libpq_reports() {
        assert_eq!(first("host=a,b port=1,2,3 sslmode=x"), Some("port"));
        assert_eq!(first("postgresql://h:0/"), Some("port"));
        assert_eq!(first("sslmode=REQUIRE"), Some("sslmode"));
        assert_eq!(first("sslmode=require sslrootcert=system"), Some("sslmode"));
        assert_eq!(first("sslnegotiation=direct"), Some("sslnegotiation"));
        assert_eq!(first("sslnegotiation=direct sslrootcert=system"), None);
        assert_eq!(first("require_auth=!none,md5"), Some("require_auth"));
        assert_eq!(
            first("ssl_max_protocol_version=TLSv1.1"),
            Some("ssl_max_protocol_version")
        );
        assert_eq!(
            first("postgresql://u:p@h1,h2:5433/db?sslmode=verify-full"),
            None
        );
    }
}
