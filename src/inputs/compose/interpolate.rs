//! Compose's `$NAME` and `${NAME:-default}`, as compose-go's `template` package reads them.

use super::super::deploy::shown;

/// What a name is set to in the surroundings: the text, or why it is not known.
pub(super) type Lookup<'a> = &'a dyn Fn(&str) -> Option<Result<String, String>>;

/// Why a text has no known value.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// The value depends on what no file tells; fits after "its value is".
    Unknown(String),
    /// Compose would refuse the text.
    Malformed,
}

/// How deep defaults may nest: `${A:-${B:-c}}`.
const MAX_DEPTH: usize = 16;

/// The longest text that replacing may make.
const MAX_BYTES: usize = 1 << 20;

/// Replaces every variable of a text.
pub(super) fn interpolate(text: &str, lookup: Lookup<'_>) -> Result<String, Refused> {
    replace(text, lookup, 0)
}

fn replace(text: &str, lookup: Lookup<'_>, depth: usize) -> Result<String, Refused> {
    if depth > MAX_DEPTH {
        return Err(Refused::Malformed);
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        let behind = &rest[at + 1..];
        if let Some(escaped) = behind.strip_prefix('$') {
            out.push('$');
            rest = escaped;
        } else if let Some(inside) = behind.strip_prefix('{') {
            let end = closing(inside).ok_or(Refused::Malformed)?;
            out.push_str(&braced(&inside[..end], lookup, depth)?);
            rest = &inside[end + 1..];
        } else {
            let name = &behind[..name_length(behind)];
            if name.is_empty() {
                return Err(Refused::Malformed);
            }
            out.push_str(&required(name, lookup)?);
            rest = &behind[name.len()..];
        }
        if out.len() > MAX_BYTES {
            return Err(Refused::Unknown(
                "too long once its variables are replaced".to_owned(),
            ));
        }
    }
    out.push_str(rest);
    Ok(out)
}

/// Replaces what stands between `${` and `}`.
fn braced(inside: &str, lookup: Lookup<'_>, depth: usize) -> Result<String, Refused> {
    let length = name_length(inside);
    let (name, operator) = inside.split_at(length);
    if name.is_empty() {
        return Err(Refused::Malformed);
    }
    if operator.is_empty() {
        return required(name, lookup);
    }
    let (empty_counts_as_unset, operator) = match operator.strip_prefix(':') {
        Some(rest) => (true, rest),
        None => (false, operator),
    };
    let set = match lookup(name) {
        Some(Err(reason)) => return Err(Refused::Unknown(reason)),
        Some(Ok(text)) if text.is_empty() && empty_counts_as_unset => None,
        Some(Ok(text)) => Some(text),
        None => None,
    };
    let kind = operator.chars().next().ok_or(Refused::Malformed)?;
    let word = &operator[kind.len_utf8()..];
    match (kind, set) {
        ('-' | '?', Some(text)) => Ok(text),
        ('-', None) | ('+', Some(_)) => replace(word, lookup, depth + 1),
        ('+', None) => Ok(String::new()),
        ('?', None) => Err(Refused::Unknown(unset(name))),
        _ => Err(Refused::Malformed),
    }
}

fn required(name: &str, lookup: Lookup<'_>) -> Result<String, Refused> {
    match lookup(name) {
        Some(Ok(text)) => Ok(text),
        Some(Err(reason)) => Err(Refused::Unknown(reason)),
        None => Err(Refused::Unknown(unset(name))),
    }
}

fn unset(name: &str) -> String {
    format!(
        "built from ${{{}}}, which comes from the shell that runs Compose",
        shown(name)
    )
}

/// Returns where the brace closes that was opened before the text; inner `${…}` are skipped.
fn closing(text: &str) -> Option<usize> {
    let mut open = 0_usize;
    let mut before = '\0';
    for (at, letter) in text.char_indices() {
        match letter {
            '{' if before == '$' => open += 1,
            '}' if open == 0 => return Some(at),
            '}' => open -= 1,
            _ => {}
        }
        before = letter;
    }
    None
}

fn name_length(text: &str) -> usize {
    let fits = |(at, letter): (usize, char)| {
        letter == '_' || letter.is_ascii_alphabetic() || (at > 0 && letter.is_ascii_digit())
    };
    text.char_indices()
        .find(|pair| !fits(*pair))
        .map_or(text.len(), |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Refused, interpolate};

    fn lookup(name: &str) -> Option<Result<String, String>> {
        match name {
            "SET" => Some(Ok("s".to_owned())),
            "EMPTY" => Some(Ok(String::new())),
            "SECRET" => Some(Err("hidden".to_owned())),
            _ => None,
        }
    }

    #[test]
    fn every_operator_reads_as_in_compose() {
        let unset = |name: &str| Err(Refused::Unknown(super::unset(name)));
        let ok = |text: &str| Ok(text.to_owned());
        for (text, wanted) in [
            ("plain", ok("plain")),
            ("a$SET-b", ok("as-b")),
            ("a${SET}b", ok("asb")),
            ("$$SET", ok("$SET")),
            ("$${SET}", ok("${SET}")),
            ("${X:-5}", ok("5")),
            ("${X-5}", ok("5")),
            ("${EMPTY:-5}", ok("5")),
            ("${EMPTY-5}", ok("")),
            ("${X:-}", ok("")),
            ("${X:-${SET:-9}}", ok("s")),
            ("${X:-${Y:-9}}!", ok("9!")),
            ("${SET:+alt}${X:+alt}${EMPTY+alt}", ok("altalt")),
            ("${SET:?no}${EMPTY?no}", ok("s")),
            ("${X:?no}", unset("X")),
            ("$X", unset("X")),
            ("${SECRET:-5}", Err(Refused::Unknown("hidden".to_owned()))),
            ("pa$", Err(Refused::Malformed)),
            ("pa$1", Err(Refused::Malformed)),
            ("${X", Err(Refused::Malformed)),
            ("${X!y}", Err(Refused::Malformed)),
            ("${}", Err(Refused::Malformed)),
            ("${X:-{}}", ok("{}")),
        ] {
            assert_eq!(interpolate(text, &lookup), wanted, "{text}");
        }
    }

    #[test]
    fn nesting_is_bounded() {
        let text = "${X:-".repeat(50_000) + &"}".repeat(50_000);
        assert_eq!(interpolate(&text, &lookup), Err(Refused::Malformed));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "([$\\{\\}:\\-?+SETX]|SET|\\PC){0,40}") {
            let _ = interpolate(&text, &lookup);
        }
    }
}
