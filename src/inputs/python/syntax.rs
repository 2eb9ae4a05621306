//! A Python file's syntax tree, from a parser that recovers from errors.
//!
//! The parser and the tree recurse: a text that nests deeper than CPython itself allows is refused
//! before it is parsed, and everything that walks a tree runs [`with_room`].

use ruff_python_ast::{Mod, ModModule, PythonVersion};
use ruff_python_parser::{Mode, ParseOptions, parse_unchecked};

use crate::facts::FileProblem;

/// The stack of the thread that parses and walks trees.
const STACK: usize = 512 << 20;

/// Does what parses and walks trees on a thread whose stack has room for it; on this one where no
/// other can be started.
pub(super) fn with_room<T: Send>(work: impl Fn() -> T + Sync) -> T {
    std::thread::scope(|scope| {
        let worker = std::thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, &work);
        match worker.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(done)) => done,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(_) => work(),
        }
    })
}

/// Does the same work on this thread and on up to so many others, each with as much room as [`with_room`]
/// gives: one for each further core.
pub(super) fn with_helpers(most: usize, work: impl Fn() + Sync) {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..most.min(cores.min(MOST_THREADS) - 1) {
            let helper = std::thread::Builder::new().stack_size(STACK);
            // One that cannot be started is not missed: this thread does all that is left.
            let _ = helper.spawn_scoped(scope, &work);
        }
        work();
    });
}

/// How many threads work at most.
const MOST_THREADS: usize = 8;

/// How deep brackets may nest: CPython refuses more than 200.
const BRACKETS: usize = 200;

/// How long a chain of operators, calls and attributes may be: each link is a level of the tree.
const CHAIN: usize = 20_000;

/// A syntax tree with its errors.
#[derive(Debug)]
pub(super) struct Syntax {
    /// The tree; where there are errors it holds what could be recovered.
    pub(super) module: ModModule,
    /// The first error, where there is one.
    pub(super) error: Option<FileProblem>,
    /// Whether the file is a template of some other language around Python.
    pub(super) template: bool,
    /// The byte at which each line starts.
    lines: Vec<u32>,
}

impl Syntax {
    /// Returns the line of a byte, from 1.
    pub(super) fn line(&self, offset: u32) -> u32 {
        let line = self.lines.partition_point(|&start| start <= offset);
        u32::try_from(line).unwrap_or(u32::MAX)
    }

    /// Returns the line and the column of a byte, from 1, the column in characters.
    pub(super) fn place(&self, text: &str, offset: u32) -> (u32, u32) {
        let line = self.line(offset);
        let start = self.lines[line as usize - 1] as usize;
        let column = text
            .get(start..offset as usize)
            .map_or(0, |before| before.chars().count());
        (line, u32::try_from(column + 1).unwrap_or(u32::MAX))
    }
}

/// Parses a file; a problem is returned where there is no tree at all.
pub(super) fn parse(text: &str) -> Result<Syntax, FileProblem> {
    if let Some(offset) = too_deep(text.as_bytes()) {
        let line = text.as_bytes()[..offset]
            .iter()
            .filter(|&&b| b == b'\n')
            .count();
        return Err(FileProblem {
            message: "nests too deeply to be read".to_owned(),
            line: u32::try_from(line + 1).ok(),
            column: None,
        });
    }
    let options = ParseOptions::from(Mode::Module).with_target_version(PythonVersion::latest());
    let parsed = parse_unchecked(text, options);
    let lines: Vec<u32> = std::iter::once(0)
        .chain(
            memchr::memchr_iter(b'\n', text.as_bytes()).filter_map(|at| u32::try_from(at + 1).ok()),
        )
        .collect();
    let first = parsed
        .errors()
        .first()
        .map(|error| u32::from(error.location.start()));
    let template = first.is_some() && (text.contains("{{") || text.contains("{%"));
    let Mod::Module(module) = parsed.into_syntax() else {
        return Err(FileProblem {
            message: "does not parse as a module".to_owned(),
            line: None,
            column: None,
        });
    };
    let mut syntax = Syntax {
        module,
        error: None,
        template,
        lines,
    };
    if let Some(offset) = first {
        let (line, column) = syntax.place(text, offset);
        syntax.error = Some(FileProblem {
            message: if template {
                "is a template (Jinja), not Python yet: its engines are not known".to_owned()
            } else {
                "does not parse as Python".to_owned()
            },
            line: Some(line),
            column: Some(column),
        });
    }
    Ok(syntax)
}

/// Returns where a text nests deeper, or chains longer, than the tree may.
fn too_deep(bytes: &[u8]) -> Option<usize> {
    let opening = memchr::memchr3_iter(b'(', b'[', b'{', bytes);
    if bytes.len() <= CHAIN && opening.count() <= BRACKETS {
        return None;
    }
    let mut depth = 0_usize;
    let mut chains = vec![0_usize];
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        // Most bytes are those of names.
        if byte.is_ascii_alphanumeric() || byte == b'_' {
            at += 1;
            continue;
        }
        match byte {
            b'#' => {
                at = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |end| at + end);
                continue;
            }
            b'"' | b'\'' => {
                at = end_of_string(bytes, at);
                continue;
            }
            b'(' | b'[' | b'{' => {
                depth += 1;
                chains.push(0);
                if depth > BRACKETS {
                    return Some(at);
                }
            }
            b')' | b']' | b'}' => {
                depth = depth.saturating_sub(1);
                if chains.len() > 1 {
                    chains.pop();
                }
            }
            b',' => chains.last_mut().into_iter().for_each(|chain| *chain = 0),
            b'\n' if depth == 0 && bytes.get(at.wrapping_sub(1)) != Some(&b'\\') => {
                chains.clear();
                chains.push(0);
            }
            _ => {}
        }
        if is_link(bytes, at)
            && let Some(chain) = chains.last_mut()
        {
            *chain += 1;
            if *chain > CHAIN {
                return Some(at);
            }
        }
        at += 1;
    }
    None
}

/// Returns whether a byte may add a level to the tree.
fn is_link(bytes: &[u8], at: usize) -> bool {
    match bytes[at] {
        b' ' => at > 0 && bytes[at - 1].is_ascii_alphanumeric(),
        byte => b"+-*/%&|^~<>=.@(:".contains(&byte),
    }
}

/// Returns the byte behind a string that starts at `at`.
fn end_of_string(bytes: &[u8], at: usize) -> usize {
    let quote = bytes[at];
    let triple = bytes[at..].starts_with(&[quote; 3]);
    let mut next = at + if triple { 3 } else { 1 };
    while next < bytes.len() {
        match bytes[next] {
            b'\\' => next += 1,
            b'\n' if !triple => return next,
            byte if byte == quote && !triple => return next + 1,
            byte if byte == quote && bytes[next..].starts_with(&[quote; 3]) => return next + 3,
            _ => {}
        }
        next += 1;
    }
    bytes.len()
}
