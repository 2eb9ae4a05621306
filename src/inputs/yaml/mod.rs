//! YAML as a tree whose every node knows its line and column, within budgets.
//!
//! Anchors, aliases and merge keys are fine as long as what they expand to fits. A mapping with
//! one key twice is refused, as the platforms that read these files refuse it.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::rc::Rc;

use granit_parser::{ErrorKind, Event, Marker, Parser, ScalarStyle, ScanError, Span};

use super::text::number;
use crate::facts::FileProblem;
use crate::value::Secret;

/// How deep lists and mappings may nest, each in blocks and in flow.
const MAX_DEPTH: usize = 64;
/// How many nodes a file may have once aliases are expanded.
const MAX_NODES: usize = 250_000;
/// How many bytes of scalars a file may have once aliases are expanded.
const MAX_BYTES: usize = 16 << 20;

/// A scalar, a list or a mapping, with its place.
#[derive(Clone)]
pub struct Node {
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, in characters.
    pub column: u32,
    content: Content,
    /// How much it comes to once its aliases are expanded.
    weight: Weight,
}

#[derive(Clone)]
enum Content {
    /// The text, and whether it is written without quotes.
    Scalar(Secret, bool),
    List(Vec<Rc<Node>>),
    Mapping(Vec<(Rc<Node>, Rc<Node>)>),
}

/// What a node costs its reader.
#[derive(Clone, Copy, Default)]
struct Weight {
    nodes: usize,
    bytes: usize,
}

impl Weight {
    fn plus(self, other: Self) -> Self {
        Self {
            nodes: self.nodes.saturating_add(other.nodes),
            bytes: self.bytes.saturating_add(other.bytes),
        }
    }

    fn fits(self) -> bool {
        self.nodes <= MAX_NODES && self.bytes <= MAX_BYTES
    }
}

impl fmt::Debug for Node {
    /// Writes the kind and the place: a scalar may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}:{}", self.kind(), self.line, self.column)
    }
}

impl Node {
    /// Returns a scalar's text as it is written, without its quotes; `None` for null and for what
    /// is no scalar.
    pub fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar(text, _) if !self.is_null() => Some(text.expose()),
            _ => None,
        }
    }

    /// Returns whether it is null: nothing, `~` or `null`, without quotes.
    pub fn is_null(&self) -> bool {
        match &self.content {
            Content::Scalar(text, plain) => {
                *plain && matches!(text.expose(), "" | "~" | "null" | "Null" | "NULL")
            }
            Content::List(_) | Content::Mapping(_) => false,
        }
    }

    /// Returns whether it is a scalar without quotes that says true or false (YAML 1.1 and 1.2).
    pub fn boolean(&self) -> Option<bool> {
        let Content::Scalar(text, true) = &self.content else {
            return None;
        };
        match text.expose().to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" => Some(true),
            "false" | "no" | "off" => Some(false),
            _ => None,
        }
    }

    /// Returns a list's items; none for what is no list.
    pub fn items(&self) -> &[Rc<Node>] {
        match &self.content {
            Content::List(items) => items,
            Content::Scalar(..) | Content::Mapping(_) => &[],
        }
    }

    /// Returns whether it is a list.
    pub fn is_list(&self) -> bool {
        matches!(self.content, Content::List(_))
    }

    /// Returns a mapping's keys with their values, in order; none for what is no mapping.
    pub fn entries(&self) -> &[(Rc<Node>, Rc<Node>)] {
        match &self.content {
            Content::Mapping(entries) => entries,
            Content::Scalar(..) | Content::List(_) => &[],
        }
    }

    /// Returns whether it is a mapping.
    pub fn is_mapping(&self) -> bool {
        matches!(self.content, Content::Mapping(_))
    }

    /// Returns the value of a mapping's key; `None` where it is absent or null.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.value(key).filter(|value| !value.is_null())
    }

    /// Returns the value of a mapping's key, also a null one.
    pub fn value(&self, key: &str) -> Option<&Node> {
        self.entries()
            .iter()
            .find(|(known, _)| known.text() == Some(key))
            .map(|(_, value)| &**value)
    }

    /// Returns what it is, in a word that fits after "is".
    pub fn kind(&self) -> &'static str {
        match &self.content {
            Content::Scalar(..) if self.is_null() => "empty",
            Content::Scalar(..) => "a text",
            Content::List(_) => "a list",
            Content::Mapping(_) => "a mapping",
        }
    }

    /// Makes a problem at its place.
    pub fn problem(&self, message: impl Into<String>) -> FileProblem {
        FileProblem {
            message: message.into(),
            line: Some(self.line),
            column: Some(self.column),
        }
    }
}

