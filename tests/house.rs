//! The house keeps its order: arrows between rooms, words, sizes, secrets, the registry of rules,
//! and everything published that the program generates.
//!
//! `DBHARDEN_BLESS=1 cargo test --test house` rewrites the generated parts of `README.md`,
//! `completions/`, and `docs/`.

#![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

#[path = "house/arrows.rs"]
mod arrows;
#[path = "house/corpus.rs"]
mod corpus;
#[path = "house/published.rs"]
mod published;
#[path = "house/registry.rs"]
mod registry;
#[path = "house/sizes.rs"]
mod sizes;
#[path = "house/source.rs"]
mod source;
#[path = "house/words.rs"]
mod words;
