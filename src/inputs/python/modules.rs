//! The files of a project as modules: their names, their trees, and which file an import names.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::Range;
use std::rc::Rc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use ruff_python_ast::statement_visitor::{StatementVisitor, walk_stmt};
use ruff_python_ast::{Stmt, StmtClassDef};
use ruff_text_size::Ranged;

use super::environ::{self, EnvironWrite};
use super::heap::Key;
use super::role::role_of;
use super::source::{ProjectSources, SourceFile};
use super::syntax::{Syntax, parse, with_helpers};
use super::value::Place;
use super::written::{Written, changing_lines};
use crate::facts::{FileProblem, Role};

/// Libraries that a file of the same name in a project's folder does not hide.
const LIBRARIES: [&str; 20] = [
    "sqlalchemy",
    "sqlmodel",
    "asyncpg",
    "psycopg",
    "psycopg2",
    "psycopg_pool",
    "django",
    "flask",
    "flask_sqlalchemy",
    "pydantic",
    "pydantic_settings",
    "starlette",
    "decouple",
    "environs",
    "environ",
    "os",
    "ssl",
    "typing",
    "logging",
    "functools",
];

/// How many files one thread parses before another is worth its start.
const ALONE: usize = 8;

/// What one walk over a file's statements finds.
#[derive(Debug, Default)]
struct Outline {
    /// Names that a function declares `global`, with the place.
    volatile: Vec<(String, u32)>,
    /// The modules that the file imports everything from.
    stars: Vec<String>,
    /// The modules that the file imports: level, module, names.
    imports: Vec<(u32, String, Vec<String>)>,
}

/// The files of a project.
#[derive(Debug)]
pub(super) struct Modules {
    sources: ProjectSources,
    by_path: HashMap<String, usize>,
    /// Each name that a folder or a file of the project has: what an import can start with.
    names: HashSet<Box<str>>,
    /// The application's files by their paths below the folders at the top of the project.
    below_top: OnceLock<BTreeMap<Box<str>, Vec<usize>>>,
    outlines: Vec<OnceLock<Outline>>,
    written: Vec<OnceLock<Written>>,
    changing: Vec<OnceLock<Vec<u32>>>,
    /// The variables that the application's files set, by their names in lower case.
    environ_writes: OnceLock<BTreeMap<String, Vec<(usize, EnvironWrite)>>>,
    roles: Vec<Role>,
}

impl Modules {
    pub(super) fn new(sources: ProjectSources) -> Self {
        let by_path = sources
            .python
            .iter()
            .enumerate()
            .map(|(index, file)| (file.path.clone(), index))
            .collect();
        let names = sources
            .python
            .iter()
            .flat_map(|file| {
                file.path
                    .strip_suffix(".py")
                    .unwrap_or(&file.path)
                    .split('/')
            })
            .collect::<HashSet<&str>>();
        let names = names.into_iter().map(Box::from).collect();
        let count = sources.python.len();
        let roles = sources
            .python
            .iter()
            .map(|file| role_of(&file.path, &file.text))
            .collect();
        Self {
            sources,
            by_path,
            names,
            below_top: OnceLock::new(),
            outlines: (0..count).map(|_| OnceLock::new()).collect(),
            written: (0..count).map(|_| OnceLock::new()).collect(),
            changing: (0..count).map(|_| OnceLock::new()).collect(),
            environ_writes: OnceLock::new(),
            roles,
        }
    }

    pub(super) fn sources(&self) -> &ProjectSources {
        &self.sources
    }

    pub(super) fn files(&self) -> &[SourceFile] {
        &self.sources.python
    }

    pub(super) fn file_at(&self, path: &str) -> Option<usize> {
        self.by_path.get(path).copied()
    }

    pub(super) fn path(&self, file: usize) -> &str {
        &self.sources.python[file].path
    }

    pub(super) fn text(&self, file: usize) -> &str {
        &self.sources.python[file].text
    }

    /// Returns what a file's code writes from outside.
    pub(super) fn written(&self, file: usize) -> &Written {
        self.written[file].get_or_init(|| Written::of(self.text(file)))
    }

