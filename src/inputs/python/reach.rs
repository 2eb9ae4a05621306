//! Which files a start command reaches: Python's own search of folders, over the import graph.
//!
//! What the folders do not tell is looked for as everywhere else in the project: a package that is
//! installed, say.

use std::collections::BTreeSet;

use super::Project;
use super::modules::Modules;
use super::syntax::with_room;
use crate::facts::Role;

/// What a process starts.
#[derive(Clone, Copy, Debug)]
pub enum Start<'a> {
    /// A module: `api.index`.
    Module(&'a str),
    /// A file in the process's file system.
    File(&'a str),
}

/// The file system of a process, as far as the project fills it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    /// Folders or files of the process's file system, each with the one of the project that it is
    /// made from; a later one hides an earlier one. The project itself is `("", "")`.
    pub mounts: Vec<(String, String)>,
}

impl Tree {
    /// The project itself.
    pub fn of_project() -> Self {
        Self {
            mounts: vec![(String::new(), String::new())],
        }
    }

    /// Returns the paths of the project that a path of the process may be, the likeliest first.
    pub fn candidates<'t>(&'t self, path: &'t str) -> impl Iterator<Item = String> + 't {
        self.mounts.iter().rev().filter_map(move |(place, source)| {
            let rest = match path.strip_prefix(place.as_str())? {
                "" => "",
                rest if place.is_empty() || place.ends_with('/') => rest,
                rest => rest.strip_prefix('/')?,
            };
            Some(joined(source, rest))
        })
    }
}

/// What a start command reaches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// The files that it imports, its own included.
    pub files: BTreeSet<String>,
    /// Why there may be more, where that is so.
    pub doubt: Option<String>,
}

/// What loads modules by names that are not written as imports.
const BY_NAME: [&str; 7] = [
    "import_module(",
    "__import__(",
    "import_string(",
    "autodiscover",
    "pkgutil.",
    "entry_points(",
    "runpy.",
];

impl Project {
    /// Returns the files that a process reaches, which looks for modules below folders of its file
    /// system, in their order; `None` for the folders where they are not known. Says why where what
    /// it starts is not found.
    pub fn reach(
        &self,
        start: Start<'_>,
        folders: Option<&[String]>,
        tree: &Tree,
    ) -> Result<Reach, String> {
        with_room(|| {
            let search = Search {
                modules: &self.modules,
                tree,
                folders: folders.unwrap_or_default().to_vec(),
            };
            search.reach(start, folders.is_none())
        })
    }
}

struct Search<'a> {
    modules: &'a Modules,
    tree: &'a Tree,
    folders: Vec<String>,
}

