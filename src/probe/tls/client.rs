//! The certificate of our own, with its key held to libpq's rules.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustls::client::ResolvesClientCert;
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::sign::CertifiedKey;
use rustls::{InconsistentKeys, SignatureScheme};

use super::roots::{self, Unread};
use crate::facts::StageName;
use crate::probe::diagnose::Broken;

/// A certificate of our own with its key.
pub(super) type Identity = Arc<CertifiedKey>;

/// Reads the certificate and key that the string or the home folder gives.
pub(super) fn identity(
    mode: Option<&str>,
    certificate: Option<&str>,
    key: Option<&str>,
    home: Option<&Path>,
) -> Result<Option<Identity>, Broken> {
    if mode == Some("disable") {
        return Ok(None);
    }
    let at = |given: Option<&str>, default: &str| {
        given
            .map(PathBuf::from)
            .or_else(|| home.map(|home| home.join(".postgresql").join(default)))
    };
    let Some(certificate) = at(certificate, "postgresql.crt") else {
        return Ok(None);
    };
    let chain = match roots::certificates(&certificate) {
        Ok(chain) => chain,
        // As libpq: without the file there is no certificate, and the server may not ask for one.
        Err(Unread::Missing) => return Ok(None),
        Err(Unread::Bad | Unread::Empty) => {
            return Err(unusable(
                "clientkey-mismatch",
                &certificate,
                "holds no certificate that can be read",
            ));
        }
    };
    let missing = || {
        unusable(
            "clientkey-missing",
            &certificate,
            "is a certificate whose private key file does not exist",
        )
    };
    let path = at(key, "postgresql.key").ok_or_else(missing)?;
    allowed(&path, missing)?;
    let text = roots::read(&path).map_err(|_| missing())?;
    let key = private_key(&path, &text)?;
    let key = CertifiedKey::new(chain, key);
    if let Err(rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) = key.keys_match() {
        return Err(mismatch(&path));
    }
    Ok(Some(Arc::new(key)))
}

fn private_key(path: &Path, text: &[u8]) -> Result<Arc<dyn rustls::sign::SigningKey>, Broken> {
    let encrypted = |needle: &[u8]| text.windows(needle.len()).any(|w| w == needle);
    if encrypted(b"BEGIN ENCRYPTED PRIVATE KEY") || encrypted(b"Proc-Type: 4,ENCRYPTED") {
        return Err(unusable(
            "clientkey-enc",
            path,
            "is locked with a passphrase",
        ));
    }
    PrivateKeyDer::from_pem_slice(text)
        .ok()
        .and_then(|key| any_supported_type(&key).ok())
        .ok_or_else(|| mismatch(path))
}

fn mismatch(path: &Path) -> Broken {
    unusable(
        "clientkey-mismatch",
        path,
        "is not the key of the client certificate",
    )
}

/// Holds the key file to libpq's rules: a regular file that others cannot read.
fn allowed(path: &Path, missing: impl Fn() -> Broken) -> Result<(), Broken> {
    let about = std::fs::metadata(path).map_err(|_| missing())?;
    if !about.is_file() {
        return Err(unusable("clientkey-dir", path, "is not a regular file"));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        // A key that root owns may be read by its group, as libpq allows.
        let forbidden = if about.uid() == 0 && !rustix::process::geteuid().is_root() {
            0o027
        } else {
            0o077
        };
        if about.mode() & forbidden != 0 && !(about.uid() == 0 && about.mode() & 0o027 == 0) {
            return Err(unusable("clientkey-mode", path, "can be read by others"));
        }
    }
    Ok(())
}

fn unusable(cause: &'static str, path: &Path, what: &str) -> Broken {
    Broken::known(StageName::Tls, cause, format!("{} {what}", path.display()))
}

/// Presents our certificate, and notes that the server asked for one.
#[derive(Debug)]
pub(super) struct Presenter {
    /// What is presented.
    pub identity: Option<Identity>,
    /// Whether the server asked.
    pub asked: AtomicBool,
}

impl ResolvesClientCert for Presenter {
    fn resolve(
        &self,
        _root_hint_subjects: &[&[u8]],
        _sigschemes: &[SignatureScheme],
    ) -> Option<Arc<CertifiedKey>> {
        self.asked.store(true, Ordering::Relaxed);
        self.identity.clone()
    }

    fn has_certs(&self) -> bool {
        true
    }
}