    /// Returns the lines of a stretch of a file that may change an object.
    pub(super) fn changing_lines(
        &self,
        file: usize,
        stretch: Range<u32>,
    ) -> impl Iterator<Item = &str> {
        let starts = self.changing[file].get_or_init(|| changing_lines(self.text(file)));
        let first = starts.partition_point(|&start| start <= stretch.start);
        let text = self.text(file).get(..stretch.end as usize).unwrap_or("");
        starts[first.saturating_sub(1)..]
            .iter()
            .filter_map(move |&start| {
                // The stretch may start within its first line, which may not be one of these.
                let line = text.get(start as usize..)?.lines().next()?;
                let hidden = stretch.start.saturating_sub(start) as usize;
                line.get(hidden..)
            })
    }

    /// Returns where the application itself sets a variable, whose name is given in lower case.
    pub(super) fn environ_writes_of(&self, name: &str) -> &[(usize, EnvironWrite)] {
        let all = self.environ_writes.get_or_init(|| {
            let mut all: BTreeMap<String, Vec<(usize, EnvironWrite)>> = BTreeMap::new();
            for file in (0..self.files().len()).filter(|&file| self.role(file) == Role::App) {
                for write in environ::writes(self.text(file)) {
                    let name = write.name.to_ascii_lowercase();
                    all.entry(name).or_default().push((file, write));
                }
            }
            all
        });
        all.get(name).map_or(&[], Vec::as_slice)
    }

    pub(super) fn role(&self, file: usize) -> Role {
        self.roles[file]
    }

    pub(super) fn syntax(&self, file: usize) -> Result<&Syntax, &FileProblem> {
        let source = &self.sources.python[file];
        source.syntax.get_or_init(|| parse(&source.text)).as_ref()
    }

    /// Parses files on as many threads as there are cores; others are parsed once they are asked for.
    pub(super) fn parse_all(&self, files: &BTreeSet<usize>) {
        let files: Vec<usize> = files.iter().copied().collect();
        let next = AtomicUsize::new(0);
        with_helpers(files.len() / ALONE, || {
            while let Some(&file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                // The tree stays where it is; a file that is none says so once it is asked for.
                let _ = self.syntax(file);
            }
        });
    }

    /// Returns the statements of a file that is Python.
    pub(super) fn body(&self, file: usize) -> Option<&[Stmt]> {
        self.syntax(file)
            .ok()
            .filter(|syntax| !syntax.template)
            .map(|syntax| &syntax.module.body[..])
    }

    /// Returns why a file was not read or parsed, where it was looked at.
    pub(super) fn problem(&self, file: usize) -> Option<FileProblem> {
        match self.sources.python[file].syntax.get()? {
            Ok(syntax) => syntax.error.clone(),
            Err(problem) => Some(problem.clone()),
        }
    }

    pub(super) fn is_broken(&self, file: usize) -> bool {
        self.syntax(file)
            .map_or(true, |syntax| syntax.error.is_some())
    }

    pub(super) fn line(&self, file: usize, offset: u32) -> u32 {
        self.syntax(file).map_or(1, |syntax| syntax.line(offset))
    }

    pub(super) fn line_and_column(&self, place: Place) -> (u32, u32) {
        self.syntax(place.file).map_or((1, 1), |syntax| {
            syntax.place(self.text(place.file), place.offset)
        })
    }

    fn outline(&self, file: usize) -> &Outline {
        self.outlines[file].get_or_init(|| {
            let mut finder = Finder::default();
            if let Some(body) = self.body(file) {
                for statement in body {
                    finder.visit_stmt(statement);
                }
            }
            finder.outline
        })
    }

    /// Returns the names that some function of a file declares `global`.
    pub(super) fn volatile(&self, file: usize) -> impl Iterator<Item = (Rc<str>, u32)> {
        self.outline(file)
            .volatile
            .iter()
            .map(|(name, offset)| (Rc::from(name.as_str()), *offset))
    }

    pub(super) fn is_volatile(&self, file: usize, key: &Key) -> bool {
        matches!(key, Key::Name(name) if self.outline(file).volatile.iter().any(|(known, _)| **known == **name))
    }