impl Search<'_> {
    fn reach(mut self, start: Start<'_>, anywhere: bool) -> Result<Reach, String> {
        let (file, folder) = match start {
            Start::Module(name) if anywhere => self.only_module(name)?,
            Start::Module(name) => match self.module(name) {
                Some(file) => (file, None),
                None => self.only_module(name)?,
            },
            Start::File(path) => match self.file(path) {
                Some(file) => (file, None),
                None if anywhere => self.only_file(path)?,
                None => return Err(format!("there is no {path} in the project")),
            },
        };
        self.folders.extend(folder);
        let mut first = vec![file];
        if let Start::Module(name) = start {
            let dots = name.match_indices('.');
            // Python imports the packages around a module before it.
            first.extend(dots.filter_map(|(at, _)| self.module(&name[..at])));
        }
        Ok(self.graph(first))
    }

    fn graph(&self, first: Vec<usize>) -> Reach {
        let mut seen: BTreeSet<usize> = first.iter().copied().collect();
        let mut next = first;
        let mut doubt = None;
        while let Some(file) = next.pop() {
            if doubt.is_none() {
                doubt = self.doubt(file);
            }
            for target in self.imports_of(file) {
                if seen.insert(target) {
                    next.push(target);
                }
            }
        }
        let path = |file: usize| self.modules.path(file).to_owned();
        Reach {
            files: seen.into_iter().map(path).collect(),
            doubt,
        }
    }

    /// Returns why a file may import more than it says.
    fn doubt(&self, file: usize) -> Option<String> {
        let path = self.modules.path(file);
        if self.modules.body(file).is_none() || self.modules.is_broken(file) {
            return Some(format!("{path} cannot be read as Python"));
        }
        let text = self.modules.text(file);
        let at = BY_NAME.iter().filter_map(|word| text.find(word)).min()?;
        let line = text[..at].matches('\n').count() + 1;
        Some(format!("{path}:{line} loads modules by name"))
    }

    fn imports_of(&self, file: usize) -> BTreeSet<usize> {
        let mut targets = BTreeSet::new();
        for (level, module, names) in self.modules.imports(file) {
            let find = |dotted: &str| {
                if *level > 0 {
                    self.modules.resolve_relative(file, *level, dotted)
                } else {
                    self.module(dotted).or_else(|| self.elsewhere(file, dotted))
                }
            };
            let parts: Vec<&str> = module.split('.').filter(|part| !part.is_empty()).collect();
            for end in 1..=parts.len() {
                targets.extend(find(&parts[..end].join(".")));
            }
            if parts.is_empty() {
                targets.extend(find(""));
            }
            for name in names {
                let mut inner = parts.clone();
                inner.push(name);
                targets.extend(find(&inner.join(".")));
            }
        }
        targets.extend(self.settings_of(file));
        targets
    }

    /// Returns the settings that a file of Django's names: `os.environ.setdefault(…, "a.settings")`.
    fn settings_of(&self, file: usize) -> Option<usize> {
        let text = self.modules.text(file);
        let rest = text.split_once("DJANGO_SETTINGS_MODULE")?.1;
        let line = rest.get(1..)?.lines().next()?;
        let quoted = line.split(['"', '\'']).nth(1)?;
        self.module(quoted)
            .or_else(|| self.modules.resolve(file, quoted))
    }

    /// Returns the file of a module that is in none of the folders: of a package that is installed.
    fn elsewhere(&self, from: usize, dotted: &str) -> Option<usize> {
        let top = dotted.split('.').next().unwrap_or(dotted);
        let is_here = self.folders.iter().any(|folder| {
            let folder = joined(folder, top);
            let mut candidates = self.tree.candidates(&folder);
            candidates.any(|folder| self.modules.has_folder(&folder))
        });
        if is_here {
            None
        } else {
            self.modules.resolve(from, dotted)
        }
    }

    fn file(&self, path: &str) -> Option<usize> {
        let mut candidates = self.tree.candidates(path);
        candidates.find_map(|path| self.modules.file_at(&path))
    }

    /// Returns the file of a module below one of the folders. As in Python, a package beats a folder
    /// that only looks like one, also in a later folder.
    fn module(&self, dotted: &str) -> Option<usize> {
        let (top, rest) = dotted.split_once('.').unwrap_or((dotted, ""));
        let path = |folder: &str, dotted: &str| joined(folder, &dotted.replace('.', "/"));
        for folder in &self.folders {
            let top = path(folder, top);
            let package = self.file(&format!("{top}/__init__.py"));
            match (package, self.file(&format!("{top}.py"))) {
                (Some(found), _) if rest.is_empty() => return Some(found),
                (Some(_), _) => return self.at(&path(&top, rest)),
                (None, Some(found)) => return Some(found).filter(|_| rest.is_empty()),
                (None, None) => {}
            }
        }
        let mut folders = self.folders.iter();
        folders.find_map(|folder| self.at(&path(folder, dotted)))
    }

    fn at(&self, base: &str) -> Option<usize> {
        self.file(&format!("{base}/__init__.py"))
            .or_else(|| self.file(&format!("{base}.py")))
    }

    /// Returns the only module of a name in the project, with the folder that it is below.
    fn only_module(&self, dotted: &str) -> Result<(usize, Option<String>), String> {
        let base = dotted.replace('.', "/");
        let ends = [format!("{base}.py"), format!("{base}/__init__.py")];
        self.only(&ends, &format!("the module {dotted}"))
    }

    fn only_file(&self, path: &str) -> Result<(usize, Option<String>), String> {
        self.only(&[path.trim_start_matches("./").to_owned()], path)
    }

    fn only(&self, ends: &[String], what: &str) -> Result<(usize, Option<String>), String> {
        let mut found = Vec::new();
        for (file, source) in self.modules.files().iter().enumerate() {
            let folder = ends.iter().find_map(|end| {
                let before = source.path.strip_suffix(end.as_str())?;
                (before.is_empty() || before.ends_with('/')).then_some(before)
            });
            if let Some(folder) = folder
                && self.modules.role(file) != Role::Test
            {
                found.push((file, Some(folder.trim_end_matches('/').to_owned())));
            }
        }
        match found.len() {
            1 => Ok(found.swap_remove(0)),
            0 => Err(format!("no file of the project is {what}")),
            count => Err(format!("{count} files of the project could be {what}")),
        }
    }
}

