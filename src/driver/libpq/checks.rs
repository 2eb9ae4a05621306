//! `pqConnectOptions2`: which values each keyword takes, in libpq's order and words.

use super::super::Message;
use super::super::numbers::{is_c_space, strtol};
use super::{Options, Version, invalid_value};

/// `pqParseIntParam`
pub(in super::super) fn integer(keyword: &str, value: &str) -> Result<i32, Message> {
    strtol(value, 10)
        .filter(|(_, rest)| rest.trim_start_matches(is_c_space).is_empty())
        .and_then(|(number, _)| i32::try_from(number).ok())
        .ok_or_else(|| {
            Message::of(&[
                "invalid integer value \"",
                value,
                &format!("\" for connection option \"{keyword}\""),
            ])
        })
}

fn one_of(options: &Options, keyword: &str, words: &[&str]) -> Result<(), Message> {
    match options.get(keyword) {
        Some(value) if !words.contains(&value) => Err(invalid_value(keyword, value)),
        _ => Ok(()),
    }
}

/// What `require_auth` leaves of the ways to log in.
pub(super) struct Auth {
    pub(super) scram: bool,
    pub(super) oauth: bool,
    pub(super) password: bool,
}

pub(super) fn check_require_auth(version: Version, options: &Options) -> Result<Auth, Message> {
    let Some(value) = options.get("require_auth") else {
        return Ok(Auth {
            scram: true,
            oauth: true,
            password: true,
        });
    };
    if value.is_empty() {
        return Ok(Auth {
            scram: false,
            oauth: false,
            password: false,
        });
    }
    let mut named: Vec<&str> = Vec::new();
    let mut negated = None;
    for part in value.split(',') {
        let (negative, method) = match part.strip_prefix('!') {
            Some(method) => (true, method),
            None => (false, part),
        };
        match negated {
            None => negated = Some(negative),
            Some(false) if negative => {
                return Err(Message::of(&[
                    "negative require_auth method \"",
                    part,
                    "\" cannot be mixed with non-negative methods",
                ]));
            }
            Some(true) if !negative => {
                return Err(Message::of(&[
                    "require_auth method \"",
                    method,
                    "\" cannot be mixed with negative methods",
                ]));
            }
            Some(_) => {}
        }
        let known = matches!(
            method,
            "password" | "md5" | "gss" | "sspi" | "scram-sha-256" | "none"
        ) || (method == "oauth" && version >= Version::V18);
        if !known {
            return Err(invalid_value("require_auth", method));
        }
        if named.contains(&method) {
            return Err(Message::of(&[
                "require_auth method \"",
                part,
                "\" is specified more than once",
            ]));
        }
        named.push(method);
    }
    let allowed = |method| named.contains(&method) != negated.unwrap_or_default();
    Ok(Auth {
        scram: allowed("scram-sha-256"),
        oauth: version >= Version::V18 && allowed("oauth"),
        password: allowed("password"),
    })
}

/// The words that are checked before `sslmode` is.
pub(super) fn check_words(options: &Options) -> Result<(), Message> {
    one_of(
        options,
        "channel_binding",
        &["disable", "prefer", "require"],
    )?;
    Ok(())
}

/// The words that are checked after TLS.
pub(super) fn check_words_behind_tls(version: Version, options: &Options) -> Result<(), Message> {
    one_of(options, "sslcertmode", &["disable", "allow", "require"])?;
    one_of(options, "gssencmode", &["disable", "prefer", "require"])?;
    one_of(
        options,
        "target_session_attrs",
        &[
            "any",
            "read-write",
            "read-only",
            "primary",
            "standby",
            "prefer-standby",
        ],
    )?;
    if version >= Version::V18 {
        check_protocol_versions(options)?;
    }
    one_of(options, "load_balance_hosts", &["disable", "random"])?;
    check_scram_key(options.get("scram_client_key"), "client")?;
    check_scram_key(options.get("scram_server_key"), "server")
}

/// A SCRAM key is 32 bytes in base64.
fn check_scram_key(value: Option<&str>, side: &str) -> Result<(), Message> {
    let Some(value) = value else {
        return Ok(());
    };
    let digits = value.trim_end_matches('=');
    let fits = value.len().is_multiple_of(4)
        && value.len() - digits.len() < 3
        && digits
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'));
    if !fits || value.is_empty() {
        return Err(Message::of(&[&format!("invalid SCRAM {side} key")]));
    }
    let length = digits.len() * 3 / 4;
    if length == 32 {
        return Ok(());
    }
    Err(Message::of(&[&format!(
        "invalid SCRAM {side} key length: {length}"
    )]))
}

