//! Dockerfiles: what the last stage starts, where, and which of the project's files it holds.
//!
//! Read after Docker's reference for Dockerfiles. `ARG`s and files of other images are not known.

use super::super::deploy;
use super::super::json;
use crate::inputs::python::Tree;

/// What an image comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Image {
    /// `WORKDIR`; empty where none is set.
    pub(super) folder: String,
    /// `ENTRYPOINT`, with its line.
    pub(super) entrypoint: Option<(String, u32)>,
    /// `CMD`, with its line.
    pub(super) command: Option<(String, u32)>,
    /// `ENV`, each with its line; a later one counts.
    pub(super) variables: Vec<(String, String, u32)>,
    /// What it copies of the project.
    pub(super) mounts: Vec<(String, String)>,
}

impl Image {
    /// Returns its file system, as far as the project fills it.
    pub(super) fn tree(&self) -> Tree {
        Tree {
            mounts: self.mounts.clone(),
        }
    }
}

/// Reads a Dockerfile that is built in a folder of the project.
pub(super) fn parse(text: &str, context: &str) -> Image {
    let mut stages: Vec<(String, Image)> = Vec::new();
    for (line, instruction) in instructions(text) {
        let (word, rest) = instruction
            .split_once(char::is_whitespace)
            .unwrap_or((&instruction, ""));
        let rest = rest.trim();
        if word.eq_ignore_ascii_case("FROM") {
            stages.push(stage(rest, &stages));
            continue;
        }
        let built = stages.clone();
        let Some((_, image)) = stages.last_mut() else {
            continue;
        };
        match word.to_ascii_uppercase().as_str() {
            "WORKDIR" => image.folder = absolute(&image.folder, rest),
            "ENV" => image.variables.extend(variables(rest, line)),
            "COPY" | "ADD" => copy(image, rest, context, &built),
            "CMD" => image.command = Some((command(rest), line)),
            "ENTRYPOINT" => {
                image.entrypoint = Some((command(rest), line));
                // An entry point of its own takes away the command of the image below.
                image.command = None;
            }
            _ => {}
        }
    }
    stages.pop().map(|(_, image)| image).unwrap_or_default()
}

/// Returns a new stage with its name; one that stands on an earlier one goes on with it.
fn stage(rest: &str, stages: &[(String, Image)]) -> (String, Image) {
    let words: Vec<&str> = rest
        .split_whitespace()
        .filter(|word| !word.starts_with("--"))
        .collect();
    let name = match words.as_slice() {
        [_, word, name, ..] if word.eq_ignore_ascii_case("as") => *name,
        _ => "",
    };
    let base = words.first().and_then(|base| {
        let mut known = stages.iter().rev();
        known.find(|(name, _)| !name.is_empty() && name == base)
    });
    let image = base.map(|(_, image)| image.clone()).unwrap_or_default();
    (name.to_owned(), image)
}

/// Returns the instructions with their lines: without comments, continued lines joined.
fn instructions(text: &str) -> Vec<(u32, String)> {
    let mut found: Vec<(u32, String)> = Vec::new();
    let mut open = false;
    for (number, line) in (1..).zip(text.lines()) {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        let (part, goes_on) = match trimmed.strip_suffix('\\') {
            Some(part) => (part.trim_end(), true),
            None => (trimmed, false),
        };
        match found.last_mut() {
            Some((_, last)) if open => {
                last.push(' ');
                last.push_str(part);
            }
            _ => found.push((number, part.to_owned())),
        }
        open = goes_on;
    }
    found
}

/// Returns a command as a shell would read it: the exec form is a JSON list.
fn command(rest: &str) -> String {
    match words(rest) {
        Some(words) => {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            deploy::quoted(&words)
        }
        None => rest.to_owned(),
    }
}

fn words(rest: &str) -> Option<Vec<String>> {
    let node = rest.starts_with('[').then(|| json::parse(rest).ok())??;
    let texts: Vec<String> = node
        .items()
        .iter()
        .filter_map(|item| item.text().map(str::to_owned))
        .collect();
    (texts.len() == node.items().len()).then_some(texts)
}

/// Reads `NAME=value …` and the old `NAME value`.
fn variables(rest: &str, line: u32) -> Vec<(String, String, u32)> {
    let first = rest.split_whitespace().next().unwrap_or_default();
    if !first.contains('=') {
        let value = rest[first.len()..].trim();
        return vec![(first.to_owned(), value.to_owned(), line)];
    }
    let pairs = rest
        .split_whitespace()
        .filter_map(|word| word.split_once('='));
    pairs
        .map(|(name, value)| {
            let value = value.trim_matches(['"', '\'']);
            (name.to_owned(), value.to_owned(), line)
        })
        .collect()
}

