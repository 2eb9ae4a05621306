//! node-postgres: pg 8.23.1 with pg-connection-string 2.14.1, on Node.js 20.

use url::Url;

use super::grammar::whatwg::{decode_component, decode_uri, encode_uri, parse_int};
use super::server::Startup;
use super::{Message, Outcome, Reading, Roots, Tls, Variables, Verifies, Without};

/// The configuration that a string comes to; a later key replaces an earlier one.
#[derive(Default)]
struct Config(Vec<(String, String)>);

impl Config {
    fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// Returns a value that JavaScript takes for true.
    fn filled(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }

    fn set(&mut self, name: &str, value: String) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => *known = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }
}

/// What `config.ssl` comes to.
enum Ssl {
    Off,
    On(Verifies, Roots),
    /// A text: the driver crashes on the server's `S`.
    Text(String),
}

/// Reads a string as `new Client({ connectionString })` does.
pub(super) fn read(text: &str, variables: &Variables) -> Outcome {
    if text.is_empty() {
        return connect(Config::default(), None, variables);
    }
    if text.starts_with('/') {
        let mut words = text.split(' ');
        let mut config = Config::default();
        config.set("host", words.next().unwrap_or_default().to_owned());
        config.set("database", words.next().unwrap_or_default().to_owned());
        return connect(config, None, variables);
    }
    let config = parse(text)?;
    let ssl = ssl(&config)?;
    connect(config, ssl, variables)
}

/// `readSSLConfigFromEnvironment`
fn ssl_of_variable(variables: &Variables) -> Ssl {
    match variables.get("PGSSLMODE") {
        Some("prefer" | "require" | "verify-ca" | "verify-full") => {
            Ssl::On(Verifies::ChainAndHost, Roots::Bundled)
        }
        Some("no-verify") => Ssl::On(Verifies::Nothing, Roots::Bundled),
        _ => Ssl::Off,
    }
}

/// `val(key, config)`: a variable fills what the string leaves empty.
fn fill(config: &mut Config, variables: &Variables) {
    for (name, variable) in [
        ("user", "PGUSER"),
        ("database", "PGDATABASE"),
        ("port", "PGPORT"),
        ("host", "PGHOST"),
        ("password", "PGPASSWORD"),
        ("options", "PGOPTIONS"),
        ("sslnegotiation", "PGSSLNEGOTIATION"),
        ("replication", "PGREPLICATION"),
        ("application_name", "PGAPPNAME"),
    ] {
        if let (None, Some(value)) = (config.filled(name), variables.filled(variable)) {
            config.set(name, value.to_owned());
        }
    }
}

fn malformed() -> Message {
    Message::of(&["URI malformed"])
}

fn parse(text: &str) -> Result<Config, Message> {
    let repaired = needs_encoding(text).then(|| restore_digits(&encode_uri(text)));
    let text = repaired.as_deref().unwrap_or(text);
    // pg resolves against this base, so that what is no URL becomes a path on the host `base`.
    let base = Url::parse("postgres://base").map_err(|_| Message::of(&["Invalid URL"]))?;
    let (mut url, dummy_host) = match base.join(text) {
        Ok(url) => (url, false),
        Err(_) => (
            base.join(&text.replacen("@/", "@___DUMMY___/", 1))
                .map_err(|_| Message::of(&["Invalid URL"]))?,
            true,
        ),
    };
    let mut config = Config::default();
    for (name, value) in url.query_pairs() {
        config.set(&name, value.into_owned());
    }
    for (name, part) in [
        ("user", url.username()),
        ("password", url.password().unwrap_or_default()),
    ] {
        if config.filled(name).is_none() {
            config.set(
                name,
                decode_component(part).ok_or_else(malformed)?.into_owned(),
            );
        }
    }
    if url.scheme() == "socket" {
        let first = |wanted: &str| {
            url.query_pairs()
                .find(|(name, _)| name == wanted)
                .map(|(_, value)| value.into_owned())
                .unwrap_or_default()
        };
        let database = first("db");
        config.set(
            "host",
            decode_uri(url.path()).ok_or_else(malformed)?.into_owned(),
        );
        config.set("database", database);
        return Ok(config);
    }
    let hostname = if dummy_host {
        ""
    } else {
        url.host_str().unwrap_or_default()
    };
    let hostname = hostname
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(hostname)
        .to_owned();
    if config.filled("host").is_none() {
        config.set(
            "host",
            decode_component(&hostname)
                .ok_or_else(malformed)?
                .into_owned(),
        );
    } else if hostname
        .get(..3)
        .is_some_and(|head| head.eq_ignore_ascii_case("%2f"))
    {
        let path = format!("{hostname}{}", url.path());
        url.set_path(&path);
    }
    if config.filled("port").is_none() {
        config.set(
            "port",
            url.port().map(|port| port.to_string()).unwrap_or_default(),
        );
    }
    let path: String = url.path().chars().skip(1).collect();
    config.set(
        "database",
        decode_uri(&path).ok_or_else(malformed)?.into_owned(),
    );
    Ok(config)
}

