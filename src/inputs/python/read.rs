//! Walks a folder for Python sources, as git sees it.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use ignore::WalkBuilder;
use rustix::fs::{Mode, OFlags};

use super::source::{FILE_CAP, ProjectSources, SourceFile, decode, is_python};
use super::versions::is_requirements;
use crate::facts::{FileProblem, ProjectFile};

/// How many bytes of text are kept in all.
const TOTAL_CAP: usize = 512 << 20;

/// How deep folders are followed.
const FOLDERS: usize = 64;

/// Reads the Python sources and the lock and requirement files below a folder.
///
/// Honours `.gitignore`, follows no links, opens regular files only, and reads at most
/// [`FILE_CAP`] bytes of each.
pub fn read(root: &Path) -> ProjectSources {
    let mut sources = ProjectSources::default();
    let mut total = 0;
    let walk = WalkBuilder::new(root)
        .follow_links(false)
        .require_git(false)
        .max_depth(Some(FOLDERS))
        .filter_entry(|entry| {
            let name = entry.file_name().to_string_lossy();
            !matches!(
                &*name,
                "node_modules" | "__pycache__" | "site-packages" | "venv" | ".venv"
            )
        })
        .build();
    for entry in walk.flatten() {
        let path = shown(root, entry.path());
        let wanted = is_python(&path) || is_requirements(&path);
        if !wanted || entry.file_type().is_none_or(|kind| kind.is_dir()) {
            continue;
        }
        let text = if entry.path_is_symlink() {
            Err("is a symbolic link, which is not followed")
        } else if total >= TOTAL_CAP {
            Err("is beyond what is read of one project")
        } else {
            read_text(entry.path())
        };
        match text {
            Ok(text) if is_python(&path) => {
                total += text.len();
                sources.python.push(SourceFile::new(path, text));
            }
            Ok(text) => sources.requirements.push((path, text)),
            Err(message) => sources.problems.push(ProjectFile {
                path,
                problem: Some(FileProblem {
                    message: message.to_owned(),
                    line: None,
                    column: None,
                }),
            }),
        }
    }
    sources.python.sort_by(|a, b| a.path.cmp(&b.path));
    sources.requirements.sort();
    sources.problems.sort_by(|a, b| a.path.cmp(&b.path));
    sources
}

/// Returns a path as reports show it.
fn shown(root: &Path, path: &Path) -> String {
    let relative = path.strip_prefix(root).unwrap_or(path);
    let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

/// Reads a file's text; the reason says why there is none.
fn read_text(path: &Path) -> Result<String, &'static str> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file: File = rustix::fs::open(path, flags, Mode::empty())
        .map_err(|_| "cannot be opened")?
        .into();
    if !file.metadata().is_ok_and(|metadata| metadata.is_file()) {
        return Err("is no regular file");
    }
    let mut bytes = Vec::new();
    let cap = FILE_CAP as u64 + 1;
    read_up_to(&file, cap, &mut bytes).map_err(|_| "cannot be read")?;
    if bytes.len() > FILE_CAP {
        return Err("is larger than 2 MiB, which is not read as source");
    }
    decode(bytes)
}

fn read_up_to(file: &File, cap: u64, bytes: &mut Vec<u8>) -> io::Result<()> {
    file.take(cap).read_to_end(bytes)?;
    Ok(())
}
