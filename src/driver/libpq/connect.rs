//! `pqConnectOptions2` and `PQconnectPoll`: the checks before and while connecting.

use std::net::IpAddr;

use super::super::numbers::{is_c_space, strtol};
use super::super::server::Startup;
use super::super::{Message, Outcome, Reading, Roots, Tls, Verifies};
use super::{Options, Version, invalid_value};

/// The folder where Debian's libpq, and that of Python's wheels, looks for a socket.
const SOCKET_FOLDER: &str = "/var/run/postgresql";

/// The keywords that a reading has places of their own for.
const CARRIED: &[&str] = &[
    "host",
    "port",
    "user",
    "password",
    "dbname",
    "sslmode",
    "sslrootcert",
    "application_name",
    "fallback_application_name",
    "options",
    "client_encoding",
    "replication",
];

/// Checks the options and returns how libpq would connect with them.
pub(in super::super) fn connect(version: Version, options: &Options) -> Outcome {
    if let Some(service) = options.get("service") {
        return Err(Message::of(&[
            "definition of service \"",
            service,
            "\" not found",
        ]));
    }
    let hosts = hosts(options)?;
    let auth = check_require_auth(version, options)?;
    check_words(options)?;
    let sslmode = sslmode(version, options)?;
    check_tls_versions(version, options)?;
    check_words_behind_tls(version, options)?;
    let sockets_only = hosts.iter().all(|(host, _)| host.starts_with(['/', '@']));
    if !sockets_only {
        check_numbers(options)?;
    }
    let ports = hosts
        .iter()
        .map(|(host, port)| Ok((host.clone(), port_number(port)?)))
        .collect::<Result<Vec<_>, Message>>()?;
    check_timeout(options)?;
    if version < Version::V16
        && options.get("sslrootcert") == Some("system")
        && sslmode.starts_with("verify-")
        && !sockets_only
    {
        return Err(Message::of(&[
            "root certificate file \"system\" does not exist",
        ]));
    }
    let (tls, verifies, roots) = if sockets_only {
        (Tls::Off, Verifies::Nothing, None)
    } else {
        policy(version, sslmode, options)
    };
    let binding_required = options.get("channel_binding") == Some("require");
    if binding_required && tls == Tls::Off {
        return Err(Message::of(&[
            "channel binding required, but SSL not in use",
        ]));
    }
    if !auth.scram {
        return Err(Message::of(&[
            "authentication method requirement \"",
            options.get("require_auth").unwrap_or_default(),
            if auth.oauth {
                "\" failed: server requested SCRAM-SHA-256 authentication"
            } else {
                "\" failed: server requested SASL authentication"
            },
        ]));
    }
    let user = options.filled("user");
    Ok(Reading {
        hosts: ports,
        user: user.map(str::to_owned),
        dbname: options.filled("dbname").or(user).map(str::to_owned),
        password: options.filled("password").map(str::to_owned),
        tls: Some(tls),
        verifies: Some(verifies),
        roots,
        plaintext_password: Some(tls < Tls::Required && auth.password && !binding_required),
        startup: startup(options),
        root_file: options.filled("sslrootcert").map(str::to_owned),
        client: options
            .iter()
            .filter(|(keyword, _)| !CARRIED.contains(keyword))
            .map(|(keyword, value)| (keyword.to_owned(), value.to_owned()))
            .collect(),
    })
}

/// Pairs hosts with the ports as they are written.
fn hosts(options: &Options) -> Result<Vec<(String, String)>, Message> {
    let split = |keyword| {
        options
            .filled(keyword)
            .map(|value| value.split(',').collect::<Vec<_>>())
    };
    let (addresses, names) = (split("hostaddr"), split("host"));
    let count = addresses.as_ref().or(names.as_ref()).map_or(1, Vec::len);
    if let (Some(addresses), Some(names)) = (&addresses, &names)
        && names.len() != addresses.len()
    {
        return Err(Message::of(&[&format!(
            "could not match {} host names to {} hostaddr values",
            names.len(),
            addresses.len()
        )]));
    }
    let ports = split("port").unwrap_or_else(|| vec![""]);
    if ports.len() != 1 && ports.len() != count {
        return Err(Message::of(&[&format!(
            "could not match {} port numbers to {count} hosts",
            ports.len()
        )]));
    }
    (0..count)
        .map(|index| {
            let at = |list: &Option<Vec<&str>>| {
                list.as_ref()
                    .map_or("", |list| list.get(index).copied().unwrap_or_default())
                    .to_owned()
            };
            let address = at(&addresses);
            if !address.is_empty() && !is_address(&address) {
                return Err(Message::of(&[
                    "could not parse network address \"",
                    &address,
                    "\": Name or service not known",
                ]));
            }
            let name = at(&names);
            let host = if !name.is_empty() {
                name
            } else if address.is_empty() {
                SOCKET_FOLDER.to_owned()
            } else {
                address
            };
            let port = ports.get(index).unwrap_or(&ports[0]);
            Ok((host, (*port).to_owned()))
        })
        .collect()
}

