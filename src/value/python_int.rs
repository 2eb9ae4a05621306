//! What Python's `int()` makes of a text: the reader of most pool variables.

/// The code points of the digit zero in each run of ten decimal digits (category Nd) of Unicode 14,
/// as CPython 3.11's `unicodedata` lists them.
const DIGIT_ZEROS: [u32; 66] = [
    0x30, 0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66,
    0xDE6, 0xE50, 0xED0, 0xF20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90,
    0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10,
    0x104A0, 0x10D30, 0x11066, 0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650,
    0x116C0, 0x11730, 0x118E0, 0x11950, 0x11C50, 0x11D50, 0x11DA0, 0x16A60, 0x16AC0, 0x16B50,
    0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6, 0x1E140, 0x1E2F0, 0x1E950, 0x1FBF0,
];

/// A number as Python's `int()` reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PythonInt {
    /// The number; one that does not fit is the nearest that does.
    pub value: i64,
    /// Whether it is spelled as a plain number: ASCII digits with at most a minus before them.
    pub plain: bool,
}

/// Reads a text as Python's `int()` does: white space around it, a sign, single underscores between
/// digits and the decimal digits of every script are taken. Returns `None` where it raises `ValueError`.
pub fn python_int(text: &str) -> Option<PythonInt> {
    let trimmed = text.trim_matches(is_python_space);
    let (negative, digits) = match trimmed.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, trimmed.strip_prefix('+').unwrap_or(trimmed)),
    };
    let mut value: i64 = 0;
    let mut count = 0_usize;
    let mut after_digit = false;
    for character in digits.chars() {
        if character == '_' && after_digit {
            after_digit = false;
            continue;
        }
        value = value.saturating_mul(10).saturating_add(decimal(character)?);
        count += 1;
        after_digit = true;
    }
    // CPython refuses more than 4,300 digits (`sys.int_info.default_max_str_digits`, 3.11).
    if !after_digit || count > 4300 {
        return None;
    }
    let body = text.strip_prefix('-').unwrap_or(text);
    let plain = body.bytes().all(|byte| byte.is_ascii_digit());
    Some(PythonInt {
        value: if negative { -value } else { value },
        plain,
    })
}

/// Returns the value of a decimal digit of any script.
fn decimal(character: char) -> Option<i64> {
    let code = u32::from(character);
    let next = DIGIT_ZEROS.partition_point(|zero| *zero <= code);
    let offset = code - DIGIT_ZEROS.get(next.checked_sub(1)?)?;
    (offset < 10).then_some(i64::from(offset))
}

/// Returns whether Python's `str.isspace` holds: Unicode white space and the four separators of ASCII.
fn is_python_space(character: char) -> bool {
    character.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&character)
}

#[cfg(test)]
mod tests {
    use super::{PythonInt, python_int};

    #[track_caller]
    fn takes(text: &str, value: i64, plain: bool) {
        assert_eq!(
            python_int(text),
            Some(PythonInt { value, plain }),
            "{text:?}"
        );
    }

    /// Each row was read off CPython 3.11.7.
    #[test]
    fn texts_that_python_takes_have_pythons_value() {
        takes("5", 5, true);
        takes("05", 5, true);
        takes("-1", -1, true);
        takes("+5", 5, false);
        takes("5 ", 5, false);
        takes("\u{1f}5\n", 5, false);
        takes("1_000", 1000, false);
        takes("٥", 5, false);
        takes("５", 5, false);
        takes("99999999999", 99_999_999_999, true);
        takes(&"9".repeat(4300), i64::MAX, true);
    }

    #[test]
    fn texts_that_python_refuses_are_refused() {
        for text in [
            "",
            " ",
            "0x5",
            "5.0",
            "5e0",
            "1__0",
            "_1",
            "1_",
            "- 5",
            "²",
            "−5",
            "5s",
            "5,000",
            "true",
            "5\u{200b}",
        ] {
            assert_eq!(python_int(text), None, "{text:?}");
        }
        assert_eq!(python_int(&"9".repeat(4301)), None);
    }
}
