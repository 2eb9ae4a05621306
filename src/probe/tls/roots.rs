//! The roots that are trusted: a file's, or the system's.

use std::cell::{OnceCell, RefCell};
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, TrustAnchor};

use super::certificate::Fields;

/// The most that is read of a file with certificates.
const MOST: u64 = 8 * 1024 * 1024;

/// Roots that are trusted.
#[derive(Debug, Default)]
pub(super) struct Roots {
    /// `system`, or the file's path.
    pub name: String,
    /// The certificates.
    pub certificates: Vec<CertificateDer<'static>>,
    /// The same, as webpki wants them.
    pub anchors: Vec<TrustAnchor<'static>>,
}

/// Why a file gives no certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unread {
    /// There is no such file.
    Missing,
    /// It is no PEM.
    Bad,
    /// It is empty of certificates.
    Empty,
}

impl Roots {
    fn new(name: String, certificates: Vec<CertificateDer<'static>>) -> Self {
        let anchors = certificates
            .iter()
            .filter_map(|der| webpki::anchor_from_trusted_cert(der).ok())
            .map(|anchor| anchor.to_owned())
            .collect();
        Self {
            name,
            certificates,
            anchors,
        }
    }

    /// Reads a file of certificates.
    pub(super) fn read(path: &Path) -> Result<Self, Unread> {
        let certificates = certificates(path)?;
        let roots = Self::new(path.display().to_string(), certificates);
        // OpenSSL refuses a file for one certificate that cannot be read.
        let all_anchors = roots.anchors.len() == roots.certificates.len();
        let is_read = |der: &CertificateDer<'_>| Fields::read(der).is_some();
        if all_anchors || roots.certificates.iter().all(is_read) {
            Ok(roots)
        } else {
            Err(Unread::Bad)
        }
    }

    fn system() -> Self {
        let found = rustls_native_certs::load_native_certs();
        Self::new("system".to_owned(), found.certs)
    }
}

/// Reads the certificates of a PEM file.
pub(super) fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Unread> {
    let text = read(path)?;
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(&text)
        .collect::<Result<_, _>>()
        .map_err(|_| Unread::Bad)?;
    if certificates.is_empty() {
        let blank = text.iter().all(u8::is_ascii_whitespace);
        return Err(if blank { Unread::Empty } else { Unread::Bad });
    }
    Ok(certificates)
}

/// Reads a regular file of a sane size.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Unread> {
    let about = std::fs::metadata(path).map_err(|_| Unread::Missing)?;
    if !about.is_file() || about.len() > MOST {
        return Err(Unread::Bad);
    }
    std::fs::read(path).map_err(|_| Unread::Bad)
}

/// The system's roots, read by a thread of their own while the server is thinking.
#[derive(Debug, Default)]
pub(in crate::probe) struct SystemRoots {
    thread: RefCell<Option<JoinHandle<Roots>>>,
    read: OnceCell<Arc<Roots>>,
}

impl SystemRoots {
    /// Starts reading, once.
    pub(super) fn start(&self) {
        if self.read.get().is_none() && self.thread.borrow().is_none() {
            *self.thread.borrow_mut() = std::thread::Builder::new().spawn(Roots::system).ok();
        }
    }

    /// Waits for the roots.
    pub(super) fn wait(&self) -> Arc<Roots> {
        self.start();
        let read = || {
            let thread = self.thread.borrow_mut().take();
            let roots = thread.and_then(|thread| thread.join().ok());
            Arc::new(roots.unwrap_or_else(|| Roots::new("system".to_owned(), Vec::new())))
        };
        Arc::clone(self.read.get_or_init(read))
    }
}
