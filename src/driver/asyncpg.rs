//! asyncpg 0.32.0: `_parse_connect_dsn_and_args` of its `connect_utils.py`.

use std::net::IpAddr;

use super::grammar::urllib::{self, python_repr, unquote};
use super::numbers::python_int;
use super::server::Startup;
use super::{Message, Outcome, Reading, Roots, Tls, Verifies};

/// The arguments of `asyncpg.connect` that a string can reach, before the DSN is read.
#[derive(Clone, Debug, Default)]
pub(super) struct Arguments {
    pub(super) hosts: Option<Vec<String>>,
    pub(super) ports: Option<Vec<i128>>,
    pub(super) user: Option<String>,
    pub(super) password: Option<String>,
    pub(super) database: Option<String>,
    pub(super) ssl: Option<String>,
    pub(super) direct_tls: bool,
    pub(super) target_session_attrs: Option<String>,
    pub(super) gsslib: Option<String>,
    /// A DSN beside the arguments, which win over it.
    pub(super) dsn: Option<String>,
}

/// What the query adds to the arguments.
#[derive(Default)]
struct Query {
    sslrootcert: Option<String>,
    sslnegotiation: Option<String>,
    ssl_min_protocol_version: Option<String>,
    ssl_max_protocol_version: Option<String>,
    settings: Vec<(String, String)>,
    client: Vec<(String, String)>,
}

/// Where asyncpg looks when no host is named.
const DEFAULT_HOSTS: [&str; 5] = [
    "/run/postgresql",
    "/var/run/postgresql",
    "/tmp",
    "/private/tmp",
    "localhost",
];

/// Reads a string as `asyncpg.connect(dsn)` does.
pub(super) fn read(text: &str) -> Outcome {
    let mut arguments = Arguments::default();
    let query = if text.is_empty() {
        Query::default()
    } else {
        dsn(text, &mut arguments)?
    };
    connect(&arguments, query)
}

/// Connects with keyword arguments alone.
pub(super) fn read_arguments(arguments: &Arguments) -> Outcome {
    let Some(text) = arguments.dsn.as_deref() else {
        return connect(arguments, Query::default());
    };
    let mut merged = Arguments::default();
    let query = dsn(text, &mut merged)?;
    merged.hosts = arguments.hosts.clone().or(merged.hosts);
    merged.ports = arguments.ports.clone().or(merged.ports);
    merged.user = arguments.user.clone().or(merged.user);
    merged.password = arguments.password.clone().or(merged.password);
    merged.database = arguments.database.clone().or(merged.database);
    merged.ssl = arguments.ssl.clone().or(merged.ssl);
    connect(&merged, query)
}

fn dsn(text: &str, arguments: &mut Arguments) -> Result<Query, Message> {
    let parsed = urllib::urlsplit(text)?;
    let mut pairs: Vec<(String, String)> = Vec::new();
    for (name, value) in urllib::parse_qsl(&parsed.query, true)? {
        match pairs.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None => pairs.push((name, value)),
        }
    }
    if !matches!(parsed.scheme.as_str(), "postgresql" | "postgres") {
        return Err(Message::of(&[
            "invalid DSN: scheme is expected to be either \"postgresql\" or \"postgres\", got ",
            &python_repr(&parsed.scheme),
        ]));
    }
    let (auth, hosts) = parsed
        .netloc
        .split_once('@')
        .unwrap_or(("", &parsed.netloc));
    let (user, password) = auth.split_once(':').unwrap_or((auth, ""));
    if !hosts.is_empty() {
        let (hosts, ports) = host_list(hosts, None, true)?;
        arguments.hosts = Some(hosts);
        arguments.ports = Some(ports);
    }
    let decoded = |text: &str| unquote(text).into_owned();
    if !parsed.path.is_empty() {
        arguments.database = Some(decoded(
            parsed.path.strip_prefix('/').unwrap_or(&parsed.path),
        ));
    }
    if !user.is_empty() {
        arguments.user = Some(decoded(user));
    }
    if !password.is_empty() {
        arguments.password = Some(decoded(password));
    }
    query(pairs, arguments)
}

