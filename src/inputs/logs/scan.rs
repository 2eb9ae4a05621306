//! Finds the few lines of a log that matter, at gigabytes a second.
//!
//! Of each literal one stretch of [`WINDOW`] bytes is looked for, the one that plain text holds
//! least. A table tells for four bytes of the log how far the search may jump without missing a
//! stretch (Wu and Manber's method), so that most bytes are never looked at.

use std::collections::HashSet;

use aho_corasick::AhoCorasick;

use crate::causes::TRIGGER;

/// The length of the stretches that are looked for.
const WINDOW: usize = TRIGGER;

/// The bytes that are looked up at once.
const BLOCK: usize = 4;

/// A set of literals, ready to be looked for.
#[derive(Debug)]
pub(super) struct Scan {
    /// By the hash of a block: how far the search may jump.
    jumps: Vec<u8>,
    windows: HashSet<[u8; WINDOW]>,
    /// Finds the windows and what is shorter than one, where there is anything shorter: slower.
    automaton: Option<AhoCorasick>,
}

impl Scan {
    /// Prepares literals of any length.
    pub(super) fn with_short(literals: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let (short, long): (Vec<_>, Vec<_>) = literals
            .into_iter()
            .partition(|literal| literal.as_ref().len() < WINDOW);
        let mut scan = Self::new(long);
        if !short.is_empty() {
            let mut patterns: Vec<&[u8]> =
                scan.windows.iter().map(<[u8; WINDOW]>::as_slice).collect();
            patterns.extend(short.iter().map(|literal| literal.as_ref().as_bytes()));
            // Some hundred short literals are far below the automaton's limits.
            scan.automaton = AhoCorasick::new(patterns).ok();
        }
        scan
    }

    /// Prepares literals; one shorter than a window is never found.
    pub(super) fn new(literals: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let furthest = jump(WINDOW - BLOCK + 1);
        let mut scan = Self {
            jumps: vec![furthest; 1 << 16],
            windows: HashSet::new(),
            automaton: None,
        };
        for literal in literals {
            let Some(window) = rarest(literal.as_ref().as_bytes()) else {
                continue;
            };
            for at in 0..=WINDOW - BLOCK {
                let known = &mut scan.jumps[slot(block(&window, at))];
                *known = (*known).min(jump(WINDOW - BLOCK - at));
            }
            scan.windows.insert(window);
        }
        scan
    }

    /// Returns where the next stretch begins, at or after `from`.
    pub(super) fn next(&self, text: &[u8], from: usize) -> Option<usize> {
        if let Some(automaton) = &self.automaton {
            let found = automaton.find(text.get(from..)?)?;
            return Some(from + found.start());
        }
        let mut at = from;
        while at + WINDOW <= text.len() {
            let far = self.jumps[slot(block(text, at + WINDOW - BLOCK))];
            if far > 0 {
                at += usize::from(far);
                continue;
            }
            if self.windows.contains(&text[at..at + WINDOW]) {
                return Some(at);
            }
            at += 1;
        }
        None
    }
}

fn jump(bytes: usize) -> u8 {
    // A window is a few bytes long.
    u8::try_from(bytes).unwrap_or(u8::MAX)
}

fn block(text: &[u8], at: usize) -> u32 {
    let mut bytes = [0; BLOCK];
    bytes.copy_from_slice(&text[at..at + BLOCK]);
    u32::from_le_bytes(bytes)
}

/// Returns the place of four bytes in the table, by multiplying with the golden ratio.
fn slot(block: u32) -> usize {
    (block.wrapping_mul(0x9e37_79b1) >> 16) as usize
}

/// Returns the stretch of a literal whose bytes are the rarest in plain text.
fn rarest(literal: &[u8]) -> Option<[u8; WINDOW]> {
    let rarity = |window: &[u8]| window.iter().map(|&byte| rank(byte)).sum::<u32>();
    let window = literal
        .windows(WINDOW)
        .max_by_key(|window| rarity(window))?;
    window.try_into().ok()
}

/// Returns how rare a byte is in a log.
fn rank(byte: u8) -> u32 {
    match byte {
        b'e' | b't' | b'a' | b'o' | b'i' | b'n' | b's' | b'r' | b'c' | b'd' | b'l' => 1,
        b' ' | b'0'..=b'9' | b':' | b'-' | b'.' => 2,
        b'a'..=b'z' => 4,
        _ => 6,
    }
}

#[cfg(test)]
mod tests {
    use super::Scan;

    #[test]
    fn finds_each_literal_wherever_it_stands_and_nothing_else() {
        let literals = [
            "pool_size",
            "sorry, too many clients already",
            "max_overflow",
        ];
        let scan = Scan::new(literals);
        for literal in literals {
            for before in 0..20 {
                let text = format!("{}{literal}{}", "x".repeat(before), "y".repeat(before));
                let at = scan.next(text.as_bytes(), 0);
                assert!(
                    at.is_some_and(|at| at >= before && at < before + literal.len()),
                    "{text}: {at:?}"
                );
                let cut = &text.as_bytes()[..before + super::WINDOW - 1];
                assert_eq!(scan.next(cut, 0), None);
            }
        }
        assert_eq!(scan.next(b"", 0), None);
        assert_eq!(scan.next(b"pool_siz pool-size POOL_SIZE", 0), None);
    }

    #[test]
    fn agrees_with_a_plain_search_on_random_text() {
        let literals = ["aabaabaab", "abaabaaba", "bbbbbbbbb", "ababababa"];
        let scan = Scan::new(literals);
        let mut state = 1_u32;
        for _ in 0..200 {
            let text: String = (0..300)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    if state >> 30 == 0 { 'b' } else { 'a' }
                })
                .collect();
            let holds = literals.iter().any(|literal| text.contains(literal));
            assert_eq!(scan.next(text.as_bytes(), 0).is_some(), holds, "{text}");
        }
    }
}
