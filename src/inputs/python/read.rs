//! Walks a folder for Python sources, as git sees it.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;

use ignore::WalkBuilder;
use rustix::buffer::spare_capacity;
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

use super::source::{FILE_CAP, ProjectSources, SourceFile, decode, is_python};
use super::versions::is_requirements;
use crate::facts::{FileProblem, ProjectFile};
use crate::inputs::ignored::unreadable_rules;
use crate::inputs::progress::Progress;

/// How many bytes of text are kept in all.
const TOTAL_CAP: usize = 512 << 20;

/// How many files are read before their sizes are counted.
const BATCH: usize = 512;

/// How deep folders are followed.
const FOLDERS: usize = 64;

/// Reads the Python sources and the lock and requirement files below a folder.
///
/// Honours `.gitignore`, follows no links, opens regular files only, and reads at most
/// [`FILE_CAP`] bytes of each.
pub fn read(root: &Path, progress: &Progress) -> ProjectSources {
    let mut sources = ProjectSources::default();
    let plain = root
        .ancestors()
        .all(|above| unreadable_rules(above).is_none());
    let left_out = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&left_out);
    let walk = WalkBuilder::new(root)
        .follow_links(false)
        .git_ignore(plain)
        .ignore(plain)
        .git_exclude(plain)
        .parents(plain)
        .require_git(false)
        .max_depth(Some(FOLDERS))
        .filter_entry(move |entry| {
            let name = entry.file_name().to_string_lossy();
            let skipped = matches!(
                &*name,
                "node_modules" | "__pycache__" | "site-packages" | "venv" | ".venv"
            );
            let folder = entry.file_type().is_some_and(|kind| kind.is_dir());
            if skipped || !folder || entry.depth() == 0 {
                return !skipped;
            }
            let rules = unreadable_rules(entry.path());
            if let (Some(rules), Ok(mut noted)) = (rules, noted.lock()) {
                noted.push(entry.path().join(rules));
            }
            rules.is_none()
        })
        .build();
    let mut candidates = Vec::new();
    for entry in walk.flatten() {
        let shown = shown(root, entry.path());
        let wanted = is_python(&shown) || is_requirements(&shown);
        if wanted && entry.file_type().is_some_and(|kind| !kind.is_dir()) {
            candidates.push(Candidate {
                shown,
                is_link: entry.path_is_symlink(),
                path: entry.into_path(),
            });
        }
    }
    progress.begin(candidates.len());
    let mut total = 0;
    let mut candidates = candidates.into_iter().peekable();
    while candidates.peek().is_some() {
        let batch: Vec<Candidate> = candidates.by_ref().take(BATCH).collect();
        let texts = if total >= TOTAL_CAP {
            vec![Err(BEYOND); batch.len()]
        } else {
            texts(&batch, progress)
        };
        for (candidate, text) in batch.into_iter().zip(texts) {
            let path = candidate.shown;
            match text {
                Ok(_) if total >= TOTAL_CAP => sources.problems.push(problem(path, BEYOND)),
                Ok(text) if is_python(&path) => {
                    total += text.len();
                    sources.python.push(SourceFile::new(path, text));
                }
                Ok(text) => sources.requirements.push((path, text)),
                Err(message) => sources.problems.push(problem(path, message)),
            }
        }
    }
    if let Ok(left_out) = left_out.lock() {
        let why = "is no plain file, so nothing of its folder is read";
        let problems = left_out.iter().map(|path| problem(shown(root, path), why));
        sources.problems.extend(problems);
    }
    sources.python.sort_by(|a, b| a.path.cmp(&b.path));
    sources.requirements.sort();
    sources.problems.sort_by(|a, b| a.path.cmp(&b.path));
    sources
}

/// Why a file is not read that stands behind the cap.
const BEYOND: &str = "is beyond what is read of one project";

/// A file that may be read.
struct Candidate {
    path: PathBuf,
    /// The path as reports show it.
    shown: String,
    is_link: bool,
}

/// Reads files on as many threads as there are cores, in their order.
fn texts(batch: &[Candidate], progress: &Progress) -> Vec<Result<String, &'static str>> {
    let text = |candidate: &Candidate| {
        let text = if candidate.is_link {
            Err("is a symbolic link, which is not followed")
        } else {
            read_text(&candidate.path)
        };
        progress.step();
        text
    };
    let all = |part: &[Candidate]| part.iter().map(text).collect::<Vec<_>>();
    let cores = thread::available_parallelism()
        .map_or(1, usize::from)
        .min(8);
    let (own, others) = batch.split_at(batch.len().div_ceil(cores));
    thread::scope(|scope| {
        let parts = others.chunks(own.len().max(1));
        let readers: Vec<_> = parts
            .map(|part| {
                (
                    part,
                    thread::Builder::new().spawn_scoped(scope, move || all(part)),
                )
            })
            .collect();
        let mut texts = all(own);
        for (part, reader) in readers {
            texts.extend(match reader.map(thread::ScopedJoinHandle::join) {
                Ok(Ok(read)) => read,
                Ok(Err(panic)) => std::panic::resume_unwind(panic),
                Err(_) => all(part),
            });
        }
        texts
    })
}