/// The query fills what the URL leaves open; what no argument takes goes to the server.
fn query(pairs: Vec<(String, String)>, arguments: &mut Arguments) -> Result<Query, Message> {
    let mut query = Query::default();
    let take = |name: &str, pairs: &mut Vec<(String, String)>| {
        let index = pairs.iter().position(|(known, _)| known == name)?;
        Some(pairs.remove(index).1)
    };
    let mut pairs = pairs;
    take("service", &mut pairs);
    if let Some(ports) = take("port", &mut pairs)
        && arguments.ports.is_none()
    {
        arguments.ports = Some(
            ports
                .split(',')
                .map(int)
                .collect::<Result<Vec<_>, Message>>()?,
        );
    }
    if let Some(hosts) = take("host", &mut pairs)
        && arguments.hosts.is_none()
    {
        let (hosts, ports) = host_list(&hosts, arguments.ports.as_deref(), false)?;
        arguments.hosts = Some(hosts);
        arguments.ports = Some(ports);
    }
    for name in ["dbname", "database"] {
        if let Some(value) = take(name, &mut pairs) {
            arguments.database.get_or_insert(value);
        }
    }
    if let Some(value) = take("user", &mut pairs) {
        arguments.user.get_or_insert(value);
    }
    if let Some(value) = take("password", &mut pairs) {
        arguments.password.get_or_insert(value);
    }
    take("passfile", &mut pairs);
    arguments.ssl = take("sslmode", &mut pairs);
    for name in ["sslcert", "sslkey", "sslcrl", "sslpassword", "krbsrvname"] {
        if let Some(value) = take(name, &mut pairs) {
            query.client.push((name.to_owned(), value));
        }
    }
    query.sslrootcert = take("sslrootcert", &mut pairs);
    query.sslnegotiation = take("sslnegotiation", &mut pairs);
    query.ssl_min_protocol_version = take("ssl_min_protocol_version", &mut pairs);
    query.ssl_max_protocol_version = take("ssl_max_protocol_version", &mut pairs);
    arguments.target_session_attrs = take("target_session_attrs", &mut pairs);
    arguments.gsslib = take("gsslib", &mut pairs);
    query.settings = pairs;
    Ok(query)
}

fn int(text: &str) -> Result<i128, Message> {
    python_int(text).ok_or_else(|| {
        Message::of(&[
            "invalid literal for int() with base 10: ",
            &python_repr(text),
        ])
    })
}

/// `_validate_port_spec`
fn spread_ports(hosts: usize, ports: &[i128]) -> Result<Vec<i128>, Message> {
    match ports {
        [port] => Ok(vec![*port; hosts]),
        ports if ports.len() == hosts => Ok(ports.to_vec()),
        ports => Err(Message::of(&[&format!(
            "could not match {} port numbers to {hosts} hosts",
            ports.len()
        )])),
    }
}

