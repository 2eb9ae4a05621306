//! A POSIX rule for a time zone, as the server's `tzparse` reads it (PostgreSQL 18.6).

/// Returns whether a text is a rule: a name, which may be empty, an offset, and perhaps the same for
/// summer with the days on which it begins and ends.
pub(super) fn is_rule(text: &str) -> bool {
    let standard = name(text).and_then(offset);
    let Some(rest) = standard else {
        return false;
    };
    if rest.is_empty() {
        return true;
    }
    let Some(summer) = name(rest).filter(|after| after.len() < rest.len()) else {
        return false;
    };
    let summer = if summer.is_empty() || summer.starts_with([',', ';']) {
        Some(summer)
    } else {
        offset(summer)
    };
    match summer {
        Some("") => true,
        Some(days) => days
            .strip_prefix([',', ';'])
            .and_then(day)
            .and_then(|after| after.strip_prefix(','))
            .and_then(day)
            .is_some_and(str::is_empty),
        None => false,
    }
}

/// Reads a name, plain or in angle brackets, and returns what follows.
fn name(text: &str) -> Option<&str> {
    if let Some(quoted) = text.strip_prefix('<') {
        return quoted.split_once('>').map(|(_, rest)| rest);
    }
    let end = text.find(|c: char| c.is_ascii_digit() || matches!(c, ',' | '-' | '+'));
    Some(&text[end.unwrap_or(text.len())..])
}

/// Reads `[+-]hh[:mm[:ss]]`.
fn offset(text: &str) -> Option<&str> {
    seconds(text.strip_prefix(['+', '-']).unwrap_or(text))
}

fn seconds(text: &str) -> Option<&str> {
    let rest = number(text, 0, 167)?;
    let Some(minutes) = rest.strip_prefix(':') else {
        return Some(rest);
    };
    let rest = number(minutes, 0, 59)?;
    match rest.strip_prefix(':') {
        Some(last) => number(last, 0, 60),
        None => Some(rest),
    }
}

fn number(text: &str, low: u32, high: u32) -> Option<&str> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let number: u32 = text[..end].parse().ok()?;
    (low..=high).contains(&number).then(|| &text[end..])
}

/// Reads a day of the year (`J60`, `59`, `M3.5.0`), and perhaps its time behind `/`.
fn day(text: &str) -> Option<&str> {
    let rest = if let Some(julian) = text.strip_prefix('J') {
        number(julian, 1, 365)?
    } else if let Some(month) = text.strip_prefix('M') {
        let week = number(month, 1, 12)?.strip_prefix('.')?;
        number(number(week, 1, 5)?.strip_prefix('.')?, 0, 6)?
    } else {
        number(text, 0, 365)?
    };
    match rest.strip_prefix('/') {
        Some(time) => offset(time),
        None => Some(rest),
    }
}

#[cfg(test)]
mod tests {
    use super::is_rule;

    #[test]
    fn rules_are_told_from_other_words() {
        for (text, expected) in [
            ("FOO5", true),
            ("-12:30", true),
            ("+05:30", true),
            ("<+03>-3", true),
            ("EST5EDT", true),
            ("EST5EDT4,M3.2.0,M11.1.0/3", true),
            ("EST5EDT,J60,300", true),
            ("EST5EDT,M13.2.0,M11.1.0", false),
            ("EST5EDT,M3.2.0", false),
            ("FOO", false),
            ("FOO168", false),
            ("FOO5:60", false),
            ("FOO5:30:61", false),
            ("<+03-3", false),
            ("", false),
        ] {
            assert_eq!(is_rule(text), expected, "{text:?}");
        }
    }
}
