//! What a stock PostgreSQL 18.6 says to a setting that a client sends when a session starts.
//!
//! Follows `guc.c` (`set_config_with_handle`, `parse_int`, `parse_real`, `parse_bool`), measured on
//! a real server on 2026-11-24.

use super::guc_table::GUCS;
use super::guc_values::{
    date_style, encoding_is_known, identifier_list, select_only, text_search, time_zone,
};
use super::message::Message;
use super::numbers::{strtod, strtol};

/// One setting of the server.
pub(super) struct Guc {
    /// The name in lower case.
    pub(super) key: &'static str,
    /// The name as the server spells it.
    pub(super) name: &'static str,
    /// Who may set it when a session starts.
    pub(super) permission: Permission,
}

/// Who may set a setting when a session starts.
#[derive(Clone, Copy)]
pub(super) enum Permission {
    /// Nobody.
    Internal,
    /// Whoever restarts the server.
    Restart,
    /// Whoever reloads its configuration.
    Reload,
    /// A superuser.
    Superuser,
    /// Every role, to these values.
    Open(Values),
}

/// The values that a setting takes.
#[derive(Clone, Copy)]
pub(super) enum Values {
    /// `on`, `off` and their kin.
    Bool,
    /// A whole number between two bounds, in a unit.
    Int(i64, i64, Unit),
    /// A number between two bounds, in a unit.
    Real(f64, f64, Unit),
    /// One of these words.
    Enum(&'static [&'static str]),
    /// Anything.
    Text,
    /// A list of identifiers.
    Names,
    /// `ISO, MDY`
    DateStyle,
    /// A zone's name, an offset, or a POSIX rule.
    TimeZone,
    /// An encoding that the server knows.
    Encoding,
    /// A locale of the server's machine.
    Locale,
    /// A library that the server can load.
    Libraries,
    /// A table access method.
    AccessMethod,
    /// A tablespace.
    Tablespace,
    /// A list of tablespaces; those that do not exist are passed over.
    Tablespaces,
    /// A set of zone abbreviations.
    Abbreviations,
    /// `set, inherit`
    SelfGrant,
    /// `view, foreign-table`
    RelationKinds,
    /// A text search configuration.
    TextSearch,
    /// A role that the user is, or `none`.
    Role,
}

/// The unit that a bare number is read in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    None,
    Ms,
    S,
    B,
    Kb,
    Blocks,
}

impl Unit {
    fn name(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Ms => " ms",
            Self::S => " s",
            Self::B => " B",
            Self::Kb => " kB",
            Self::Blocks => " 8kB",
        }
    }

    /// Returns what one of the named unit is in this one; `None` for a unit that does not fit.
    fn factor(self, named: &str) -> Option<f64> {
        let in_smallest = |unit: &str| match unit {
            "us" => Some(0.001),
            "ms" => Some(1.0),
            "s" => Some(1_000.0),
            "min" => Some(60_000.0),
            "h" => Some(3_600_000.0),
            "d" => Some(86_400_000.0),
            _ => None,
        };
        let in_bytes = |unit: &str| match unit {
            "B" => Some(1.0),
            "kB" => Some(1024.0),
            "MB" => Some(1_048_576.0),
            "GB" => Some(1_073_741_824.0),
            "TB" => Some(1_099_511_627_776.0),
            _ => None,
        };
        match self {
            Self::None => None,
            Self::Ms => in_smallest(named),
            Self::S => in_smallest(named).map(|ms| ms / 1_000.0),
            Self::B => in_bytes(named),
            Self::Kb => in_bytes(named).map(|bytes| bytes / 1024.0),
            Self::Blocks => in_bytes(named).map(|bytes| bytes / 8192.0),
        }
    }
}

/// Returns the setting of a name, in any case and under its older names.
pub(super) fn find(name: &str) -> Option<&'static Guc> {
    let mut key = name.to_ascii_lowercase();
    for (old, new) in [
        ("sort_mem", "work_mem"),
        ("vacuum_mem", "maintenance_work_mem"),
        ("ssl_ecdh_curve", "ssl_groups"),
    ] {
        if key == old {
            new.clone_into(&mut key);
        }
    }
    GUCS.binary_search_by(|guc| guc.key.cmp(key.as_str()))
        .ok()
        .map(|index| &GUCS[index])
}

/// Returns why the server ends a session that starts with a setting; `Ok` where it goes on.
pub(super) fn set(name: &str, value: &str, user: &str) -> Result<(), Message> {
    let Some(guc) = find(name) else {
        return custom(name);
    };
    match guc.permission {
        Permission::Internal => Err(Message::of(&[&format!(
            "parameter \"{}\" cannot be changed",
            guc.name
        )])),
        Permission::Restart => Err(Message::of(&[&format!(
            "parameter \"{}\" cannot be changed without restarting the server",
            guc.name
        )])),
        Permission::Reload => Err(Message::of(&[&format!(
            "parameter \"{}\" cannot be changed now",
            guc.name
        )])),
        Permission::Superuser => Err(Message::of(&[&format!(
            "permission denied to set parameter \"{}\"",
            guc.name
        )])),
        Permission::Open(values) => check(guc.name, values, value, user),
    }
}

