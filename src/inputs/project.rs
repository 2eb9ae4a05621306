//! Walks a project once and reads each environment and deploy file in it.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use ignore::{DirEntry, WalkBuilder};

use super::{deploy::Deploy, dotenv, file, git, render};
use crate::facts::{Environment, FileProblem, ProjectFile, Tracked};

/// What a project's environment and deploy files say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectInputs {
    /// The environments: one for each `.env`, one for each service of each deploy file.
    pub environments: Vec<Environment>,
    /// Each file that was discovered, with what is wrong with it.
    pub files: Vec<ProjectFile>,
    /// Which of these files git tracks.
    pub tracked: Tracked,
}

/// Folders that hold what others wrote or what programs made.
const SKIPPED: [&str; 9] = [
    ".git",
    ".hg",
    ".nox",
    ".tox",
    ".venv",
    "__pycache__",
    "node_modules",
    "site-packages",
    "venv",
];

/// Reads every environment and deploy file below a folder.
///
/// Honours `.gitignore`, but for `.env` files, which are meant to be ignored; follows no link out
/// of the folder.
pub fn discover(root: &Path) -> ProjectInputs {
    let mut reader = Reader::new(root);
    for entry in walk(root) {
        match entry {
            Ok(entry) if is_folder(&entry) => reader.dotenv(entry.path()),
            Ok(entry) => reader.file(entry.path()),
            Err(error) => reader.unwalkable(&error),
        }
    }
    let paths: BTreeSet<&str> = reader.files.iter().map(|file| file.path.as_str()).collect();
    let tracked = git::tracked(&reader.real, paths);
    ProjectInputs {
        environments: reader.environments,
        files: reader.files,
        tracked,
    }
}

/// Walks a project as git sees it, hidden files too, in an order that does not change; enters no
/// virtual environment and follows no link.
pub fn walk(root: &Path) -> ignore::Walk {
    WalkBuilder::new(root)
        .hidden(false)
        .ignore(false)
        .require_git(false)
        .follow_links(false)
        .filter_entry(|entry| entry.depth() == 0 || !is_folder(entry) || is_ours(entry))
        .sort_by_file_name(OsStr::cmp)
        .build()
}

fn is_folder(entry: &DirEntry) -> bool {
    entry.file_type().is_some_and(|kind| kind.is_dir())
}

/// Returns whether a folder holds the project's own work.
fn is_ours(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_str().unwrap_or_default();
    !SKIPPED.contains(&name) && !entry.path().join("pyvenv.cfg").exists()
}

/// A parser of a deploy file: of its path as shown, and its text.
type Parse = fn(&str, &str) -> Deploy;

/// Returns the parser for a file of this name.
fn parser(name: &str) -> Option<Parse> {
    match name {
        "render.yaml" | "render.yml" => Some(render::parse),
        _ => None,
    }
}

/// Collects what the files say.
struct Reader<'a> {
    root: &'a Path,
    real: PathBuf,
    environments: Vec<Environment>,
    files: Vec<ProjectFile>,
}

impl<'a> Reader<'a> {
    fn new(root: &'a Path) -> Self {
        Self {
            root,
            real: root.canonicalize().unwrap_or_else(|_| root.to_owned()),
            environments: Vec::new(),
            files: Vec::new(),
        }
    }

    /// Reads a folder's `.env`, whatever git thinks of it.
    fn dotenv(&mut self, folder: &Path) {
        let path = folder.join(".env");
        // A folder of that name is a virtual environment; the walk goes through it or past it.
        if path.symlink_metadata().is_err() || path.is_dir() {
            return;
        }
        let shown = self.shown(&path);
        let problem = match file::read_below(&self.real, &path) {
            Ok(text) => {
                let mut dotenv = dotenv::parse(&shown, &text);
                let problem = first(std::mem::take(&mut dotenv.problems));
                self.environments.push(dotenv.into_environment());
                problem
            }
            Err(error) => Some(error.into()),
        };
        self.files.push(ProjectFile {
            path: shown,
            problem,
        });
    }

    /// Reads a deploy file; does nothing for any other.
    fn file(&mut self, path: &Path) {
        let Some(parse) = path.file_name().and_then(OsStr::to_str).and_then(parser) else {
            return;
        };
        let shown = self.shown(path);
        let problem = match file::read_below(&self.real, path) {
            Ok(text) => {
                let deploy = parse(&shown, &text);
                self.environments.extend(deploy.environments);
                first(deploy.problems)
            }
            Err(error) => Some(error.into()),
        };
        self.files.push(ProjectFile {
            path: shown,
            problem,
        });
    }

