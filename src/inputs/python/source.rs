//! The texts of a project, and how a Python file's bytes become text.

use std::sync::OnceLock;

use crate::facts::{FileProblem, ProjectFile};

use super::syntax::Syntax;

/// The largest Python file that is read; larger ones are data, and unknown by name.
pub const FILE_CAP: usize = 2 << 20;

/// A file's path and what was read of it.
#[derive(Debug)]
pub struct SourceFile {
    /// The path, relative to the project, with `/` between its parts.
    pub path: String,
    /// The text.
    pub text: String,
    /// The syntax tree, once it was asked for.
    pub(super) syntax: OnceLock<Result<Syntax, FileProblem>>,
}

/// The texts of a project.
#[derive(Debug, Default)]
pub struct ProjectSources {
    /// The Python files, sorted by path.
    pub python: Vec<SourceFile>,
    /// Lock and requirement files, sorted by path.
    pub requirements: Vec<(String, String)>,
    /// Files that could not be read, each with its problem.
    pub problems: Vec<ProjectFile>,
}

impl ProjectSources {
    /// Takes texts by their paths; those that are no Python are lock and requirement files.
    pub fn from_texts<P: Into<String>, T: Into<String>>(
        texts: impl IntoIterator<Item = (P, T)>,
    ) -> Self {
        let mut sources = Self::default();
        for (path, text) in texts {
            let (path, text) = (path.into(), text.into());
            if is_python(&path) {
                sources.python.push(SourceFile::new(path, text));
            } else {
                sources.requirements.push((path, text));
            }
        }
        sources.python.sort_by(|a, b| a.path.cmp(&b.path));
        sources.requirements.sort();
        sources
    }
}

impl SourceFile {
    /// Pairs a path with its text.
    pub fn new(path: String, text: String) -> Self {
        Self {
            path,
            text,
            syntax: OnceLock::new(),
        }
    }
}

/// Returns whether a path names a Python file.
pub(super) fn is_python(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, end)| end == "py")
}

/// Turns a Python file's bytes into text: a byte order mark and the encoding cookie of PEP 263 count.
pub(super) fn decode(bytes: Vec<u8>) -> Result<String, &'static str> {
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return Err("is UTF-16, which Python does not read");
    }
    if memchr::memchr(0, &bytes).is_some() {
        return Err("holds a NUL byte, so it is no Python source");
    }
    let cookie = encoding_cookie(&bytes);
    let text = match cookie.as_deref() {
        Some("latin-1" | "iso-8859-1" | "iso8859-1" | "latin1" | "l1") => {
            bytes.iter().map(|&byte| char::from(byte)).collect()
        }
        None | Some("utf-8" | "utf8" | "u8" | "utf-8-sig" | "ascii" | "us-ascii") => {
            String::from_utf8(bytes).map_err(|_| "is not valid UTF-8")?
        }
        Some(_) => match String::from_utf8(bytes) {
            Ok(text) if text.is_ascii() => text,
            _ => return Err("has an encoding other than UTF-8 and Latin-1"),
        },
    };
    Ok(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}

/// Returns the encoding that one of the first two lines names, in lower case with dashes.
fn encoding_cookie(bytes: &[u8]) -> Option<String> {
    let bytes = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(bytes);
    for line in bytes.split(|&byte| byte == b'\n').take(2) {
        let line = line.trim_ascii();
        if !line.starts_with(b"#") {
            if line.is_empty() {
                continue;
            }
            return None;
        }
        let Some(at) = memchr::memmem::find(line, b"coding") else {
            continue;
        };
        let Some((b':' | b'=', rest)) = line[at + "coding".len()..].split_first() else {
            continue;
        };
        let name: String = rest
            .trim_ascii_start()
            .iter()
            .take_while(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte))
            .map(|&byte| char::from(byte.to_ascii_lowercase()))
            .collect();
        return Some(name.replace('_', "-"));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn bytes_become_text_as_python_reads_them() {
        let cases: [(&[u8], Result<&str, &str>); 7] = [
            (b"x = 1", Ok("x = 1")),
            (b"\xEF\xBB\xBFx", Ok("x")),
            (
                b"# -*- coding: latin-1 -*-\n'\xe9'",
                Ok("# -*- coding: latin-1 -*-\n'é'"),
            ),
            (
                b"#!/usr/bin/python\n# vim: set fileencoding=iso-8859-1 :\n\xfc",
                Ok("#!/usr/bin/python\n# vim: set fileencoding=iso-8859-1 :\nü"),
            ),
            (b"'\xe9'", Err("is not valid UTF-8")),
            (b"\xFF\xFEx\0", Err("is UTF-16, which Python does not read")),
            (b"x\0", Err("holds a NUL byte, so it is no Python source")),
        ];
        for (bytes, expected) in cases {
            assert_eq!(
                decode(bytes.to_vec()).as_deref(),
                expected.as_ref().map(|text| *text)
            );
        }
    }
}
