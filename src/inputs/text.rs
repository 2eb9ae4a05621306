//! Where a byte of a text stands: lines and columns from 1, columns in characters.

/// The lines of a text, found once.
#[derive(Clone, Debug)]
pub(super) struct Places<'a> {
    text: &'a str,
    /// The first byte of each line.
    starts: Vec<usize>,
}

impl<'a> Places<'a> {
    /// Finds the lines; a line ends at `\n`, `\r\n` or a lone `\r`.
    pub(super) fn new(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for (at, byte) in bytes.iter().enumerate() {
            let ends = *byte == b'\n' || (*byte == b'\r' && bytes.get(at + 1) != Some(&b'\n'));
            if ends {
                starts.push(at + 1);
            }
        }
        Self { text, starts }
    }

    /// Returns a byte's line and column; a byte-order mark takes no column.
    pub(super) fn of(&self, at: usize) -> (u32, u32) {
        let line = self.starts.partition_point(|start| *start <= at).max(1);
        let start = self.starts[line - 1];
        let before = self.text.get(start..at).unwrap_or_default();
        let before = before.strip_prefix('\u{feff}').unwrap_or(before);
        (number(line), number(before.chars().count() + 1))
    }
}

/// Returns a count as a line or column.
pub(super) fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::Places;

    #[test]
    fn lines_end_in_three_ways_and_columns_count_characters() {
        let places = Places::new("\u{feff}aé=1\r\nb\rcü!\n");
        let at = |needle: &str| places.of(places.text.find(needle).unwrap_or(usize::MAX));
        assert_eq!(at("a"), (1, 1));
        assert_eq!(at("="), (1, 3));
        assert_eq!(at("b"), (2, 1));
        assert_eq!(at("!"), (3, 3));
        assert_eq!(places.of(places.text.len()), (4, 1));
    }
}
