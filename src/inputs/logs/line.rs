//! What one line of a log states: settings, an engine that starts, a process that starts.

use crate::spec::MoreNames;

/// A setting of a pool, and the spellings in which logs state it.
struct Named {
    name: &'static str,
    spellings: &'static [&'static str],
}

/// The settings that are read. A longer spelling stands before its own beginning.
const SETTINGS: &[Named] = &[
    Named {
        name: "pool_size",
        spellings: &["pool_size", "pool size", "poolSize"],
    },
    Named {
        name: "max_overflow",
        spellings: &["max_overflow", "max overflow", "maxOverflow"],
    },
    Named {
        name: "pool_recycle",
        spellings: &[
            "pool_recycle_seconds",
            "pool_recycle",
            "pool recycle",
            "poolRecycle",
        ],
    },
    Named {
        name: "pool_timeout",
        spellings: &[
            "pool_timeout_seconds",
            "pool_timeout",
            "pool timeout",
            "poolTimeout",
        ],
    },
];

/// What says that a database engine was initialised.
const ENGINE_STARTED: &[&str] = &[
    "atabase engine initialized",
    "atabase engine initialised",
    "atabase engine created",
    "atabase engine started",
    "atabase engine ready",
    "ATABASE ENGINE INITIALIZED",
    "DB engine initialized",
    "DB engine created",
    "SQLAlchemy engine initialized",
    "SQLAlchemy engine created",
    "sync engine initialized",
    "sync engine created",
    "database_engine_initialized",
    "db_engine_initialized",
];

/// What says that the application starts anew, so that what earlier starts stated is over.
const PROCESS_STARTED: &[&str] = &[
    "Starting gunicorn",
    "Started server process",
    "Started parent process",
    "Starting process with command",
    "==> Running ",
    "==> Deploying",
    "Shutting down: Master",
    "Finished server process",
    "Handling signal: term",
];

/// The project's own texts beside the usual ones.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// Settings of pools, by our name for each.
    settings: Vec<(&'static str, String)>,
    engine_started: Vec<String>,
    process_started: Vec<String>,
}

impl Words {
    /// Takes the texts of a specification.
    pub(super) fn new(more: &[MoreNames]) -> Self {
        let mut words = Self::default();
        for one in more {
            let names = one.names.iter().cloned();
            match one.name {
                "engine_started" => words.engine_started.extend(names),
                "process_started" => words.process_started.extend(names),
                _ => words.settings.extend(names.map(|text| (one.name, text))),
            }
        }
        words
    }

    /// Iterates over every text.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        let settings = self.settings.iter().map(|(_, text)| text);
        let starts = self.engine_started.iter().chain(&self.process_started);
        settings.chain(starts).map(String::as_str)
    }
}

/// A setting that a line states.
#[derive(Debug, PartialEq)]
pub(super) struct Stated {
    pub(super) name: &'static str,
    pub(super) value: f64,
    /// The words before the first setting of the line: which engine speaks.
    pub(super) speaker: String,
}

/// Returns every literal of which a line that states something holds one.
pub(super) fn literals() -> impl Iterator<Item = &'static str> {
    SETTINGS
        .iter()
        .flat_map(|setting| setting.spellings)
        .chain(ENGINE_STARTED)
        .chain(PROCESS_STARTED)
        .copied()
}

/// Returns whether a line says that a database engine was initialised.
pub(super) fn starts_engine(line: &[u8], words: &Words) -> bool {
    let own = words.engine_started.iter().map(String::as_str);
    ENGINE_STARTED.iter().copied().chain(own).any(|text| {
        memchr::memmem::find(line, text.as_bytes())
            .is_some_and(|at| !is_denied(&line[at + text.len()..]))
    })
}

/// Returns whether what follows takes the statement back: `initialized: False`.
fn is_denied(after: &[u8]) -> bool {
    let after = after.get(..after.len().min(12)).unwrap_or_default();
    let after = after.to_ascii_lowercase();
    let value = after
        .iter()
        .position(|byte| !matches!(byte, b' ' | b':' | b'=' | b'"' | b'\\' | b'\''))
        .map_or(&[][..], |at| &after[at..]);
    [&b"false"[..], b"failed", b"0", b"no"]
        .iter()
        .any(|word| value.starts_with(word) && value.len() != after.len())
}

/// Returns whether a line says that the application starts anew.
pub(super) fn starts_process(line: &[u8], words: &Words) -> bool {
    let own = words.process_started.iter().map(String::as_str);
    PROCESS_STARTED
        .iter()
        .copied()
        .chain(own)
        .any(|text| memchr::memmem::find(line, text.as_bytes()).is_some())
}

