//! The password file (`~/.pgpass`), as libpq's `passwordFromFile` reads it.

use super::resolve::{DEFAULT_SOCKET_FOLDER, Host, is_socket_path};
use crate::value::{Origin, Secret, Sourced};

/// Whose password is looked for.
pub(super) struct Lookup<'a> {
    /// The host's name, else its address.
    pub(super) host: &'a str,
    /// The socket folder that is compiled in: it goes by the name of `localhost`.
    pub(super) socket_folder: &'a str,
    /// The port.
    pub(super) port: &'a str,
    /// The database.
    pub(super) dbname: &'a str,
    /// The user.
    pub(super) user: &'a str,
}

/// Returns the password of the first line that fits.
pub(super) fn find(
    file: Option<&(String, Secret)>,
    lookup: &Lookup<'_>,
) -> Option<Sourced<Secret>> {
    let (path, text) = file?;
    let host = lookup.host;
    let is_default_socket = is_socket_path(host) && host == lookup.socket_folder;
    let host = if host.is_empty() || is_default_socket {
        "localhost"
    } else {
        host
    };
    text.expose()
        .split('\n')
        .enumerate()
        .find_map(|(index, line)| {
            let line = line.trim_end_matches('\r');
            if line.starts_with('#') {
                return None;
            }
            let password = [host, lookup.port, lookup.dbname, lookup.user]
                .iter()
                .try_fold(line, |rest, wanted| behind_match(rest, wanted))?;
            let column = line[..line.len() - password.len()].chars().count() + 1;
            Some(Sourced::new(
                Secret::new(unescaped(password)),
                Origin::file(
                    path.as_str(),
                    u32::try_from(index + 1).unwrap_or(u32::MAX),
                    u32::try_from(column).unwrap_or(u32::MAX),
                ),
            ))
        })
}

/// Returns whether a password file has a line for a host, so that it would have been used.
pub fn password_file_fits(text: &str, host: &Host, user: &str, dbname: &str) -> bool {
    let name = if host.host.is_empty() {
        host.hostaddr.as_deref().unwrap_or_default()
    } else {
        &host.host
    };
    let lookup = Lookup {
        host: name,
        socket_folder: DEFAULT_SOCKET_FOLDER,
        port: &host.port.to_string(),
        dbname,
        user,
    };
    find(
        Some(&(String::new(), Secret::new(text.to_owned()))),
        &lookup,
    )
    .is_some()
}

/// Returns what follows a field that fits, behind its `:`.
///
/// `*` fits everything, but only as the whole field; `\` takes the next character as it is.
fn behind_match<'a>(line: &'a str, wanted: &str) -> Option<&'a str> {
    if let Some(rest) = line.strip_prefix("*:") {
        return Some(rest);
    }
    let mut rest = line;
    for character in wanted.chars() {
        // Only a colon behind the whole text ends the field: `::1` fits without an escape.
        let escaped = rest.strip_prefix('\\');
        rest = escaped.unwrap_or(rest).strip_prefix(character)?;
    }
    rest.strip_prefix(':')
}

/// Takes the escapes out of the last field, which ends at an unescaped colon.
fn unescaped(field: &str) -> String {
    let mut text = String::new();
    let mut characters = field.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            ':' => break,
            '\\' => text.push(characters.next().unwrap_or('\\')),
            other => text.push(other),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Lookup, find};
    use crate::value::{Origin, Secret};

    fn password(text: &str) -> Option<(String, u32, u32)> {
        let lookup = Lookup {
            host: "h",
            socket_folder: "/run",
            port: "5432",
            dbname: "db",
            user: "a:b",
        };
        let found = find(Some(&("f".to_owned(), Secret::new(text))), &lookup)?;
        let Origin::File { line, column, .. } = found.origin else {
            return None;
        };
        Some((found.value.expose().to_owned(), line, column))
    }

    #[test]
    fn the_first_line_that_fits_counts() {
        let text =
            "# h:5432:db:a\\:b:no\nother:*:*:*:no\nh:5432:*:a\\:b:p\\:w\\\\:x\n*:*:*:*:later";
        assert_eq!(password(text), Some(("p:w\\".to_owned(), 3, 15)));
    }

    #[test]
    fn a_star_is_a_whole_field_or_nothing() {
        assert_eq!(password("h*:5432:db:*:p"), None);
        assert_eq!(password("*:*:*:*:p\r\n"), Some(("p".to_owned(), 1, 9)));
        assert_eq!(password("h:5432:db:a:b:p"), Some(("p".to_owned(), 1, 15)));
        assert_eq!(password("h:5432:db"), None);
    }
}