/// Notes what `COPY` and `ADD` bring of the project, or of an earlier stage.
fn copy(image: &mut Image, rest: &str, context: &str, stages: &[(String, Image)]) {
    let flags: Vec<&str> = rest
        .split_whitespace()
        .take_while(|word| word.starts_with("--"))
        .collect();
    let from = flags.iter().find_map(|flag| flag.strip_prefix("--from="));
    let names = rest.split_whitespace().skip(flags.len());
    let listed = words(&names.clone().collect::<Vec<_>>().join(" "));
    let mut paths = listed.unwrap_or_else(|| names.map(str::to_owned).collect());
    let Some(target) = paths.pop() else { return };
    let place = absolute(&image.folder, &target);
    let many = paths.len() > 1;
    for source in paths {
        let found = match from {
            None => below(context, &source),
            Some(stage) => stages
                .iter()
                .rev()
                .find(|(name, _)| name == stage)
                .and_then(|(_, image)| image.tree().candidates(&source).next()),
        };
        let Some(found) = found else { continue };
        let found = tidy(&found).to_owned();
        let is_file = found
            .rsplit('/')
            .next()
            .is_some_and(|name| name.contains('.'));
        let name = found.rsplit('/').next().unwrap_or_default();
        let inside = is_file && !found.is_empty() && (many || target.ends_with(['/', '.']));
        let place = if inside {
            absolute(&place, name)
        } else {
            place.clone()
        };
        image.mounts.push((place, found));
    }
}

/// Returns a path of the context as one of the project.
fn below(context: &str, source: &str) -> Option<String> {
    let source = source.trim_start_matches('/');
    match tidy(context) {
        "" => deploy::below("Dockerfile", source),
        context => deploy::below(&format!("{context}/Dockerfile"), source),
    }
}

/// Returns a folder of the project without what says nothing: `.` is the top.
fn tidy(folder: &str) -> &str {
    match folder.trim_start_matches("./").trim_end_matches('/') {
        "." => "",
        folder => folder,
    }
}

/// Returns a path of the image as an absolute one.
pub(super) fn absolute(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    let before = if path.starts_with('/') { "" } else { folder };
    for part in before.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    format!("/{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::{Image, parse};

    fn image(text: &str) -> Image {
        parse(text, ".")
    }

    #[test]
    fn the_last_stage_tells_what_starts_and_where() {
        let found = image(
            "FROM python:3.13 AS base\nWORKDIR /code\nENV A=1 B=\"x y\"\nENV C 2\n\
             FROM node AS web\nCMD [\"node\"]\n\
             FROM base\n# why\nCOPY ./app /code/app\nCOPY a.py b.py ./\n\
             CMD [\"sh\", \"-c\", \"uvicorn app.main:app \\\n  --workers 2\"]\n",
        );
        assert_eq!(found.folder, "/code");
        let command = found.command.unwrap_or_default();
        assert_eq!(
            command,
            ("sh -c 'uvicorn app.main:app --workers 2'".to_owned(), 11)
        );
        assert_eq!(found.variables[0], ("A".to_owned(), "1".to_owned(), 3));
        assert_eq!(
            found.variables.last(),
            Some(&("C".to_owned(), "2".to_owned(), 4))
        );
        let pair = |place: &str, source: &str| (place.to_owned(), source.to_owned());
        assert_eq!(
            found.mounts,
            [
                pair("/code/app", "app"),
                pair("/code/a.py", "a.py"),
                pair("/code/b.py", "b.py"),
            ]
        );
    }

    #[test]
    fn what_is_copied_comes_from_the_context_or_an_earlier_stage() {
        let found = parse(
            "FROM python AS build\nWORKDIR /src\nCOPY . .\nFROM python\nWORKDIR /app\n\
             COPY --from=build /src/server ./server\nCOPY --chown=1:1 main.py .\nENTRYPOINT exec python main.py\n",
            "backend",
        );
        let pair = |place: &str, source: &str| (place.to_owned(), source.to_owned());
        assert_eq!(
            found.mounts,
            [
                pair("/app/server", "backend/server"),
                pair("/app/main.py", "backend/main.py"),
            ]
        );
        assert_eq!(
            found.entrypoint.map(|(text, _)| text).as_deref(),
            Some("exec python main.py")
        );
    }

    #[test]
    fn odd_texts_are_read_to_their_end() {
        for text in [
            "",
            "CMD",
            "FROM",
            "FROM a\nCOPY\nENV\nENV =\nCMD [\nCOPY --from=x",
            "\\\n\\\n",
        ] {
            let _ = image(text);
        }
        assert_eq!(
            image("FROM a\nCOPY . ..\n").mounts,
            [("/".to_owned(), String::new())]
        );
    }
}
