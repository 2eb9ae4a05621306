//! What a file's code writes from outside: attributes and items of other objects.

use std::collections::BTreeSet;

/// The names of the attributes that a file writes, but for those of `self` and `cls`: these belong
/// to classes of the file itself, or of a file that imports it; and the names of what it changes by
/// a method.
#[derive(Debug, Default)]
pub(super) struct Written {
    names: BTreeSet<Box<str>>,
}

/// What a line holds that changes an object by a call.
const CALLS: [&str; 6] = [
    ".update(",
    ".setdefault(",
    ".pop(",
    "setattr(",
    "del ",
    ".clear(",
];

/// Returns the first bytes of the lines that may change an object: by a call, or by writing to an
/// attribute or an item.
pub(super) fn changing_lines(text: &str) -> Vec<u32> {
    let bytes = text.as_bytes();
    let start_of = |at: usize| memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |end| end + 1);
    let mut starts: Vec<usize> = CALLS
        .iter()
        .flat_map(|call| memchr::memmem::find_iter(bytes, call))
        .map(start_of)
        .collect();
    for at in memchr::memchr_iter(b'=', bytes) {
        let start = start_of(at);
        let target = &bytes[start..at];
        if memchr::memchr2(b'.', b'[', target).is_some() && !target.contains(&b'(') {
            starts.push(start);
        }
    }
    starts.sort_unstable();
    starts.dedup();
    starts
        .into_iter()
        .filter_map(|at| u32::try_from(at).ok())
        .collect()
}

/// Returns whether a line changes an object by a call.
pub(super) fn calls_a_change(line: &str) -> bool {
    CALLS.iter().any(|call| line.contains(call))
}

/// The methods that change a dict, and the beginnings of their calls.
const CHANGES: [&str; 5] = ["update(", "setdefault(", "pop(", "clear(", "__setitem__("];

impl Written {
    /// Looks through a text once.
    pub(super) fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut written = Self::default();
        for at in memchr::memchr_iter(b'=', bytes) {
            let Some(target) = target_of(bytes, at) else {
                continue;
            };
            let name = if target.ends_with(b"]") {
                owner_of(target)
            } else {
                attribute_of(target)
            };
            written.names.extend(name.map(Box::from));
        }
        for method in CHANGES {
            for at in memchr::memmem::find_iter(bytes, method) {
                if let Some(owner) = bytes[..at].strip_suffix(b".") {
                    written.names.extend(last_name(owner).map(Box::from));
                }
            }
        }
        for at in memchr::memmem::find_iter(bytes, b"setattr(") {
            match quoted_argument(&bytes[at..]) {
                Some(name) => written.names.extend([Box::from(name)]),
                None => written.add_every_name(bytes),
            }
        }
        written.add_aliased(bytes);
        written
    }

    /// Adds what a computed name may be: every name in quotes and every keyword.
    fn add_every_name(&mut self, bytes: &[u8]) {
        let quotes = memchr::memchr3_iter(b'"', b'\'', b'=', bytes);
        let names = quotes.filter_map(|end| last_name(bytes[..end].trim_ascii_end()));
        self.names.extend(names.map(Box::from));
    }

    /// Adds what is written by another name: `OPTIONS` of `import OPTIONS as other`, and of
    /// `other = config.OPTIONS`.
    fn add_aliased(&mut self, bytes: &[u8]) {
        let mut found = Vec::new();
        for at in memchr::memmem::find_iter(bytes, b" as ") {
            found.push((first_name(&bytes[at + 4..]), last_name(&bytes[..at])));
        }
        for at in memchr::memchr_iter(b'=', bytes) {
            let line = bytes[at + 1..].split(|&byte| byte == b'\n').next();
            let target = target_of(bytes, at).and_then(last_name);
            found.push((target, line.map(<[u8]>::trim_ascii).and_then(last_name)));
        }
        for (alias, name) in found {
            if let (Some(alias), Some(name)) = (alias, name)
                && self.names.contains(alias)
            {
                self.names.insert(name.into());
            }
        }
    }

    /// Returns whether one of some names is written.
    pub(super) fn writes<'n>(&self, mut names: impl Iterator<Item = &'n str>) -> bool {
        !self.names.is_empty() && names.any(|name| self.names.contains(name))
    }
}