/// Returns whether `getaddrinfo` takes a text as an address without asking anybody.
fn is_address(text: &str) -> bool {
    let plain = text.split('%').next().unwrap_or_default();
    plain.parse::<IpAddr>().is_ok()
        || (!text.is_empty()
            && text.split('.').count() <= 4
            && text
                .split('.')
                .all(|part| part.parse::<u32>().is_ok_and(|_| !part.starts_with('+'))))
}

fn port_number(port: &str) -> Result<u16, Message> {
    if port.is_empty() {
        return Ok(5432);
    }
    let number = integer("port", port)?;
    u16::try_from(number)
        .ok()
        .filter(|&number| number > 0)
        .ok_or_else(|| Message::of(&["invalid port number: \"", port, "\""]))
}

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
struct Auth {
    scram: bool,
    oauth: bool,
    password: bool,
}

fn check_require_auth(version: Version, options: &Options) -> Result<Auth, Message> {
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
fn check_words(options: &Options) -> Result<(), Message> {
    one_of(
        options,
        "channel_binding",
        &["disable", "prefer", "require"],
    )?;
    Ok(())
}

/// The words that are checked after TLS.
fn check_words_behind_tls(version: Version, options: &Options) -> Result<(), Message> {
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

fn check_tls_versions(version: Version, options: &Options) -> Result<(), Message> {
    let number = |keyword| {
        let Some(value) = options.filled(keyword) else {
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

fn sslmode(version: Version, options: &Options) -> Result<&str, Message> {
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

fn check_numbers(options: &Options) -> Result<(), Message> {
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

fn check_timeout(options: &Options) -> Result<(), Message> {
    match options.get("connect_timeout") {
        Some(value) => integer("connect_timeout", value).map(drop),
        None => Ok(()),
    }
}

/// What an `sslmode` means: a root file makes `prefer` and `require` verify the chain as well.
fn policy(version: Version, mode: &str, options: &Options) -> (Tls, Verifies, Option<Roots>) {
    let tls = match mode {
        "disable" => return (Tls::Off, Verifies::Nothing, None),
        "allow" => Tls::IfDemanded,
        "prefer" => Tls::IfOffered,
        _ => Tls::Required,
    };
    // Before 16, `system` is a file's name, and where there is no such file nothing is verified.
    let file = options
        .filled("sslrootcert")
        .filter(|file| version >= Version::V16 || *file != "system");
    let roots = if version >= Version::V16 && file == Some("system") {
        Roots::System
    } else {
        Roots::File
    };
    match mode {
        "verify-full" => (tls, Verifies::ChainAndHost, Some(roots)),
        "verify-ca" => (tls, Verifies::Chain, Some(roots)),
        _ if file.is_some() => (tls, Verifies::Chain, Some(roots)),
        _ => (tls, Verifies::Nothing, None),
    }
}

fn startup(options: &Options) -> Startup {
    let mut startup = Startup::default();
    if let Some(value) = options.filled("replication") {
        startup.push("replication", value);
    }
    if let Some(value) = options.filled("options") {
        startup.push("options", value);
    }
    if let Some(value) = options
        .filled("application_name")
        .or_else(|| options.filled("fallback_application_name"))
    {
        startup.push("application_name", value);
    }
    match options.filled("client_encoding") {
        None | Some("auto") => {}
        Some(value) => startup.push("client_encoding", value),
    }
    startup
}
