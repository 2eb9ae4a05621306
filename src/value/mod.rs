//! The vocabulary that every room speaks: where a value came from, and what must not be printed.
//!
//! Uses nothing of the other rooms.

mod origin;
mod python_int;
mod secret;
mod span;

pub use origin::{Origin, Sourced};
pub use python_int::{PythonInt, python_int};
pub use secret::Secret;
pub use span::Span;

/// Returns `1 engine`, `2 engines`: the count with its noun, by adding an `s`.
pub fn plural(count: usize, noun: &str) -> String {
    if count == 1 {
        format!("1 {noun}")
    } else {
        format!("{count} {noun}s")
    }
}

#[cfg(test)]
mod tests {
    use super::plural;

    #[test]
    fn one_is_singular_and_the_rest_is_plural() {
        assert_eq!(plural(1, "engine"), "1 engine");
        assert_eq!(plural(0, "engine"), "0 engines");
    }
}
