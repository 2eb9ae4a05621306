//! Which room may name which, and which crate; what may read a secret.

use super::source::{Source, words};

/// The rooms that know no other room, and what each may name.
const ARROWS: &[(&str, &[&str])] = &[
    ("value", &[]),
    ("conninfo", &["value"]),
    ("provider", &["value"]),
    ("causes", &["value"]),
    ("driver", &["value", "conninfo"]),
    ("spec", &["value"]),
    (
        "facts",
        &["value", "conninfo", "driver", "provider", "causes", "spec"],
    ),
    (
        "rules",
        &[
            "facts", "value", "conninfo", "driver", "provider", "causes", "spec",
        ],
    ),
    (
        "report",
        &["rules", "facts", "value", "spec", "conninfo", "driver"],
    ),
    (
        "inputs",
        &[
            "facts", "value", "conninfo", "driver", "provider", "causes", "spec",
        ],
    ),
    (
        "probe",
        &[
            "facts", "value", "conninfo", "driver", "provider", "causes", "spec",
        ],
    ),
    (
        "cli",
        &[
            "facts", "value", "conninfo", "driver", "provider", "causes", "spec", "rules",
            "report", "inputs", "probe",
        ],
    ),
];

/// What reaches outside the process, and the rooms that may: all others are pure.
const REACH: &[(&str, &[&str])] = &[
    ("std::env", &["cli"]),
    ("env::var", &["cli"]),
    ("env::vars", &["cli"]),
    ("env::args", &["cli"]),
    ("std::process", &["cli"]),
    ("std::fs", &["inputs", "cli", "probe"]),
    ("fs::read", &["inputs", "cli", "probe"]),
    ("File::open", &["inputs", "cli"]),
    ("Timestamp::now", &["cli"]),
    ("Zoned::now", &["cli"]),
    ("SystemTime", &["cli", "probe"]),
    ("Instant::now", &["cli", "probe"]),
    ("TcpStream", &["probe"]),
    ("UnixStream", &["probe"]),
    ("TcpListener", &[]),
    ("ToSocketAddrs", &["probe"]),
    ("lookup_host", &["probe"]),
    ("tokio", &["probe", "cli"]),
    // `driver` asks the crate's own parser how it reads a string; that needs no connection.
    ("tokio_postgres", &["probe", "driver"]),
    ("tokio_postgres_rustls", &["probe"]),
    ("postgres_protocol", &["probe"]),
    ("rustls", &["probe"]),
    ("rustls_native_certs", &["probe"]),
    ("tokio_rustls", &["probe"]),
    ("hyper", &["probe"]),
    ("ignore", &["inputs"]),
    ("saphyr_parser", &["inputs"]),
    ("ruff_python_parser", &["inputs"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("anyhow", &["cli"]),
    ("stdout", &["cli"]),
    ("stderr", &["cli"]),
];

/// Who may read a secret's text: to parse it, to send it, to keep it out of a report.
const EXPOSE: &[&str] = &[
    "src/value/secret.rs",
    "src/conninfo/",
    "src/driver/",
    "src/inputs/",
    "src/probe/",
    "src/rules/",
    "src/cli/",
    "src/report/gate.rs",
];

#[test]
fn each_room_names_only_the_rooms_below_it() {
    let sources = Source::below("src");
    let mut wrong = Vec::new();
    for source in &sources {
        let room = source.room();
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == room) else {
            assert!(room.is_empty(), "{} is in no room", source.path);
            continue;
        };
        for (offset, named) in rooms_named(source) {
            if named != room && !allowed.contains(&named.as_str()) && is_room(&named) {
                wrong.push(format!("{}: {room} names {named}", source.place(offset)));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn only_some_rooms_reach_outside() {
    let mut wrong = Vec::new();
    for source in Source::below("src") {
        let room = source.room().to_owned();
        if room.is_empty() {
            continue;
        }
        for (word, allowed) in REACH {
            if allowed.contains(&room.as_str()) {
                continue;
            }
            for offset in words(source.shipped(), word) {
                if names_a_path(source.shipped(), offset, word) {
                    wrong.push(format!("{}: {room} uses {word}", source.place(offset)));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn a_secret_is_read_only_where_it_is_parsed_sent_or_hidden() {
    let mut wrong = Vec::new();
    for source in Source::below("src") {
        if !EXPOSE.iter().any(|path| source.path.starts_with(path)) {
            wrong.extend(words(source.shipped(), ".expose(").map(|offset| source.place(offset)));
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn a_wrong_arrow_is_seen_however_it_is_written() {
    let text = "use super::super::super::probe::Probe;\nuse crate::{facts::Facts, cli};\n\
                fn f() { crate::report::render() }\nuse super::Rule; // crate::inputs\n\
                #[cfg(test)]\nmod tests { use crate::inputs::parse; }";
    let source = Source::new("src/rules/url/port.rs", text.to_owned());
    let mut named: Vec<String> = rooms_named(&source)
        .into_iter()
        .map(|(_, room)| room)
        .collect();
    named.sort();
    assert_eq!(named, ["cli", "facts", "probe", "report"]);
}

fn is_room(name: &str) -> bool {
    ARROWS.iter().any(|(room, _)| *room == name)
}

/// A crate's name is a path's first part, in a `use` or in an expression; a word with capitals or
/// colons is meant wherever it stands.
fn names_a_path(code: &str, offset: usize, word: &str) -> bool {
    let is_name = word.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    let after = &code[offset + word.len()..];
    let before = code[..offset].trim_end();
    match word {
        "stdout" | "stderr" => after.starts_with('('),
        _ if is_name => {
            !before.ends_with("::") && (after.starts_with("::") || before.ends_with("use"))
        }
        _ => true,
    }
}

/// Returns the rooms that the code names, by `crate::…` or by `super::` up to the top.
fn rooms_named(source: &Source) -> Vec<(usize, String)> {
    let code = source.shipped();
    let mut named = Vec::new();
    for offset in words(code, "crate::") {
        named.extend(first_parts(&code[offset + "crate::".len()..]).map(|part| (offset, part)));
    }
    let depth = source.module().len();
    let chain = "super::".repeat(depth.max(1));
    for offset in words(code, &chain) {
        let further = code[..offset].ends_with("super::");
        if depth > 0 && !further {
            named.extend(first_parts(&code[offset + chain.len()..]).map(|part| (offset, part)));
        }
    }
    named
}

/// Returns the first part of each path of a use tree: `{a::b, c}` gives `a` and `c`.
fn first_parts(tree: &str) -> impl Iterator<Item = String> {
    let name = |text: &str| -> String {
        text.trim_start()
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect()
    };
    let mut parts = Vec::new();
    if let Some(group) = tree.strip_prefix('{') {
        let mut depth = 1;
        let mut start = 0;
        for (at, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 1 => {
                    parts.push(name(&group[start..at]));
                    start = at + 1;
                }
                _ => {}
            }
            if depth == 0 {
                parts.push(name(&group[start..at]));
                break;
            }
        }
    } else {
        parts.push(name(tree));
    }
    parts.into_iter().filter(|part| !part.is_empty())
}

#[test]
fn use_trees_are_read() {
    let parts = |tree| first_parts(tree).collect::<Vec<_>>();
    assert_eq!(parts("value::Secret;"), ["value"]);
    assert_eq!(parts("{a::{b, c}, d as e,\n f::*};"), ["a", "d", "f"]);
}
