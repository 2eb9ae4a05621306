//! postgres.js: postgres 3.4.9, on Node.js 20.

use url::Url;

use super::grammar::whatwg::{decode_component, parse_int, to_number};
use super::server::Startup;
use super::{Message, Outcome, Reading, Roots, Tls, Variables, Verifies, saslprep};

/// The keys that are options of the driver; every other one goes to the server.
const OPTIONS: &[&str] = &[
    "max",
    "ssl",
    "sslnegotiation",
    "idle_timeout",
    "connect_timeout",
    "max_lifetime",
    "max_pipeline",
    "backoff",
    "keep_alive",
    "prepare",
    "debug",
    "fetch_types",
    "publications",
    "target_session_attrs",
];

type Query = Vec<(String, String)>;

fn get<'a>(query: &'a Query, name: &str) -> Option<&'a str> {
    query
        .iter()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.as_str())
}

fn set(query: &mut Query, name: &str, value: String) {
    match query.iter_mut().find(|(known, _)| known == name) {
        Some((_, known)) => *known = value,
        None => query.push((name.to_owned(), value)),
    }
}

/// Reads a string as `postgres(url)` does.
pub(super) fn read(text: &str, variables: &Variables) -> Outcome {
    let malformed = || Message::of(&["URI malformed"]);
    let (url, multihost) = if text.is_empty() {
        (None, None)
    } else {
        let (url, multihost) = parse_url(text)?;
        (Some(url), multihost)
    };
    let mut query = Query::new();
    for (name, value) in url.iter().flat_map(Url::query_pairs) {
        set(&mut query, &name, value.into_owned());
    }
    let decoded =
        |part: &str| Ok::<_, Message>(decode_component(part).ok_or_else(malformed)?.into_owned());
    let username = decoded(url.as_ref().map_or("", Url::username))?;
    let password = decoded(url.as_ref().and_then(Url::password).unwrap_or_default())?;
    if let Some(mode) = get(&query, "sslmode").filter(|mode| !mode.is_empty()) {
        let mode = mode.to_owned();
        query.retain(|(name, _)| name != "sslmode");
        set(&mut query, "ssl", mode);
    }
    if get(&query, "sslrootcert") == Some("system") {
        set(&mut query, "ssl", "verify-full".to_owned());
    }
    // `searchParams.get` takes the first value, where everything else takes the last.
    let target = url
        .iter()
        .flat_map(Url::query_pairs)
        .find(|(name, _)| name == "target_session_attrs")
        .map(|(_, value)| value.into_owned())
        .filter(|value| !value.is_empty());
    check_target(target.as_deref().or(variables.get("PGTARGETSESSIONATTRS")))?;
    let (tls, verifies, roots) = policy(&query, variables);
    let hosts = hosts(url.as_ref(), multihost, variables)?;
    check_timeout(&query, &hosts, variables)?;
    if query
        .iter()
        .any(|(name, value)| name.starts_with("_pq_.") && !value.is_empty())
    {
        return Err(Message::of(&[
            "NegotiateProtocolVersion (B) is not supported",
        ]));
    }
    let or = |text: String, variable: &str| {
        Some(text)
            .filter(|text| !text.is_empty())
            .or_else(|| variables.filled(variable).map(str::to_owned))
    };
    let user = or(username, "PGUSERNAME").or_else(|| or(String::new(), "PGUSER"));
    let password = or(password, "PGPASSWORD");
    let database = url.as_ref().map_or("", Url::path).chars().skip(1).collect();
    Ok(Reading {
        hosts,
        dbname: or(database, "PGDATABASE").or_else(|| user.clone()),
        user,
        unprepared: password.as_deref().is_some_and(saslprep::changes),
        password,
        tls: Some(tls),
        verifies: Some(verifies),
        roots,
        plaintext_password: Some(tls < Tls::Required),
        startup: startup(&query, variables),
        root_file: None,
        files: Vec::new(),
        client: query
            .iter()
            .filter(|(name, _)| name != "ssl" && OPTIONS.contains(&name.as_str()))
            .cloned()
            .collect(),
    })
}

/// `parseUrl`: the first of several hosts takes the place of all, for a URL holds but one.
fn parse_url(text: &str) -> Result<(Url, Option<String>), Message> {
    let start = text.find("://").map_or(2, |at| at + 3);
    let host = text.get(start..).unwrap_or_default();
    let host = host.split(['?', '/']).next().unwrap_or_default();
    let host = host.split_once('@').map_or(host, |(_, host)| host);
    let host = decode_component(host).ok_or_else(|| Message::of(&["URI malformed"]))?;
    let first = host.split(',').next().unwrap_or_default();
    let url = Url::parse(&text.replacen(host.as_ref(), first, 1))
        .map_err(|_| Message::of(&["Invalid URL"]))?;
    let multihost = host.contains(',').then(|| host.into_owned());
    Ok((url, multihost))
}

fn hosts(
    url: Option<&Url>,
    multihost: Option<String>,
    variables: &Variables,
) -> Result<Vec<(String, u16)>, Message> {
    let port = match (url.and_then(Url::port), variables.filled("PGPORT")) {
        (Some(port), _) => port,
        (None, Some(port)) => own_port(port)?,
        (None, None) => 5432,
    };
    let host = multihost
        .or_else(|| {
            url.and_then(Url::host_str)
                .filter(|host| !host.is_empty())
                .or(variables.filled("PGHOST"))
                .map(str::to_owned)
        })
        .unwrap_or_else(|| "localhost".to_owned());
    if host.contains('/') {
        return Ok(vec![(host, port)]);
    }
    let mut hosts: Vec<(String, u16)> = Vec::new();
    for entry in host.split(',') {
        let mut parts = entry.split(':');
        let name = parts.next().unwrap_or_default();
        let own = parts.next().filter(|port| !port.is_empty());
        match own.map_or(Ok(port), own_port) {
            Ok(port) => hosts.push((name.to_owned(), port)),
            // It is reached only where no host before it answers.
            Err(_) if !hosts.is_empty() => break,
            Err(message) => return Err(message),
        }
    }
    // An IPv6 address is cut at its first colon, and nobody is called `[`.
    match hosts.iter().find(|(name, _)| !name.starts_with('[')) {
        Some(_) => Ok(hosts),
        None => Err(Message::of(&["getaddrinfo ENOTFOUND ", &hosts[0].0])),
    }
}