    /// Returns the modules that a file imports everything from.
    pub(super) fn stars(&self, file: usize) -> &[String] {
        &self.outline(file).stars
    }

    /// Returns the class that is defined at a place.
    pub(super) fn class_at(&self, place: Place) -> Option<&StmtClassDef> {
        find_class(self.body(place.file)?, place.offset)
    }

    /// Returns whether a file is one of Django's settings.
    pub(super) fn is_django(&self, file: usize) -> bool {
        let text = self.text(file);
        ["django", "INSTALLED_APPS", "dj_database_url"]
            .iter()
            .any(|word| text.contains(word))
    }

    /// Returns the first place outside tests that holds a text.
    pub(super) fn mentions(&self, text: &str) -> Option<String> {
        let file = (0..self.files().len()).find(|&file| {
            self.role(file) == Role::App
                && memchr::memmem::find(self.text(file).as_bytes(), text.as_bytes()).is_some()
        })?;
        let offset = self.text(file).find(text)?;
        let line = self.text(file)[..offset].matches('\n').count() + 1;
        Some(format!("{}:{line}", self.path(file)))
    }

    /// Returns a file's name as a module: `app.database`.
    pub(super) fn dotted(&self, file: usize) -> String {
        let path = self.path(file);
        let stem = path.strip_suffix(".py").unwrap_or(path);
        stem.strip_suffix("/__init__")
            .unwrap_or(stem)
            .replace('/', ".")
    }

