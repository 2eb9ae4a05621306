//! Python sources: which database engines a project makes, and what each of them really gets.
//!
//! [`scan`] takes the texts; [`Project::engines`] evaluates them, without running anything, once by
//! the code alone and once per environment that sets a variable which they read. [`read()`] is the
//! thin part that walks a folder.

#![allow(
    clippy::assigning_clones,
    clippy::case_sensitive_file_extension_comparisons,
    clippy::explicit_counter_loop,
    clippy::match_same_arms,
    clippy::naive_bytecount,
    clippy::needless_pass_by_value,
    clippy::too_many_lines,
    clippy::type_complexity,
    clippy::unnecessary_wraps,
    clippy::unused_self,
    clippy::wrong_self_convention,
    clippy::zero_sized_map_values,
    reason = "each kind of expression has a method of the same shape, in the order of Python's grammar"
)]

mod environ;
mod eval;
mod guard;
mod heap;
mod modules;
mod overlooked;
mod reach;
mod read;
mod record;
mod resolve;
mod role;
mod settings;
mod source;
mod syntax;
mod value;
mod versions;
mod words;
mod written;

pub use reach::{Reach, Start, Tree};
pub use read::read;
pub use source::{FILE_CAP, ProjectSources, SourceFile};

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use eval::{Evaluator, Outcome, Taints, Variable};
use modules::Modules;
use record::{Address, Record};
use value::Place;
use words::Words;

use crate::facts::{ArgumentValue, Engine, Environment, ProjectFile, Role, Value, VariableRead};
use crate::inputs::progress::Progress;

/// The words without which a file makes no engine.
const WORDS: [&str; 12] = [
    "create_engine",
    "create_async_engine",
    "engine_from_config",
    "asyncpg",
    "psycopg",
    "flask_sqlalchemy",
    "SQLAlchemy(",
    "SQLALCHEMY_",
    "DATABASES",
    "create_pool",
    "ConnectionPool",
    "init_app(",
];

/// A project's Python sources, ready to be asked.
#[derive(Debug)]
pub struct Project {
    modules: Modules,
}

/// Takes the texts of a project.
pub fn scan(sources: ProjectSources) -> Project {
    Project {
        modules: Modules::new(sources),
    }
}

/// What the sources tell under some environments.
#[derive(Debug, Default)]
pub struct Findings {
    /// The engines: for each call one by the code alone, and one per environment that matters.
    pub engines: Vec<Engine>,
    /// The variables that the code reads.
    pub variables: Vec<VariableRead>,
    /// The files that could not be read or parsed, and those that were.
    pub files: Vec<ProjectFile>,
}

impl Project {
    /// Finds the engines and resolves what each gets: by the code alone, and in each environment
    /// that sets a variable on which it depends.
    pub fn findings(&self, environments: &[Environment], progress: &Progress) -> Findings {
        syntax::with_room(|| self.evaluate(environments, progress))
    }

    /// Returns the engines alone.
    pub fn engines(&self, environments: &[Environment]) -> Vec<Engine> {
        self.findings(environments, &Progress::default()).engines
    }

