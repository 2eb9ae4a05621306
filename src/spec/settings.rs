//! The keys of `[spec]`: what must hold of each setting.

use toml::de::{DeTable, DeValue};

use super::toml_file::{Entry, Source, SpecError, entries};
use super::{Bound, Spec, TlsDemand};

/// The keys of `[spec]` in `dbharden.toml`.
const KEYS: [&str; 8] = [
    "application_name",
    "pool_size",
    "max_overflow",
    "pool_recycle",
    "pool_timeout",
    "pool_pre_ping",
    "port",
    "tls",
];

/// Who wrote the keys.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// A built-in profile, which may also say `application_name_required`.
    Profile,
    /// A user.
    File,
}

/// Reads the keys of `[spec]` over what a profile says.
pub(super) fn read(
    source: Source<'_>,
    table: &DeTable<'_>,
    dialect: Dialect,
    spec: &mut Spec,
) -> Result<(), SpecError> {
    for entry in entries(table) {
        match entry.key {
            "application_name" => {
                spec.application_name = Some(filled_text(source, entry)?);
                spec.application_name_required = true;
            }
            "application_name_required" if dialect == Dialect::Profile => {
                spec.application_name_required = boolean(source, entry)?;
            }
            "pool_size" => spec.pool_size = bound(source, entry, spec.pool_size)?,
            "max_overflow" => spec.max_overflow = bound(source, entry, spec.max_overflow)?,
            "pool_recycle" => spec.pool_recycle = bound(source, entry, spec.pool_recycle)?,
            "pool_timeout" => spec.pool_timeout = bound(source, entry, spec.pool_timeout)?,
            "pool_pre_ping" => spec.pool_pre_ping = Some(boolean(source, entry)?),
            "port" => {
                spec.port_explicit = word(source, entry, &[("explicit", true), ("any", false)])?;
            }
            "tls" => spec.tls = word(source, entry, &TLS)?,
            other => return Err(source.unknown(entry.key_span.0, "key", other, &KEYS)),
        }
    }
    Ok(())
}

const TLS: [(&str, TlsDemand); 4] = [
    ("require", TlsDemand::Require),
    ("verify-ca", TlsDemand::VerifyCa),
    ("verify-full", TlsDemand::VerifyFull),
    ("any", TlsDemand::Any),
];

/// Reads a text.
pub(super) fn text<'a>(source: Source<'_>, entry: Entry<'a>) -> Result<&'a str, SpecError> {
    match entry.value.get_ref() {
        DeValue::String(text) => Ok(text),
        _ => Err(source.wrong_type(entry, "a string")),
    }
}

/// Reads a text that says something.
pub(super) fn filled_text(source: Source<'_>, entry: Entry<'_>) -> Result<String, SpecError> {
    let text = text(source, entry)?;
    if text.trim().is_empty() {
        return Err(source.error(
            entry.value.span().start,
            format!("`{}` must not be empty", entry.key),
        ));
    }
    Ok(text.to_owned())
}

/// Reads one of a few words.
pub(super) fn word<T: Copy>(
    source: Source<'_>,
    entry: Entry<'_>,
    words: &[(&str, T)],
) -> Result<T, SpecError> {
    let text = text(source, entry)?;
    if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
        return Ok(*value);
    }
    let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    Err(source.unknown(
        entry.value.span().start,
        &format!("value of `{}`:", entry.key),
        text,
        &known,
    ))
}

fn boolean(source: Source<'_>, entry: Entry<'_>) -> Result<bool, SpecError> {
    match entry.value.get_ref() {
        DeValue::Boolean(value) => Ok(*value),
        _ => Err(source.wrong_type(entry, "true or false")),
    }
}

/// Reads a whole number that is at least `least`.
pub(super) fn whole_number(
    source: Source<'_>,
    entry: Entry<'_>,
    least: i64,
) -> Result<i64, SpecError> {
    let DeValue::Integer(integer) = entry.value.get_ref() else {
        return Err(source.wrong_type(entry, "a whole number"));
    };
    let at = entry.value.span().start;
    let number = i64::from_str_radix(integer.as_str(), integer.radix())
        .ok()
        .filter(|number| *number <= i64::from(u32::MAX))
        .ok_or_else(|| {
            let what = if integer.as_str().starts_with('-') {
                "negative"
            } else {
                "too large"
            };
            source.error(at, format!("`{}` is {what}", entry.key))
        })?;
    if number < least {
        return Err(source.error(at, format!("`{}` must be at least {least}", entry.key)));
    }
    Ok(number)
}

/// Reads `{ min = 1, max = 5 }`, `{ equals = 1800 }` or `"any"`; an end that is left out is the
/// profile's.
fn bound(source: Source<'_>, entry: Entry<'_>, base: Bound) -> Result<Bound, SpecError> {
    let at = entry.value.span().start;
    let table = match entry.value.get_ref() {
        DeValue::Table(table) => table,
        DeValue::String(word) if word == "any" => return Ok(Bound::Any),
        _ => {
            let mut error = source.wrong_type(entry, "a table");
            error.hint = Some("write { min = 1, max = 5 } or { equals = 5 }".to_owned());
            return Err(error);
        }
    };
    let (mut min, mut max, mut equals) = (None, None, None);
    for part in entries(table) {
        let end = match part.key {
            "min" => &mut min,
            "max" => &mut max,
            "equals" => &mut equals,
            other => {
                let known = ["min", "max", "equals"];
                return Err(source.unknown(part.key_span.0, "key", other, &known));
            }
        };
        *end = Some(whole_number(source, part, 0)?);
    }
    if let Some(equals) = equals {
        return if min.is_some() || max.is_some() {
            Err(source.error(at, "`equals` excludes `min` and `max`"))
        } else {
            Ok(Bound::Equals(equals))
        };
    }
    if min.is_none() && max.is_none() {
        return Err(source.error(at, format!("`{}` is empty", entry.key)));
    }
    let (base_min, base_max) = match base {
        Bound::Range { min, max } => (Some(min), Some(max)),
        Bound::Equals(_) | Bound::Any => (None, None),
    };
    match (min.or(base_min), max.or(base_max)) {
        (Some(min), Some(max)) if min <= max => Ok(Bound::Range { min, max }),
        (Some(min), Some(max)) => Err(source.error(
            at,
            format!(
                "`{}` has a `min` of {min} above its `max` of {max}",
                entry.key
            ),
        )),
        (None, _) => Err(source.error(at, format!("`{}` needs a `min` too", entry.key))),
        (_, None) => Err(source.error(at, format!("`{}` needs a `max` too", entry.key))),
    }
}
