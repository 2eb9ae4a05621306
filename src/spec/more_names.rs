//! The keys of `[health]` and `[logs]`: the project's own names, beside the usual ones.

use toml::de::{DeTable, DeValue};

use super::settings::filled_text;
use super::toml_file::{Entry, Source, SpecError, entries};
use super::{MoreNames, Spec};

/// The keys of `[health]`: the numbers of a pool.
pub const HEALTH_KEYS: [&str; 7] = [
    "pool_size",
    "checked_out",
    "checked_in",
    "overflow",
    "max_overflow",
    "pool_recycle",
    "pool_timeout",
];

/// The keys of `[logs]`: the settings that a log states, and what it says of a start.
pub const LOG_KEYS: [&str; 6] = [
    "pool_size",
    "max_overflow",
    "pool_recycle",
    "pool_timeout",
    "engine_started",
    "process_started",
];

/// The fewest bytes of a log's text: a shorter one would be found by accident.
const SHORTEST: usize = 4;

/// The most bytes of a name, and the most names of a key.
const LONGEST: usize = 200;

/// Reads `[health]`.
pub(super) fn read_metrics(
    source: Source<'_>,
    table: &DeTable<'_>,
    spec: &mut Spec,
) -> Result<(), SpecError> {
    read(source, table, &HEALTH_KEYS, &mut spec.health, |name| {
        let fits = |letter: char| letter.is_alphanumeric() || "_-.:$ ".contains(letter);
        if name.chars().all(fits) {
            Ok(name.to_lowercase())
        } else {
            Err("a metric's name has letters, digits, `_`, `-`, `.`, `:`, `$` and spaces")
        }
    })
}

/// Reads `[logs]`.
pub(super) fn read_texts(
    source: Source<'_>,
    table: &DeTable<'_>,
    spec: &mut Spec,
) -> Result<(), SpecError> {
    read(source, table, &LOG_KEYS, &mut spec.logs, |text| {
        if text.contains(['\n', '\r', '\0']) {
            Err("a text of a log is one line")
        } else if text.len() < SHORTEST {
            Err("a text of a log has at least 4 characters: a shorter one is found by accident")
        } else {
            Ok(text.to_owned())
        }
    })
}

fn read(
    source: Source<'_>,
    table: &DeTable<'_>,
    keys: &'static [&'static str],
    into: &mut Vec<MoreNames>,
    check: fn(&str) -> Result<String, &'static str>,
) -> Result<(), SpecError> {
    for entry in entries(table) {
        let Some(name) = keys.iter().find(|key| **key == entry.key) else {
            return Err(source.unknown(entry.key_span.0, "key", entry.key, keys));
        };
        let DeValue::Array(items) = entry.value.get_ref() else {
            let mut error = source.wrong_type(entry, "an array of names");
            error.hint = Some(format!("write {} = [\"NAME\"]", entry.key));
            return Err(error);
        };
        let at = entry.value.span().start;
        if items.is_empty() || items.len() > LONGEST {
            let message = format!("`{}` must have 1 to {LONGEST} names", entry.key);
            return Err(source.error(at, message));
        }
        let mut names = Vec::new();
        for item in items {
            let item = Entry {
                value: item,
                ..entry
            };
            let text = filled_text(source, item)?;
            let at = item.value.span().start;
            if text.len() > LONGEST {
                return Err(source.error(at, format!("a name has at most {LONGEST} bytes")));
            }
            names.push(check(&text).map_err(|why| source.error(at, why))?);
        }
        into.push(MoreNames { name, names });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

    use crate::spec::Spec;

    fn refused(text: &str, at: &str, hint: Option<&str>) {
        let error = Spec::load("dbharden.toml", text, None, &[]).unwrap_err();
        let shown = error.to_string();
        assert!(
            shown.starts_with(&format!("dbharden.toml:{at}: ")),
            "{shown}"
        );
        assert_eq!(error.hint().as_deref(), hint, "{shown}");
    }

    #[test]
    fn names_are_read_and_those_of_metrics_in_lower_case() {
        let text = "[health]\nchecked_out = [\"Leased\", \"pool.busy\"]\n\
            [logs]\nengine_started = [\"DB is up\"]\npool_size = [\"maxPool\"]\n";
        let spec = Spec::load("d.toml", text, None, &[]).unwrap().spec;
        assert_eq!(spec.health[0].name, "checked_out");
        assert_eq!(spec.health[0].names, ["leased", "pool.busy"]);
        assert_eq!(spec.logs[0].names, ["DB is up"]);
        assert_eq!(spec.logs[1].name, "pool_size");
    }

    #[test]
    fn what_is_wrong_is_blamed_by_its_place() {
        let near = Some("did you mean `checked_out`?");
        refused("[health]\nchecked_ot = [\"a\"]", "2:1", near);
        refused(
            "[logs]\nengine_start = [\"abcd\"]",
            "2:1",
            Some("did you mean `engine_started`?"),
        );
        refused(
            "[health]\npool_size = \"a\"",
            "2:13",
            Some("write pool_size = [\"NAME\"]"),
        );
        refused("[health]\npool_size = []", "2:13", None);
        refused("[health]\npool_size = [\"a\", \" \"]", "2:19", None);
        refused("[health]\npool_size = [\"a{}\"]", "2:14", None);
        refused("[logs]\npool_size = [\"abc\"]", "2:14", None);
        refused("[logs]\npool_size = [\"a\\nbcd\"]", "2:14", None);
        refused("[log]\n", "1:2", Some("did you mean `logs`?"));
    }
}
