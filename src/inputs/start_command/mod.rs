//! What a start command runs: which server, which module, where, and with how many processes.
//!
//! Pure: the variables and the gunicorn configuration are handed in.

use crate::facts::Value;

mod arguments;
mod framework;
mod gunicorn_config;
mod options;
mod program;
mod server;
mod shell;
mod wrapper;

pub use program::Program;

/// What surrounds a start command.
#[derive(Clone, Copy)]
pub struct Around<'a> {
    /// What a variable is set to; `None` where nothing sets it.
    pub variable: &'a dyn Fn(&str) -> Option<Value>,
    /// The text of a file, by its path relative to the folder in which the service starts.
    pub file: &'a dyn Fn(&str) -> Option<String>,
}

/// What a process loads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// `app.main:app`, `-m app.main`, `-A app.jobs`.
    Module {
        /// The module.
        module: String,
        /// What is taken from it; `None` where it is only run or searched.
        attribute: Option<String>,
    },
    /// A Python file, relative to the process's folder.
    File(String),
    /// A shell script, relative to the process's folder; its text would tell more.
    Script(String),
}

/// A number of processes, or why it is not known (fits after "the number of workers is").
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Count {
    /// This many.
    Known(u32),
    /// It cannot be known.
    Unknown(String),
}

/// One process of a start command that stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// The program.
    pub program: Program,
    /// What it loads; `None` where the command does not tell.
    pub target: Option<Target>,
    /// Where it runs, relative to the folder in which the service starts; `.` for that folder, an
    /// absolute path where the command names one.
    pub folder: String,
    /// How many processes of the application it makes.
    pub workers: Count,
    /// Where that number comes from: `-w 4`, `$WEB_CONCURRENCY`, `gunicorn's default`.
    pub workers_from: String,
    /// The variables that the command sets for it, last one last.
    pub variables: Vec<(String, Value)>,
}

/// How often a command may wrap another: `sh -c "poetry run …"`.
const MAX_WRAPS: usize = 8;

/// Returns the processes that a start command leaves running; what only prepares (migrations,
/// `mkdir`) is left out.
pub fn parse(command: &str, around: Around<'_>) -> Vec<Process> {
    let mut processes = Vec::new();
    run(command, around, State::default(), &mut processes, 0);
    processes
}

/// What the commands of a line hand on to the next one.
#[derive(Clone)]
struct State {
    folder: String,
    variables: Vec<(String, Value)>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            folder: ".".to_owned(),
            variables: Vec::new(),
        }
    }
}

impl State {
    /// Returns what a variable is set to here.
    fn get(&self, name: &str, around: Around<'_>) -> Option<Value> {
        let own = self.variables.iter().rev().find(|(known, _)| known == name);
        match own {
            Some((_, value)) => Some(value.clone()),
            None => (around.variable)(name),
        }
    }
}

fn run(
    text: &str,
    around: Around<'_>,
    mut state: State,
    processes: &mut Vec<Process>,
    depth: usize,
) {
    let lookup = |name: &str| (around.variable)(name);
    for words in shell::commands(text, &lookup) {
        let words = without_keywords(words);
        let (assignments, words) = split_assignments(words);
        let Some(first) = words.first() else {
            state.variables.extend(assignments);
            continue;
        };
        match (first.text.as_str(), words.get(1)) {
            ("cd" | "pushd", Some(to)) => state.folder = joined(&state.folder, to),
            (
                "for" | "case" | "fi" | "done" | "esac" | "}" | "[" | "[[" | "trap" | "exit"
                | "return" | "local" | "umask" | "ulimit" | "wait" | "read" | ":" | "command",
                _,
            ) => {}
            ("export" | "set" | "source" | ".", _) => {
                let (exported, _) = split_assignments(words[1..].to_vec());
                state.variables.extend(exported);
            }
            _ => {
                let mut own = state.clone();
                own.variables.extend(assignments);
                program::read(&words, around, own, processes, depth);
            }
        }
    }
}

/// Takes the shell's own words off the front of a command: `then gunicorn …`.
fn without_keywords(mut words: Vec<shell::Word>) -> Vec<shell::Word> {
    const KEYWORDS: [&str; 10] = [
        "if", "then", "elif", "else", "while", "until", "do", "{", "!", "time",
    ];
    let is_keyword = |word: &shell::Word| KEYWORDS.contains(&word.text.as_str());
    let count = words.iter().take_while(|word| is_keyword(word)).count();
    words.drain(..count);
    words
}

/// Splits `NAME=value` words off the front of a command.
fn split_assignments(words: Vec<shell::Word>) -> (Vec<(String, Value)>, Vec<shell::Word>) {
    let mut assignments = Vec::new();
    let mut words = words.into_iter().peekable();
    let is_assignment = |word: &shell::Word| {
        let name = word.text.split('=').next().unwrap_or_default();
        let fits = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        name.len() < word.text.len()
            && !name.is_empty()
            && !name.starts_with(|letter: char| letter.is_ascii_digit())
            && name.chars().all(fits)
    };
    while let Some(word) = words.next_if(is_assignment) {
        let (name, text) = word.text.split_once('=').unwrap_or((&word.text, ""));
        let value = match word.unknown {
            Some(reason) => Value::Unknown(reason),
            None => Value::Known(text.into()),
        };
        assignments.push((name.to_owned(), value));
    }
    (assignments, words.collect())
}

/// Returns a folder as seen from another; what cannot be known, or lies above the start, is `?`.
fn joined(folder: &str, to: &shell::Word) -> String {
    let is_absolute = to.text.starts_with('/');
    let is_lost = folder == UNKNOWN_FOLDER && !is_absolute;
    if to.unknown.is_some() || to.text.starts_with(['~', '-']) || is_lost {
        return UNKNOWN_FOLDER.to_owned();
    }
    let folder = if is_absolute { "/" } else { folder };
    let top = if folder.starts_with('/') { "/" } else { "" };
    let mut parts: Vec<&str> = folder
        .split('/')
        .filter(|part| !matches!(*part, "" | "."))
        .collect();
    for part in to.text.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                if parts.pop().is_none() {
                    return UNKNOWN_FOLDER.to_owned();
                }
            }
            name => parts.push(name),
        }
    }
    match (top, parts.is_empty()) {
        ("", true) => ".".to_owned(),
        _ => format!("{top}{}", parts.join("/")),
    }
}

/// The folder of a process that cannot be known, or lies above the service's.
pub const UNKNOWN_FOLDER: &str = "?";

#[cfg(test)]
mod tests;