/// Reads a YAML text into its documents; an empty one is a null scalar.
pub fn parse(text: &str) -> Result<Vec<Rc<Node>>, FileProblem> {
    let options = granit_parser::options! {
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
        simple_key_max_lookahead: 64 * 1024,
    };
    let mut builder = Builder::default();
    for next in Parser::new_from_str_with_options(text, options) {
        let (event, span) = next.map_err(|error| syntax(&error))?;
        builder.take(event, span)?;
    }
    Ok(builder.documents)
}

/// Reads a YAML text that must hold one document.
pub fn parse_one(text: &str) -> Result<Option<Rc<Node>>, FileProblem> {
    let mut documents = parse(text)?;
    match documents.get(1) {
        Some(second) => Err(second.problem("holds more than one YAML document")),
        None => Ok(documents.pop()),
    }
}

/// A list or mapping that is not closed yet.
struct Open {
    line: u32,
    column: u32,
    anchor: usize,
    weight: Weight,
    content: Content,
    /// A mapping's key that waits for its value.
    key: Option<Rc<Node>>,
    /// A mapping's keys so far.
    seen: HashSet<String>,
}

#[derive(Default)]
struct Builder {
    documents: Vec<Rc<Node>>,
    open: Vec<Open>,
    anchors: HashMap<usize, Rc<Node>>,
    total: Weight,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), FileProblem> {
        let (line, column) = place(&span.start);
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let weight = Weight {
                    nodes: 1,
                    bytes: text.len(),
                };
                let plain = style == ScalarStyle::Plain;
                // The parser writes `~` for a value that is left out; both are null.
                let content = Content::Scalar(Secret::new(text), plain);
                let node = Rc::new(Node {
                    line,
                    column,
                    content,
                    weight,
                });
                self.finish(node, anchor)
            }
            Event::Alias(anchor) => match self.anchors.get(&anchor) {
                Some(node) => {
                    let node = Rc::clone(node);
                    self.finish(node, 0)
                }
                None => Err(problem(line, column, "has an alias inside its own anchor")),
            },
            Event::SequenceStart(_, anchor, _) => {
                self.open(Content::List(Vec::new()), (line, column), anchor);
                Ok(())
            }
            Event::MappingStart(_, anchor, _) => {
                self.open(Content::Mapping(Vec::new()), (line, column), anchor);
                Ok(())
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            _ => Ok(()),
        }
    }

    fn open(&mut self, content: Content, (line, column): (u32, u32), anchor: usize) {
        self.open.push(Open {
            line,
            column,
            anchor,
            weight: Weight { nodes: 1, bytes: 0 },
            content,
            key: None,
            seen: HashSet::new(),
        });
    }

    fn close(&mut self) -> Result<(), FileProblem> {
        let Some(mut open) = self.open.pop() else {
            return Ok(());
        };
        if let Content::Mapping(entries) = &mut open.content {
            merge(entries, &open.seen)?;
        }
        let node = Rc::new(Node {
            line: open.line,
            column: open.column,
            content: open.content,
            weight: open.weight,
        });
        self.finish(node, open.anchor)
    }

    /// Puts a finished node where it belongs.
    fn finish(&mut self, node: Rc<Node>, anchor: usize) -> Result<(), FileProblem> {
        if anchor != 0 {
            self.anchors.insert(anchor, Rc::clone(&node));
        }
        let Some(open) = self.open.last_mut() else {
            self.total = self.total.plus(node.weight);
            self.documents.push(node);
            return self.within_budget();
        };
        open.weight = open.weight.plus(node.weight);
        if !open.weight.fits() {
            return Err(node.problem(too_much()));
        }
        match &mut open.content {
            Content::List(items) => items.push(node),
            Content::Mapping(entries) => {
                if let Some(key) = open.key.take() {
                    entries.push((key, node));
                } else {
                    name(&node, &mut open.seen)?;
                    open.key = Some(node);
                }
            }
            Content::Scalar(..) => {}
        }
        Ok(())
    }

    fn within_budget(&self) -> Result<(), FileProblem> {
        match self.documents.last() {
            Some(last) if !self.total.fits() => Err(last.problem(too_much())),
            _ => Ok(()),
        }
    }
}

