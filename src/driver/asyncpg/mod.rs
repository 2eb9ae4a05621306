//! asyncpg 0.32.0: `_parse_connect_dsn_and_args` of its `connect_utils.py`.

mod hosts;
mod tls;

use super::grammar::urllib::{self, python_repr, unquote};
use super::server::Startup;
use super::{Message, Outcome, Reading, Tls, Variables, Without, saslprep};
use hosts::{default_ports, host_list, int, reachable, spread_ports};
use tls::policy;

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
pub(super) fn read(text: &str, variables: &Variables) -> Outcome {
    let mut arguments = Arguments::default();
    let query = if text.is_empty() {
        Query::default()
    } else {
        dsn(text, &mut arguments, variables)?
    };
    connect(arguments, query, variables)
}

/// Connects with keyword arguments alone.
pub(super) fn read_arguments(arguments: Arguments, variables: &Variables) -> Outcome {
    let Some(text) = arguments.dsn.as_deref() else {
        return connect(arguments, Query::default(), variables);
    };
    let mut merged = Arguments::default();
    let query = dsn(text, &mut merged, variables)?;
    merged.hosts = arguments.hosts.or(merged.hosts);
    merged.ports = arguments.ports.or(merged.ports);
    merged.user = arguments.user.or(merged.user);
    merged.password = arguments.password.or(merged.password);
    merged.database = arguments.database.or(merged.database);
    merged.ssl = arguments.ssl.or(merged.ssl);
    connect(merged, query, variables)
}

/// Fills what arguments and query leave open with the process's variables. `PGSERVICE` is read after
/// the service file was, so that nothing comes of it.
fn fill(
    arguments: &mut Arguments,
    query: &mut Query,
    variables: &Variables,
) -> Result<(), Message> {
    if arguments.hosts.as_ref().is_none_or(Vec::is_empty)
        && let Some(list) = variables.filled("PGHOST")
    {
        let (hosts, ports) = host_list(list, arguments.ports.as_deref(), false, variables)?;
        arguments.hosts = Some(hosts);
        arguments.ports = Some(ports);
    }
    if arguments.ports.as_ref().is_none_or(Vec::is_empty) {
        arguments.ports = Some(default_ports(variables)?);
    }
    let or = |value: &mut Option<String>, variable| {
        if value.is_none() {
            *value = variables.get(variable).map(str::to_owned);
        }
    };
    or(&mut arguments.user, "PGUSER");
    arguments.user = arguments.user.take().filter(|user| !user.is_empty());
    or(&mut arguments.password, "PGPASSWORD");
    or(&mut arguments.database, "PGDATABASE");
    or(&mut arguments.ssl, "PGSSLMODE");
    or(&mut query.sslnegotiation, "PGSSLNEGOTIATION");
    or(&mut query.sslrootcert, "PGSSLROOTCERT");
    query.sslrootcert = query.sslrootcert.take().filter(|file| !file.is_empty());
    for (value, variable) in [
        (
            &mut query.ssl_min_protocol_version,
            "PGSSLMINPROTOCOLVERSION",
        ),
        (
            &mut query.ssl_max_protocol_version,
            "PGSSLMAXPROTOCOLVERSION",
        ),
    ] {
        or(value, variable);
        *value = value.take().filter(|version| !version.is_empty());
    }
    for (name, variable) in [
        ("sslcert", "PGSSLCERT"),
        ("sslkey", "PGSSLKEY"),
        ("sslcrl", "PGSSLCRL"),
    ] {
        if let Some(path) = variables.filled(variable)
            && !query.client.iter().any(|(known, _)| known == name)
        {
            query.client.push((name.to_owned(), path.to_owned()));
        }
    }
    or(&mut arguments.target_session_attrs, "PGTARGETSESSIONATTRS");
    or(&mut arguments.gsslib, "PGGSSLIB");
    Ok(())
}

fn dsn(text: &str, arguments: &mut Arguments, variables: &Variables) -> Result<Query, Message> {
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
        let (hosts, ports) = host_list(hosts, None, true, variables)?;
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
    query(pairs, arguments, variables)
}

/// The query fills what the URL leaves open; what no argument takes goes to the server.
fn query(
    pairs: Vec<(String, String)>,
    arguments: &mut Arguments,
    variables: &Variables,
) -> Result<Query, Message> {
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
        let (hosts, ports) = host_list(&hosts, arguments.ports.as_deref(), false, variables)?;
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

fn connect(mut arguments: Arguments, mut query: Query, variables: &Variables) -> Outcome {
    fill(&mut arguments, &mut query, variables)?;
    let hosts = arguments
        .hosts
        .clone()
        .filter(|hosts| !hosts.is_empty())
        .unwrap_or_else(|| DEFAULT_HOSTS.map(str::to_owned).to_vec());
    let ports = spread_ports(hosts.len(), arguments.ports.as_deref().unwrap_or(&[5432]))?;
    let tcp = hosts.iter().any(|host| !host.starts_with('/'));
    let (tls, verifies, roots) = policy(&arguments, &query, tcp)?;
    let hosts = reachable(hosts, &ports)?;
    check_target(arguments.target_session_attrs.as_deref())?;
    if let Some(gsslib) = &arguments.gsslib
        && !matches!(gsslib.as_str(), "gssapi" | "sspi")
    {
        return Err(Message::of(&[
            "gsslib parameter must be either 'gssapi' or 'sspi', got ",
            &python_repr(gsslib),
        ]));
    }
    // SCRAM's message names the user, and asyncpg does not escape it.
    if arguments
        .user
        .as_deref()
        .is_some_and(|user| user.contains(','))
    {
        return Err(Message::of(&["malformed SCRAM message"]));
    }
    let mut startup = Startup::in_utf8();
    for (name, value) in &query.settings {
        startup.push(name, value);
    }
    let database = arguments
        .database
        .as_deref()
        .filter(|name| !name.is_empty());
    Ok(Reading {
        hosts,
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
        client: client(&arguments, &query),
        unprepared: arguments
            .password
            .as_deref()
            .is_some_and(saslprep::drops_a_space),
        files: files(&arguments, &query, tcp),
        root_file: query.sslrootcert,
    })
}

/// Whatever a mode other than `disable` names is read before the first packet.
fn files(arguments: &Arguments, query: &Query, tcp: bool) -> Vec<(&'static str, String, Without)> {
    let mode = arguments.ssl.as_deref().or(tcp.then_some("prefer"));
    let own = |wanted: &str| {
        let found = query.client.iter().find(|(name, _)| name == wanted);
        found.map(|(_, path)| path.clone())
    };
    let certificate = own("sslcert");
    let key = own("sslkey").filter(|_| certificate.is_some());
    let verifies = !matches!(mode, None | Some("disable" | "allow" | "prefer"));
    [
        (
            "sslrootcert",
            query.sslrootcert.clone().filter(|_| verifies),
        ),
        ("sslcrl", own("sslcrl").filter(|_| verifies)),
        ("sslcert", certificate),
        ("sslkey", key),
    ]
    .into_iter()
    .filter(|_| !matches!(mode, None | Some("disable")))
    .filter_map(|(name, path)| Some((name, path?, Without::Refuses)))
    .collect()
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
    use crate::driver::outcome::Outcome;
    use crate::driver::{Tls, Variables, Verifies};

    fn read(text: &str) -> Outcome {
        super::read(text, &Variables::default())
    }

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
