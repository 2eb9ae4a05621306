//! Which files git tracks, read from the repository's index.
//!
//! Reads the index itself instead of running `git`: a repository's configuration may name programs
//! that git would run, and git may not be installed. Format: git's `index-format` documentation,
//! versions 2 to 4, SHA-1 and SHA-256.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::file;
use crate::facts::Tracked;

/// The most bytes of an index that are read: some 500,000 files.
const MAX_INDEX_BYTES: u64 = 64 << 20;

/// Says which of a project's files git tracks.
///
/// `root` is the project's real path; the repository may begin above it. `paths` are relative to it.
pub fn tracked<'a>(root: &Path, paths: impl IntoIterator<Item = &'a str>) -> Tracked {
    let Some((top, folder)) = root
        .ancestors()
        .find_map(|top| Some((top, git_folder(top)?)))
    else {
        return Tracked::NoRepository;
    };
    let prefix = match root.strip_prefix(top) {
        Ok(prefix) if prefix.as_os_str().is_empty() => String::new(),
        Ok(prefix) => format!("{}/", prefix.display()),
        Err(_) => return Tracked::NoRepository,
    };
    let index = folder.join("index");
    if !index.exists() {
        return Tracked::Files(BTreeSet::new());
    }
    let bytes = match file::bytes(&index, MAX_INDEX_BYTES) {
        Ok(bytes) => bytes,
        Err(error) => return Tracked::Unknown(format!("git's index {error}")),
    };
    let wanted: BTreeSet<&str> = paths.into_iter().collect();
    let mut files = BTreeSet::new();
    let read = each_name(&bytes, hash_length(&folder), |name| {
        let below = std::str::from_utf8(name)
            .ok()
            .and_then(|name| name.strip_prefix(&prefix));
        if let Some(path) = below.filter(|path| wanted.contains(path)) {
            files.insert(path.to_owned());
        }
    });
    match read {
        Some(()) => Tracked::Files(files),
        None => Tracked::Unknown("git's index is in a form that is not known here".to_owned()),
    }
}

/// Returns a folder's git folder: `.git`, or where the file `.git` of a worktree points.
fn git_folder(top: &Path) -> Option<PathBuf> {
    let path = top.join(".git");
    if path.is_dir() {
        return path.join("HEAD").exists().then_some(path);
    }
    let text = file::read_text(&path).ok()?;
    let target = text.strip_prefix("gitdir:")?.trim();
    let folder = top.join(target);
    folder.join("HEAD").exists().then_some(folder)
}

/// Returns the length of the repository's hashes, which stand in each entry.
fn hash_length(folder: &Path) -> usize {
    let shared = file::read_text(&folder.join("commondir"))
        .map_or_else(|_| folder.to_owned(), |text| folder.join(text.trim()));
    let config = file::read_text(&shared.join("config")).unwrap_or_default();
    let sha256 = config.lines().any(|line| {
        let line = line.to_ascii_lowercase().replace(' ', "");
        line.trim() == "objectformat=sha256"
    });
    if sha256 { 32 } else { 20 }
}