/// `_parse_hostlist`
fn host_list(
    list: &str,
    ports: Option<&[i128]>,
    unquoted: bool,
) -> Result<(Vec<String>, Vec<i128>), Message> {
    let specs: Vec<&str> = list.split(',').collect();
    let ports = ports
        .map(|ports| spread_ports(specs.len(), ports))
        .transpose()?;
    let (mut hosts, mut own_ports) = (Vec::new(), Vec::new());
    for spec in specs {
        let (host, port) = host_spec(spec)?;
        hosts.push(if unquoted {
            unquote(host).into_owned()
        } else {
            host.to_owned()
        });
        if ports.is_none() {
            own_ports.push(if port.is_empty() {
                5432
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

fn connect(arguments: &Arguments, query: Query) -> Outcome {
    let hosts = arguments
        .hosts
        .clone()
        .filter(|hosts| !hosts.is_empty())
        .unwrap_or_else(|| DEFAULT_HOSTS.map(str::to_owned).to_vec());
    let ports = spread_ports(
        hosts.len(),
        arguments
            .ports
            .as_deref()
            .filter(|ports| !ports.is_empty())
            .unwrap_or(&[5432]),
    )?;
    let tcp = hosts.iter().any(|host| !host.starts_with('/'));
    let (tls, verifies, roots) = policy(arguments, &query, tcp)?;
    check_ports(&hosts, &ports)?;
    check_target(arguments.target_session_attrs.as_deref())?;
    if let Some(gsslib) = &arguments.gsslib
        && !matches!(gsslib.as_str(), "gssapi" | "sspi")
    {
        return Err(Message::of(&[
            "gsslib parameter must be either 'gssapi' or 'sspi', got ",
            &python_repr(gsslib),
        ]));
    }
    let mut startup = Startup::default();
    for (name, value) in &query.settings {
        startup.push(name, value);
    }
    let database = arguments
        .database
        .as_deref()
        .filter(|name| !name.is_empty());
    Ok(Reading {
        hosts: hosts
            .into_iter()
            .zip(ports.into_iter().map(super::wrapped_port))
            .collect(),
        user: arguments.user.clone(),
        dbname: database
            .map(str::to_owned)
            .or_else(|| arguments.user.clone()),
        password: arguments.password.clone(),
        tls: Some(tls),
        verifies: Some(verifies),
        roots,
        plaintext_password: Some(tls < Tls::Required),
        startup,
        client: client(arguments, &query),
        root_file: query.sslrootcert,
    })
}

fn client(arguments: &Arguments, query: &Query) -> Vec<(String, String)> {
    let named = [
        ("target_session_attrs", &arguments.target_session_attrs),
        ("sslnegotiation", &query.sslnegotiation),
        ("ssl_min_protocol_version", &query.ssl_min_protocol_version),
        ("ssl_max_protocol_version", &query.ssl_max_protocol_version),
    ];
    let mut client = query.client.clone();
    for (name, value) in named {
        if let Some(value) = value {
            client.push((name.to_owned(), value.clone()));
        }
    }
    client
}

/// A port that no socket has: with a name the resolver refuses a negative one and cuts a large one,
/// with an address the socket refuses both.
fn check_ports(hosts: &[String], ports: &[i128]) -> Result<(), Message> {
    for (host, &port) in hosts.iter().zip(ports) {
        if host.starts_with('/') || (0..=65_535).contains(&port) {
            continue;
        }
        if host.parse::<IpAddr>().is_ok() {
            return Err(Message::of(&["connect(): port must be 0-65535."]));
        }
        if port < 0 {
            return Err(Message::of(&[
                "[Errno -8] Servname not supported for ai_socktype",
            ]));
        }
    }
    Ok(())
}

/// What `sslmode` (in a DSN) or `ssl` (as an argument) means.
fn policy(
    arguments: &Arguments,
    query: &Query,
    tcp: bool,
) -> Result<(Tls, Verifies, Option<Roots>), Message> {
    let direct = match query.sslnegotiation.as_deref() {
        _ if arguments.direct_tls => true,
        None | Some("postgres") => false,
        Some("direct") => true,
        Some(_) => {
            return Err(Message::of(&[
                "`sslnegotiation` parameter must be one of: postgres, direct",
            ]));
        }
    };
    let mode = arguments.ssl.as_deref().or(tcp.then_some("prefer"));
    let mode = mode.unwrap_or("disable").replace('_', "-");
    let file = query.sslrootcert.is_some();
    let roots = file.then_some(Roots::File);
    let (tls, verifies, roots) = match mode.as_str() {
        "disable" => (Tls::Off, Verifies::Nothing, None),
        "allow" => (Tls::IfDemanded, Verifies::Nothing, None),
        "prefer" => (Tls::IfOffered, Verifies::Nothing, None),
        "require" if file => (Tls::Required, Verifies::Chain, roots),
        "require" => (Tls::Required, Verifies::Nothing, None),
        "verify-ca" | "verify-full" if !file => {
            return Err(Message::of(&[
                "root certificate file \"~/.postgresql/root.crt\" does not exist or cannot be accessed",
            ]));
        }
        "verify-ca" => (Tls::Required, Verifies::Chain, roots),
        "verify-full" => (Tls::Required, Verifies::ChainAndHost, roots),
        _ => {
            return Err(Message::of(&[
                "`sslmode` parameter must be one of: disable, allow, prefer, require, verify-ca, verify-full",
            ]));
        }
    };
    if tls == Tls::Required && query.sslrootcert.as_deref() == Some("system") {
        return Err(Message::of(&["[Errno 2] No such file or directory"]));
    }
    if tls > Tls::Off {
        for version in [
            &query.ssl_min_protocol_version,
            &query.ssl_max_protocol_version,
        ] {
            check_tls_version(version.as_deref())?;
        }
    }
    let impossible = tls > Tls::Off && version_range_is_empty(query);
    if impossible && tls == Tls::Required {
        return Err(Message::of(&["no protocols available"]));
    }
    if direct && tls < Tls::Required {
        return Err(Message::of(&[
            "direct TLS requires sslmode=require, verify-ca, or verify-full",
        ]));
    }
    if tcp && !impossible {
        Ok((tls, verifies, roots))
    } else {
        Ok((Tls::Off, Verifies::Nothing, None))
    }
}

fn check_tls_version(version: Option<&str>) -> Result<(), Message> {
    let Some(version) = version else {
        return Ok(());
    };
    if version.starts_with("SSL") {
        return Err(Message::of(&["Unsupported TLS version: ", version]));
    }
    match version.replace('.', "_").as_str() {
        "TLSv1" | "TLSv1_1" | "TLSv1_2" | "TLSv1_3" | "MINIMUM_SUPPORTED" | "MAXIMUM_SUPPORTED" => {
            Ok(())
        }
        _ => Err(Message::of(&["No such TLS version: ", version])),
    }
}

/// With no version left, every handshake fails, and `prefer` goes on in the clear.
fn version_range_is_empty(query: &Query) -> bool {
    let rank = |version: &Option<String>| {
        ["TLSv1", "TLSv1_1", "TLSv1_2", "TLSv1_3"]
            .iter()
            .position(|known| {
                version
                    .as_deref()
                    .is_some_and(|v| v.replace('.', "_") == *known)
            })
    };
    match (
        rank(&query.ssl_min_protocol_version),
        rank(&query.ssl_max_protocol_version),
    ) {
        (Some(low), Some(high)) => low > high,
        // asyncpg itself asks for TLS 1.2 at least.
        (None, Some(high)) => high < 2 && query.ssl_min_protocol_version.is_none(),
        _ => false,
    }
}

fn check_target(value: Option<&str>) -> Result<(), Message> {
    match value {
        None
        | Some("any" | "primary" | "standby" | "prefer-standby" | "read-write" | "read-only") => {
            Ok(())
        }
        Some(value) => Err(Message::of(&[
            "target_session_attrs is expected to be one of <built-in method values of mappingproxy object>, got ",
            &python_repr(value),
        ])),
    }
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::driver::{Tls, Verifies};

    fn error(text: &str) -> String {
        match read(text) {
            Ok(_) => "ok".to_owned(),
            Err(message) => message.render(str::to_owned),
        }
    }

    #[test]
    fn refusals_have_the_words_of_asyncpg() {
        for (text, expected) in [
            ("postgres://u@h/d", "ok"),
            ("", "ok"),
            (
                "mysql://u@h/d",
                "invalid DSN: scheme is expected to be either \"postgresql\" or \"postgres\", got 'mysql'",
            ),
            ("postgres://u@h/d?a=b&", "bad query field: ''"),
            (
                "postgres://u@h:x/d",
                "invalid literal for int() with base 10: 'x'",
            ),
            (
                "postgres://u@h/d?sslmode=REQUIRE",
                "`sslmode` parameter must be one of: disable, allow, prefer, require, verify-ca, verify-full",
            ),
            (
                "postgres://u@h/d?sslmode=verify-full",
                "root certificate file \"~/.postgresql/root.crt\" does not exist or cannot be accessed",
            ),
            ("postgres://u@h1:1,h2:2/d?port=3", "ok"),
        ] {
            assert_eq!(error(text), expected, "{text}");
        }
    }

    #[test]
    fn the_authority_wins_over_the_query() {
        let reading = read("postgres://u@h:1/d?host=x&port=2&user=y&dbname=z")
            .unwrap_or_else(|_| panic!("is taken"));
        assert_eq!(reading.hosts, [("h".to_owned(), 1)]);
        assert_eq!(reading.user.as_deref(), Some("u"));
        assert_eq!(reading.dbname.as_deref(), Some("d"));
        assert_eq!(reading.tls, Some(Tls::IfOffered));
        assert_eq!(reading.verifies, Some(Verifies::Nothing));
    }
}
