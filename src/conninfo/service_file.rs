//! The connection service file, as libpq's `parseServiceFile` reads it.

use super::keywords;
use super::resolve::{Ambient, ResolveError, Settings};
use crate::value::{Origin, Secret, Sourced};

/// Fills what the string leaves out from the service's section; the first file that has the
/// section counts.
pub(super) fn fill(
    service: &Sourced<Secret>,
    ambient: &Ambient,
    settings: &mut Settings,
) -> Result<(), ResolveError> {
    // A file that is named but not there ends the search, as in libpq.
    if let Some(named) = ambient.variables.get("PGSERVICEFILE")
        && ambient.service_file.is_none()
    {
        return Err(ResolveError {
            message: "the service file does not exist".to_owned(),
            keyword: Some("service".to_owned()),
            origin: Some(named.origin.clone()),
        });
    }
    for (path, text) in [&ambient.service_file, &ambient.system_service_file]
        .into_iter()
        .flatten()
    {
        if section(service.value.expose(), path, text, settings)? {
            return Ok(());
        }
    }
    Err(ResolveError {
        message: "no service file defines the service".to_owned(),
        keyword: Some("service".to_owned()),
        origin: Some(service.origin.clone()),
    })
}

/// Returns what a service's section sets, by keyword; `None` where no file has the section. The files
/// are given by path and text, in the order in which libpq reads them.
pub fn service<'a>(
    name: &str,
    files: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<Option<Vec<(&'static str, Secret)>>, ResolveError> {
    let mut settings = Settings::new();
    for (path, text) in files {
        if section(name, path, text, &mut settings)? {
            let pairs = settings
                .into_iter()
                .map(|(keyword, set)| (keyword, set.value));
            return Ok(Some(pairs.collect()));
        }
    }
    Ok(None)
}

/// Reads one section; returns whether the file has it.
fn section(
    service: &str,
    path: &str,
    text: &str,
    settings: &mut Settings,
) -> Result<bool, ResolveError> {
    let heading = format!("[{service}]");
    let mut found = false;
    for (index, raw) in text.split('\n').enumerate() {
        let line = raw.trim_matches(is_blank);
        let at = |offset: usize| {
            let column = raw[..offset].chars().count() + 1;
            let line = u32::try_from(index + 1).unwrap_or(u32::MAX);
            Origin::file(path, line, u32::try_from(column).unwrap_or(u32::MAX))
        };
        let indent = raw.len() - raw.trim_start_matches(is_blank).len();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if line.starts_with('[') {
            if found {
                break;
            }
            found = line.starts_with(&heading);
            continue;
        }
        if !found {
            continue;
        }
        let fault = |message: &str| ResolveError {
            message: message.to_owned(),
            keyword: Some("service".to_owned()),
            origin: Some(at(indent)),
        };
        if line.starts_with("ldap") {
            return Err(fault(
                "the service is looked up by LDAP, which is not done here",
            ));
        }
        let Some((key, value)) = line.split_once('=') else {
            return Err(fault("a line of the service file has no `=`"));
        };
        if key == "service" {
            return Err(fault("a service may not name another one"));
        }
        let Some(keyword) = keywords::find(key) else {
            return Err(fault("a line of the service file has an unknown keyword"));
        };
        settings
            .entry(keyword.name)
            .or_insert_with(|| Sourced::new(Secret::new(value), at(indent + key.len() + 1)));
    }
    Ok(found)
}

/// C's `isspace`.
fn is_blank(character: char) -> bool {
    character.is_ascii_whitespace() || character == '\x0B'
}
