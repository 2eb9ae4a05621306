//! What each hosting provider promises: one `static` per file, each number with source and date.

/// How sure a fact is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// Read in the provider's documentation or source.
    High,
    /// Official but old, or a sample of a third party.
    Medium,
    /// General knowledge: never makes an error.
    Low,
}

/// A hosting provider.
#[derive(Debug)]
pub struct Provider {
    /// `neon`, `render`, …
    pub id: &'static str,
    /// The name that people use.
    pub name: &'static str,
}

/// A host that was recognised.
#[derive(Clone, Copy, Debug)]
pub struct Detected {
    /// Whose it is.
    pub provider: &'static Provider,
    /// Whether a pooler answers there; `None` where the host does not tell.
    pub pooled: Option<bool>,
    /// Whether the host is reachable from the provider's own network alone.
    pub internal: bool,
}

/// Recognises a provider by its host (and port, where that is what tells).
pub fn detect(host: &str, port: Option<u16>) -> Option<Detected> {
    let _ = (host, port);
    None
}

/// Returns whether a host is local or private: a socket folder, loopback, RFC 1918 or unique-local
/// address, a single label, `.internal`, `.local`, `.flycast`, or a provider's internal form.
pub fn is_local_or_private(host: &str) -> bool {
    let _ = host;
    false
}
impl Provider {
    #[allow(missing_docs)]
    pub fn ports(&self) -> &'static [u16] {
        &[]
    }
}
#[allow(missing_docs)]
impl Detected {
    pub fn user_problem(&self, user: &str) -> Option<(&'static str, &'static str)> {
        let _ = user;
        None
    }
    pub fn unverifiable(&self) -> Option<&'static str> {
        None
    }
    pub fn verify_advice(&self) -> Option<&'static str> {
        None
    }
}
