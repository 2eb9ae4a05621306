//! What a connection string comes to once `PG*` variables, service file, password file and libpq's
//! defaults have filled what it leaves out.

use std::collections::BTreeMap;

use super::Parsed;
use crate::value::{Origin, Secret, Sourced};

/// What surrounds the connection string on the machine that reads it.
#[derive(Clone, Debug, Default)]
pub struct Ambient {
    /// The `PG*` variables.
    pub variables: BTreeMap<String, Sourced<Secret>>,
    /// The service file's path and text, where there is one.
    pub service_file: Option<(String, String)>,
    /// The password file's path and text, where there is one that libpq would use.
    pub password_file: Option<(String, Secret)>,
    /// The operating system's user name.
    pub os_user: Option<String>,
    /// The home folder, for `~/.postgresql`.
    pub home: Option<String>,
}

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

/// One host to try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// The name, address or socket directory.
    pub host: String,
    /// The address to dial instead of looking the name up (`hostaddr`).
    pub hostaddr: Option<String>,
    /// The port.
    pub port: u16,
    /// The password for this host: the string's, `PGPASSWORD`, or the password file's line that fits.
    pub password: Option<Sourced<Secret>>,
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
    /// Every other keyword that is set, by libpq's name.
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

/// Resolves a parsed string in its surroundings.
pub fn resolve(
    parsed: &Parsed,
    origin: &Origin,
    ambient: &Ambient,
) -> Result<ConnInfo, ResolveError> {
    let _ = (parsed, origin, ambient);
    Err(ResolveError {
        message: String::new(),
        keyword: None,
        origin: None,
    })
}