fn own_port(text: &str) -> Result<u16, Message> {
    let number = parse_int(text);
    number
        .and_then(|port| u16::try_from(port).ok())
        .ok_or_else(|| {
            Message::of(&[
                "Port should be >= 0 and < 65536. Received type number (",
                &number.map_or_else(|| "NaN".to_owned(), |port| port.to_string()),
                ").",
            ])
        })
}

fn check_target(value: Option<&str>) -> Result<(), Message> {
    match value {
        None | Some("" | "read-write" | "read-only" | "primary" | "standby" | "prefer-standby") => {
            Ok(())
        }
        Some(value) => Err(Message::of(&[
            "target_session_attrs ",
            value,
            " is not supported",
        ])),
    }
}

fn check_timeout(
    query: &Query,
    hosts: &[(String, u16)],
    variables: &Variables,
) -> Result<(), Message> {
    let seconds = get(query, "connect_timeout")
        .or(variables.filled("PGCONNECT_TIMEOUT"))
        .map_or(30.0, to_number);
    // A timer of Node.js that does not fit into 31 bits fires at once.
    if seconds < 0.0 || seconds * 1000.0 > 2_147_483_647.0 {
        let (host, port) = &hosts[0];
        return Err(Message::of(&[
            "write CONNECT_TIMEOUT ",
            host,
            ":",
            &port.to_string(),
        ]));
    }
    Ok(())
}

/// A variable stands in for each option that the string leaves out, and only the string's words mean
/// "no".
fn policy(query: &Query, variables: &Variables) -> (Tls, Verifies, Option<Roots>) {
    let mode = match get(query, "ssl") {
        None => variables.filled("PGSSL"),
        Some("" | "disable" | "false") => None,
        mode => mode,
    };
    let negotiation = get(query, "sslnegotiation").or(variables.filled("PGSSLNEGOTIATION"));
    match mode {
        None => (Tls::Off, Verifies::Nothing, None),
        Some("prefer") if negotiation == Some("direct") => (Tls::Required, Verifies::Nothing, None),
        Some("prefer") => (Tls::IfOffered, Verifies::Nothing, None),
        Some("require" | "allow") => (Tls::Required, Verifies::Nothing, None),
        Some(_) => (Tls::Required, Verifies::ChainAndHost, Some(Roots::Bundled)),
    }
}

fn startup(query: &Query, variables: &Variables) -> Startup {
    let mut startup = Startup::in_utf8();
    let own = variables.filled("PGAPPNAME").unwrap_or("postgres.js");
    let mut query = query.clone();
    if get(&query, "application_name").is_none() {
        set(&mut query, "application_name", own.to_owned());
    }
    // The driver sets an encoding and a name of its own first, and a key keeps its place.
    query.sort_by_key(|(name, _)| match name.as_str() {
        "client_encoding" => 0,
        "application_name" => 1,
        _ => 2,
    });
    for (name, value) in &query {
        if !OPTIONS.contains(&name.as_str())
            && (!value.is_empty() || name == "user" || name == "database")
        {
            startup.push(name, value);
        }
    }
    startup
}

#[cfg(test)]
mod tests {
    use crate::driver::outcome::{Outcome, Reading};
    use crate::driver::{Tls, Variables, Verifies};

    fn read(text: &str) -> Outcome {
        super::read(text, &Variables::default())
    }

    fn taken(text: &str) -> Reading {
        read(text).unwrap_or_else(|_| panic!("{text} is taken"))
    }

    #[test]
    fn hosts_are_split_at_commas_and_colons() {
        assert_eq!(
            taken("postgres://u:p@h1:1,h2:2/d").hosts,
            [("h1".to_owned(), 1), ("h2".to_owned(), 2)]
        );
        assert_eq!(taken("mysql://u@h/d").hosts, [("h".to_owned(), 5432)]);
        assert!(read("postgres://u@[::1]/d").is_err());
        assert!(read("postgres://u@/d").is_err());
    }

    #[test]
    fn names_are_not_decoded_but_for_user_and_password() {
        let reading = taken("postgres://u%20x:a%2Fb@h/d%20e");
        assert_eq!(reading.user.as_deref(), Some("u x"));
        assert_eq!(reading.password.as_deref(), Some("a/b"));
        assert_eq!(reading.dbname.as_deref(), Some("d%20e"));
    }

    #[test]
    fn only_three_modes_do_without_a_check() {
        let policy = |mode: &str| {
            let reading = taken(&format!("postgres://u@h/d?sslmode={mode}"));
            (reading.tls, reading.verifies)
        };
        assert_eq!(
            policy("allow"),
            (Some(Tls::Required), Some(Verifies::Nothing))
        );
        assert_eq!(
            policy("prefer"),
            (Some(Tls::IfOffered), Some(Verifies::Nothing))
        );
        assert_eq!(
            policy("no-verify"),
            (Some(Tls::Required), Some(Verifies::ChainAndHost))
        );
        assert_eq!(policy(""), (Some(Tls::Off), Some(Verifies::Nothing)));
    }
}