fn too_much() -> String {
    format!("is larger than {MAX_NODES} YAML nodes once its aliases are expanded")
}

/// Notes a mapping's key, which must be a scalar and new.
fn name(key: &Node, seen: &mut HashSet<String>) -> Result<(), FileProblem> {
    let Content::Scalar(text, plain) = &key.content else {
        return Err(key.problem(format!(
            "has {} as a key, as a template (`{{{{ … }}}}`) does",
            key.kind()
        )));
    };
    let merge = *plain && text.expose() == "<<";
    if merge || seen.insert(text.expose().to_owned()) {
        Ok(())
    } else {
        Err(key.problem("has a key twice in one mapping"))
    }
}

/// Replaces `<<: *anchor` by the entries that the mapping does not set itself.
fn merge(
    entries: &mut Vec<(Rc<Node>, Rc<Node>)>,
    own: &HashSet<String>,
) -> Result<(), FileProblem> {
    let is_merge =
        |key: &Node| matches!(&key.content, Content::Scalar(text, true) if text.expose() == "<<");
    if !entries.iter().any(|(key, _)| is_merge(key)) {
        return Ok(());
    }
    let mut seen = own.clone();
    let mut merged = Vec::new();
    for (key, value) in entries.iter().filter(|(key, _)| is_merge(key)) {
        let sources = match &value.content {
            Content::Mapping(_) => std::slice::from_ref(value),
            Content::List(items) => items.as_slice(),
            Content::Scalar(..) => return Err(key.problem("merges (`<<`) what is no mapping")),
        };
        for source in sources {
            if !source.is_mapping() {
                return Err(source.problem("merges (`<<`) what is no mapping"));
            }
            for (key, value) in source.entries() {
                if key.text().is_some_and(|text| seen.insert(text.to_owned())) {
                    merged.push((Rc::clone(key), Rc::clone(value)));
                }
            }
        }
    }
    entries.retain(|(key, _)| !is_merge(key));
    entries.append(&mut merged);
    Ok(())
}

fn problem(line: u32, column: u32, message: impl Into<String>) -> FileProblem {
    FileProblem {
        message: message.into(),
        line: Some(line),
        column: Some(column),
    }
}

fn place(mark: &Marker) -> (u32, u32) {
    (number(mark.line()), number(mark.col() + 1))
}

/// Says what is wrong in our words, without any text of the file.
fn syntax(error: &ScanError) -> FileProblem {
    let (line, column) = place(error.marker());
    let what = match error.kind() {
        ErrorKind::RecursionLimitExceeded => {
            return problem(
                line,
                column,
                format!("nests deeper than {MAX_DEPTH} levels of YAML"),
            );
        }
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabAtBlockScalarStart => "a tab cannot indent".to_owned(),
        ErrorKind::UnexpectedCharacter { .. } => "a character that may not stand here".to_owned(),
        ErrorKind::UnclosedQuotedScalar => "a quote is not closed".to_owned(),
        ErrorKind::UnclosedFlowCollection { open: '[' } => "a `[` is not closed".to_owned(),
        ErrorKind::UnclosedFlowCollection { .. } => "a `{` is not closed".to_owned(),
        ErrorKind::UnknownAnchor => "an alias names no anchor above it".to_owned(),
        ErrorKind::Custom(_) => "it cannot be read".to_owned(),
        _ => error.info(),
    };
    problem(line, column, format!("is not valid YAML: {what}"))
}

#[cfg(test)]
mod tests;
