//! tokio-postgres 0.7.18, read by its own `Config`, with a TLS connector beside it.
//!
//! What is verified, and against which roots, is the connector's choice: the string cannot say it.

use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{
    ChannelBinding, Host, LoadBalanceHosts, SslMode, SslNegotiation, TargetSessionAttrs,
};

use super::server::Startup;
use super::{Message, Outcome, Reading, Tls, Verifies};

/// Reads a string as `tokio_postgres::connect(config, connector)` does.
pub(super) fn read(text: &str) -> Outcome {
    let config: Config = text.parse().map_err(|error| refused(&error))?;
    let hosts = hosts(&config)?;
    let sockets_only = hosts.iter().all(|(host, _)| host.starts_with('/'));
    let tls = match config.get_ssl_mode() {
        SslMode::Disable => Tls::Off,
        SslMode::Require => Tls::Required,
        _ => Tls::IfOffered,
    };
    if tls == Tls::IfOffered && config.get_ssl_negotiation() == SslNegotiation::Direct {
        return Err(Message::of(&[
            "error performing TLS handshake: weak sslmode \"prefer\" may not be used with sslnegotiation=direct (use \"require\")",
        ]));
    }
    if tls == Tls::Required && sockets_only {
        let direct = config.get_ssl_negotiation() == SslNegotiation::Direct;
        return Err(Message::of(&[if direct {
            "error performing TLS handshake: no hostname provided for TLS handshake"
        } else {
            "error performing TLS handshake: server does not support TLS"
        }]));
    }
    if tls == Tls::Required && config.get_hosts().is_empty() {
        return Err(Message::of(&[
            "error performing TLS handshake: no hostname provided for TLS handshake",
        ]));
    }
    let tls = if sockets_only { Tls::Off } else { tls };
    let binding_required = config.get_channel_binding() == ChannelBinding::Require;
    if binding_required && tls == Tls::Off {
        return Err(Message::of(&[
            "authentication error: server did not use channel binding",
        ]));
    }
    if !sockets_only {
        check_keepalives(&config)?;
    }
    let texts = [
        config.get_user(),
        config.get_dbname(),
        config.get_options(),
        config.get_application_name(),
    ];
    if texts.into_iter().flatten().any(|text| text.contains('\0')) {
        return Err(Message::of(&[
            "error encoding message to server: string contains embedded null",
        ]));
    }
    let mut startup = Startup::in_utf8();
    if let Some(options) = config.get_options() {
        startup.push("options", options);
    }
    if let Some(name) = config.get_application_name() {
        startup.push("application_name", name);
    }
    let user = config.get_user().map(str::to_owned);
    let dbname = config.get_dbname().filter(|name| !name.is_empty());
    Ok(Reading {
        hosts,
        dbname: dbname.map(str::to_owned).or_else(|| user.clone()),
        user,
        password: config
            .get_password()
            .map(|password| String::from_utf8_lossy(password).into_owned()),
        tls: Some(tls),
        verifies: (tls == Tls::Off).then_some(Verifies::Nothing),
        roots: None,
        plaintext_password: Some(tls < Tls::Required && !binding_required),
        startup,
        root_file: None,
        unprepared: false,
        files: Vec::new(),
        client: client(&config),
    })
}

fn client(config: &Config) -> Vec<(String, String)> {
    let seconds = |time: Option<&Duration>| time.map(|time| time.as_secs().to_string());
    let addresses: Vec<String> = config
        .get_hostaddrs()
        .iter()
        .map(ToString::to_string)
        .collect();
    let named = [
        ("connect_timeout", seconds(config.get_connect_timeout())),
        (
            "hostaddr",
            (!addresses.is_empty()).then(|| addresses.join(",")),
        ),
        (
            "target_session_attrs",
            match config.get_target_session_attrs() {
                TargetSessionAttrs::ReadWrite => Some("read-write".to_owned()),
                TargetSessionAttrs::ReadOnly => Some("read-only".to_owned()),
                _ => None,
            },
        ),
        (
            "channel_binding",
            match config.get_channel_binding() {
                ChannelBinding::Require => Some("require".to_owned()),
                ChannelBinding::Disable => Some("disable".to_owned()),
                _ => None,
            },
        ),
        (
            "load_balance_hosts",
            (config.get_load_balance_hosts() == LoadBalanceHosts::Random)
                .then(|| "random".to_owned()),
        ),
        (
            "sslnegotiation",
            (config.get_ssl_negotiation() == SslNegotiation::Direct).then(|| "direct".to_owned()),
        ),
        (
            "keepalives",
            (!config.get_keepalives()).then(|| "0".to_owned()),
        ),
    ];
    named
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect()
}

