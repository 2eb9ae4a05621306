//! What a provider's front end reads of `options=` before any server does: which server is meant.

use super::Provider;

/// The beginnings of the words that a front end takes out of `options`, by the provider's id.
///
/// Neon: `proxy/src/proxy/mod.rs` and its SNI fallback, read 2026-11-23. Supabase: Supavisor's
/// documentation of the connection, read 2026-11-23. `CockroachDB` Cloud: its documentation for clients
/// without SNI, read 2026-11-23.
const WORDS: &[(&str, &[&str])] = &[
    ("neon", &["endpoint=", "project=", "neon_"]),
    ("supabase", &["reference="]),
    ("cockroachdb", &["--cluster="]),
];

impl Provider {
    /// Returns the beginnings of the words in `options` that say which server is meant, and that no
    /// server gets to see.
    pub fn routing_words(&self) -> &'static [&'static str] {
        WORDS
            .iter()
            .find(|(id, _)| *id == self.id)
            .map_or(&[], |(_, words)| words)
    }
}

#[cfg(test)]
mod tests {
    use super::WORDS;
    use crate::provider::find;

    #[test]
    fn every_provider_of_the_table_exists() {
        for (id, words) in WORDS {
            assert!(find(id).is_some_and(|provider| provider.routing_words() == *words));
        }
    }
}