/// `/ |%[^a-f0-9]|%[a-f0-9][^a-f0-9]/i`
fn needs_encoding(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.iter().enumerate().any(|(at, &byte)| {
        let next = bytes.get(at + 1);
        byte == b' '
            || (byte == b'%'
                && match (next, bytes.get(at + 2)) {
                    (Some(first), _) if !first.is_ascii_hexdigit() => true,
                    (Some(_), Some(second)) => !second.is_ascii_hexdigit(),
                    _ => false,
                })
    })
}

/// `.replace(/%25(\d\d)/g, '%$1')`
fn restore_digits(text: &str) -> String {
    let mut restored = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("%25") {
        restored.push_str(&rest[..at]);
        let after = &rest[at + 3..];
        let digits = after.as_bytes().get(..2);
        if digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_digit)) {
            restored.push('%');
            restored.push_str(&after[..2]);
            rest = &after[2..];
        } else {
            restored.push_str("%25");
            rest = after;
        }
    }
    restored.push_str(rest);
    restored
}

/// Reads what the string says about TLS; `None` where it says nothing.
fn ssl(config: &Config) -> Result<Option<Ssl>, Message> {
    let file = config.filled("sslrootcert");
    if file == Some("system") {
        return Err(Message::of(&[
            "ENOENT: no such file or directory, open 'system'",
        ]));
    }
    let roots = if file.is_some() {
        Roots::File
    } else {
        Roots::Bundled
    };
    let full = Ssl::On(Verifies::ChainAndHost, roots);
    let mode = config.filled("sslmode");
    if mode.is_none()
        && file.is_none()
        && config
            .filled("sslcert")
            .or(config.filled("sslkey"))
            .is_none()
    {
        return Ok(match config.get("ssl") {
            None => (config.get("sslnegotiation") == Some("direct")).then_some(full),
            Some("" | "0") => Some(Ssl::Off),
            Some("true" | "1") => Some(full),
            Some("no-verify") => Some(Ssl::On(Verifies::Nothing, roots)),
            Some(text) => Some(Ssl::Text(text.to_owned())),
        });
    }
    let compatible = config.get("uselibpqcompat") == Some("true");
    Ok(Some(match mode {
        Some("disable") => Ssl::Off,
        Some("prefer") if compatible => Ssl::On(Verifies::Nothing, roots),
        Some("require") if compatible && file.is_none() => Ssl::On(Verifies::Nothing, roots),
        Some("verify-ca") if compatible && file.is_none() => {
            return Err(Message::of(&[
                "SECURITY WARNING: Using sslmode=verify-ca requires specifying a CA with sslrootcert. If a public CA is used, verify-ca allows connections to a server that somebody else may have registered with the CA, making you vulnerable to Man-in-the-Middle attacks. Either specify a custom CA certificate with sslrootcert parameter or use sslmode=verify-full for proper security.",
            ]));
        }
        Some("require" | "verify-ca") if compatible => Ssl::On(Verifies::Chain, roots),
        Some("no-verify") if !compatible => Ssl::On(Verifies::Nothing, roots),
        _ => full,
    }))
}

fn connect(mut config: Config, ssl: Option<Ssl>, variables: &Variables) -> Outcome {
    fill(&mut config, variables);
    let (config, ssl) = (&config, &ssl.unwrap_or_else(|| ssl_of_variable(variables)));
    check_negotiation(config, ssl)?;
    let port = match config.filled("port") {
        None => 5432,
        Some(text) => parse_int(text)
            .and_then(|port| u16::try_from(port).ok())
            .ok_or_else(|| {
                Message::of(&[
                    "Port should be >= 0 and < 65536. Received type number (",
                    &parse_int(text).map_or_else(|| "NaN".to_owned(), |port| port.to_string()),
                    ").",
                ])
            })?,
    };
    let host = config.filled("host").unwrap_or("localhost");
    let (tls, verifies, roots) = match ssl {
        Ssl::Off => (Tls::Off, Verifies::Nothing, None),
        Ssl::Text(text) => {
            return Err(Message::of(&[
                "Cannot use 'in' operator to search for 'key' in ",
                text,
            ]));
        }
        Ssl::On(..)
            if host.starts_with('/') && config.filled("sslnegotiation") == Some("direct") =>
        {
            return Err(Message::of(&[
                "Client network socket disconnected before secure TLS connection was established",
            ]));
        }
        Ssl::On(..) if host.starts_with('/') => {
            return Err(Message::of(&[
                "The server does not support SSL connections",
            ]));
        }
        Ssl::On(Verifies::Nothing, _) => (Tls::Required, Verifies::Nothing, None),
        Ssl::On(verifies, roots) => (Tls::Required, *verifies, Some(*roots)),
    };
    let user = config.filled("user").map(str::to_owned);
    Ok(Reading {
        hosts: vec![(host.to_owned(), port)],
        dbname: config
            .filled("database")
            .map(str::to_owned)
            .or_else(|| user.clone()),
        user,
        password: config.filled("password").map(str::to_owned),
        tls: Some(tls),
        verifies: Some(verifies),
        roots,
        plaintext_password: Some(tls == Tls::Off),
        startup: startup(config),
        root_file: config.filled("sslrootcert").map(str::to_owned),
        unprepared: false,
        // They are read before anything else, whatever TLS comes to.
        files: ["sslcert", "sslkey", "sslrootcert"]
            .into_iter()
            .filter_map(|name| Some((name, config.filled(name)?.to_owned(), Without::Refuses)))
            .collect(),
        client: ["sslcert", "sslkey", "sslnegotiation"]
            .into_iter()
            .filter_map(|name| Some((name.to_owned(), config.filled(name)?.to_owned())))
            .collect(),
    })
}

