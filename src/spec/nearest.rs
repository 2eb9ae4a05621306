//! "Did you mean": the known name that is nearest to a misspelt one.

/// Returns the candidate with the fewest edits to `name`, where that is near enough to be meant:
/// at most a third of its letters.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = fold(name);
    if name.len() > 64 {
        return None;
    }
    candidates
        .into_iter()
        .map(|candidate| (distance(&name, &fold(candidate)), candidate))
        .filter(|(edits, candidate)| *edits <= (candidate.chars().count() / 3).max(1))
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, candidate)| candidate)
}

/// Letters in lower case; `-` and `_` are the same key to most people.
fn fold(name: &str) -> Vec<char> {
    name.chars()
        .map(|letter| match letter {
            '-' => '_',
            other => other.to_ascii_lowercase(),
        })
        .collect()
}

/// The number of letters to insert, delete, replace or swap with a neighbour (optimal string
/// alignment).
fn distance(left: &[char], right: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in right.iter().enumerate() {
            let replaced = last[j] + usize::from(a != b);
            let mut best = replaced.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == right[j - 1] && left[i - 1] == *b {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[right.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    const KEYS: [&str; 4] = ["pool_size", "pool_recycle", "max_overflow", "tls"];

    #[test]
    fn a_slip_finds_its_key_and_a_stranger_finds_none() {
        for (typed, meant) in [
            ("pool_szie", Some("pool_size")),
            ("poolsize", Some("pool_size")),
            ("Pool-Size", Some("pool_size")),
            ("pool_recyle", Some("pool_recycle")),
            ("tsl", Some("tls")),
            ("banana", None),
            ("", None),
        ] {
            assert_eq!(nearest(typed, KEYS), meant, "{typed}");
        }
    }

    #[test]
    fn a_very_long_name_is_not_compared() {
        assert_eq!(nearest(&"x".repeat(1_000_000), KEYS), None);
    }
}