/// Returns every setting that a line states, in its order.
pub(super) fn settings(line: &[u8], words: &Words) -> Vec<Stated> {
    let mut found: Vec<(usize, &'static str, f64)> = Vec::new();
    let usual = SETTINGS.iter().flat_map(|setting| {
        let spellings = setting.spellings.iter();
        spellings.map(|spelling| (setting.name, *spelling))
    });
    let own = words.settings.iter();
    let own = own.map(|(name, spelling)| (*name, spelling.as_str()));
    for (name, spelling) in own.chain(usual) {
        for at in memchr::memmem::find_iter(line, spelling.as_bytes()) {
            let known = found.iter().any(|(known, ..)| *known == at);
            let bounded = at == 0 || !is_word(line[at - 1]);
            if let Some(value) = value(&line[at + spelling.len()..])
                && bounded
                && !known
            {
                found.push((at, name, value));
            }
        }
    }
    found.sort_by_key(|(at, ..)| *at);
    let speaker = found
        .first()
        .map(|(at, ..)| speaker(&line[..*at]))
        .unwrap_or_default();
    found
        .into_iter()
        .map(|(_, name, value)| Stated {
            name,
            value,
            speaker: speaker.clone(),
        })
        .collect()
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Reads `=5`, `: 5`, `": 5`, `\": \"5\"`, ` = 1800s`, `=30m`: a separator, a number, a unit.
fn value(text: &[u8]) -> Option<f64> {
    let text = &text[..text.len().min(48)];
    let separator = skip(text, |byte| matches!(byte, b' ' | b'"' | b'\'' | b'\\'));
    let rest = text.get(separator..)?;
    let ([b'=', b'>', rest @ ..] | [b':' | b'=', rest @ ..]) = rest else {
        return None;
    };
    let start = skip(rest, |byte| matches!(byte, b' ' | b'"' | b'\'' | b'\\'));
    let rest = rest.get(start..)?;
    let digits = skip(rest, |byte| {
        byte.is_ascii_digit() || matches!(byte, b'-' | b'.')
    });
    let number = std::str::from_utf8(&rest[..digits]).ok()?;
    let number: f64 = number.trim_end_matches('.').parse().ok()?;
    let unit = &rest[digits..];
    let letters = skip(unit, |byte| byte.is_ascii_alphabetic());
    if unit.get(letters).is_some_and(|&byte| is_word(byte)) {
        return None;
    }
    let unit = if letters == 0 && unit.first() == Some(&b' ') {
        let word = &unit[1..];
        let letters = skip(word, |byte| byte.is_ascii_alphabetic());
        Some(&word[..letters]).filter(|word| scale(word).is_some())
    } else {
        Some(&unit[..letters])
    };
    scale(unit.unwrap_or_default()).map(|scale| number * scale)
}

fn skip(text: &[u8], takes: impl Fn(u8) -> bool) -> usize {
    text.iter().take_while(|&&byte| takes(byte)).count()
}

/// Returns how many seconds a unit has; no unit is one.
fn scale(unit: &[u8]) -> Option<f64> {
    match unit {
        b"" | b"s" | b"sec" | b"secs" | b"second" | b"seconds" => Some(1.0),
        b"ms" | b"milliseconds" => Some(0.001),
        b"m" | b"min" | b"mins" | b"minute" | b"minutes" => Some(60.0),
        b"h" | b"hour" | b"hours" => Some(3600.0),
        _ => None,
    }
}

/// Returns the last three words before a setting, leaving out those with digits: what tells one
/// engine's line from another's, and stays the same from one start to the next.
fn speaker(before: &[u8]) -> String {
    let tail = &before[before.len().saturating_sub(200)..];
    let mut words: Vec<&[u8]> = tail
        .split(|&byte| !is_word(byte))
        .filter(|word| !word.is_empty() && word.iter().all(|byte| !byte.is_ascii_digit()))
        .collect();
    let last = words.split_off(words.len().saturating_sub(3));
    String::from_utf8_lossy(&last.join(&b' ')).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{Words, settings, starts_engine};

    fn check(line: &str, expected: &[(&str, f64)]) {
        let found: Vec<(&str, f64)> = settings(line.as_bytes(), &Words::default())
            .iter()
            .map(|stated| (stated.name, stated.value))
            .collect();
        assert_eq!(found, expected, "{line}");
    }

    #[test]
    fn settings_are_read_in_every_format_of_a_log() {
        let all = [
            ("pool_size", 5.0),
            ("max_overflow", 10.0),
            ("pool_recycle", 1800.0),
        ];
        check(
            "x pool_size=5, max_overflow=10, connect_timeout=5s, pool_recycle=1800s",
            &all,
        );
        check("pool_size: 5, max_overflow: 10, pool_recycle: 1800s", &all);
        check(
            r#"{"pool_size": 5, "max_overflow": 10, "pool_recycle_seconds": 1800}"#,
            &all,
        );
        check(
            r#"{"msg":"x {\"pool_size\": 5, \"max_overflow\": \"10\", \"pool_recycle\":1800}"}"#,
            &all,
        );
        check(
            "level=info pool_size=5 max_overflow=10 pool_recycle=30m",
            &all,
        );
        check(
            "{'pool_size': 5, 'max_overflow': 10, 'pool_recycle': 1800}",
            &all,
        );
        check("pool_recycle: 1800 seconds", &[("pool_recycle", 1800.0)]);
        check("pool_recycle = -1", &[("pool_recycle", -1.0)]);
        check("pool_recycle=1800.", &[("pool_recycle", 1800.0)]);
        check("pool_size => 5", &[("pool_size", 5.0)]);
    }

    #[test]
    fn what_states_no_number_of_a_pool_is_left_out() {
        for line in [
            "DB_POOL_SIZE=5",
            "db_pool_size=5",
            "pool_size is 5",
            "pool_size=None",
            "pool_size=",
            "pool_size",
            "pool_size=5abc",
            "pool_recycle=5 apples of 3",
            "the pool_size setting: see the docs",
        ] {
            let numbers = settings(line.as_bytes(), &Words::default());
            assert!(
                numbers.iter().all(|stated| stated.name == "pool_recycle"),
                "{line}"
            );
        }
    }

    #[test]
    fn an_engine_that_was_not_initialised_did_not_start() {
        assert!(starts_engine(
            b"INFO Database engine initialized successfully",
            &Words::default()
        ));
        assert!(starts_engine(
            b"Database engine initialized (Neon pooled)",
            &Words::default()
        ));
        assert!(starts_engine(b"Async engine created", &Words::default()));
        assert!(!starts_engine(
            b"Database engine initialized: False",
            &Words::default()
        ));
        assert!(!starts_engine(
            b"Search engine initialized",
            &Words::default()
        ));
        assert!(!starts_engine(
            b"Database engine not initialized",
            &Words::default()
        ));
    }
}