/// Calls back with each entry's name; `None` where the index is malformed or of another version.
fn each_name(bytes: &[u8], hash: usize, mut each: impl FnMut(&[u8])) -> Option<()> {
    let header = bytes.get(..12)?;
    let version = number(header, 4)?;
    if &header[..4] != b"DIRC" || !(2..=4).contains(&version) {
        return None;
    }
    let mut at = 12;
    let mut name: Vec<u8> = Vec::new();
    for _ in 0..number(header, 8)? {
        // Ten numbers of 32 bits, the hash, then 16 bits of flags.
        let start = at;
        at += 40 + hash;
        let flags = bytes.get(at..at + 2)?;
        let extended = version >= 3 && flags[0] & 0x40 != 0;
        at += if extended { 4 } else { 2 };
        if version == 4 {
            let (cut, length) = variable_length(bytes.get(at..)?)?;
            at += length;
            name.truncate(name.len().checked_sub(cut)?);
        } else {
            name.clear();
        }
        let rest = bytes.get(at..)?;
        let end = memchr::memchr(0, rest)?;
        name.extend_from_slice(&rest[..end]);
        each(&name);
        at += end + 1;
        if version < 4 {
            // Padded with NULs to a multiple of eight.
            at = start + (at - start).next_multiple_of(8);
        }
    }
    // A split index keeps most names in another file; the extension `link` says so.
    (memchr::memmem::find(bytes.get(at..)?, b"link").is_none()).then_some(())
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// Reads git's offset encoding (as in pack files): a number and its length.
fn variable_length(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut value = usize::from(bytes.first()? & 0x7f);
    let mut length = 1;
    while bytes[length - 1] & 0x80 != 0 {
        let byte = *bytes.get(length)?;
        value = value.checked_add(1)?.checked_mul(128)? | usize::from(byte & 0x7f);
        length += 1;
    }
    Some((value, length))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;
    use std::process::Command;

    use proptest::prelude::*;

    use super::{Tracked, each_name, tracked};

    fn git(folder: &Path, arguments: &[&str]) {
        let status = Command::new("git")
            .current_dir(folder)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", folder)
            .args(arguments)
            .output()
            .unwrap();
        assert!(status.status.success(), "{arguments:?}");
    }

    fn files(paths: &[&str]) -> Tracked {
        let paths: BTreeSet<String> = paths.iter().map(|path| (*path).to_owned()).collect();
        Tracked::Files(paths)
    }

    #[test]
    fn the_index_of_a_real_repository_is_read_in_each_version() {
        for (format, version) in [
            ("sha1", "2"),
            ("sha1", "4"),
            ("sha256", "2"),
            ("sha256", "4"),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let root = folder.path().canonicalize().unwrap();
            git(&root, &["init", "-q", "--object-format", format]);
            assert_eq!(tracked(&root, [".env"]), files(&[]));
            fs::create_dir(root.join("deploy")).unwrap();
            for name in [
                "a",
                "render.yaml",
                "deploy/.env",
                "deploy/render.yaml",
                ".env",
            ] {
                fs::write(root.join(name), "x").unwrap();
            }
            git(&root, &["update-index", "--index-version", version]);
            git(&root, &["add", "a", "render.yaml", "deploy/.env"]);
            git(&root, &["add", "-N", "deploy/render.yaml"]);
            let asked = [
                ".env",
                "render.yaml",
                "deploy/.env",
                "deploy/render.yaml",
                "absent",
            ];
            assert_eq!(
                tracked(&root, asked),
                files(&["render.yaml", "deploy/.env", "deploy/render.yaml"]),
                "{format} {version}"
            );
            assert_eq!(
                tracked(&root.join("deploy"), [".env", "render.yaml", "a"]),
                files(&[".env", "render.yaml"])
            );
        }
    }

    #[test]
    fn a_worktree_s_file_leads_to_its_index() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap().join("main");
        fs::create_dir(&root).unwrap();
        git(&root, &["init", "-q"]);
        fs::write(root.join(".env"), "A=1").unwrap();
        git(&root, &["add", ".env"]);
        let who = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
        git(&root, &[&who[..], &["commit", "-qm", "x"]].concat());
        git(&root, &["worktree", "add", "-q", "../other"]);
        let other = root.parent().unwrap().join("other");
        assert_eq!(tracked(&other, [".env"]), files(&[".env"]));
    }

    #[test]
    fn outside_of_git_there_is_no_repository_and_a_broken_index_is_unknown() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        assert_eq!(tracked(&root, [".env"]), Tracked::NoRepository);
        git(&root, &["init", "-q"]);
        fs::write(root.join(".git/index"), "DIRC nonsense and more").unwrap();
        assert!(matches!(tracked(&root, [".env"]), Tracked::Unknown(_)));
    }

    proptest! {
        #[test]
        fn no_index_makes_it_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..200), version in 2u8..5) {
            let _ = each_name(&bytes, 20, |_| {});
            if bytes.len() > 12 {
                bytes[..8].copy_from_slice(&[b'D', b'I', b'R', b'C', 0, 0, 0, version]);
                let _ = each_name(&bytes, 20, |_| {});
            }
        }
    }
}
