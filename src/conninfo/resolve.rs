//! What a connection string comes to once `PG*` variables, service file, password file and libpq's
//! defaults have filled what it leaves out.

use std::collections::BTreeMap;

use super::check::{integer, problems};
use super::keywords::KEYWORDS;
use super::{Parsed, password_file, service_file};
use crate::value::{Origin, Secret, Sourced};

/// What surrounds the connection string on the machine that reads it.
#[derive(Clone, Debug, Default)]
pub struct Ambient {
    /// The `PG*` variables.
    pub variables: BTreeMap<String, Sourced<Secret>>,
    /// The user's service file's path and text (`PGSERVICEFILE`, else `~/.pg_service.conf`), where
    /// there is one.
    pub service_file: Option<(String, String)>,
    /// The system's service file's path and text (`pg_service.conf` below `PGSYSCONFDIR`), where
    /// there is one: libpq looks there for what the user's file does not have.
    pub system_service_file: Option<(String, String)>,
    /// The password file's path and text, where there is one that libpq would use: the path is
    /// [`password_file_path`]'s.
    pub password_file: Option<(String, Secret)>,
    /// The operating system's user name.
    pub os_user: Option<String>,
    /// The home folder, for `~/.postgresql`.
    pub home: Option<String>,
    /// The socket folder that is compiled into libpq; `None` means
    /// [`DEFAULT_SOCKET_FOLDER`].
    pub socket_folder: Option<String>,
}

/// The socket folder of Debian's libpq and of psycopg's wheels; upstream's own is `/tmp`.
pub const DEFAULT_SOCKET_FOLDER: &str = "/var/run/postgresql";

/// libpq's `sslmode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SslMode {
    /// Never TLS.
    Disable,
    /// TLS only where the server insists.
    Allow,
    /// TLS where the server offers it (libpq's default).
    Prefer,
    /// TLS or nothing; no check of the server's identity unless a root file is found.
    Require,
    /// TLS, and a chain to a trusted root.
    VerifyCa,
    /// TLS, a chain to a trusted root, and the host's name.
    VerifyFull,
}

impl SslMode {
    /// Reads libpq's spelling, to the letter.
    pub fn from_keyword(text: &str) -> Option<Self> {
        Some(match text {
            "disable" => Self::Disable,
            "allow" => Self::Allow,
            "prefer" => Self::Prefer,
            "require" => Self::Require,
            "verify-ca" => Self::VerifyCa,
            "verify-full" => Self::VerifyFull,
            _ => return None,
        })
    }

    /// Returns libpq's spelling.
    pub fn keyword(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Allow => "allow",
            Self::Prefer => "prefer",
            Self::Require => "require",
            Self::VerifyCa => "verify-ca",
            Self::VerifyFull => "verify-full",
        }
    }
}

/// One host to try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// The name, address or socket directory; empty where `hostaddr` alone is given, so that there
    /// is no name to verify.
    pub host: String,
    /// The address to dial instead of looking the name up (`hostaddr`).
    pub hostaddr: Option<String>,
    /// The port.
    pub port: u16,
    /// The password for this host: the string's, `PGPASSWORD`, or the password file's line that fits.
    pub password: Option<Sourced<Secret>>,
}

impl Host {
    /// Returns whether the host is a Unix socket: a path, or an abstract name behind `@`.
    pub fn is_socket(&self) -> bool {
        self.hostaddr.is_none() && is_socket_path(&self.host)
    }
}

/// Everything libpq would use to connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnInfo {
    /// The hosts in the order in which they are given.
    pub hosts: Vec<Host>,
    /// The user.
    pub user: Sourced<String>,
    /// The database.
    pub dbname: Sourced<String>,
    /// The `sslmode` in force.
    pub sslmode: Sourced<SslMode>,
    /// Every other keyword that someone set, by libpq's name; compiled defaults are left out.
    pub parameters: BTreeMap<String, Sourced<Secret>>,
}

/// Why libpq would refuse to start connecting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolveError {
    /// What is wrong, as a fragment, without any secret.
    pub message: String,
    /// The keyword whose value is at fault.
    pub keyword: Option<String>,
    /// Who set it.
    pub origin: Option<Origin>,
}

/// The values that are set, by keyword.
pub(super) type Settings = BTreeMap<&'static str, Sourced<Secret>>;

/// Resolves a parsed string in its surroundings, as libpq 18 does: the string, then the service,
/// then the `PG*` variables, then the compiled defaults.
pub fn resolve(
    parsed: &Parsed,
    origin: &Origin,
    ambient: &Ambient,
) -> Result<ConnInfo, ResolveError> {
    let mut settings = merge(parsed, origin, ambient)?;
    let lookup = |keyword: &str| settings.get(keyword).map(|value| value.value.expose());
    if let Some((keyword, message)) = problems(&lookup).into_iter().next() {
        return Err(ResolveError {
            message,
            keyword: Some(keyword.to_owned()),
            origin: settings.get(keyword).map(|value| value.origin.clone()),
        });
    }
    let sslmode = sslmode(&settings);
    let user = match filled(&settings, "user") {
        Some(user) => Sourced::new(user.value.expose().to_owned(), user.origin.clone()),
        None => Sourced::new(
            ambient.os_user.clone().ok_or_else(|| ResolveError {
                message: "no user is named, and the operating system's is not known".to_owned(),
                keyword: Some("user".to_owned()),
                origin: None,
            })?,
            Origin::Default,
        ),
    };
    let dbname = match filled(&settings, "dbname") {
        Some(dbname) => Sourced::new(dbname.value.expose().to_owned(), dbname.origin.clone()),
        None => Sourced::new(user.value.clone(), Origin::Default),
    };
    let hosts = hosts(&settings, ambient, &user.value, &dbname.value);
    for keyword in [
        "host", "hostaddr", "port", "user", "dbname", "password", "sslmode",
    ] {
        settings.remove(keyword);
    }
    Ok(ConnInfo {
        hosts,
        user,
        dbname,
        sslmode,
        parameters: settings
            .into_iter()
            .map(|(keyword, value)| (keyword.to_owned(), value))
            .collect(),
    })
}

