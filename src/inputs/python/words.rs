//! The words without which a stretch of code makes no engine, found once per file.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use aho_corasick::AhoCorasick;
use aho_corasick::packed::Searcher;

use super::modules::Modules;

/// Words, and where the files of a project hold them.
pub(super) struct Words {
    finder: Option<AhoCorasick>,
    /// Finds out fast that a file holds none of the words, not even inside of others.
    filter: Option<Searcher>,
    /// How many of the words count inside a longer name too.
    parts: usize,
    /// By file: the first and the last byte of each occurrence, by the first.
    places: Vec<OnceCell<Vec<(u32, u32)>>>,
}

impl Words {
    /// Prepares the search for words that count anywhere and for whole names.
    pub(super) fn new(parts: &[&str], names: &BTreeSet<String>, modules: &Modules) -> Self {
        let all = parts
            .iter()
            .copied()
            .chain(names.iter().map(String::as_str));
        Self {
            filter: Searcher::new(all.clone()),
            finder: AhoCorasick::new(all).ok(),
            parts: parts.len(),
            places: modules.files().iter().map(|_| OnceCell::new()).collect(),
        }
    }

    /// Returns whether a file holds one of the words.
    pub(super) fn in_file(&self, modules: &Modules, file: usize) -> bool {
        !self.of(modules, file).is_empty()
    }

    /// Returns whether a stretch of a file holds one of the words.
    pub(super) fn within(&self, modules: &Modules, file: usize, start: u32, end: u32) -> bool {
        let places = self.of(modules, file);
        let first = places.partition_point(|&(at, _)| at < start);
        places[first..]
            .iter()
            .take_while(|&&(at, _)| at < end)
            .any(|&(_, last)| last <= end)
    }

    fn of(&self, modules: &Modules, file: usize) -> &[(u32, u32)] {
        self.places[file].get_or_init(|| {
            let text = modules.text(file);
            if let Some(filter) = &self.filter
                && filter.find(text).is_none()
            {
                return Vec::new();
            }
            let mut places: Vec<(u32, u32)> = self
                .finder
                .iter()
                .flat_map(|finder| finder.find_overlapping_iter(text))
                .filter(|found| {
                    let (before, after) = text.as_bytes().split_at(found.start());
                    let after = &after[found.len()..];
                    found.pattern().as_usize() < self.parts
                        || !before.last().copied().is_some_and(is_part)
                            && !after.first().copied().is_some_and(is_part)
                })
                .filter_map(|found| {
                    Some((
                        u32::try_from(found.start()).ok()?,
                        u32::try_from(found.end()).ok()?,
                    ))
                })
                .collect();
            places.sort_unstable();
            places
        })
    }
}

/// Returns whether a byte belongs to a name.
fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}