fn check_negotiation(config: &Config, ssl: &Ssl) -> Result<(), Message> {
    match config.filled("sslnegotiation") {
        Some("direct") if matches!(ssl, Ssl::Off) => Err(Message::of(&[
            "sslnegotiation=direct requires SSL to be enabled",
        ])),
        None | Some("postgres" | "direct") => Ok(()),
        Some(value) => Err(Message::of(&[
            "Invalid sslnegotiation value: \"",
            value,
            "\". Valid values are \"postgres\" and \"direct\".",
        ])),
    }
}

fn startup(config: &Config) -> Startup {
    let mut startup = Startup::in_utf8();
    if let Some(name) = config
        .filled("application_name")
        .or(config.filled("fallback_application_name"))
    {
        startup.push("application_name", name);
    }
    if let Some(value) = config.filled("replication") {
        startup.push("replication", value);
    }
    for name in [
        "statement_timeout",
        "lock_timeout",
        "idle_in_transaction_session_timeout",
    ] {
        if let Some(value) = config.filled(name) {
            let number =
                parse_int(value).map_or_else(|| "NaN".to_owned(), |number| number.to_string());
            startup.push(name, &number);
        }
    }
    if let Some(value) = config.filled("options") {
        startup.push("options", value);
    }
    startup
}

#[cfg(test)]
mod tests {
    use crate::driver::outcome::{Outcome, Reading};
    use crate::driver::{Roots, Tls, Variables, Verifies};

    fn read(text: &str) -> Outcome {
        super::read(text, &Variables::default())
    }

    fn taken(text: &str) -> Reading {
        read(text).unwrap_or_else(|_| panic!("{text} is taken"))
    }

    #[test]
    fn what_is_no_url_becomes_a_path_on_the_host_base() {
        assert_eq!(taken("host=h user=u").hosts, [("base".to_owned(), 5432)]);
        assert_eq!(taken("mysql://u@h/d").hosts, [("h".to_owned(), 5432)]);
        assert_eq!(taken("").hosts, [("localhost".to_owned(), 5432)]);
        assert_eq!(
            taken("postgres://u@/d").hosts,
            [("localhost".to_owned(), 5432)]
        );
        assert_eq!(
            taken("postgres://u@%2Ftmp/d").hosts,
            [("/tmp".to_owned(), 5432)]
        );
    }

    #[test]
    fn require_is_verify_full_today() {
        let reading = taken("postgres://u@h/d?sslmode=require");
        assert_eq!(reading.tls, Some(Tls::Required));
        assert_eq!(reading.verifies, Some(Verifies::ChainAndHost));
        assert_eq!(reading.roots, Some(Roots::Bundled));
        let reading = taken("postgres://u@h/d?sslmode=require&uselibpqcompat=true");
        assert_eq!(reading.verifies, Some(Verifies::Nothing));
        assert_eq!(taken("postgres://u@h/d?sslmode=").tls, Some(Tls::Off));
        assert!(read("postgres://u@h/d?ssl=require").is_err());
    }

    #[test]
    fn a_raw_at_sign_and_odd_escapes_are_taken() {
        let reading = taken("postgres://u:p@ss%zz@h/a%2Fb c");
        assert_eq!(reading.password.as_deref(), Some("p@ss%zz"));
        assert_eq!(reading.dbname.as_deref(), Some("a%2Fb c"));
        assert!(read("postgres://u:%E4@h/d").is_err());
    }
}
