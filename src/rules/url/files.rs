//! The files that a driver reads because its string names them: whether they are there.

use crate::conninfo::Parsed;
use crate::driver::{Driver, Without};
use crate::facts::{DatabaseUrl, Missing, Reader};

/// Returns a file that a driver reads and that is not on this machine, with what is then missing;
/// `None` also where the string is read on another machine.
pub(super) fn absent_file(url: &DatabaseUrl, reader: &Reader) -> Option<(Without, Missing)> {
    let absent = url.absent_files.as_ref()?;
    let file = reader
        .prediction
        .files
        .iter()
        .find(|file| absent.contains(&file.path))?;
    let then = match file.without {
        Without::Refuses => "does not connect",
        Without::VerifiesNothing => "verifies nothing",
    };
    let missing = Missing::new(format!(
        "the file {} ({}), which is not on this machine, and without which {} {then}",
        file.path, file.parameter, reader.driver
    ));
    Some((file.without, missing))
}

/// Adds to a sentence the files on which it depends, where there are any.
pub(super) fn with_files(sentence: String, reader: &Reader) -> String {
    let files: Vec<_> = reader
        .prediction
        .files
        .iter()
        .map(|file| format!("{} ({})", file.path, file.parameter))
        .collect();
    if files.is_empty() {
        return sentence;
    }
    format!(
        "{sentence}, and reads {} where it connects",
        files.join(", ")
    )
}

/// Returns whether a string, or a variable beside it, names a service, which its driver looks up in a
/// file.
pub(super) fn names_service(parts: &Parsed, url: &DatabaseUrl, driver: &Driver) -> bool {
    driver.kind.is_libpq()
        && (parts.get("service").is_some() || url.variables.names().any(|one| one == "PGSERVICE"))
}
