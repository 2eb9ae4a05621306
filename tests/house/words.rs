//! Words and names that do not stay in this house.

use std::fs;

use super::source::{Source, root, words};

/// What marks unfinished work.
const UNFINISHED: &[&str] = &[
    "dbg!",
    "todo!",
    "unimplemented!",
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
];

/// File names that say nothing of what is inside.
const EMPTY_NAMES: &[&str] = &[
    "utils", "util", "helpers", "helper", "common", "imp", "misc",
];

#[test]
fn nothing_is_left_unfinished() {
    let mut wrong = Vec::new();
    for folder in ["src", "tests", "benches", "examples"] {
        for source in Source::below(folder) {
            for word in UNFINISHED {
                let text = if word.ends_with('!') {
                    &source.code
                } else {
                    &source.text
                };
                wrong.extend(words(text, word).map(|offset| {
                    let line = text[..offset].matches('\n').count() + 1;
                    format!("{}:{line}: {word}", source.path)
                }));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn files_are_named_after_what_they_hold() {
    let mut sources = Source::below("src");
    sources.extend(Source::below("tests"));
    let wrong: Vec<&String> = sources
        .iter()
        .filter(|source| {
            let mut module = source.module().into_iter();
            module.any(|part| EMPTY_NAMES.contains(&part))
        })
        .map(|source| &source.path)
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// A fixture that no test names is forgotten.
#[test]
fn every_fixture_is_used() {
    let fixtures = root().join("tests/fixtures");
    let Ok(entries) = fs::read_dir(&fixtures) else {
        return; // None yet.
    };
    let tests: String = Source::below("tests")
        .into_iter()
        .chain(Source::below("src"))
        .map(|source| source.text)
        .collect();
    for entry in entries {
        let name = entry.unwrap().file_name();
        assert!(
            tests.contains(name.to_str().unwrap()),
            "no test names tests/fixtures/{}",
            name.display()
        );
    }
}
