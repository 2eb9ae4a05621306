//! The registry of rules is complete, and each rule says what it must.

use std::collections::BTreeSet;

use dbharden::rules::{RULES, Rule};

use super::source::Source;

/// The families, in report order.
const FAMILIES: &[&str] = &[
    "url", "pool", "engine", "budget", "connect", "tls", "server", "activity", "health", "log",
    "project",
];

#[test]
fn ids_are_unique_and_of_a_known_family() {
    let mut seen = BTreeSet::new();
    for rule in RULES.iter() {
        assert!(seen.insert(rule.id), "{} is there twice", rule.id);
        assert!(FAMILIES.contains(&rule.family()), "{}", rule.id);
        let kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(rule.id.chars().all(kebab), "{}", rule.id);
    }
}

#[test]
fn a_rule_lives_in_the_file_of_its_name_and_every_such_file_is_registered() {
    let files: BTreeSet<String> = Source::below("src/rules")
        .iter()
        .filter(|source| source.code.contains("static RULE:"))
        .map(|source| source.module()[1..].join("-").replace('_', "-"))
        .collect();
    let registered: BTreeSet<String> = RULES.iter().map(|rule| rule.id.to_owned()).collect();
    assert_eq!(files, registered);
}

#[test]
fn every_rule_is_written_to_be_read() {
    for rule in RULES.iter() {
        let Rule { id, summary, .. } = rule;
        assert!(!summary.is_empty() && summary.chars().count() <= 72, "{id}");
        assert!(!summary.ends_with('.'), "{id}: {summary}");
        let first = summary.split([' ', '-']).next().unwrap();
        let is_name = first.chars().skip(1).any(char::is_uppercase); // As in TLS, DNS, SQLAlchemy.
        assert!(is_name || first == first.to_lowercase(), "{id}: {summary}");
        for text in [rule.rationale, rule.fix] {
            assert!(!text.trim().is_empty(), "{id} says too little");
            assert_eq!(text, text.trim(), "{id}");
        }
        for reference in rule.references {
            assert!(reference.starts_with("https://"), "{id}: {reference}");
        }
    }
}

/// Beside its check, or by a test of its family or of the whole program that names it.
#[test]
fn every_rule_is_tested() {
    let sources = Source::below("src/rules");
    let mut whole = Source::below("tests");
    whole.retain(|source| !source.path.starts_with("tests/house"));
    let mut untested = Vec::new();
    for rule in RULES.iter() {
        let file = rule.id.replacen('-', "/", 1).replace('-', "_");
        let family = format!("src/rules/{}/", rule.family());
        let name = file.rsplit('/').next().unwrap();
        let tested = sources.iter().any(|source| {
            let tests = &source.text[source.shipped().len()..];
            let own = source.path == format!("src/rules/{file}.rs");
            let named = tests.contains(rule.id) || tests.contains(&format!("{name}::"));
            tests.contains("#[test]") && (own || (named && source.path.starts_with(&family)))
        });
        let named = whole.iter().any(|source| source.text.contains(rule.id));
        if !tested && !named {
            untested.push(rule.id);
        }
    }
    assert!(untested.is_empty(), "{untested:?}");
}
