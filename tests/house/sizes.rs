//! Files stay small enough to be read at once.

use super::source::Source;

/// Files that may be longer, each with its reason.
const LONG: &[(&str, &str)] = &[
    (
        "src/inputs/yaml/mod.rs",
        "the tree and its one parser are read together",
    ),
    (
        "src/cli/args.rs",
        "the command line's definition, read by looking up",
    ),
    (
        "src/rules/engine/arguments.rs",
        "what each driver and pool class refuses, one case after the other",
    ),
    ("src/spec/mod.rs", "the types of the spec, all small"),
];

/// Folders whose files may be this long: tables and interpreters, read by looking up one case.
const CASES: &[(&str, usize)] = &[
    ("src/driver/", 800),
    ("src/provider/", 800),
    ("src/causes/", 800),
    ("src/inputs/python/", 650),
];

#[test]
fn files_are_small() {
    let mut wrong = Vec::new();
    for source in Source::below("src") {
        let lines = source.shipped().lines().count();
        let most = most_lines(&source);
        if lines > most && !LONG.iter().any(|(path, _)| *path == source.path) {
            wrong.push(format!(
                "{}: {lines} lines before the tests, {most} allowed",
                source.path
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn every_exception_is_needed() {
    let sources = Source::below("src");
    for (path, reason) in LONG {
        assert!(!reason.is_empty());
        let source = sources.iter().find(|source| source.path == *path).unwrap();
        assert!(
            source.shipped().lines().count() > most_lines(source),
            "{path} is short"
        );
    }
}

/// Returns how many lines a file may have before its tests.
fn most_lines(source: &Source) -> usize {
    let is_room = source.module().len() == 1 && source.path.ends_with("/mod.rs");
    if let Some((_, most)) = CASES
        .iter()
        .find(|(folder, _)| source.path.starts_with(folder))
    {
        *most
    } else if source.path == "src/main.rs" {
        20
    } else if is_room || source.path == "src/lib.rs" {
        150
    } else if is_rule(source) {
        200
    } else {
        400
    }
}

/// A file of a family is one rule, or the family's own `mod.rs`.
fn is_rule(source: &Source) -> bool {
    source.path.starts_with("src/rules/") && source.path.matches('/').count() == 3
}
