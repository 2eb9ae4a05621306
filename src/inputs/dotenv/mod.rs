//! `.env` files as python-dotenv 1.2 reads them.
//!
//! Other readers (node's dotenv, a shell, Docker) make something else of some lines; a variable
//! on such a line says so.

use std::collections::BTreeMap;

use super::text::Places;
use crate::facts::{Environment, EnvironmentKind, FileProblem, Value, Variable};
use crate::value::{Origin, Secret, Sourced};

mod dissent;
mod lexer;

use lexer::Binding;

/// The most bytes that replacing `${…}` may make of one file: each line can double the one before.
const REPLACED_BYTES: usize = 4 << 20;

/// What a `.env` file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dotenv {
    /// The variables with `${…}` replaced from the file itself; one that needs more is unknown.
    pub variables: Vec<Variable>,
    /// Lines that python-dotenv skips, with their places.
    pub problems: Vec<FileProblem>,
    /// The path as the report shows it.
    path: String,
    /// What each line sets, before `${…}` is replaced.
    lines: Vec<Line>,
}

/// One assignment.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    name: String,
    /// `None` for a bare name, which takes back an earlier value.
    value: Option<Secret>,
    origin: Origin,
    note: Option<String>,
}

/// What a `${NAME}` that the file does not set comes to.
#[derive(Clone, Copy)]
enum Surroundings<'a> {
    /// Nothing is known around the file.
    Unknown,
    /// Every variable around the file is known, and beats the file's.
    Known(&'a BTreeMap<String, Sourced<Secret>>),
}

impl Dotenv {
    /// Returns the variables as a process with these variables around it would get them: a `${…}`
    /// takes the process's value before the file's, and nothing where neither sets it.
    pub fn variables_within(&self, process: &BTreeMap<String, Sourced<Secret>>) -> Vec<Variable> {
        self.resolved(Surroundings::Known(process))
    }

    /// Returns the file as an environment of its own, named by its path.
    pub fn into_environment(self) -> Environment {
        Environment {
            name: self.path,
            kind: EnvironmentKind::Dotenv,
            variables: self.variables,
            deployment: None,
        }
    }

    fn resolved(&self, surroundings: Surroundings<'_>) -> Vec<Variable> {
        let mut variables: Vec<Option<Variable>> = Vec::new();
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        let mut budget = REPLACED_BYTES;
        for line in &self.lines {
            let value = line.value.as_ref().map(|raw| {
                let set = |name: &str| match places.get(name).map(|at| &variables[*at]) {
                    Some(Some(variable)) => Some(variable.value.clone()),
                    // A bare name is set to nothing.
                    Some(None) => Some(Value::Known(Secret::default())),
                    None => None,
                };
                interpolate(raw, set, surroundings, &self.path, &mut budget)
            });
            // The last line of a name counts, and stands where it stands.
            if let Some(at) = places.insert(&line.name, variables.len()) {
                variables[at] = None;
            }
            variables.push(value.map(|value| Variable {
                note: line.note.clone(),
                ..Variable::new(line.name.clone(), value, line.origin.clone())
            }));
        }
        variables.into_iter().flatten().collect()
    }
}

/// Reads a `.env` file.
pub fn parse(path: &str, text: &str) -> Dotenv {
    let places = Places::new(text);
    let mut dotenv = Dotenv {
        path: path.to_owned(),
        ..Dotenv::default()
    };
    for binding in lexer::Lexer::new(text) {
        match binding {
            Binding::Set(assignment) => {
                let (line, column) = places.of(assignment.start);
                dotenv.lines.push(Line {
                    note: dissent::note(&assignment),
                    name: assignment.name,
                    value: Some(Secret::new(assignment.value)),
                    origin: Origin::file(path, line, column),
                });
            }
            Binding::Bare(name) => dotenv.lines.push(Line {
                name,
                value: None,
                origin: Origin::file(path, 1, 1),
                note: None,
            }),
            Binding::Unreadable { start } => {
                let (line, column) = places.of(start);
                dotenv.problems.push(FileProblem {
                    message: "has a line that python-dotenv cannot read and skips".to_owned(),
                    line: Some(line),
                    column: Some(column),
                });
            }
        }
    }
    dotenv.variables = dotenv.resolved(Surroundings::Unknown);
    dotenv
}

/// Replaces `${NAME}` and `${NAME:-default}`, whatever the quotes, as python-dotenv does.
fn interpolate(
    raw: &Secret,
    file: impl Fn(&str) -> Option<Value>,
    surroundings: Surroundings<'_>,
    path: &str,
    budget: &mut usize,
) -> Value {
    let raw = raw.expose();
    if !raw.contains("${") {
        return Value::Known(Secret::new(raw));
    }
    let mut text = String::new();
    let mut rest = raw;
    while let Some(start) = rest.find("${") {
        let Some((name, default, length)) = reference(&rest[start..]) else {
            text.push_str(&rest[..start + 2]);
            rest = &rest[start + 2..];
            continue;
        };
        text.push_str(&rest[..start]);
        rest = &rest[start + length..];
        let around = match surroundings {
            Surroundings::Known(process) => process.get(name),
            Surroundings::Unknown => None,
        };
        match (around, file(name), default, surroundings) {
            (Some(around), _, _, _) => text.push_str(around.value.expose()),
            (None, Some(Value::Known(value)), _, _) => text.push_str(value.expose()),
            (None, Some(unknown @ Value::Unknown(_)), _, _) => return unknown,
            (None, None, Some(default), _) => text.push_str(default),
            (None, None, None, Surroundings::Known(_)) => {}
            (None, None, None, Surroundings::Unknown) => {
                return Value::Unknown(format!(
                    "built from ${{{}}}, which {path} does not set",
                    shown(name)
                ));
            }
        }
        if text.len() > *budget {
            return Value::Unknown("too long once each ${…} in it is replaced".to_owned());
        }
    }
    text.push_str(rest);
    *budget = budget.saturating_sub(text.len());
    Value::Known(Secret::new(text))
}

/// Splits `${NAME}` or `${NAME:-default}` at the start of a text, with its length; `None` where
/// python-dotenv leaves the text as it is (`${NAME:=x}`).
fn reference(text: &str) -> Option<(&str, Option<&str>, usize)> {
    let body = text.strip_prefix("${")?;
    let end = body.find('}')?;
    let inner = &body[..end];
    let (name, default) = match inner.split_once(':') {
        None => (inner, None),
        Some((name, rest)) => (name, Some(rest.strip_prefix('-')?)),
    };
    Some((name, default, 2 + end + 1))
}

/// Returns a variable's name as a message may show it; what is no name may be anything.
fn shown(name: &str) -> &str {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    if name.len() <= 64 && name.chars().all(fits) {
        name
    } else {
        "…"
    }
}

#[cfg(test)]
mod tests;