/// A name with a dot is a custom setting, which every role may make up.
fn custom(name: &str) -> Result<(), Message> {
    if !name.contains('.') {
        return Err(Message::of(&[
            "unrecognized configuration parameter \"",
            name,
            "\"",
        ]));
    }
    let simple = |part: &str| {
        let mut bytes = part.bytes();
        bytes
            .next()
            .is_some_and(|b| b.is_ascii_alphabetic() || b == b'_' || !b.is_ascii())
            && bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$') || !b.is_ascii())
    };
    if name.split('.').all(simple) {
        Ok(())
    } else {
        Err(Message::of(&[
            "invalid configuration parameter name \"",
            name,
            "\"",
        ]))
    }
}

fn check(name: &'static str, values: Values, value: &str, user: &str) -> Result<(), Message> {
    let invalid = || {
        Message::of(&[
            &format!("invalid value for parameter \"{name}\": \""),
            value,
            "\"",
        ])
    };
    let fits = match values {
        Values::Bool => return check_bool(name, value),
        Values::Int(low, high, unit) => return check_int(name, value, (low, high), unit, invalid),
        Values::Real(low, high, unit) => {
            return check_real(name, value, (low, high), unit, invalid);
        }
        Values::Role => return check_role(value, user),
        Values::Libraries => return check_libraries(value),
        Values::Text => true,
        Values::Enum(words) => words.iter().any(|word| word.eq_ignore_ascii_case(value)),
        Values::Names | Values::Tablespaces => identifier_list(value).is_some(),
        Values::DateStyle => date_style(value),
        Values::TimeZone => time_zone(value),
        Values::Encoding => encoding_is_known(value),
        Values::Locale => value.is_empty() || matches!(value, "C" | "POSIX" | "C.UTF-8" | "C.utf8"),
        Values::AccessMethod => value == "heap",
        Values::Tablespace => value.is_empty() || matches!(value, "pg_default" | "pg_global"),
        Values::Abbreviations => matches!(value, "Default" | "Australia" | "India"),
        Values::SelfGrant => select_only(value, &["set", "inherit"]),
        Values::RelationKinds => select_only(value, &["view", "foreign-table"]),
        Values::TextSearch => text_search(value),
    };
    if fits { Ok(()) } else { Err(invalid()) }
}

fn check_bool(name: &'static str, value: &str) -> Result<(), Message> {
    if parse_bool(value).is_some()
        && !(name == "default_with_oids" && parse_bool(value) == Some(true))
    {
        return Ok(());
    }
    Err(
        if name == "default_with_oids" && parse_bool(value).is_some() {
            Message::of(&["tables declared WITH OIDS are not supported"])
        } else {
            Message::of(&[&format!("parameter \"{name}\" requires a Boolean value")])
        },
    )
}

/// Reads a Boolean as the server does: any beginning of `true`, `false`, `yes` and `no`, at least
/// two letters of `on` and `off`, `1` and `0`.
pub(super) fn parse_bool(value: &str) -> Option<bool> {
    let value = value.to_ascii_lowercase();
    let begins = |word: &str, at_least: usize| value.len() >= at_least && word.starts_with(&value);
    if begins("true", 1) || begins("yes", 1) || value == "on" || value == "1" {
        Some(true)
    } else if begins("false", 1) || begins("no", 1) || begins("off", 2) || value == "0" {
        Some(false)
    } else {
        None
    }
}

fn check_int(
    name: &'static str,
    value: &str,
    (low, high): (i64, i64),
    unit: Unit,
    invalid: impl Fn() -> Message,
) -> Result<(), Message> {
    let number = parse_int(value, unit).ok_or_else(&invalid)?;
    if number < low || number > high {
        let unit = unit.name();
        return Err(Message::of(&[
            "",
            &number.to_string(),
            &format!(
                "{unit} is outside the valid range for parameter \"{name}\" ({low}{unit} .. {high}{unit})"
            ),
        ]));
    }
    if name == "vacuum_buffer_usage_limit" && number != 0 && number < 128 {
        return Err(Message::of(&[
            &format!("invalid value for parameter \"{name}\": "),
            &number.to_string(),
        ]));
    }
    Ok(())
}

fn parse_int(value: &str, unit: Unit) -> Option<i64> {
    let (mut number, mut rest) = match strtol(value, 0) {
        Some((number, rest)) => {
            #[expect(
                clippy::cast_precision_loss,
                reason = "the server computes in doubles too"
            )]
            let number = number as f64;
            (Some(number), rest)
        }
        None => (None, value),
    };
    if number.is_none() || rest.starts_with(['.', 'e', 'E']) {
        let (real, after) = strtod(value)?;
        (number, rest) = (Some(real), after);
    }
    let number = in_unit(number?, rest, unit)?;
    let number = number.round_ties_even();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "bounded on the line itself"
    )]
    (number.abs() <= 2_147_483_647.0).then_some(number as i64)
}

