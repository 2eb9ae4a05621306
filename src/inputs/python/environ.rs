//! What a file's code sets in its own environment: `os.environ["DB_POOL_SIZE"] = "20"`.
//!
//! Only variables that are named count. One whose name is computed is as unknown as the environment
//! that a process gets from outside.

/// A place that sets a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Setting {
    /// The variable.
    pub(super) name: Box<str>,
    /// The byte at which `environ` stands.
    pub(super) offset: usize,
    /// Whether it leaves a variable as it is that is set already.
    pub(super) default: bool,
    /// Whether it stands inside of something: of a function, say.
    pub(super) inner: bool,
}

/// Returns the variables that a text sets.
pub(super) fn settings(text: &str) -> Vec<Setting> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    for at in memchr::memmem::find_iter(bytes, b"environ") {
        if !is_environment(&bytes[..at]) {
            continue;
        }
        let after = bytes[at + "environ".len()..].trim_ascii_start();
        let (names, default) = if let Some(rest) = after.strip_prefix(b"[") {
            (item(&bytes[..at], rest).into_iter().collect(), false)
        } else if let Some(rest) = after.strip_prefix(b".setdefault(") {
            (
                literal(rest).map(|(name, _)| name).into_iter().collect(),
                true,
            )
        } else if let Some(rest) = [&b".pop("[..], b".__setitem__("]
            .iter()
            .find_map(|call| after.strip_prefix(*call))
        {
            (
                literal(rest).map(|(name, _)| name).into_iter().collect(),
                false,
            )
        } else if let Some(rest) = after.strip_prefix(b".update(") {
            (entries(rest), false)
        } else {
            (Vec::new(), false)
        };
        found.extend(
            names
                .into_iter()
                .map(|name| setting(bytes, at, name, default)),
        );
    }
    for call in [&b"putenv("[..], b"unsetenv("] {
        for at in memchr::memmem::find_iter(bytes, call) {
            let name = literal(&bytes[at + call.len()..]);
            found.extend(name.map(|(name, _)| setting(bytes, at, name, false)));
        }
    }
    found
}

fn setting(bytes: &[u8], offset: usize, name: &str, default: bool) -> Setting {
    let line = memchr::memrchr(b'\n', &bytes[..offset]).map_or(0, |end| end + 1);
    Setting {
        name: name.into(),
        offset,
        default,
        inner: matches!(bytes.get(line), Some(b' ' | b'\t')),
    }
}

/// Returns whether a text before `environ` makes it Python's: `os.`, or nothing. A web request has
/// one of its own.
fn is_environment(before: &[u8]) -> bool {
    let part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte >= 0x80;
    match before.split_last() {
        Some((b'.', owner)) => owner.ends_with(b"os"),
        Some((last, _)) => !part(last),
        None => true,
    }
}

/// Returns the variable of `"NAME"] = …`, or of one that `del` removes.
fn item<'t>(before: &[u8], rest: &'t [u8]) -> Option<&'t str> {
    let (name, rest) = literal(rest)?;
    let rest = rest.trim_ascii_start().strip_prefix(b"]")?;
    let rest = rest.trim_ascii_start();
    let line = before
        .rsplit(|&byte| byte == b'\n')
        .next()
        .unwrap_or(before);
    let removed = line.trim_ascii_start().starts_with(b"del ");
    let written = match rest {
        [b'=', b'=', ..] => false,
        [b'=', ..] | [b'+' | b'|', b'=', ..] => true,
        _ => false,
    };
    (removed || written).then_some(name)
}

/// Returns the text in quotes at the start, and what follows it.
fn literal(rest: &[u8]) -> Option<(&str, &[u8])> {
    let (&quote, rest) = rest.trim_ascii_start().split_first()?;
    if quote != b'"' && quote != b'\'' {
        return None;
    }
    let end = memchr::memchr(quote, rest)?;
    let name = std::str::from_utf8(&rest[..end]).ok()?;
    (!name.is_empty() && name.len() < 100).then_some((name, &rest[end + 1..]))
}

/// Returns the variables of `{"A": …}` or of `A=…` up to the end of a call.
fn entries(rest: &[u8]) -> Vec<&str> {
    /// How far a call is looked through.
    const LONGEST: usize = 2_000;
    let rest = &rest[..rest.len().min(LONGEST)];
    let (mut depth, mut at, mut names) = (1_usize, 0, Vec::new());
    while at < rest.len() && depth > 0 {
        match rest[at] {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth -= 1,
            b'"' | b'\'' => {
                if let Some((name, after)) = literal(&rest[at..]) {
                    if after.trim_ascii_start().starts_with(b":") {
                        names.push(name);
                    }
                    at = rest.len() - after.len();
                    continue;
                }
            }
            byte if depth == 1 && (byte == b'_' || byte.is_ascii_alphabetic()) => {
                let word = &rest[at..];
                let end = word
                    .iter()
                    .position(|byte| *byte != b'_' && !byte.is_ascii_alphanumeric())
                    .unwrap_or(word.len());
                let keyword =
                    matches!(word[end..].trim_ascii_start(), [b'=', next, ..] if *next != b'=');
                if keyword && let Ok(name) = std::str::from_utf8(&word[..end]) {
                    names.push(name);
                }
                at += end;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    names
}

#[cfg(test)]
mod tests {
    use super::settings;

    fn names(text: &str) -> Vec<(String, bool, bool)> {
        let all = settings(text).into_iter();
        all.map(|one| (one.name.into_string(), one.default, one.inner))
            .collect()
    }

    #[test]
    fn variables_that_a_file_sets_are_found_by_their_names() {
        for (text, default, inner) in [
            ("os.environ['A'] = 'b'", false, false),
            ("x = 1\nos.environ[ \"A\" ]='b'", false, false),
            ("def f():\n    environ['A'] += 'b'", false, true),
            ("del os.environ['A']", false, false),
            ("os.environ.setdefault('A', 'b')", true, false),
            ("os.environ.pop('A', None)", false, false),
            ("os.environ.update({'A': f('x'), **other})", false, false),
            ("os.environ.update(\n    A=str(b == c),\n)", false, false),
            ("os.putenv('A', 'b')", false, false),
        ] {
            assert_eq!(names(text), [("A".to_owned(), default, inner)], "{text}");
        }
    }

    #[test]
    fn variables_that_a_file_reads_are_not_set() {
        for text in [
            "x = os.environ['A']",
            "if os.environ['A'] == 'b': pass",
            "os.environ.get('A', 'b')",
            "os.environ[name] = 'b'",
            "request.environ['A'] = 'b'",
            "my_environ['A'] = 'b'",
            "f(x['A'], os.environ)",
        ] {
            assert_eq!(names(text), [], "{text}");
        }
    }
}
