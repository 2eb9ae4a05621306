//! Rewrites a connection string for another driver, with at least the same TLS policy.
//!
//! A string is first read into an [`intent::Intent`], by its driver's own grammar where the driver
//! takes it and leniently where it does not; then the intent is written as the other driver reads
//! it. What a string cannot say becomes code; what the driver cannot do is named as lost.

mod code;
mod intent;
mod lenient;
mod url;
mod write;
mod write_node_and_rust;
mod write_python;

use super::{Driver, Kind};
use crate::value::Secret;

/// A connection string in another driver's spelling.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Translation {
    /// The string.
    pub url: Secret,
    /// The code to add where a string cannot say it: Python statements that set `connect_args`, a
    /// JavaScript object of options, or a sentence about the Rust code.
    pub connect_args: Option<String>,
    /// What could not be carried over, each with its reason. Holds no values.
    pub lost: Vec<String>,
    /// What is carried over but behaves otherwise.
    pub warnings: Vec<String>,
}

/// Why a text cannot be translated: it names no host, user or database in any reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAConnectionString;

impl std::fmt::Display for NotAConnectionString {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("it names no host, user or database")
    }
}

impl std::error::Error for NotAConnectionString {}

/// Rewrites a string for a driver. Without `from`, the scheme says who reads it now: SQLAlchemy's
/// dialect, or else libpq.
pub fn translate(
    text: &str,
    from: Option<&Driver>,
    to: &Driver,
) -> Result<Translation, NotAConnectionString> {
    let guessed = Driver::of_scheme(text).unwrap_or(Driver::newest(Kind::Libpq));
    let intent = intent::read(from.unwrap_or(&guessed), text).ok_or(NotAConnectionString)?;
    Ok(write::write(&intent, to))
}

/// Returns the corrected string in a driver's own spelling; `None` where nothing can be made of it.
pub fn fix(text: &str, driver: &Driver) -> Option<Secret> {
    let intent = intent::read(driver, text)?;
    Some(write::write(&intent, driver).url)
}

#[cfg(test)]
mod tests;
