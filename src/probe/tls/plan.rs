//! What the string demands of TLS: which checks, which roots, which identity of our own.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::CertificateRevocationListDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ProtocolVersion, SupportedProtocolVersion};

use super::client::{self, Identity};
use super::problem::Problem;
use super::revocation::List;
use super::roots::{self, Roots, Unread};
use super::verifier::Demand;
use crate::conninfo::{ConnInfo, Host, SslMode};
use crate::facts::Observation;
use crate::probe::diagnose::{Broken, tls as cause};

/// More entries of a folder are not looked at.
const MOST_LISTS: usize = 1000;

/// What the string demands of TLS.
#[derive(Debug)]
pub(in crate::probe) struct Plan {
    /// What is checked before the stream is used.
    pub demand: Demand,
    /// The roots that the string names; `None`: nothing is checked, the system's are for the report.
    pub(super) roots: Option<Arc<Roots>>,
    /// Whether the system's roots are the ones that are demanded.
    pub(super) system: bool,
    /// The host that the certificate must name; empty where only an address is given.
    pub(super) host: String,
    /// Whether the host's name is told in the handshake.
    pub(super) sni: bool,
    /// Whether TLS begins without Postgres' own request.
    pub direct: bool,
    /// The versions that may be spoken.
    pub(super) versions: Vec<&'static SupportedProtocolVersion>,
    /// The certificate of our own.
    pub(super) identity: Option<Identity>,
    /// The revocation lists.
    pub(super) revoked: Arc<Vec<List>>,
    /// What is given and silently not used.
    pub observations: Vec<Observation>,
    /// The mode that verifies only since `~/.postgresql/root.crt` exists.
    verifies_by_default: Option<SslMode>,
}

impl Plan {
    /// A plan that demands nothing and presents nothing: to see what answers.
    pub(in crate::probe) fn without_demand(host: &Host) -> Self {
        Self {
            demand: Demand::Nothing,
            roots: None,
            system: false,
            host: host.host.clone(),
            sni: true,
            direct: false,
            versions: versions(None, None),
            identity: None,
            revoked: Arc::default(),
            observations: Vec::new(),
            verifies_by_default: None,
        }
    }

    /// The same, without Postgres' own request.
    pub(in crate::probe) fn direct_without_demand(host: &Host) -> Self {
        Self {
            direct: true,
            ..Self::without_demand(host)
        }
    }

    /// Returns whether the string itself keeps TLS 1.3 out.
    pub(in crate::probe) fn stops_below_13(&self) -> bool {
        let tls13 = |v: &&&SupportedProtocolVersion| v.version == ProtocolVersion::TLSv1_3;
        self.versions.iter().find(tls13).is_none()
    }

    /// Says what a refusal of the certificate comes from: not from the certificate where nothing but
    /// a file that lies around asked for the check.
    pub(super) fn explain(&self, problem: Problem) -> Problem {
        let untrusted = [
            "tls-unknown-ca",
            "tls-self-signed",
            "tls-missing-intermediate",
        ];
        match self.verifies_by_default {
            Some(mode) if untrusted.contains(&problem.cause) => Problem::new(
                "require-is-verify-ca",
                format!(
                    "~/.postgresql/root.crt exists, so that sslmode={} verifies by it: {}",
                    mode.keyword(),
                    problem.message
                ),
            ),
            _ => problem,
        }
    }

    /// Returns whether a certificate of our own is presented.
    pub(in crate::probe) fn presents(&self) -> bool {
        self.identity.is_some()
    }
}

/// Reads what the string demands; the files it names are read here.
pub(in crate::probe) fn plan(
    conninfo: &ConnInfo,
    host: &Host,
    home: Option<&Path>,
) -> Result<Plan, Broken> {
    let parameter = |name: &str| {
        let found = conninfo.parameters.get(name).map(|p| p.value.expose());
        found.filter(|value| !value.is_empty())
    };
    let mode = conninfo.sslmode.value;
    let mut observations = Vec::new();
    let system = parameter("sslrootcert") == Some("system");
    let file = parameter("sslrootcert").filter(|_| !system);
    let roots = if system {
        None
    } else {
        roots_file(mode, file, home, &mut observations)?
    };
    let demand = match (mode, system || roots.is_some()) {
        (SslMode::VerifyFull, _) => Demand::ChainAndHost,
        (SslMode::VerifyCa, _) | (_, true) => Demand::Chain,
        (_, false) => Demand::Nothing,
    };
    let by_default = file.is_none() && roots.is_some() && mode < SslMode::VerifyCa;
    let (list, folder) = (parameter("sslcrl"), parameter("sslcrldir"));
    let revoked = if roots.is_some() {
        revocations(list, folder, home, &mut observations)
    } else {
        // libpq reads none where it has no file of roots, be it that it has the system's.
        if system && (list.is_some() || folder.is_some()) {
            observations.push(Observation {
                cause: "tls-crl-missing",
                message: "a revocation list is given and not read, as sslrootcert is system"
                    .to_owned(),
            });
        }
        Vec::new()
    };
    Ok(Plan {
        demand,
        roots: roots.map(Arc::new),
        system,
        host: host.host.clone(),
        sni: parameter("sslsni") != Some("0"),
        direct: parameter("sslnegotiation") == Some("direct"),
        versions: versions(
            parameter("ssl_min_protocol_version"),
            parameter("ssl_max_protocol_version"),
        ),
        identity: client::identity(
            parameter("sslcertmode"),
            parameter("sslcert"),
            parameter("sslkey"),
            home,
        )?,
        revoked: Arc::new(revoked),
        observations,
        verifies_by_default: by_default.then_some(mode),
    })
}

