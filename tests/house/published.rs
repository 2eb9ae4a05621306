//! What is published and what the program generates are the same.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use dbharden::rules::RULES;
use dbharden::spec::Severity;

use super::source::root;

/// The shells, and the file that each looks for.
const COMPLETIONS: &[(&str, &str)] = &[
    ("bash", "dbharden.bash"),
    ("zsh", "_dbharden"),
    ("fish", "dbharden.fish"),
    ("powershell", "_dbharden.ps1"),
    ("elvish", "dbharden.elv"),
];

#[test]
fn the_readme_lists_the_rules() {
    let mut table = "| rule | | it fails when |\n|---|---|---|\n".to_owned();
    for rule in RULES.iter() {
        let letter = match rule.severity {
            Severity::Error => 'e',
            Severity::Warning => 'w',
            Severity::Note => 'n',
        };
        let summary = rule.summary.replace('|', "\\|");
        let _ = writeln!(table, "| `{}` | {letter} | {summary} |", rule.id);
    }
    holds("README.md", "rules", &table);
}

#[test]
fn the_readme_shows_a_real_run() {
    let url = "postgresql://shop:s3cret@db.example.com/shop?sslmode=require";
    let arguments = "url --quiet --driver psycopg2 --driver sqlalchemy+asyncpg";
    let words: Vec<&str> = arguments.split(' ').collect();
    let run = String::from_utf8(program(&words, &[("DATABASE_URL", url)])).unwrap();
    let block = format!(
        "```console\n$ export DATABASE_URL='{url}'\n$ dbharden {arguments}\n{}```\n",
        without_times(&run)
    );
    holds("README.md", "run", &block);
}

#[test]
fn the_completions_are_those_of_the_program() {
    for (shell, file) in COMPLETIONS {
        let script = String::from_utf8(program(&["completions", shell], &[])).unwrap();
        is_or_becomes(&format!("completions/{file}"), &script);
    }
}

#[test]
fn the_documents_are_the_pages_of_explain() {
    is_or_becomes("docs/rules.md", &dbharden::cli::rules_document());
    is_or_becomes("docs/causes.md", &dbharden::cli::causes_document());
}

#[test]
fn the_changelog_names_every_rule() {
    let text = fs::read_to_string(root().join("CHANGELOG.md")).unwrap();
    for rule in RULES.iter() {
        let named = text.contains(&format!("`{}`", rule.id));
        assert!(named, "CHANGELOG.md does not name `{}`", rule.id);
    }
}

/// Runs the program with these variables alone and returns its standard output.
fn program(arguments: &[&str], environment: &[(&str, &str)]) -> Vec<u8> {
    let output = Command::new(env!("CARGO_BIN_EXE_dbharden"))
        .args(arguments)
        .env_clear()
        .envs(environment.iter().copied())
        .current_dir(root().join("tests/house"))
        .output()
        .unwrap();
    assert!(
        !output.stdout.is_empty(),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

/// Replaces what changes from run to run: the time at the end of the summary.
fn without_times(text: &str) -> String {
    let mut shown = String::new();
    for line in text.lines() {
        let kept = match line.rsplit_once(" · ") {
            Some((kept, time)) if time.ends_with(" ms") => format!("{kept} · 1 ms"),
            _ => line.to_owned(),
        };
        shown += kept.trim_end();
        shown.push('\n');
    }
    shown
}

/// Asserts that a marked part of a file is as expected; rewrites it under `DBHARDEN_BLESS=1`.
fn holds(file: &str, part: &str, expected: &str) {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(()); // Two tests may rewrite parts of one file.
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let text = fs::read_to_string(root().join(file)).unwrap();
    let begin = format!("<!-- {part}: begin -->\n");
    let end = format!("<!-- {part}: end -->");
    let (before, rest) = text.split_once(&begin).unwrap();
    let (_, after) = rest.split_once(&end).unwrap();
    is_or_becomes(file, &format!("{before}{begin}{expected}{end}{after}"));
}

fn is_or_becomes(file: &str, expected: &str) {
    let path = root().join(file);
    let text = fs::read_to_string(&path).unwrap_or_default();
    if text == expected {
        return;
    }
    if std::env::var_os("DBHARDEN_BLESS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, expected).unwrap();
        return;
    }
    panic!("{file} is out of step: DBHARDEN_BLESS=1 cargo test --test house");
}