    /// Notes a folder that could not be entered.
    fn unwalkable(&mut self, error: &ignore::Error) {
        let path = path_of(error).map_or_else(|| ".".to_owned(), |path| self.shown(path));
        let message = match error.io_error() {
            Some(io) if io.kind() == std::io::ErrorKind::PermissionDenied => {
                "cannot be entered: permission denied".to_owned()
            }
            Some(io) => format!("cannot be entered: {io}"),
            None => "cannot be entered".to_owned(),
        };
        self.files.push(ProjectFile {
            path,
            problem: Some(FileProblem {
                message,
                line: None,
                column: None,
            }),
        });
    }

    /// Returns a path relative to the project, with `/` between its parts.
    fn shown(&self, path: &Path) -> String {
        let below = path.strip_prefix(self.root).unwrap_or(path);
        below.to_string_lossy().into_owned()
    }
}

/// Returns the path that an error of the walk is about.
fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            path_of(err)
        }
        _ => None,
    }
}

/// Returns the problem that stands first in the file; says how many more there are.
fn first(problems: Vec<FileProblem>) -> Option<FileProblem> {
    let more = problems.len().saturating_sub(1);
    let mut problem = problems.into_iter().next()?;
    if more > 0 {
        problem.message = format!("{} (and {more} more)", problem.message);
    }
    Some(problem)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::Path;
    use std::process::Command;

    use super::discover;
    use crate::facts::Tracked;

    fn write(root: &Path, path: &str, text: &str) {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    const BLUEPRINT: &str = "services:\n- type: web\n  name: api\n";

    #[test]
    fn files_are_found_at_any_depth_and_ignored_dotenv_files_too() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        write(root, ".gitignore", ".env\nbuild/\nignored.yaml\n");
        write(root, ".env", "A=1\n");
        write(root, ".env.example", "A=1\n");
        write(root, "deploy/.env", "A=2\n");
        write(root, "deploy/render.yaml", BLUEPRINT);
        write(root, "build/render.yaml", BLUEPRINT);
        write(root, "node_modules/x/.env", "A=3\n");
        write(root, "my-venv/pyvenv.cfg", "");
        write(root, "my-venv/.env", "A=3\n");
        write(root, ".git/.env", "A=3\n");
        let found = discover(root);
        let names: Vec<&str> = found
            .environments
            .iter()
            .map(|known| known.name.as_str())
            .collect();
        assert_eq!(names, [".env", "deploy/.env", "deploy/render.yaml:api"]);
        assert!(found.files.iter().all(|file| file.problem.is_none()));
        assert_eq!(found.tracked, Tracked::NoRepository);
    }

    #[test]
    fn what_cannot_be_read_is_listed_with_its_problem_and_ends_in_time() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        write(root, "bad/render.yaml", "a:\n\t- b\n");
        write(root, "outside", "A=1\n");
        let project = root.join("project");
        fs::create_dir(&project).unwrap();
        fs::rename(root.join("bad"), project.join("bad")).unwrap();
        symlink("../outside", project.join(".env")).unwrap();
        fs::create_dir(project.join("pipe")).unwrap();
        let status = Command::new("mkfifo")
            .arg(project.join("pipe/.env"))
            .status();
        assert!(status.unwrap().success());
        fs::create_dir(project.join("loop")).unwrap();
        symlink("..", project.join("loop/up")).unwrap();
        symlink("render.yaml", project.join("loop/render.yaml")).unwrap();
        write(&project, "latin/.env", "A=1\n");
        fs::write(project.join("latin/.env"), b"A=caf\xe9\n").unwrap();
        let found = discover(&project);
        assert!(found.environments.is_empty());
        let problems: Vec<(String, String)> = found
            .files
            .into_iter()
            .map(|file| (file.path, file.problem.unwrap().message))
            .collect();
        let expected = [
            (".env", "is a link that leads out of the project"),
            ("bad/render.yaml", "is not valid YAML: a tab cannot indent"),
            (
                "latin/.env",
                "is not UTF-8 (byte E9; Latin-1 or Windows-1252?)",
            ),
            ("loop/render.yaml", "cannot be read: "),
            ("pipe/.env", "is a pipe, not a regular file"),
        ];
        assert_eq!(problems.len(), expected.len(), "{problems:?}");
        for ((path, message), (wanted, start)) in problems.iter().zip(expected) {
            assert_eq!(path, wanted);
            assert!(message.starts_with(start), "{message}");
        }
    }
}
