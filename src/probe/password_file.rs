//! The password file that libpq leaves aside, where the server asked for a password in vain.

use std::path::PathBuf;

use super::attempt::Target;
use super::diagnose::Broken;
use crate::conninfo::password_file_fits;
use crate::facts::StageName;

/// More than this is no password file.
const MOST: u64 = 1024 * 1024;

/// Says that a password was there and was not used: its file may be read by others.
pub(super) fn left_aside(target: &Target<'_>) -> Option<Broken> {
    let path = match target.parameter("passfile") {
        Some(path) => PathBuf::from(path),
        None => target.request.home.as_ref()?.join(".pgpass"),
    };
    let about = path.metadata().ok()?;
    if !about.is_file() || about.len() > MOST || !is_open_to_others(&about) {
        return None;
    }
    let text = std::fs::read_to_string(&path).ok()?;
    let conninfo = &target.request.conninfo;
    let (user, dbname) = (&conninfo.user.value, &conninfo.dbname.value);
    password_file_fits(&text, target.host, user, dbname).then(|| {
        Broken::known(
            StageName::Auth,
            "pgpass-perms",
            format!(
                "the server asks for a password; the one in {} is not used, as group or others \
                 may read the file",
                path.display()
            ),
        )
    })
}

#[cfg(unix)]
fn is_open_to_others(about: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    about.permissions().mode() & 0o077 != 0
}

#[cfg(not(unix))]
fn is_open_to_others(_about: &std::fs::Metadata) -> bool {
    false
}
