//! Rust files, and what is code in them: comments and texts are blanked, lines stay.

use std::fs;
use std::path::{Path, PathBuf};

/// A Rust file of the project.
pub(crate) struct Source {
    /// Its path, relative to the project, with `/`.
    pub(crate) path: String,
    /// Its text.
    pub(crate) text: String,
    /// Its text without comments and without the content of texts.
    pub(crate) code: String,
}

impl Source {
    /// Reads all Rust files below a folder of the project.
    pub(crate) fn below(folder: &str) -> Vec<Self> {
        let mut found = Vec::new();
        collect(&root().join(folder), &mut found);
        found.sort();
        found
            .into_iter()
            .map(|path| {
                let text = fs::read_to_string(&path).unwrap();
                let relative = path.strip_prefix(root()).unwrap();
                Self::new(&relative.to_str().unwrap().replace('\\', "/"), text)
            })
            .collect()
    }

    /// Takes a file's path and text.
    pub(crate) fn new(path: &str, text: String) -> Self {
        Self {
            path: path.to_owned(),
            code: code_of(&text),
            text,
        }
    }

    /// Returns the module's path: `src/rules/url/port.rs` is `["rules", "url", "port"]`.
    pub(crate) fn module(&self) -> Vec<&str> {
        let path = self.path.strip_prefix("src/").unwrap_or(&self.path);
        let path = path.strip_suffix(".rs").unwrap();
        let mut module: Vec<&str> = path.split('/').collect();
        if module
            .last()
            .is_some_and(|last| ["mod", "lib", "main"].contains(last))
        {
            module.pop();
        }
        module
    }

    /// Returns the room: the first part of the module's path; empty for `lib.rs` and `main.rs`.
    pub(crate) fn room(&self) -> &str {
        self.module().first().copied().unwrap_or_default()
    }

    /// Returns whether the file holds tests alone, as `tests.rs` beside a module does.
    pub(crate) fn is_test(&self) -> bool {
        self.module().contains(&"tests")
    }

    /// Returns the code before the tests.
    pub(crate) fn shipped(&self) -> &str {
        if self.is_test() {
            return "";
        }
        let tests = self
            .code
            .match_indices("#[cfg(test)]")
            .map(|(start, _)| start)
            .find(|start| {
                let after = self.code[*start..].trim_start_matches("#[cfg(test)]");
                let after = after.trim_start();
                after.starts_with("mod ") || after.starts_with("#[")
            });
        &self.code[..tests.unwrap_or(self.code.len())]
    }

    /// Says a place in the file: `src/rules/mod.rs:12`.
    pub(crate) fn place(&self, offset: usize) -> String {
        format!("{}:{}", self.path, line_of(&self.code, offset))
    }
}

/// Returns the project's folder.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns where a word stands in a text as a whole word.
pub(crate) fn words<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word)
        .map(|(start, _)| start)
        .filter(move |start| {
            let before = text[..*start].chars().next_back();
            let after = text[start + word.len()..].chars().next();
            let open_start = !word.starts_with(part) || !before.is_some_and(part);
            let open_end = !word.ends_with(part) || !after.is_some_and(part);
            open_start && open_end
        })
}

fn line_of(text: &str, offset: usize) -> usize {
    text[..offset].matches('\n').count() + 1
}

fn collect(path: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(path) else {
        return; // A folder that does not exist yet.
    };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Blanks comments and the content of texts; the lines, and the bytes outside, stay where they are.
fn code_of(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let length = token(rest, &code);
        if length == 0 {
            code.push(next);
            rest = &rest[next.len_utf8()..];
        } else {
            code.extend(rest[..length].chars().map(blank));
            rest = &rest[length..];
        }
    }
    code
}

fn blank(c: char) -> char {
    if c == '\n' { '\n' } else { ' ' }
}

/// Returns the length of the comment or text that `rest` begins with; 0 where it is code.
fn token(rest: &str, before: &str) -> usize {
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return block_comment(rest);
    }
    let in_word = before
        .chars()
        .next_back()
        .is_some_and(|c| c.is_alphanumeric() || c == '_');
    if rest.starts_with('"') {
        return quoted(rest, '"');
    }
    if !in_word && rest.starts_with(['r', 'b', 'c']) {
        return raw_text(rest);
    }
    if rest.starts_with('\'') {
        return character(rest);
    }
    0
}

fn block_comment(rest: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

/// Returns the length of `r"…"`, `r#"…"#`, `br"…"` and the like; 0 where it is none.
fn raw_text(rest: &str) -> usize {
    let prefix = rest
        .find(|c| !['r', 'b', 'c'].contains(&c))
        .unwrap_or(rest.len());
    if prefix > 2 || !rest[..prefix].ends_with('r') {
        return 0;
    }
    let hashes = rest[prefix..].chars().take_while(|c| *c == '#').count();
    if !rest[prefix + hashes..].starts_with('"') {
        return 0;
    }
    let end = format!("\"{}", "#".repeat(hashes));
    let content = prefix + hashes + 1;
    rest[content..]
        .find(&end)
        .map_or(rest.len(), |at| content + at + end.len())
}

fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if c == quote {
            return at + 1;
        }
    }
    rest.len()
}

/// Returns the length of a character literal; 0 for a lifetime.
fn character(rest: &str) -> usize {
    let mut characters = rest.char_indices().skip(1);
    match (characters.next(), characters.next()) {
        (Some((_, '\\')), _) => quoted(rest, '\''),
        (Some(_), Some((at, '\''))) => at + 1,
        _ => 0,
    }
}

#[test]
fn comments_and_texts_are_no_code() {
    let text = "a // b\n\"c\\\" d\" e 'f' r#\"g \" h\"# /* i /* j */ k */ &'l m b\"n\" '\\'' o";
    let code = code_of(text);
    let left: Vec<&str> = code.split_whitespace().collect();
    assert_eq!(left, ["a", "e", "&'l", "m", "b", "o"]);
    assert_eq!(code.len(), text.len());
    assert_eq!(code.find('\n'), text.find('\n'));
}

#[test]
fn words_are_whole() {
    let found: Vec<usize> = words("env envy my_env std::env", "env").collect();
    assert_eq!(found, [0, 21]);
}