/// Joins a folder and a path below it; an empty folder is the top.
fn joined(folder: &str, path: &str) -> String {
    let folder = folder.trim_end_matches('/');
    match (folder.is_empty(), path.is_empty()) {
        (true, _) => path.to_owned(),
        (false, true) => folder.to_owned(),
        (false, false) => format!("{folder}/{path}"),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a panic is the test's failure")]
mod tests {
    use super::{Start, Tree};
    use crate::inputs::python::{ProjectSources, scan};

    fn reached(
        files: &[(&str, &str)],
        start: Start<'_>,
        folders: Option<&[&str]>,
        tree: &Tree,
    ) -> Result<Vec<String>, String> {
        let project = scan(ProjectSources::from_texts(files.iter().copied()));
        let folders: Option<Vec<String>> =
            folders.map(|all| all.iter().map(ToString::to_string).collect());
        let reach = project.reach(start, folders.as_deref(), tree)?;
        Ok(reach.files.into_iter().collect())
    }

    #[test]
    fn folders_are_searched_as_python_does() {
        let files = [
            ("api/index.py", "from app.database import engine\n"),
            ("app/database.py", ""),
            ("backend/app/__init__.py", ""),
            ("backend/app/database.py", ""),
        ];
        let tree = Tree::of_project();
        let start = Start::Module("api.index");
        // A package in a later folder beats a plain folder of its name in an earlier one.
        assert_eq!(
            reached(&files, start, Some(&["", "backend"]), &tree).unwrap(),
            [
                "api/index.py",
                "backend/app/__init__.py",
                "backend/app/database.py"
            ]
        );
        assert_eq!(
            reached(&files, start, Some(&[""]), &tree).unwrap(),
            ["api/index.py", "app/database.py"]
        );
    }

    #[test]
    fn a_container_s_folders_lead_back_to_the_project() {
        let files = [
            ("server/app/main.py", "from .db import engine\n"),
            ("server/app/__init__.py", ""),
            ("server/app/db.py", ""),
        ];
        let tree = Tree {
            mounts: vec![("/code/app".to_owned(), "server/app".to_owned())],
        };
        let wanted = [
            "server/app/__init__.py",
            "server/app/db.py",
            "server/app/main.py",
        ];
        let start = Start::Module("app.main");
        let found = reached(&files, start, Some(&["/code"]), &tree).unwrap();
        // A module is reached with the packages around it.
        assert!(found.contains(&wanted[1].to_owned()), "{found:?}");
        let start = Start::File("/code/app/main.py");
        let found = reached(&files, start, Some(&["/code/app"]), &tree).unwrap();
        assert!(found.contains(&wanted[1].to_owned()), "{found:?}");
    }

    #[test]
    fn what_two_files_could_be_is_not_guessed() {
        let files = [("a/main.py", ""), ("b/main.py", ""), ("c/only.py", "")];
        let tree = Tree::of_project();
        let start = Start::Module("main");
        assert!(reached(&files, start, None, &tree).is_err());
        assert!(reached(&files, start, Some(&[""]), &tree).is_err());
        assert_eq!(
            reached(&files, Start::Module("only"), None, &tree).unwrap(),
            ["c/only.py"]
        );
        assert!(reached(&files, Start::Module("nothing"), None, &tree).is_err());
    }

    #[test]
    fn modules_that_are_loaded_by_name_are_a_doubt_and_django_s_settings_are_reached() {
        let files = [
            (
                "site/wsgi.py",
                "import os, importlib\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site.settings')\nx = importlib.import_module(y)\n",
            ),
            ("site/settings.py", "DATABASES = {}\n"),
        ];
        let project = scan(ProjectSources::from_texts(files));
        let folders = [String::new()];
        let reach = project
            .reach(
                Start::Module("site.wsgi"),
                Some(&folders),
                &Tree::of_project(),
            )
            .unwrap();
        assert!(reach.files.contains("site/settings.py"));
        assert_eq!(
            reach.doubt.as_deref(),
            Some("site/wsgi.py:3 loads modules by name")
        );
    }
}