/// Returns the text before an assignment's `=`, without space; `None` where `=` is none.
fn target_of(bytes: &[u8], at: usize) -> Option<&[u8]> {
    if bytes.get(at + 1) == Some(&b'=') {
        return None;
    }
    let mut before = &bytes[..at];
    match before {
        [.., b'=' | b'!'] => return None,
        [.., a, b @ (b'<' | b'>')] if a != b => return None,
        _ => {}
    }
    while let [rest @ .., last] = before
        && b"+-*/|&^%@<>".contains(last)
    {
        before = rest;
    }
    Some(before.trim_ascii_end())
}

/// Returns the name of what an item is written to: `OPTIONS` of `config.OPTIONS["pool_size"]`.
fn owner_of(target: &[u8]) -> Option<&str> {
    let line = target.rsplit(|&byte| byte == b'\n').next()?;
    let at = memchr::memchr(b'[', line)?;
    last_name(&line[..at])
}

/// Returns the second argument of a call, where it is a text.
fn quoted_argument(call: &[u8]) -> Option<&str> {
    let comma = memchr::memchr(b',', call)?;
    let (quote, rest) = call[comma + 1..].trim_ascii_start().split_first()?;
    if !b"\"'".contains(quote) {
        return None;
    }
    std::str::from_utf8(&rest[..memchr::memchr(*quote, rest)?]).ok()
}

/// Returns the name at the start of a text.
fn first_name(text: &[u8]) -> Option<&str> {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte >= 0x80;
    let end = text.iter().position(|byte| !is_part(byte));
    std::str::from_utf8(&text[..end.unwrap_or(text.len())]).ok()
}

/// Returns the name at the end of an expression.
fn last_name(expression: &[u8]) -> Option<&str> {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte >= 0x80;
    let start = expression.iter().rposition(|byte| !is_part(byte));
    let name = &expression[start.map_or(0, |at| at + 1)..];
    std::str::from_utf8(name)
        .ok()
        .filter(|name| !name.is_empty())
}

/// Returns the attribute that a target writes: `POOL` of `config.POOL`.
fn attribute_of(target: &[u8]) -> Option<&str> {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte >= 0x80;
    let start = target.iter().rposition(|byte| !is_part(byte))?;
    let name = &target[start + 1..];
    if target[start] != b'.' || name.is_empty() {
        return None;
    }
    let owner = &target[..start];
    let from = owner
        .iter()
        .rposition(|byte| !is_part(byte))
        .map_or(0, |at| at + 1);
    let own = matches!(&owner[from..], b"self" | b"cls") && (from == 0 || owner[from - 1] != b'.');
    if own {
        return None;
    }
    std::str::from_utf8(name).ok()
}

#[cfg(test)]
mod tests {
    use super::Written;

    #[test]
    fn attributes_that_a_file_writes_are_found_by_their_names() {
        for (text, name) in [
            ("config.POOL = 5", "POOL"),
            ("config.POOL= 5", "POOL"),
            ("a.b.POOL += 5", "POOL"),
            ("self.config.POOL = 5", "POOL"),
            ("f(x).POOL |= y", "POOL"),
            ("config.POOL <<= 1", "POOL"),
            ("setattr(config, 'POOL', 5)", "POOL"),
            ("config.OPTIONS['pool_size'] = 5", "OPTIONS"),
            ("x = 1\nOPTIONS['a']['b'] = 5", "OPTIONS"),
            ("config.OPTIONS.update(pool_size=5)", "OPTIONS"),
            ("OPTIONS.setdefault('pool_size', 5)", "OPTIONS"),
            (
                "from config import OPTIONS as o\no['pool_size'] = 5",
                "OPTIONS",
            ),
            ("o = config.OPTIONS\no['pool_size'] = 5", "OPTIONS"),
            (
                "for k, v in {'POOL': 5}.items():\n    setattr(config, k, v)",
                "POOL",
            ),
            ("def f(**kw):\n    setattr(config, *kw)\nf(POOL=5)", "POOL"),
        ] {
            assert!(Written::of(text).writes([name].into_iter()), "{text}");
        }
        for text in [
            "self.POOL = 5",
            "cls.POOL = 5",
            "config.POOL == 5",
            "config.POOL != 5",
            "config.POOL <= 5",
            "POOL = 5",
            "f(POOL=5)",
        ] {
            assert!(!Written::of(text).writes(["POOL"].into_iter()), "{text}");
        }
    }
}