fn problem(path: String, message: &str) -> ProjectFile {
    ProjectFile {
        path,
        problem: Some(FileProblem {
            message: message.to_owned(),
            line: None,
            column: None,
        }),
    }
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
    let metadata = file.metadata().map_err(|_| "cannot be read")?;
    if !metadata.is_file() {
        return Err("is no regular file");
    }
    let size = usize::try_from(metadata.len()).unwrap_or(usize::MAX);
    // Room for one byte more than there are: the read that finds the end then needs no more of it.
    let mut bytes = Vec::with_capacity(size.min(FILE_CAP) + 1);
    read_up_to(&file, FILE_CAP + 1, &mut bytes).map_err(|_| "cannot be read")?;
    if bytes.len() > FILE_CAP {
        return Err("is larger than 2 MiB, which is not read as source");
    }
    decode(bytes)
}

/// Appends what a file holds, up to a cap; a read is asked for all that there is room for.
fn read_up_to(file: &File, cap: usize, bytes: &mut Vec<u8>) -> io::Result<()> {
    while bytes.len() < cap {
        if bytes.len() == bytes.capacity() {
            // It has grown since its size was asked for.
            bytes.reserve(bytes.len().max(1));
        }
        match rustix::io::read(file, spare_capacity(bytes)) {
            Ok(0) => break,
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a panic is the test's failure")]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::Path;

    use rustix::fs::{CWD, FileType, Mode, mknodat};

    use super::read as read_watched;
    use crate::inputs::progress::Progress;
    use crate::inputs::python::{ProjectSources, scan};

    fn read(root: &Path) -> ProjectSources {
        read_watched(root, &Progress::default())
    }

    fn pipe(path: &Path) {
        mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    }

    #[test]
    fn each_file_that_is_read_counts() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.py", "b.py", "notes.txt"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let progress = Progress::default();
        read_watched(folder.path(), &progress);
        assert_eq!(progress.so_far(), (2, 2));
    }

    #[test]
    fn odd_files_are_named_and_never_waited_for() {
        let (folder, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let root = folder.path();
        let engine =
            "from sqlalchemy import create_engine\ne = create_engine('postgresql://h/d')\n";
        fs::write(outside.path().join("app.py"), engine).unwrap();
        symlink(outside.path(), root.join("away")).unwrap();
        symlink(outside.path().join("app.py"), root.join("link.py")).unwrap();
        symlink(root, root.join("loop")).unwrap();
        symlink("/dev/zero", root.join("zero.py")).unwrap();
        pipe(&root.join("pipe.py"));
        fs::create_dir(root.join("piped")).unwrap();
        pipe(&root.join("piped/.gitignore"));
        fs::write(root.join("nul.py"), b"x = 1\0").unwrap();
        fs::write(root.join("wide.py"), b"\xFF\xFEx\0").unwrap();
        fs::write(root.join("broken.py"), b"x = '\xFF'").unwrap();
        fs::write(root.join("large.py"), vec![b'#'; (2 << 20) + 1]).unwrap();
        fs::write(
            root.join("deep.py"),
            format!("asyncpg = {}", "(".repeat(5000)),
        )
        .unwrap();
        fs::write(
            root.join("latin.py"),
            [b"# coding: latin-1\nname = '\xe9'\n", engine.as_bytes()].concat(),
        )
        .unwrap();
        let windows = format!("\u{feff}{}", engine.replace('\n', "\r\n"));
        fs::write(root.join("windows.py"), windows).unwrap();

        let found = scan(read(root)).findings(&[], &Progress::default());
        let engines: Vec<&str> = found.engines.iter().map(|engine| &*engine.path).collect();
        assert_eq!(engines, ["latin.py", "windows.py"]);
        let named: Vec<String> = found
            .files
            .iter()
            .filter_map(|file| Some(format!("{} {}", file.path, file.problem.as_ref()?.message)))
            .collect();
        assert_eq!(
            named,
            [
                "broken.py is not valid UTF-8",
                "deep.py nests too deeply to be read",
                "large.py is larger than 2 MiB, which is not read as source",
                "link.py is a symbolic link, which is not followed",
                "nul.py holds a NUL byte, so it is no Python source",
                "pipe.py is no regular file",
                "piped/.gitignore is no plain file, so nothing of its folder is read",
                "wide.py is UTF-16, which Python does not read",
                "zero.py is a symbolic link, which is not followed",
            ]
        );
    }
}
