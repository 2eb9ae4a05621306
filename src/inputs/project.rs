//! Walks a project once and reads each environment and deploy file in it.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use ignore::{DirEntry, WalkBuilder};

use super::deploy::{self, Deploy};
use super::ignored::unreadable_rules;
use super::{compose, dotenv, file, fly, git, github, heroku, kubernetes, render, vercel};
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
    let plain = root
        .ancestors()
        .all(|above| unreadable_rules(above).is_none());
    WalkBuilder::new(root)
        .hidden(false)
        .ignore(false)
        .git_ignore(plain)
        .git_exclude(plain)
        .parents(plain)
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
    !SKIPPED.contains(&name)
        && !entry.path().join("pyvenv.cfg").exists()
        && unreadable_rules(entry.path()).is_none()
}

/// The most bytes of a YAML file that may turn out to be a manifest.
const MAX_MANIFEST_BYTES: u64 = 1 << 20;

/// The formats of deploy files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Render,
    Compose,
    Fly,
    AppJson,
    Procfile,
    Vercel,
    Workflow,
    /// Any other YAML file: its text decides.
    Manifest,
}

impl Format {
    /// Returns the format of a file by its path.
    fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?;
        let is_yaml = || [".yaml", ".yml"].iter().any(|end| name.ends_with(end));
        Some(match name {
            "render.yaml" | "render.yml" => Self::Render,
            "docker-compose.yml" | "docker-compose.yaml" | "compose.yaml" | "compose.yml" => {
                Self::Compose
            }
            "fly.toml" => Self::Fly,
            "app.json" => Self::AppJson,
            "Procfile" => Self::Procfile,
            "vercel.json" => Self::Vercel,
            _ if is_yaml()
                && path
                    .parent()
                    .is_some_and(|folder| folder.ends_with(".github/workflows")) =>
            {
                Self::Workflow
            }
            _ if is_yaml() => Self::Manifest,
            _ => return None,
        })
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
        let Some(format) = Format::of(path) else {
            return;
        };
        let beside = |name: &str| path.with_file_name(name);
        if format == Format::Procfile && beside("app.json").exists() {
            return;
        }
        if format == Format::Manifest {
            self.manifest(path);
            return;
        }
        match file::read_below(&self.real, path) {
            Ok(text) => {
                let deploy = self.parse(format, path, &text);
                self.add(path, deploy);
            }
            Err(error) => self.add(path, Deploy::unreadable(error.into())),
        }
    }

    fn parse(&self, format: Format, path: &Path, text: &str) -> Deploy {
        let shown = self.shown(path);
        match format {
            Format::Render => render::parse(&shown, text),
            Format::Compose => self.compose(path, text),
            Format::Fly => fly::parse(&shown, text),
            Format::AppJson => {
                let procfile = path.with_file_name("Procfile");
                let processes = file::read_below(&self.real, &procfile).ok();
                let procfile = self.shown(&procfile);
                let processes = processes.as_deref().map(|text| (procfile.as_str(), text));
                heroku::parse(&shown, text, processes)
            }
            Format::Procfile => heroku::parse_procfile(&shown, text),
            Format::Vercel => vercel::parse(&shown, text),
            Format::Workflow => github::parse(&shown, text),
            Format::Manifest => kubernetes::parse(&shown, text),
        }
    }

    fn compose(&self, path: &Path, text: &str) -> Deploy {
        let shown = self.shown(path);
        let beside = path.with_file_name(".env");
        let dotenv = file::read_below(&self.real, &beside)
            .map(|text| dotenv::parse(&self.shown(&beside), &text).variables)
            .unwrap_or_default();
        let env_file = |named: &str| {
            let below = deploy::below(&shown, named).ok_or("lies outside of the project")?;
            let text = file::read_below(&self.real, &self.root.join(&below));
            let text = text.map_err(|error| error.to_string())?;
            Ok(dotenv::parse(&below, &text))
        };
        let around = compose::Around {
            dotenv: &dotenv,
            env_file: &env_file,
        };
        compose::parse(&shown, text, around)
    }

    /// Reads a YAML file where its text is a manifest's; what cannot be read is something else.
    fn manifest(&mut self, path: &Path) {
        let is_small = path
            .metadata()
            .is_ok_and(|known| known.len() <= MAX_MANIFEST_BYTES);
        let text = is_small.then(|| file::read_below(&self.real, path));
        if let Some(Ok(text)) = text
            && kubernetes::is_manifest(&text)
        {
            let deploy = self.parse(Format::Manifest, path, &text);
            self.add(path, deploy);
        }
    }

    fn add(&mut self, path: &Path, deploy: Deploy) {
        self.environments.extend(deploy.environments);
        self.files.push(ProjectFile {
            path: self.shown(path),
            problem: first(deploy.problems),
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
    use crate::facts::{Tracked, Value};
    use crate::value::Origin;

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
    fn every_format_is_found_with_what_stands_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        write(
            root,
            "compose.yaml",
            "services: {api: {environment: [\"A=${A}\"], env_file: [deploy/x.env, ../y.env]}}\n",
        );
        write(root, ".env", "A=from-dotenv\n");
        write(root, "deploy/x.env", "B=2\n");
        write(root, "a/app.json", "{\"env\": {\"A\": \"1\"}}");
        write(root, "a/Procfile", "web: gunicorn app:app\n");
        write(root, "b/Procfile", "web: gunicorn app:app\n");
        write(root, "b/fly.toml", "[env]\nA = \"1\"\n");
        write(root, "b/vercel.json", "{}");
        write(
            root,
            ".github/workflows/ci.yml",
            "env: {A: 1}\njobs: {test: {}}\n",
        );
        write(
            root,
            "k8s/pod.yml",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: c\n",
        );
        write(root, "other.yaml", "a: [\n");
        write(root, "docker-compose.yml/x", "");
        let found = discover(root);
        let names: Vec<&str> = found
            .environments
            .iter()
            .map(|known| known.name.as_str())
            .collect();
        assert_eq!(
            names,
            [
                ".env",
                ".github/workflows/ci.yml:test",
                "a/app.json:web",
                "b/Procfile:web",
                "b/fly.toml",
                "b/vercel.json",
                "compose.yaml:api",
                "k8s/pod.yml:p",
            ]
        );
        assert!(
            found.files.iter().all(|file| file.problem.is_none()),
            "{:?}",
            found.files
        );
        let api = &found.environments[6];
        assert_eq!(
            api.get("A").unwrap().value,
            Value::Known("from-dotenv".into())
        );
        assert_eq!(
            api.get("B").unwrap().origin,
            Origin::file("deploy/x.env", 1, 3)
        );
        assert_eq!(
            api.deployment.as_ref().unwrap().unseen,
            ["the env_file ../y.env, which lies outside of the project"]
        );
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
