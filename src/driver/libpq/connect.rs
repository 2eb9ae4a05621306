//! `pqConnectOptions2` and `PQconnectPoll`: the checks before and while connecting.

use std::net::IpAddr;

use super::super::server::Startup;
use super::super::{Message, Outcome, Reading, Roots, Tls, Verifies, Without};
use super::checks::{
    check_gss, check_numbers, check_require_auth, check_timeout, check_tls_versions, check_words,
    check_words_behind_tls, integer, sslmode,
};
use super::{Options, Version};

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
    let hosts = hosts(options)?;
    let auth = check_require_auth(version, options)?;
    check_words(options)?;
    let sslmode = sslmode(version, options)?;
    check_tls_versions(version, options)?;
    check_words_behind_tls(version, options)?;
    let sockets_only = hosts.iter().all(|(host, _)| host.starts_with(['/', '@']));
    let ports = reachable(&hosts)?;
    if !sockets_only {
        check_numbers(options)?;
    }
    check_timeout(options)?;
    check_gss(version, options, sockets_only)?;
    if version < Version::V16
        && options.get("sslrootcert") == Some("system")
        && sslmode.starts_with("verify-")
        && !sockets_only
    {
        return Err(Message::of(&[
            "root certificate file \"system\" does not exist",
        ]));
    }
    // OpenSSL 3 speaks nothing below TLS 1.2 as it comes.
    let impossible = below_tls_1_2(options);
    if impossible && !sockets_only && !matches!(sslmode, "disable" | "allow" | "prefer") {
        // The OpenSSL of newer builds says so itself, for that of older ones the server does.
        return Err(Message::of(&[if version >= Version::V17 {
            "SSL error: no protocols available"
        } else {
            "SSL error: tlsv1 alert protocol version"
        }]));
    }
    let (tls, verifies, roots) = if sockets_only || impossible {
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
    if options.get("sslcertmode") == Some("require") {
        return Err(Message::of(&["server did not request an SSL certificate"]));
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
        unprepared: false,
        files: files(tls, sslmode, options),
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

/// Leaves the hosts that are tried: one whose port is no port's number is passed over, and at a port
/// that is no number the attempts end.
fn reachable(hosts: &[(String, String)]) -> Result<Vec<(String, u16)>, Message> {
    let mut reachable = Vec::with_capacity(hosts.len());
    let mut refusal = None;
    for (host, port) in hosts {
        let number = if port.is_empty() {
            Ok(5432)
        } else {
            integer("port", port)
        };
        match number.map(|number| u16::try_from(number).unwrap_or_default()) {
            Ok(0) => {
                refusal
                    .get_or_insert_with(|| Message::of(&["invalid port number: \"", port, "\""]));
            }
            Ok(number) => reachable.push((host.clone(), number)),
            Err(_) if !reachable.is_empty() => break,
            Err(message) => return Err(message),
        }
    }
    match refusal {
        Some(message) if reachable.is_empty() => Err(message),
        _ => Ok(reachable),
    }
}

/// Is the newest version that may be spoken older than TLS 1.2?
fn below_tls_1_2(options: &Options) -> bool {
    options
        .filled("ssl_max_protocol_version")
        .is_some_and(|version| {
            ["TLSv1", "TLSv1.1"]
                .iter()
                .any(|old| old.eq_ignore_ascii_case(version))
        })
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

/// The file of roots, which only an `sslmode` that verifies by its name insists on. A client's
/// certificate that is not there is not sent, and a missing list of revoked ones is passed over.
fn files(tls: Tls, mode: &str, options: &Options) -> Vec<(&'static str, String, Without)> {
    // Before 16, `system` is a file like any other, and one that nobody has.
    let roots = options
        .filled("sslrootcert")
        .filter(|file| tls > Tls::Off && *file != "system");
    let without = if mode.starts_with("verify-") {
        Without::Refuses
    } else {
        Without::VerifiesNothing
    };
    roots
        .map(|file| ("sslrootcert", file.to_owned(), without))
        .into_iter()
        .collect()
}

fn startup(options: &Options) -> Startup {
    let mut startup = Startup::default();
    if let Some(value) = options.filled("replication") {
        startup.push("replication", value);
    }
    if let Some(value) = options.filled("options") {
        startup.push("options", value);
    }
    // An empty name is a name: the other one stands only where there is none.
    if let Some(value) = options
        .get("application_name")
        .or_else(|| options.get("fallback_application_name"))
        .filter(|name| !name.is_empty())
    {
        startup.push("application_name", value);
    }
    match options.filled("client_encoding") {
        None | Some("auto") => {}
        Some(value) => startup.push("client_encoding", value),
    }
    for (name, value) in &options.session {
        startup.push(name, value);
    }
    startup
}