fn check_protocol_versions(options: &Options) -> Result<(), Message> {
    let number = |keyword| match options.get(keyword) {
        None => Ok(None),
        Some("3.0") => Ok(Some(0)),
        Some("3.2" | "latest") => Ok(Some(2)),
        Some(value) => Err(invalid_value(keyword, value)),
    };
    let low = number("min_protocol_version")?;
    let high = number("max_protocol_version")?;
    // The newest protocol is offered only where it is asked for.
    if low.unwrap_or(0) > high.unwrap_or_else(|| low.unwrap_or(0)) {
        return Err(Message::of(&[
            "\"min_protocol_version\" is greater than \"max_protocol_version\"",
        ]));
    }
    Ok(())
}

pub(super) fn check_tls_versions(version: Version, options: &Options) -> Result<(), Message> {
    let number = |keyword| {
        // Only where it is not set at all, TLS 1.2 is the lowest version.
        let default = (keyword == "ssl_min_protocol_version").then_some("TLSv1.2");
        let Some(value) = options
            .get(keyword)
            .or(default)
            .filter(|value| !value.is_empty())
        else {
            return Ok(None);
        };
        ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"]
            .iter()
            .position(|known| known.eq_ignore_ascii_case(value))
            .map(Some)
            .ok_or_else(|| {
                if version >= Version::V17 {
                    invalid_value(&format!("\"{keyword}\""), value)
                } else {
                    invalid_value(keyword, value)
                }
            })
    };
    let low = number("ssl_min_protocol_version")?;
    let high = number("ssl_max_protocol_version")?;
    match (low, high) {
        (Some(low), Some(high)) if low > high => {
            Err(Message::of(&["invalid SSL protocol version range"]))
        }
        _ => Ok(()),
    }
}

pub(super) fn sslmode(version: Version, options: &Options) -> Result<&str, Message> {
    let system = version >= Version::V16 && options.get("sslrootcert") == Some("system");
    let mode = options
        .get("sslmode")
        .unwrap_or(if system { "verify-full" } else { "prefer" });
    one_of(
        options,
        "sslmode",
        &[
            "disable",
            "allow",
            "prefer",
            "require",
            "verify-ca",
            "verify-full",
        ],
    )?;
    one_of(options, "sslnegotiation", &["postgres", "direct"])?;
    if options.get("sslnegotiation") == Some("direct")
        && matches!(mode, "disable" | "allow" | "prefer")
    {
        return Err(Message::of(&[
            "weak sslmode \"",
            mode,
            "\" may not be used with sslnegotiation=direct (use \"require\", \"verify-ca\", or \"verify-full\")",
        ]));
    }
    if system && mode != "verify-full" {
        return Err(Message::of(&[
            "weak sslmode \"",
            mode,
            "\" may not be used with sslrootcert=system (use \"verify-full\")",
        ]));
    }
    Ok(mode)
}

pub(super) fn check_numbers(options: &Options) -> Result<(), Message> {
    if let Some(value) = options.get("keepalives")
        && integer("keepalives", value)? == 0
    {
        return Ok(());
    }
    for (keyword, option, low, high) in [
        ("keepalives_idle", "TCP_KEEPIDLE", 1, 32_767),
        ("keepalives_interval", "TCP_KEEPINTVL", 1, 32_767),
        ("keepalives_count", "TCP_KEEPCNT", 1, 127),
    ] {
        let Some(value) = options.get(keyword) else {
            continue;
        };
        let number = integer(keyword, value)?.max(0);
        if number < low || number > high {
            return Err(Message::of(&[&format!(
                "setsockopt({option}) failed: Invalid argument"
            )]));
        }
    }
    if let Some(value) = options.get("tcp_user_timeout") {
        integer("tcp_user_timeout", value)?;
    }
    Ok(())
}

/// Without GSSAPI on the side of a stock server, what requires its encryption goes nowhere.
pub(super) fn check_gss(
    version: Version,
    options: &Options,
    sockets_only: bool,
) -> Result<(), Message> {
    if options.get("gssencmode") != Some("require") {
        return Ok(());
    }
    Err(Message::of(&[if version < Version::V17 {
        "GSSAPI encryption required but was impossible"
    } else if sockets_only {
        "GSSAPI encryption required but it is not supported over a local socket"
    } else {
        "GSSAPI encryption required but no credential cache"
    }]))
}

pub(super) fn check_timeout(options: &Options) -> Result<(), Message> {
    match options.get("connect_timeout") {
        Some(value) => integer("connect_timeout", value).map(drop),
        None => Ok(()),
    }
}
