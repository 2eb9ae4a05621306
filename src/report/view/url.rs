//! A connection string, and what each driver does with it.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::conninfo::{Parsed, keywords};
use crate::driver::{RefusedBy, Roots, Tls, Verifies};
use crate::facts::{self, UrlText};
use crate::report::{Gate, Sealed};

/// A host with its port; the port is `None` where the string's is no port.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HostPort {
    /// The name, address or socket folder.
    pub host: Sealed,
    /// The port.
    pub port: Option<u16>,
}

/// A connection string, read as the newest libpq reads it, and what each driver does with it.
#[derive(Debug, Serialize)]
pub struct Url {
    /// The variable, or `URL`.
    pub subject: Sealed,
    /// The environment.
    pub environment: Option<Sealed>,
    /// The text to show; `None` where the value is not known.
    pub redacted: Option<Sealed>,
    /// The hosts; `None` where libpq cannot read the string, as for all that follows from it.
    pub hosts: Option<Vec<HostPort>>,
    /// The user; `None` also where the machine decides.
    pub user: Option<Sealed>,
    /// The database; `None` also where the machine decides.
    pub dbname: Option<Sealed>,
    /// Every other parameter, a secret one as `***`.
    pub parameters: Option<BTreeMap<Sealed, Sealed>>,
    /// Who hosts it.
    pub provider: Option<&'static str>,
    /// Whether a pooler answers there.
    pub pooled: Option<bool>,
    /// What each driver does with it.
    pub drivers: Vec<DriverView>,
}

impl Url {
    pub(in crate::report) fn new(url: &facts::DatabaseUrl, gate: &Gate) -> Self {
        let known = matches!(url.text, UrlText::Known(_));
        let parsed = url.parsed.as_ref().ok().filter(|_| known);
        let value = |keyword| {
            let parameter = parsed?.get(keyword)?;
            (!parameter.value.is_empty()).then(|| gate.seal_secret(&parameter.value))
        };
        let user = value("user");
        Self {
            subject: gate.seal(&url.subject),
            environment: url.environment.as_ref().map(|name| gate.seal(name)),
            redacted: known.then(|| gate.seal(&url.redacted.text)),
            hosts: parsed.map(|parsed| hosts(parsed, gate)),
            dbname: value("dbname").or_else(|| user.clone()),
            user,
            parameters: parsed.map(|parsed| parameters(parsed, gate)),
            provider: url.provider.map(|detected| detected.provider.id),
            pooled: url.provider.and_then(|detected| detected.pooled),
            drivers: url
                .readers
                .iter()
                .map(|reader| DriverView::new(reader, gate))
                .collect(),
        }
    }
}

fn hosts(parsed: &Parsed, gate: &Gate) -> Vec<HostPort> {
    let named = parsed.hosts().into_iter().filter_map(|spec| {
        let host = spec.host.or(spec.hostaddr)?;
        let port = spec.port.filter(|port| !port.is_empty());
        Some(HostPort {
            host: gate.seal(&host),
            port: port.map_or(Some(5432), |port| {
                port.trim().parse().ok().filter(|port| *port > 0)
            }),
        })
    });
    named.collect()
}

fn parameters(parsed: &Parsed, gate: &Gate) -> BTreeMap<Sealed, Sealed> {
    let given = parsed.parameters.iter().filter(|parameter| {
        let shown_elsewhere = matches!(
            parameter.keyword.as_str(),
            "host" | "port" | "user" | "dbname"
        );
        // A part of the authority has no keyword in the string.
        !shown_elsewhere && !parameter.keyword_span.is_empty()
    });
    given
        .map(|parameter| {
            let is_secret = keywords::find(&parameter.keyword).is_none_or(|keyword| keyword.secret);
            let value = if is_secret {
                Sealed::fixed("***")
            } else {
                gate.seal_secret(&parameter.value)
            };
            (gate.seal(&parameter.keyword), value)
        })
        .collect()
}

/// What one driver does with a connection string.
#[derive(Debug, Serialize)]
pub struct DriverView {
    /// The driver, as it was asked for.
    pub driver: Sealed,
    /// Does the driver take the string, and a stock server what the driver then sends?
    pub accepts: bool,
    /// The text that the user would see.
    pub error: Option<Sealed>,
    /// `driver` or `server`.
    pub refused_by: Option<&'static str>,
    /// The hosts in the order in which they are tried.
    pub hosts: Vec<HostPort>,
    /// The user.
    pub user: Option<Sealed>,
    /// The database.
    pub dbname: Option<Sealed>,
    /// The application name.
    pub application_name: Option<Sealed>,
    /// `off`, `if-demanded`, `if-offered`, `required`.
    pub tls: Option<&'static str>,
    /// `nothing`, `chain`, `chain-and-host`.
    pub verifies: Option<&'static str>,
    /// `system`, `bundled`, `file`.
    pub roots: Option<&'static str>,
    /// Can a server get the password in clear?
    pub plaintext_password: Option<bool>,
}

impl DriverView {
    fn new(reader: &facts::Reader, gate: &Gate) -> Self {
        let prediction = &reader.prediction;
        let seal = |text: &Option<String>| text.as_ref().map(|text| gate.seal(text));
        let hosts = prediction.hosts.iter().map(|(host, port)| HostPort {
            host: gate.seal(host),
            port: Some(*port),
        });
        Self {
            driver: gate.seal(reader.driver.to_string()),
            accepts: prediction.accepts,
            error: seal(&prediction.error),
            refused_by: prediction.refused_by.map(|who| match who {
                RefusedBy::Driver => "driver",
                RefusedBy::Server => "server",
            }),
            hosts: hosts.collect(),
            user: seal(&prediction.user),
            dbname: seal(&prediction.dbname),
            application_name: seal(&prediction.application_name),
            tls: prediction.tls.map(|tls| match tls {
                Tls::Off => "off",
                Tls::IfDemanded => "if-demanded",
                Tls::IfOffered => "if-offered",
                Tls::Required => "required",
            }),
            verifies: prediction.verifies.map(|verifies| match verifies {
                Verifies::Nothing => "nothing",
                Verifies::Chain => "chain",
                Verifies::ChainAndHost => "chain-and-host",
            }),
            roots: prediction.roots.map(|roots| match roots {
                Roots::System => "system",
                Roots::Bundled => "bundled",
                Roots::File => "file",
            }),
            plaintext_password: prediction.plaintext_password,
        }
    }
}