/// Pairs hosts, addresses and ports as `connect` does.
fn hosts(config: &Config) -> Result<Vec<(String, u16)>, Message> {
    let (names, addresses) = (config.get_hosts(), config.get_hostaddrs());
    let ports = config.get_ports();
    let invalid = |text: &str| Message::of(&[&format!("invalid configuration: {text}")]);
    if names.is_empty() && addresses.is_empty() {
        return Err(invalid("both host and hostaddr are missing"));
    }
    if !names.is_empty() && !addresses.is_empty() && names.len() != addresses.len() {
        return Err(invalid(&format!(
            "number of hosts ({}) is different from number of hostaddrs ({})",
            names.len(),
            addresses.len()
        )));
    }
    let count = names.len().max(addresses.len());
    if ports.len() > 1 && ports.len() != count {
        return Err(invalid("invalid number of ports"));
    }
    Ok((0..count)
        .map(|index| {
            let host = match names.get(index) {
                Some(Host::Tcp(name)) => name.clone(),
                #[cfg(unix)]
                Some(Host::Unix(path)) => path.to_string_lossy().into_owned(),
                None => addresses[index].to_string(),
            };
            let port = ports.get(index).or_else(|| ports.first());
            (host, port.copied().unwrap_or(5432))
        })
        .collect())
}

/// Linux takes keepalive times of up to 32767 s and 127 repetitions.
fn check_keepalives(config: &Config) -> Result<(), Message> {
    let fits = |time: Option<Duration>| time.is_none_or(|time| time.as_secs() <= 32_767);
    let repeats = config.get_keepalives_retries();
    if !config.get_keepalives()
        || (fits(Some(config.get_keepalives_idle()))
            && fits(config.get_keepalives_interval())
            && repeats.is_none_or(|count| (1..=127).contains(&count)))
    {
        return Ok(());
    }
    Err(Message::of(&[
        "error connecting to server: Invalid argument (os error 22)",
    ]))
}

/// The error's text, with what it copies from the string kept apart.
fn refused(error: &tokio_postgres::Error) -> Message {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    for opening in ["unknown option `", "but got `"] {
        if let Some(at) = text.find(opening)
            && let Some(echo) = text[at + opening.len()..].strip_suffix('`')
        {
            return Message::of(&[&text[..at + opening.len()], echo, "`"]);
        }
    }
    Message::of(&[&text])
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::driver::Tls;

    fn error(text: &str) -> String {
        match read(text) {
            Ok(_) => "ok".to_owned(),
            Err(message) => message.render(str::to_owned),
        }
    }

    #[test]
    fn refusals_have_the_words_of_the_crate() {
        for (text, expected) in [
            ("postgres://u@h/d", "ok"),
            (
                "postgres://u@h/d?foo=1",
                "invalid connection string: unknown option `foo`",
            ),
            (
                "postgres://u@h/d?sslmode=verify-full",
                "invalid connection string: invalid value for option `sslmode`",
            ),
            (
                "user=u",
                "invalid configuration: both host and hostaddr are missing",
            ),
        ] {
            assert_eq!(error(text), expected, "{text}");
        }
    }

    #[test]
    fn prefer_is_the_default() {
        let reading = read("host=h user=u").unwrap_or_else(|_| panic!("is taken"));
        assert_eq!(reading.tls, Some(Tls::IfOffered));
        assert_eq!(reading.verifies, None);
    }
}
