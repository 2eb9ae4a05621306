//! One entry of `envVars`.

use super::super::deploy::scalar;
use super::super::yaml::Node;
use crate::facts::{FileProblem, Value};

/// One entry of `envVars`.
pub(super) struct Entry<'a> {
    /// The variable's name; `None` for a group.
    pub(super) key: Option<&'a str>,
    /// Where its value comes from.
    pub(super) source: Source,
    /// The node to open when it must change: the value where there is one.
    pub(super) place: &'a Node,
}

/// Where an entry's value comes from.
pub(super) enum Source {
    /// `value`
    Value(Value),
    /// `fromGroup`
    Group(String),
    /// `sync: false`, or nothing at all, as groups have it.
    Dashboard,
    /// `generateValue: true`
    Generated,
    /// `fromDatabase`
    Database {
        /// The database's name.
        name: String,
        /// Which of its properties.
        property: String,
    },
    /// `fromService`
    Service {
        /// The service's name.
        name: String,
        /// Which of its properties.
        property: Option<String>,
        /// Which of its variables.
        key: Option<String>,
    },
    /// Something else; a problem says what.
    Malformed,
}

impl<'a> Entry<'a> {
    /// Reads an entry; `None` where it names neither a variable nor a group.
    pub(super) fn read(node: &'a Node, problems: &mut Vec<FileProblem>) -> Option<Self> {
        if !node.is_mapping() {
            problems.push(node.problem(format!(
                "has {} in `envVars`, not a mapping with a key",
                node.kind()
            )));
            return None;
        }
        if let Some(group) = node.get("fromGroup") {
            let Some(name) = group.text() else {
                problems.push(group.problem("has a `fromGroup` that is no name"));
                return None;
            };
            return Some(Self {
                key: None,
                source: Source::Group(name.to_owned()),
                place: group,
            });
        }
        let Some(key) = node.get("key").and_then(Node::text) else {
            problems.push(node.problem("has an entry of `envVars` without a key"));
            return None;
        };
        let (source, place) = source(node, problems);
        Some(Self {
            key: Some(key),
            source,
            place,
        })
    }
}

/// The keys of which Render wants exactly one.
const SOURCES: [&str; 5] = [
    "value",
    "fromDatabase",
    "fromService",
    "generateValue",
    "sync",
];

fn source<'a>(node: &'a Node, problems: &mut Vec<FileProblem>) -> (Source, &'a Node) {
    let mut given = SOURCES
        .iter()
        .filter_map(|name| Some((*name, node.value(name)?)))
        .filter(|(name, value)| *name != "sync" || value.boolean() != Some(true));
    let Some((name, value)) = given.next() else {
        return (Source::Dashboard, node);
    };
    if let Some((other, second)) = given.next() {
        problems.push(second.problem(format!(
            "has `{name}` and `{other}` in one entry of `envVars`, which takes one of them"
        )));
    }
    let malformed = |problems: &mut Vec<FileProblem>, message: &str| {
        problems.push(value.problem(message));
        (Source::Malformed, value)
    };
    match name {
        "value" => match scalar(value, "a `value`") {
            Ok(known) => (Source::Value(known), value),
            Err(problem) => {
                problems.push(problem);
                (Source::Malformed, value)
            }
        },
        "generateValue" => match value.boolean() {
            Some(true) => (Source::Generated, value),
            Some(false) => (Source::Dashboard, value),
            None => malformed(
                problems,
                "has a `generateValue` that is neither true nor false",
            ),
        },
        "sync" => match value.boolean() {
            Some(_) => (Source::Dashboard, value),
            None => malformed(problems, "has a `sync` that is neither true nor false"),
        },
        reference => {
            let part = |key: &str| value.get(key).and_then(Node::text).map(str::to_owned);
            let Some(name) = part("name") else {
                return malformed(problems, &format!("has a `{reference}` without a name"));
            };
            match (reference, part("property"), part("envVarKey")) {
                ("fromDatabase", Some(property), _) => (Source::Database { name, property }, value),
                ("fromDatabase", None, _) => {
                    malformed(problems, "has a `fromDatabase` without a property")
                }
                (_, None, None) => malformed(
                    problems,
                    "has a `fromService` with neither a property nor an envVarKey",
                ),
                (_, property, key) => (
                    Source::Service {
                        name,
                        property,
                        key,
                    },
                    value,
                ),
            }
        }
    }
}
