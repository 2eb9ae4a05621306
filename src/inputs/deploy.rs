//! What every deploy file comes to: environments, and the problems met on the way.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::yaml::Node;
use crate::facts::{Deployment, Environment, EnvironmentKind, FileProblem, Value, Variable};
use crate::value::{Origin, Secret, Sourced};

/// What a deploy file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deploy {
    /// One environment per service.
    pub environments: Vec<Environment>,
    /// What could not be read of it; the rest counts all the same.
    pub problems: Vec<FileProblem>,
}

impl Deploy {
    /// Returns what a file comes to that cannot be read at all.
    pub(super) fn unreadable(problem: FileProblem) -> Self {
        Self {
            environments: Vec::new(),
            problems: vec![problem],
        }
    }
}

/// The most bytes that a file's environments may come to: many services can share many variables.
const MAX_BYTES: usize = 16 << 20;

/// The environments of one file, up to a size.
#[derive(Default)]
pub(super) struct Environments {
    list: Vec<Environment>,
    bytes: usize,
}

impl Environments {
    /// Adds an environment; false where it does not fit, and nothing more will.
    pub(super) fn push(&mut self, environment: Environment) -> bool {
        let of_variable = |variable: &Variable| {
            let value = match &variable.value {
                Value::Known(text) => text.expose().len(),
                Value::Unknown(reason) => reason.len(),
            };
            128 + variable.name.len() + value
        };
        let bytes: usize = environment.variables.iter().map(of_variable).sum();
        self.bytes += 256 + bytes;
        let fits = self.bytes <= MAX_BYTES;
        if fits {
            self.list.push(environment);
        }
        fits
    }

    /// Returns what the file comes to, its problems in the order of their places.
    pub(super) fn into_deploy(self, mut problems: Vec<FileProblem>) -> Deploy {
        problems.sort_by_key(|problem| (problem.line, problem.column));
        problems.dedup();
        if self.bytes > MAX_BYTES {
            problems.push(FileProblem {
                message: "declares more services with more variables than are read".to_owned(),
                line: None,
                column: None,
            });
        }
        Deploy {
            environments: self.list,
            problems,
        }
    }
}

/// Variables by name: a later one replaces an earlier one.
#[derive(Clone, Debug, Default)]
pub(super) struct Variables {
    list: Vec<Option<Variable>>,
    places: BTreeMap<String, usize>,
}

impl Variables {
    /// Sets a variable, also one that is set already.
    pub(super) fn set(&mut self, variable: Variable) {
        let place = self.list.len();
        if let Some(before) = self.places.insert(variable.name.clone(), place) {
            self.list[before] = None;
        }
        self.list.push(Some(variable));
    }

    /// Returns a variable by its name.
    pub(super) fn get(&self, name: &str) -> Option<&Variable> {
        self.list[*self.places.get(name)?].as_ref()
    }

    /// Returns whether nothing is set.
    pub(super) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Returns the variables in the order in which they were set.
    pub(super) fn into_vec(self) -> Vec<Variable> {
        self.list.into_iter().flatten().collect()
    }
}

/// Returns a service's environment, named `render.yaml:api`.
pub(super) fn environment(
    path: &str,
    service: &str,
    variables: Variables,
    deployment: Deployment,
) -> Environment {
    Environment {
        name: format!("{path}:{service}"),
        kind: EnvironmentKind::Service,
        variables: variables.into_vec(),
        deployment: Some(deployment),
    }
}

/// Returns a node's place in a file.
pub(super) fn origin(path: &str, node: &Node) -> Origin {
    Origin::file(path, node.line, node.column)
}

/// Returns the text of a scalar value; null is the empty text. Anything else is a problem.
pub(super) fn scalar(node: &Node, what: &str) -> Result<Value, FileProblem> {
    if node.is_null() {
        return Ok(Value::Known(Secret::default()));
    }
    match node.text() {
        Some(text) => Ok(Value::Known(Secret::new(text))),
        None => Err(node.problem(format!(
            "has {} as {what}, which must be a text, a number, or true or false",
            node.kind()
        ))),
    }
}

/// Returns a text with its place; a list is joined as a shell would see it.
pub(super) fn command(path: &str, node: &Node) -> Option<Sourced<String>> {
    let text = if node.is_list() {
        let words: Vec<&str> = node.items().iter().filter_map(|item| item.text()).collect();
        (words.len() == node.items().len()).then(|| quoted(&words))?
    } else {
        node.text()?.trim().to_owned()
    };
    (!text.is_empty()).then(|| Sourced::new(text, origin(path, node)))
}

/// Joins words so that a shell splits them in the same places.
pub(super) fn quoted(words: &[&str]) -> String {
    let is_plain = |word: &str| {
        let special = |letter: char| letter.is_whitespace() || "'\"&|;()<>#".contains(letter);
        !word.is_empty() && !word.contains(special)
    };
    let words = words.iter().map(|word| {
        if is_plain(word) {
            (*word).to_owned()
        } else {
            format!("'{}'", word.replace('\'', "'\\''"))
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Reads a count of at least 0.
pub(super) fn count(
    path: &str,
    node: &Node,
    what: &str,
    problems: &mut Vec<FileProblem>,
) -> Option<Sourced<u32>> {
    let number = node.text().and_then(|text| text.parse::<u32>().ok());
    if number.is_none() {
        problems.push(node.problem(format!("has a `{what}` that is no whole number")));
    }
    number.map(|number| Sourced::new(number, origin(path, node)))
}

/// Returns a list under a key; what is there but is no list is a problem.
pub(super) fn list<'a>(
    node: &'a Node,
    key: &str,
    problems: &mut Vec<FileProblem>,
) -> &'a [Rc<Node>] {
    match node.get(key) {
        None => &[],
        Some(list) if list.is_list() => list.items(),
        Some(other) => {
            problems.push(other.problem(format!(
                "has a `{key}` that is {}, not a list",
                other.kind()
            )));
            &[]
        }
    }
}

/// Returns a folder that a deploy file names relative to itself, as it lies in the project; `None`
/// where that is outside of it.
pub(super) fn below(path: &str, folder: &str) -> Option<String> {
    if folder.starts_with(['/', '~']) || folder.contains("://") || folder.contains('$') {
        return None;
    }
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for part in folder.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(if parts.is_empty() {
        ".".to_owned()
    } else {
        parts.join("/")
    })
}

/// Returns a name as a message may show it: short and printable.
pub(super) fn shown(name: &str) -> String {
    let fits = |letter: char| !letter.is_control() && letter != '`';
    if name.chars().count() <= 64 && name.chars().all(fits) {
        name.to_owned()
    } else {
        "…".to_owned()
    }
}