    fn evaluate(&self, environments: &[Environment], progress: &Progress) -> Findings {
        let mut names: BTreeSet<String> = BTreeSet::new();
        let mut words = Words::new(&WORDS, &names, &self.modules);
        let mut files = self.files_with(&words);
        self.modules.parse_all(&files);
        let mut taints = Taints::new();
        let nothing = BTreeMap::new();
        let mut watched = BTreeSet::new();
        let mut outcome = self.run(&files, &nothing, &taints, &words, &watched, progress);
        let mut makes_engines = false;
        // Where a name stands that holds a word, the word is found without it.
        let is_new = |name: &&Rc<str>| !WORDS.iter().any(|word| name.contains(word));
        for _ in 0..4 {
            let before = (files.len(), taints.len(), watched.len());
            let known = names.len();
            makes_engines |= !outcome.records.is_empty() || !outcome.wrappers.is_empty();
            let wrappers = outcome.wrappers.iter().filter(is_new);
            names.extend(wrappers.map(ToString::to_string));
            if known < names.len() {
                words = Words::new(&WORDS, &names, &self.modules);
                files.extend(self.files_with(&words));
            }
            // What no engine can be made of, none can be changed in.
            if makes_engines {
                files.extend(self.files_writing(&outcome));
            }
            taints.append(&mut outcome.taints);
            watched.append(&mut outcome.attributes);
            if before == (files.len(), taints.len(), watched.len()) {
                break;
            }
            outcome = self.run(&files, &nothing, &taints, &words, &watched, progress);
        }
        let variables = self.variables(&outcome);
        let unconverted = self.unconverted(&files, &outcome, &taints, &words, &watched, progress);
        let mut code = resolve::by_call(outcome.records, &self.modules);
        let seen: BTreeSet<Place> = code.keys().copied().collect();
        for &file in &self.files_with(&words) {
            for record in overlooked::overlooked(&self.modules, file, &seen) {
                code.insert(record.place, record);
            }
        }
        let mut engines = Vec::new();
        let mut by_environment: Vec<(&str, BTreeMap<Place, Record>, BTreeSet<Rc<str>>)> =
            Vec::new();
        for environment in environments {
            let set = known(environment);
            let read = |name: &Rc<str>| {
                outcome
                    .variables
                    .iter()
                    .any(|read| read.eq_ignore_ascii_case(name))
                    || outcome.prefixes.iter().any(|prefix| {
                        name.to_ascii_lowercase()
                            .starts_with(&prefix.to_ascii_lowercase())
                    })
            };
            if set.keys().any(read) {
                let outcome = self.run(&files, &set, &taints, &words, &watched, progress);
                let records = resolve::by_call(outcome.records, &self.modules);
                by_environment.push((&environment.name, records, set.into_keys().collect()));
            }
        }
        for (name, records) in self.on_postgres(environments, &code, |set| {
            self.run(&files, set, &taints, &words, &watched, progress)
        }) {
            for (place, here) in &records {
                if let Some(record) = code.get(place) {
                    engines.push(resolve::engine(here, record, Some(&name), &self.modules));
                }
            }
        }
        for (place, record) in &code {
            engines.push(resolve::engine(record, record, None, &self.modules));
            for (name, records, set) in &by_environment {
                let Some(here) = records.get(place) else {
                    continue;
                };
                let matters =
                    |reads: &BTreeSet<Rc<str>>| reads.iter().any(|read| set.contains(read));
                if matters(&here.reads) || matters(&record.reads) || here.differs(record) {
                    engines.push(resolve::engine(here, record, Some(name), &self.modules));
                }
            }
        }
        // What an environment alone makes, as `DATABASES` where its variable is set.
        for (name, records, _) in &by_environment {
            for (_, here) in records
                .iter()
                .filter(|(place, _)| !code.contains_key(place))
            {
                let nothing = Record {
                    arguments: Vec::new(),
                    open: vec![(String::new(), "the code alone does not make it".to_owned())],
                    ..here.clone()
                };
                engines.push(resolve::engine(here, &nothing, Some(name), &self.modules));
            }
        }
        for engine in &mut engines {
            let place = (engine.path.clone(), engine.line);
            engine.details.unconverted = unconverted.get(&place).cloned().unwrap_or_default();
        }
        engines.sort_by(|a, b| {
            (&a.path, a.line, a.details.column).cmp(&(&b.path, b.line, b.details.column))
        });
        Findings {
            engines,
            variables,
            files: self.problems(),
        }
    }

    /// Returns what the calls get that use `sqlite` by default, where a variable which no environment
    /// sets names a database of PostgreSQL: by what the variable would be for, and for each such call.
    ///
    /// Only a project that speaks of PostgreSQL elsewhere is deployed with it.
    fn on_postgres(
        &self,
        environments: &[Environment],
        code: &BTreeMap<Place, Record>,
        run: impl Fn(&BTreeMap<Rc<str>, Variable>) -> Outcome,
    ) -> Vec<(String, BTreeMap<Place, Record>)> {
        let by_default = |record: &Record| {
            let variable = record.address_how.variable()?;
            let is_set = environments
                .iter()
                .flat_map(|environment| &environment.variables)
                .any(|set| set.name.eq_ignore_ascii_case(variable));
            let sqlite = matches!(&record.address, Address::Known(text) if text.expose().starts_with("sqlite"));
            (sqlite && !is_set && record.role == Role::App).then(|| Rc::clone(variable))
        };
        let variables: BTreeSet<Rc<str>> = code.values().filter_map(by_default).collect();
        if variables.is_empty() || !self.speaks_of_postgres() {
            return Vec::new();
        }
        let mut all = Vec::new();
        for variable in variables {
            let stand_in = Variable::Known("postgresql://user@host/database".into());
            let set = BTreeMap::from([(Rc::clone(&variable), stand_in)]);
            let mut records = resolve::by_call(run(&set).records, &self.modules);
            records.retain(|place, record| {
                let here = code.get(place).and_then(by_default);
                here.as_ref() == Some(&variable)
                    && record.address_reads.contains(&variable)
                    && record.reached != Some(false)
                    && record.role == Role::App
            });
            let reason = format!("`${variable}`, which no environment sets");
            for record in records.values_mut() {
                record.address = match &record.address {
                    Address::Known(text) => match text.expose().split_once("://") {
                        Some((scheme, _)) if scheme.contains('+') => {
                            Address::Scheme(scheme.to_owned(), reason.clone())
                        }
                        _ => Address::Unknown(reason.clone()),
                    },
                    other => other.clone(),
                };
            }
            all.push((format!("PostgreSQL (${variable})"), records));
        }
        all
    }

