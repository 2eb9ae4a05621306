//! The files that say what git ignores: a walk opens each of them, so they must be plain ones.

use std::path::Path;

/// The largest such file that is read.
const MAX_BYTES: u64 = 1 << 20;

/// Returns the name of a file of a folder that says what git ignores and cannot be read: a pipe
/// would never end, nor would a link to a device.
pub(super) fn unreadable_rules(folder: &Path) -> Option<&'static str> {
    [".gitignore", ".ignore", ".git/info/exclude"]
        .into_iter()
        .find(|name| {
            folder
                .join(name)
                .metadata()
                .is_ok_and(|found| !found.is_file() || found.len() > MAX_BYTES)
        })
}