fn check_real(
    name: &'static str,
    value: &str,
    (low, high): (f64, f64),
    unit: Unit,
    invalid: impl Fn() -> Message,
) -> Result<(), Message> {
    let (number, rest) = strtod(value).ok_or_else(&invalid)?;
    let number = in_unit(number, rest, unit).ok_or_else(&invalid)?;
    if number < low || number > high {
        let unit = unit.name();
        let shown = |bound: f64| {
            if bound >= f64::MAX && bound.is_finite() {
                "1.79769e+308".to_owned()
            } else if bound.is_infinite() {
                if bound > 0.0 { "Infinity" } else { "-Infinity" }.to_owned()
            } else if bound >= 1_000_000.0 {
                format!("{bound:e}").replace('e', "e+0")
            } else {
                bound.to_string()
            }
        };
        return Err(Message::of(&[
            "",
            &shown(number),
            &format!(
                "{unit} is outside the valid range for parameter \"{name}\" ({}{unit} .. {}{unit})",
                shown(low),
                shown(high)
            ),
        ]));
    }
    Ok(())
}

/// Scales a number by the unit written behind it; `None` where that is no unit of the setting.
fn in_unit(number: f64, rest: &str, unit: Unit) -> Option<f64> {
    if number.is_nan() {
        return None;
    }
    let named = rest.trim_matches(|c: char| c.is_ascii_whitespace() || c == '\x0b');
    if named.is_empty() {
        Some(number)
    } else {
        Some(number * unit.factor(named)?)
    }
}

fn check_role(value: &str, user: &str) -> Result<(), Message> {
    if value == user || value == "none" {
        Ok(())
    } else {
        Err(Message::of(&["role \"", value, "\" does not exist"]))
    }
}

fn check_libraries(value: &str) -> Result<(), Message> {
    match identifier_list(value) {
        Some(names) if names.is_empty() => Ok(()),
        Some(names) => Err(Message::of(&[
            "could not access file \"$libdir/plugins/",
            &names[0],
            "\": No such file or directory",
        ])),
        // A broken list is only logged.
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{GUCS, find, parse_bool, set};

    fn message(name: &str, value: &str) -> String {
        match set(name, value, "app") {
            Ok(()) => "ok".to_owned(),
            Err(message) => message.render(str::to_owned),
        }
    }

    #[test]
    fn the_table_is_sorted_so_that_it_can_be_searched() {
        assert!(GUCS.is_sorted_by(|a, b| a.key < b.key));
        assert!(find("TIMEZONE").is_some_and(|guc| guc.name == "TimeZone"));
    }

    #[test]
    fn settings_fail_with_the_words_of_the_server() {
        for (name, value, expected) in [
            ("foo", "1", "unrecognized configuration parameter \"foo\""),
            ("statement_timeout", "5s", "ok"),
            ("statement_timeout", "1.5s", "ok"),
            ("statement_timeout", "0x10", "ok"),
            ("statement_timeout", "1e3", "ok"),
            ("statement_timeout", "  7  ", "ok"),
            (
                "statement_timeout",
                "abc",
                "invalid value for parameter \"statement_timeout\": \"abc\"",
            ),
            (
                "statement_timeout",
                "-1",
                "-1 ms is outside the valid range for parameter \"statement_timeout\" (0 ms .. 2147483647 ms)",
            ),
            (
                "statement_timeout",
                "9999999999",
                "invalid value for parameter \"statement_timeout\": \"9999999999\"",
            ),
            ("ssl", "on", "parameter \"ssl\" cannot be changed now"),
            (
                "port",
                "1",
                "parameter \"port\" cannot be changed without restarting the server",
            ),
            (
                "log_statement",
                "all",
                "permission denied to set parameter \"log_statement\"",
            ),
            ("a.b", "c", "ok"),
            ("ab.", "c", "invalid configuration parameter name \"ab.\""),
            ("jit", "of", "ok"),
            ("jit", "o", "parameter \"jit\" requires a Boolean value"),
            (
                "work_mem",
                "1mb",
                "invalid value for parameter \"work_mem\": \"1mb\"",
            ),
            ("sort_mem", "100", "ok"),
            ("timezone", "Europe/berlin", "ok"),
            ("timezone", "FOO5", "ok"),
            (
                "timezone",
                "foo",
                "invalid value for parameter \"TimeZone\": \"foo\"",
            ),
            (
                "search_path",
                "a b",
                "invalid value for parameter \"search_path\": \"a b\"",
            ),
            ("client_encoding", "UTF-8", "ok"),
            ("role", "app", "ok"),
            (
                "geqo_seed",
                "2",
                "2 is outside the valid range for parameter \"geqo_seed\" (0 .. 1)",
            ),
        ] {
            assert_eq!(message(name, value), expected, "{name}={value}");
        }
    }

    #[test]
    fn booleans_are_read_by_their_beginnings() {
        assert_eq!(parse_bool("TR"), Some(true));
        assert_eq!(parse_bool("o"), None);
        assert_eq!(parse_bool("of"), Some(false));
        assert_eq!(parse_bool(""), None);
    }
}