    /// Returns whether the code or its requirements name PostgreSQL or one of its drivers.
    fn speaks_of_postgres(&self) -> bool {
        let driver = |text: &str| {
            let text = text.to_ascii_lowercase();
            ["psycopg", "asyncpg", "pg8000"]
                .iter()
                .any(|name| text.contains(name))
        };
        ["postgres", "Postgres"]
            .iter()
            .any(|name| self.modules.mentions(name).is_some())
            || self
                .modules
                .sources()
                .requirements
                .iter()
                .any(|(_, text)| driver(text))
    }

    fn run(
        &self,
        files: &BTreeSet<usize>,
        environment: &BTreeMap<Rc<str>, Variable>,
        taints: &Taints,
        words: &Words,
        watched: &BTreeSet<Rc<str>>,
        progress: &Progress,
    ) -> Outcome {
        let files: Vec<usize> = files.iter().copied().collect();
        // The same files are run again and again: a count of them would start over each time.
        progress.begin(0);
        Evaluator::new(&self.modules, environment, taints, words, watched).run(&files)
    }

    /// Returns the settings, by call, that get a text where every variable is set to one.
    fn unconverted(
        &self,
        files: &BTreeSet<usize>,
        outcome: &Outcome,
        taints: &Taints,
        words: &Words,
        watched: &BTreeSet<Rc<str>>,
        progress: &Progress,
    ) -> BTreeMap<(String, u32), Vec<String>> {
        let address = |name: &str| {
            ["URL", "URI", "DSN", "HOST", "NAME"]
                .iter()
                .any(|word| name.to_uppercase().contains(word))
        };
        let all: BTreeMap<Rc<str>, Variable> = outcome
            .variables
            .iter()
            .filter(|name| !address(name))
            .map(|name| (Rc::clone(name), Variable::Known("1".into())))
            .collect();
        let mut found = BTreeMap::new();
        let may_be_raw = outcome.records.iter().any(|record| {
            let of_pool = |argument: &&record::Argument| {
                argument.name.starts_with("pool_") || argument.name == "max_overflow"
            };
            record.arguments.iter().filter(of_pool).any(|argument| {
                argument.how.variable().is_some()
                    || !record.reads.is_empty()
                        && matches!(argument.value, ArgumentValue::Unknown(_))
            })
        });
        if !may_be_raw {
            return found;
        }
        for (place, record) in resolve::by_call(
            self.run(files, &all, taints, words, watched, progress)
                .records,
            &self.modules,
        ) {
            let raw: Vec<String> = record
                .arguments
                .iter()
                .filter(|argument| {
                    argument.name.starts_with("pool_") || argument.name == "max_overflow"
                })
                .filter(|argument| {
                    matches!(argument.value, ArgumentValue::Text(_))
                        && matches!(argument.how, value::How::Env(_))
                })
                .map(|argument| argument.name.clone())
                .collect();
            if !raw.is_empty() {
                let line = self.modules.line(place.file, place.offset);
                found.insert((self.modules.path(place.file).to_owned(), line), raw);
            }
        }
        found
    }

    /// Returns the files that hold one of the words.
    fn files_with(&self, words: &Words) -> BTreeSet<usize> {
        (0..self.modules.files().len())
            .filter(|&file| words.in_file(&self.modules, file))
            .collect()
    }

    /// Returns the files that may write a constant or a field that others read, `config.POOL = 20`.
    fn files_writing(&self, outcome: &Outcome) -> BTreeSet<usize> {
        if outcome.attributes.is_empty() {
            return BTreeSet::new();
        }
        (0..self.modules.files().len())
            .filter(|&file| self.modules.role(file) == Role::App)
            .filter(|&file| {
                let mut names = outcome.attributes.iter().map(|name| &**name);
                self.modules.written(file).writes(&mut names)
            })
            .collect()
    }

    fn variables(&self, outcome: &Outcome) -> Vec<VariableRead> {
        let mut all: BTreeMap<String, Vec<(String, String, u32)>> = BTreeMap::new();
        for name in &outcome.variables {
            all.entry(name.to_string()).or_default();
        }
        for (name, default, file, line) in &outcome.defaults {
            let place = (default.clone(), self.modules.path(*file).to_owned(), *line);
            all.entry(name.clone()).or_default().push(place);
        }
        all.into_iter()
            .map(|(name, defaults)| VariableRead { name, defaults })
            .collect()
    }

    fn problems(&self) -> Vec<ProjectFile> {
        let mut files = self.modules.sources().problems.clone();
        files.extend((0..self.modules.files().len()).map(|file| ProjectFile {
            path: self.modules.path(file).to_owned(),
            problem: self.modules.problem(file),
        }));
        files.sort_by(|a, b| a.path.cmp(&b.path));
        files
    }
}

/// Returns what an environment says of each of its variables.
fn known(environment: &Environment) -> BTreeMap<Rc<str>, Variable> {
    environment
        .variables
        .iter()
        .map(|variable| {
            let value = match &variable.value {
                Value::Known(text) => Variable::Known(text.expose().into()),
                Value::Unknown(reason) => Variable::Unknown(reason.as_str().into()),
            };
            (variable.name.as_str().into(), value)
        })
        .collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a panic is the test's failure")]
mod tests;