/// Returns the password file that libpq would read for a string: `passfile`, `PGPASSFILE`, or
/// `~/.pgpass`. Whoever reads it passes it on only if it is a plain file that neither group nor
/// others may read.
pub fn password_file_path(
    parsed: &Parsed,
    origin: &Origin,
    ambient: &Ambient,
) -> Option<Sourced<String>> {
    let settings = merge(parsed, origin, ambient).ok()?;
    match filled(&settings, "passfile") {
        Some(path) => Some(Sourced::new(
            path.value.expose().to_owned(),
            path.origin.clone(),
        )),
        None => ambient
            .home
            .as_ref()
            .map(|home| Sourced::new(format!("{home}/.pgpass"), Origin::Default)),
    }
}

/// Collects what string, service and variables set, each with its origin.
fn merge(parsed: &Parsed, origin: &Origin, ambient: &Ambient) -> Result<Settings, ResolveError> {
    let mut settings = Settings::new();
    for keyword in KEYWORDS {
        if let Some(parameter) = parsed.get(keyword.name) {
            settings.insert(
                keyword.name,
                Sourced::new(parameter.value.clone(), origin.clone()),
            );
        }
    }
    let service = settings
        .get("service")
        .or_else(|| ambient.variables.get("PGSERVICE"));
    if let Some(service) = service.cloned() {
        service_file::fill(&service, ambient, &mut settings)?;
    }
    for keyword in KEYWORDS {
        let variable = keyword
            .variable
            .and_then(|name| ambient.variables.get(name));
        if let Some(value) = variable {
            settings
                .entry(keyword.name)
                .or_insert_with(|| value.clone());
        }
    }
    // A relic that libpq still obeys where nothing else names a mode.
    if let Some(value) = ambient.variables.get("PGREQUIRESSL")
        && value.value.expose().starts_with('1')
    {
        settings
            .entry("sslmode")
            .or_insert_with(|| Sourced::new(Secret::from("require"), value.origin.clone()));
    }
    Ok(settings)
}

/// Returns the mode in force: `sslrootcert=system` alone makes it verify-full.
fn sslmode(settings: &Settings) -> Sourced<SslMode> {
    let set = settings.get("sslmode").and_then(|mode| {
        SslMode::from_keyword(mode.value.expose())
            .map(|value| Sourced::new(value, mode.origin.clone()))
    });
    let system = settings
        .get("sslrootcert")
        .filter(|root| root.value.expose() == "system");
    match (set, system) {
        (Some(mode), _) => mode,
        (None, Some(root)) => Sourced::new(SslMode::VerifyFull, root.origin.clone()),
        (None, None) => Sourced::new(SslMode::Prefer, Origin::Default),
    }
}

/// Pairs hosts, addresses and ports, and finds the password of each host.
fn hosts(settings: &Settings, ambient: &Ambient, user: &str, dbname: &str) -> Vec<Host> {
    let list = |keyword| -> Vec<&str> {
        filled(settings, keyword)
            .map(|value| value.value.expose().split(',').collect())
            .unwrap_or_default()
    };
    let (names, addresses, ports) = (list("host"), list("hostaddr"), list("port"));
    let socket_folder = ambient
        .socket_folder
        .as_deref()
        .unwrap_or(DEFAULT_SOCKET_FOLDER);
    (0..names.len().max(addresses.len()).max(1))
        .map(|index| {
            let some = |text: &&&str| !text.is_empty();
            let hostaddr = addresses.get(index).filter(some).map(ToString::to_string);
            let name = names.get(index).filter(some).copied();
            let host = match (name, &hostaddr) {
                (Some(name), _) => name.to_owned(),
                (None, Some(_)) => String::new(),
                (None, None) => socket_folder.to_owned(),
            };
            let port = match ports.as_slice() {
                [only] => only,
                many => many.get(index).copied().unwrap_or_default(),
            };
            let lookup = password_file::Lookup {
                host: name.or(hostaddr.as_deref()).unwrap_or_default(),
                socket_folder,
                port: if port.is_empty() { "5432" } else { port },
                dbname,
                user,
            };
            let password = match filled(settings, "password") {
                Some(password) => Some(password.clone()),
                None => password_file::find(ambient.password_file.as_ref(), &lookup),
            };
            // `problems` has checked every port that is not empty.
            let port = integer(port).and_then(|port| u16::try_from(port).ok());
            Host {
                host,
                hostaddr,
                port: port.unwrap_or(5432),
                password,
            }
        })
        .collect()
}

/// Returns a value that is set and not empty.
fn filled<'a>(settings: &'a Settings, keyword: &str) -> Option<&'a Sourced<Secret>> {
    settings
        .get(keyword)
        .filter(|value| !value.value.is_empty())
}

pub(super) fn is_socket_path(host: &str) -> bool {
    host.starts_with('/') || host.starts_with('@')
}
