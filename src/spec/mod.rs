//! What must hold: the built-in profiles, `dbharden.toml`, and waivers.
//!
//! Pure: texts are handed in.

/// How bad a failure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// A risk.
    Warning,
    /// Breaks, leaks or cannot work.
    Error,
}
