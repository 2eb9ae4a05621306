//! Numbers as C and Python read them from text.

use super::resolver;

/// Reads a whole number like C's `strtol`, and returns it with the text behind it; `None` where no
/// digit was read. A number that does not fit stays at the end of its range.
pub(super) fn strtol(text: &str, base: u32) -> Option<(i64, &str)> {
    let trimmed = text.trim_start_matches(is_c_space);
    let (negative, digits) = match trimmed.as_bytes().first() {
        Some(b'-') => (true, &trimmed[1..]),
        Some(b'+') => (false, &trimmed[1..]),
        _ => (false, trimmed),
    };
    let hexadecimal = digits.len() > 2
        && digits.as_bytes()[0] == b'0'
        && matches!(digits.as_bytes()[1], b'x' | b'X')
        && digits.as_bytes()[2].is_ascii_hexdigit();
    let (base, digits) = match base {
        0 if hexadecimal => (16, &digits[2..]),
        0 if digits.starts_with('0') => (8, digits),
        0 => (10, digits),
        base => (base, digits),
    };
    let end = digits
        .find(|c: char| !c.is_digit(base))
        .unwrap_or(digits.len());
    if end == 0 {
        return None;
    }
    let mut value: i64 = 0;
    for digit in digits[..end].chars().filter_map(|c| c.to_digit(base)) {
        value = value
            .saturating_mul(i64::from(base))
            .saturating_add(i64::from(digit));
    }
    Some((if negative { -value } else { value }, &digits[end..]))
}

/// Reads a number like C's `strtod`, and returns it with the text behind it.
pub(super) fn strtod(text: &str) -> Option<(f64, &str)> {
    let trimmed = text.trim_start_matches(is_c_space);
    let bytes = trimmed.as_bytes();
    let mut end = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    for word in ["infinity", "inf", "nan"] {
        if trimmed[end..].len() >= word.len()
            && trimmed.is_char_boundary(end + word.len())
            && trimmed[end..end + word.len()].eq_ignore_ascii_case(word)
        {
            let end = end + word.len();
            return Some((trimmed[..end].parse().ok()?, &trimmed[end..]));
        }
    }
    let digits = |mut at: usize| {
        while bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        at
    };
    let whole = digits(end);
    let mut any = whole > end;
    end = whole;
    if bytes.get(end) == Some(&b'.') {
        let fraction = digits(end + 1);
        any |= fraction > end + 1;
        end = fraction;
    }
    if !any {
        return None;
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(end + 1 + sign);
        if exponent > end + 1 + sign {
            end = exponent;
        }
    }
    Some((trimmed[..end].parse().ok()?, &trimmed[end..]))
}

/// Reads a whole number like Python's `int()`: white space around it, a sign, underscores between
/// digits, digits of any script.
pub(super) fn python_int(text: &str) -> Option<i128> {
    let trimmed = text.trim_matches(is_python_space);
    let (negative, digits) = match trimmed.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, trimmed.strip_prefix('+').unwrap_or(trimmed)),
    };
    let mut value: i128 = 0;
    let mut after_digit = false;
    for c in digits.chars() {
        if c == '_' && after_digit {
            after_digit = false;
            continue;
        }
        let digit = decimal_digit(c)?;
        value = value.saturating_mul(10).saturating_add(i128::from(digit));
        after_digit = true;
    }
    after_digit.then_some(if negative { -value } else { value })
}

/// Reads a number like Python's `float()`.
pub(super) fn python_float(text: &str) -> Option<f64> {
    let trimmed = text.trim_matches(is_python_space);
    let mut plain = String::with_capacity(trimmed.len());
    let mut before = ' ';
    for c in trimmed.chars() {
        match c {
            '_' if before.is_ascii_digit() => {}
            '_' => return None,
            _ if before == '_' && !c.is_ascii_digit() => return None,
            _ => plain.push(decimal_digit(c).map_or(c, |digit| char::from(b'0' + digit))),
        }
        before = c;
    }
    let bare = plain.trim_start_matches(['+', '-']);
    let word = bare.to_ascii_lowercase();
    if before == '_'
        || plain.len() > bare.len() + 1
        || (bare.starts_with(|c: char| c.is_ascii_alphabetic())
            && !matches!(word.as_str(), "inf" | "infinity" | "nan"))
    {
        return None;
    }
    plain.parse().ok()
}

/// Returns whether `getaddrinfo` takes a service for a number; any other text is a service's name.
pub(super) fn is_numeric_service(text: &str) -> bool {
    text.is_empty()
        || strtol(text, 10).is_some_and(|(number, rest)| {
            rest.is_empty() && resolver::service(number.into()).is_some()
        })
}

/// Returns whether C's `isspace` takes a character as white space.
pub(super) fn is_c_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\x0b' | '\x0c' | '\r')
}

/// Returns whether Python's `str.strip` takes a character as white space.
pub(super) fn is_python_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\x1c'..='\x1f')
}

/// The first digit of each run of ten decimal digits in Unicode 15 below the mathematical ones.
static ZEROS: &[u32] = &[
    0x30, 0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66,
    0xDE6, 0xE50, 0xED0, 0xF20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90,
    0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10,
];

fn decimal_digit(c: char) -> Option<u8> {
    if c.is_ascii() {
        return c.to_digit(10).and_then(|digit| u8::try_from(digit).ok());
    }
    let code = u32::from(c);
    ZEROS
        .iter()
        .find(|&&zero| (zero..zero + 10).contains(&code))
        .and_then(|zero| u8::try_from(code - zero).ok())
}

#[cfg(test)]
mod tests {
    use super::{python_float, python_int, strtod, strtol};

    #[test]
    fn whole_numbers_are_read_as_python_reads_them() {
        for (text, expected) in [
            ("5432", Some(5432)),
            (" 5432\n", Some(5432)),
            ("+5432", Some(5432)),
            ("-1", Some(-1)),
            ("5_432", Some(5432)),
            ("5__432", None),
            ("_5", None),
            ("5_", None),
            ("", None),
            ("５４３２", Some(5432)),
            ("0x10", None),
            ("5 4", None),
        ] {
            assert_eq!(python_int(text), expected, "{text:?}");
        }
    }

    #[test]
    fn numbers_are_read_as_python_reads_them() {
        assert_eq!(python_float("2.5"), Some(2.5));
        assert_eq!(python_float(" 1_0e1 "), Some(100.0));
        assert_eq!(python_float("infinity"), Some(f64::INFINITY));
        assert_eq!(python_float("x"), None);
        assert_eq!(python_float(""), None);
    }

    #[test]
    fn c_stops_at_the_first_character_that_fits_no_longer() {
        assert_eq!(strtol(" 12ab", 10), Some((12, "ab")));
        assert_eq!(strtol("0x1f", 0), Some((31, "")));
        assert_eq!(strtol("0x", 0), Some((0, "x")));
        assert_eq!(strtol("-", 10), None);
        assert_eq!(strtod("1.5s"), Some((1.5, "s")));
        assert_eq!(strtod("1e3"), Some((1000.0, "")));
        assert_eq!(strtod("."), None);
    }
}
