//! What a file's code sets in its own environment: `os.environ["DB_POOL_SIZE"] = "20"`.
//!
//! A variable whose name is computed may be each that the file names in quotes.

/// A place that sets a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EnvironWrite {
    /// The variable.
    pub(super) name: Box<str>,
    /// The byte at which `environ` stands.
    pub(super) offset: usize,
    /// Whether it leaves a variable as it is that is set already.
    pub(super) keeps_existing: bool,
    /// Whether it stands inside of something: of a function, say.
    pub(super) indented: bool,
}

/// Returns the variables that a text sets; where it sets one by a name that does not stand there,
/// every name in quotes may be it.
pub(super) fn writes(text: &str) -> Vec<EnvironWrite> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut unnamed = memchr::memmem::find(bytes, b"import os as ");
    for at in memchr::memmem::find_iter(bytes, b"environ") {
        let before = &bytes[..at];
        if !is_environment(before) {
            continue;
        }
        let after = &bytes[at + "environ".len()..];
        let (names, default) = match changed(before, after) {
            Change::None => continue,
            Change::Of(names, default) => (names, default),
        };
        if names.is_empty() {
            unnamed = unnamed.or(Some(at));
        }
        found.extend(
            names
                .into_iter()
                .map(|name| write(bytes, at, name, default)),
        );
    }
    for call in [&b"putenv("[..], b"unsetenv("] {
        for at in memchr::memmem::find_iter(bytes, call) {
            match literal(&bytes[at + call.len()..]) {
                Some((name, _)) => found.push(write(bytes, at, name, false)),
                None => unnamed = unnamed.or(Some(at)),
            }
        }
    }
    if let Some(at) = unnamed {
        let names = memchr::memchr2_iter(b'"', b'\'', bytes).filter_map(|at| literal(&bytes[at..]));
        let plain = |name: &&str| {
            name.bytes()
                .all(|byte| byte == b'_' || byte.is_ascii_alphanumeric())
        };
        let names = names.map(|(name, _)| name).filter(plain);
        found.extend(names.map(|name| write(bytes, at, name, false)));
    }
    found
}

/// What is done to the environment at a place.
enum Change<'t> {
    None,
    /// The variables, none where they are not named there; and whether those that are set stay.
    Of(Vec<&'t str>, bool),
}

fn changed<'t>(before: &[u8], after: &'t [u8]) -> Change<'t> {
    let after_space = after.trim_ascii_start();
    let named = |rest, default| {
        let name = literal(rest).map(|(name, _)| name);
        Change::Of(name.into_iter().collect(), default)
    };
    if let Some(rest) = after_space.strip_prefix(b"[") {
        let computed = || {
            let line = rest.split(|&byte| byte == b'\n').next().unwrap_or(rest);
            literal(rest).is_none()
                && memchr::memchr_iter(b']', line).any(|end| is_written(before, &line[end + 1..]))
        };
        return match item(before, rest) {
            Some(name) => Change::Of(vec![name], false),
            None if computed() => Change::Of(Vec::new(), false),
            None => Change::None,
        };
    }
    if let Some(rest) = after_space.strip_prefix(b".setdefault(") {
        return named(rest, true);
    }
    let call = [&b".pop("[..], b".__setitem__("];
    if let Some(rest) = call.iter().find_map(|call| after_space.strip_prefix(*call)) {
        return named(rest, false);
    }
    if let Some(rest) = after_space.strip_prefix(b".update(") {
        let rest = rest.trim_ascii_start();
        return Change::Of(entries(rest.strip_prefix(b"dict(").unwrap_or(rest)), false);
    }
    let line = before
        .rsplit(|&byte| byte == b'\n')
        .next()
        .unwrap_or(before);
    let owner = line.strip_suffix(b"os.").unwrap_or(line).trim_ascii_end();
    let blank = after.iter().position(|byte| !matches!(byte, b' ' | b'\t'));
    let end = &after[blank.unwrap_or(after.len())..];
    let is_alias = after.starts_with(b" as ")
        || owner.ends_with(b"=")
            && !owner.contains(&b'(')
            && matches!(end, [] | [b'\r' | b'\n' | b'#' | b';', ..]);
    if is_alias || after_space.starts_with(b"|=") {
        return Change::Of(Vec::new(), false);
    }
    Change::None
}

fn write(bytes: &[u8], offset: usize, name: &str, keeps_existing: bool) -> EnvironWrite {
    let line = memchr::memrchr(b'\n', &bytes[..offset]).map_or(0, |end| end + 1);
    EnvironWrite {
        name: name.into(),
        offset,
        keeps_existing,
        indented: matches!(bytes.get(line), Some(b' ' | b'\t')),
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
    is_written(before, rest).then_some(name)
}

/// Returns whether an item of the environment is set, or removed by `del`.
fn is_written(before: &[u8], rest: &[u8]) -> bool {
    let line = before
        .rsplit(|&byte| byte == b'\n')
        .next()
        .unwrap_or(before);
    let removed = line.trim_ascii_start().starts_with(b"del ");
    let written = match rest.trim_ascii_start() {
        [b'=', b'=', ..] => false,
        [b'=', ..] | [b'+' | b'|', b'=', ..] => true,
        _ => false,
    };
    removed || written
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
    use super::writes;

    fn names(text: &str) -> Vec<(String, bool, bool)> {
        let all = writes(text).into_iter();
        all.map(|one| (one.name.into_string(), one.keeps_existing, one.indented))
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
    fn a_name_that_stands_elsewhere_may_be_what_a_file_sets() {
        for text in [
            "KEY = 'A'\nos.environ[KEY] = 1",
            "for k, v in {'A': 1}.items():\n    os.environ[k] = v",
            "os.environ.update([('A', 1)])",
            "os.environ.update(dict(A=1))",
            "VALUES = {'A': 1}\nos.environ.update(VALUES)",
            "os.environ |= {'A': 1}",
            "env = os.environ\nenv['A'] = 1",
            "from os import environ as env\nenv['A'] = 1",
            "import os as system\nsystem.environ['A'] = 1",
        ] {
            assert!(names(text).iter().any(|(name, ..)| name == "A"), "{text}");
        }
    }

    #[test]
    fn variables_that_a_file_reads_are_not_set() {
        for text in [
            "x = os.environ['A']",
            "if os.environ['A'] == 'b': pass",
            "os.environ.get('A', 'b')",
            "print(os.environ[name] == 'b', os.environ, 'A')",
            "env = os.environ.copy()\nenv['A'] = 'b'",
            "run('A', env=os.environ)",
            "request.environ['A'] = 'b'",
            "my_environ['A'] = 'b'",
            "f(x['A'], os.environ)",
        ] {
            assert_eq!(names(text), [], "{text}");
        }
    }
}