    fn folder(path: &str) -> &str {
        path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// Returns the file of a module below a folder.
    fn below(&self, folder: &str, dotted: &str) -> Option<usize> {
        let rest = dotted.replace('.', "/");
        let base = match (folder.is_empty(), rest.is_empty()) {
            (true, _) => rest,
            (false, true) => folder.to_owned(),
            (false, false) => format!("{folder}/{rest}"),
        };
        self.file_at(&format!("{base}/__init__.py"))
            .or_else(|| self.file_at(&format!("{base}.py")))
    }

    fn is_package(&self, folder: &str) -> bool {
        self.by_path.contains_key(&format!("{folder}/__init__.py"))
    }

    /// Returns the folders that an absolute import of a file is looked up in, the likeliest first.
    fn roots(&self, file: usize) -> Vec<String> {
        let own = Self::folder(self.path(file));
        let mut roots = Vec::new();
        let mut folder = own;
        while !folder.is_empty() && self.is_package(folder) {
            folder = Self::folder(folder);
        }
        roots.push(folder.to_owned());
        let mut above = folder;
        while !above.is_empty() {
            above = Self::folder(above);
            roots.push(above.to_owned());
        }
        for root in roots.clone() {
            roots.push(if root.is_empty() {
                "src".to_owned()
            } else {
                format!("{root}/src")
            });
        }
        roots
    }

    /// Returns the file that an absolute import names; `None` for a library.
    pub(super) fn resolve(&self, from: usize, dotted: &str) -> Option<usize> {
        let top = dotted.split('.').next().unwrap_or(dotted);
        if !top.is_empty() && !self.names.contains(top) {
            return None;
        }
        if LIBRARIES.contains(&top) && !self.is_package(top) {
            return None;
        }
        let roots = self.roots(from);
        let found = roots.iter().find_map(|root| self.below(root, dotted));
        if found.is_some() || LIBRARIES.contains(&top) {
            return found.filter(|&file| file != from || dotted == self.dotted(from));
        }
        if roots.iter().any(|root| self.below(root, top).is_some()) {
            return None;
        }
        self.only_folder_with(dotted)
    }

    /// Returns the file that a name has below the only folder that has it: what `PYTHONPATH` names.
    fn only_folder_with(&self, dotted: &str) -> Option<usize> {
        let base = dotted.replace('.', "/");
        let below = self.below_top.get_or_init(|| {
            let mut below: BTreeMap<Box<str>, Vec<usize>> = BTreeMap::new();
            for file in (0..self.files().len()).filter(|&file| self.role(file) == Role::App) {
                if let Some((_, rest)) = self.path(file).split_once('/') {
                    below.entry(rest.into()).or_default().push(file);
                }
            }
            below
        });
        let at = |path: String| below.get(path.as_str()).map_or(&[][..], Vec::as_slice);
        // Each is in a folder of its own.
        match (at(format!("{base}.py")), at(format!("{base}/__init__.py"))) {
            ([file], []) | ([], [file]) => Some(*file),
            ([module], [package]) => {
                let top = |file: usize| self.path(file).split('/').next();
                (top(*module) == top(*package)).then_some(*module)
            }
            _ => None,
        }
    }

    /// Returns a relative import's module as an absolute name below the project.
    pub(super) fn relative(&self, from: usize, level: u32, module: &str) -> Option<String> {
        let folder = self.up(from, level)?;
        let dotted = folder.replace('/', ".");
        Some(match (dotted.is_empty(), module.is_empty()) {
            (true, _) => module.to_owned(),
            (false, true) => dotted,
            (false, false) => format!("{dotted}.{module}"),
        })
    }

    fn up(&self, from: usize, level: u32) -> Option<&str> {
        let mut folder = Self::folder(self.path(from));
        for _ in 1..level {
            if folder.is_empty() {
                return None;
            }
            folder = Self::folder(folder);
        }
        Some(folder)
    }

    /// Returns the file that a relative import names.
    pub(super) fn resolve_relative(&self, from: usize, level: u32, module: &str) -> Option<usize> {
        let folder = self.up(from, level)?;
        self.below(folder, module)
    }

    /// Returns a module inside a package.
    pub(super) fn child(&self, file: usize, name: &str) -> Option<usize> {
        let path = self.path(file);
        let folder = path.strip_suffix("/__init__.py")?;
        self.below(folder, name)
    }

    /// Returns whether a folder holds a Python file, at any depth.
    pub(super) fn has_folder(&self, folder: &str) -> bool {
        let start = format!("{folder}/");
        let files = self.files();
        let first = files.partition_point(|file| file.path < start);
        files
            .get(first)
            .is_some_and(|file| file.path.starts_with(&start))
    }

    /// Returns what a file imports, wherever in it: level, module, names.
    pub(super) fn imports(&self, file: usize) -> &[(u32, String, Vec<String>)] {
        &self.outline(file).imports
    }
}

#[derive(Default)]
struct Finder {
    outline: Outline,
}

impl<'a> StatementVisitor<'a> for Finder {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::Global(global) => {
                for name in &global.names {
                    self.outline
                        .volatile
                        .push((name.id.to_string(), global.start().into()));
                }
            }
            Stmt::Import(import) => {
                for alias in &import.names {
                    self.outline
                        .imports
                        .push((0, alias.name.id.to_string(), Vec::new()));
                }
            }
            Stmt::ImportFrom(import) => {
                let module = import
                    .module
                    .as_ref()
                    .map_or_else(String::new, |name| name.id.to_string());
                let names: Vec<String> = import
                    .names
                    .iter()
                    .map(|alias| alias.name.id.to_string())
                    .collect();
                if names.iter().any(|name| name == "*") {
                    self.outline.stars.push(module.clone());
                }
                self.outline.imports.push((import.level, module, names));
            }
            _ => walk_stmt(self, statement),
        }
    }
}

fn find_class(body: &[Stmt], offset: u32) -> Option<&StmtClassDef> {
    struct Search<'a> {
        offset: u32,
        found: Option<&'a StmtClassDef>,
    }
    impl<'a> StatementVisitor<'a> for Search<'a> {
        fn visit_stmt(&mut self, statement: &'a Stmt) {
            let (start, end) = (u32::from(statement.start()), u32::from(statement.end()));
            if self.found.is_some() || self.offset < start || self.offset >= end {
                return;
            }
            if let Stmt::ClassDef(class) = statement
                && u32::from(class.start()) == self.offset
            {
                self.found = Some(class);
                return;
            }
            walk_stmt(self, statement);
        }
    }
    let mut search = Search {
        offset,
        found: None,
    };
    for statement in body {
        search.visit_stmt(statement);
    }
    search.found
}