fn roots_file(
    mode: SslMode,
    file: Option<&str>,
    home: Option<&Path>,
    observations: &mut Vec<Observation>,
) -> Result<Option<Roots>, Broken> {
    let default = home.map(|home| home.join(".postgresql/root.crt"));
    let Some(path) = file.map(PathBuf::from).or(default) else {
        return if mode >= SslMode::VerifyCa {
            Err(cause::no_default_roots())
        } else {
            Ok(None)
        };
    };
    let shown = path.display().to_string();
    match Roots::read(&path) {
        Ok(roots) => Ok(Some(roots)),
        Err(Unread::Missing) if mode >= SslMode::VerifyCa && file.is_some() => {
            Err(cause::roots_missing(&shown))
        }
        Err(Unread::Missing) if mode >= SslMode::VerifyCa => Err(cause::no_default_roots()),
        Err(Unread::Missing) => {
            if file.is_some() {
                observations.push(Observation {
                    cause: "rootcert-missing",
                    message: format!("sslrootcert {shown} does not exist, so nothing is verified"),
                });
            }
            Ok(None)
        }
        Err(Unread::Bad) => Err(cause::roots_unusable("rootcert-bad", &shown)),
        Err(Unread::Empty) => Err(cause::roots_unusable("rootcert-empty", &shown)),
    }
}

/// Reads the revocation lists that the string or the home folder gives. What is given and cannot be
/// used is left aside, as libpq does, and said.
fn revocations(
    list: Option<&str>,
    folder: Option<&str>,
    home: Option<&Path>,
    observations: &mut Vec<Observation>,
) -> Vec<List> {
    let mut all = Vec::new();
    let mut take = |name: &str, path: &Path, read: Result<Vec<_>, Unread>| match read {
        Ok(lists) => all.extend(lists),
        Err(unread) => {
            let (cause, why) = match unread {
                Unread::Missing => ("tls-crl-missing", "does not exist"),
                Unread::Bad | Unread::Empty => ("tls-crl-bad", "holds no usable revocation list"),
            };
            observations.push(Observation {
                cause,
                message: format!(
                    "{name} {} {why}, so nothing is checked for revocation by it",
                    path.display()
                ),
            });
        }
    };
    if let Some(path) = list.map(Path::new) {
        take("sslcrl", path, lists_in(path));
    }
    if let Some(path) = folder.map(Path::new) {
        take("sslcrldir", path, lists_below(path));
    }
    let default = home.map(|home| home.join(".postgresql/root.crl"));
    if let (None, None, Some(path)) = (list, folder, default) {
        all.extend(lists_in(&path).unwrap_or_default());
    }
    all
}

/// Reads the lists of a file.
fn lists_in(path: &Path) -> Result<Vec<List>, Unread> {
    let text = roots::read(path)?;
    let lists: Option<Vec<_>> = CertificateRevocationListDer::pem_slice_iter(&text)
        .map(|der| List::read(der.ok()?.as_ref()))
        .collect();
    lists.filter(|lists| !lists.is_empty()).ok_or(Unread::Bad)
}

/// Reads the lists of a folder that OpenSSL would find there: `c_rehash` names them `….r0`.
fn lists_below(folder: &Path) -> Result<Vec<List>, Unread> {
    let entries = std::fs::read_dir(folder).map_err(|_| Unread::Missing)?;
    let mut all = Vec::new();
    for entry in entries.flatten().take(MOST_LISTS) {
        let name = entry.file_name();
        let number = name.to_str().and_then(|name| name.rsplit_once(".r"));
        if number.is_some_and(|(_, number)| number.parse::<u8>().is_ok()) {
            all.extend(lists_in(&entry.path()).unwrap_or_default());
        }
    }
    if all.is_empty() {
        return Err(Unread::Empty);
    }
    Ok(all)
}

fn versions(min: Option<&str>, max: Option<&str>) -> Vec<&'static SupportedProtocolVersion> {
    let rank = |text: &str| match text.to_ascii_lowercase().as_str() {
        "tlsv1.3" => 3,
        _ => 2,
    };
    let (min, max) = (min.map_or(2, rank), max.map_or(3, rank));
    let mut versions = Vec::new();
    if max >= 3 {
        versions.push(&rustls::version::TLS13);
    }
    if min <= 2 {
        versions.push(&rustls::version::TLS12);
    }
    versions
}
