//! The house keeps its order: arrows between rooms, words, sizes, secrets.

#![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

#[path = "house/arrows.rs"]
mod arrows;
#[path = "house/sizes.rs"]
mod sizes;
#[path = "house/source.rs"]
mod source;
#[path = "house/words.rs"]
mod words;
