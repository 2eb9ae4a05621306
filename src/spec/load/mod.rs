//! `dbharden.toml`: the project's overrides of a profile.

use jiff::civil::Date;
use toml::de::{DeTable, DeValue};

use super::more_names;
use super::settings::{self, filled_text, whole_number, word};
use super::toml_file::{Entry, Source, SpecError, entries};
use super::{Level, Severity, Spec, Threshold, VariableNames, Waiver};

/// The most bytes that a `dbharden.toml` may have: the parser needs some fifty times as much memory.
pub const MAX_BYTES: usize = 1 << 20;

const SECTIONS: [&str; 9] = [
    "profile",
    "fail_on",
    "spec",
    "variables",
    "deployment",
    "severity",
    "health",
    "logs",
    "waive",
];

const LEVELS: [(&str, Level); 4] = [
    ("error", Level::At(Severity::Error)),
    ("warning", Level::At(Severity::Warning)),
    ("note", Level::At(Severity::Note)),
    ("off", Level::Off),
];

const THRESHOLDS: [(&str, Threshold); 4] = [
    ("error", Threshold::From(Severity::Error)),
    ("warning", Threshold::From(Severity::Warning)),
    ("note", Threshold::From(Severity::Note)),
    ("never", Threshold::Never),
];

/// What a `dbharden.toml` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// The profile with the file's overrides.
    pub spec: Spec,
    /// The file's `fail_on`; `None` where it says nothing.
    pub fail_on: Option<Threshold>,
}

impl Spec {
    /// Reads a `dbharden.toml`.
    ///
    /// `profile` is the one of the command line, which beats the file's. `rules` are the ids that
    /// `[severity]` and `[[waive]]` may name.
    pub fn load(
        path: &str,
        text: &str,
        profile: Option<Self>,
        rules: &[&str],
    ) -> Result<Loaded, SpecError> {
        let source = Source { path, text };
        if text.len() > MAX_BYTES {
            return Err(source.error(0, format!("is larger than {} KiB", MAX_BYTES / 1024)));
        }
        let document = source.parse()?;
        let sections = entries(document.get_ref());
        let mut loaded = Loaded {
            spec: base(source, &sections, profile)?,
            fail_on: None,
        };
        for section in sections {
            read_section(source, section, rules, &mut loaded)?;
        }
        Ok(loaded)
    }
}

/// Returns the profile that the rest of the file overrides, wherever in the file it is named.
fn base(
    source: Source<'_>,
    sections: &[Entry<'_>],
    profile: Option<Spec>,
) -> Result<Spec, SpecError> {
    let named = match sections.iter().find(|section| section.key == "profile") {
        Some(entry) => {
            let names = Spec::PROFILES.map(|name| (name, name));
            word(source, *entry, &names)?
        }
        None => Spec::PROFILES[0],
    };
    match profile.or_else(|| Spec::profile(named)) {
        Some(spec) => Ok(spec),
        None => Err(source.error(0, "names a profile that is not built in")),
    }
}

fn read_section(
    source: Source<'_>,
    section: Entry<'_>,
    rules: &[&str],
    loaded: &mut Loaded,
) -> Result<(), SpecError> {
    let spec = &mut loaded.spec;
    match section.key {
        "profile" => {}
        "fail_on" => loaded.fail_on = Some(word(source, section, &THRESHOLDS)?),
        "spec" => {
            settings::read(
                source,
                table(source, section)?,
                settings::Dialect::File,
                spec,
            )?;
        }
        "variables" => variables(source, table(source, section)?, &mut spec.variables)?,
        "deployment" => deployment(source, table(source, section)?, spec)?,
        "severity" => {
            for entry in entries(table(source, section)?) {
                known_rule(source, entry.key_span.0, entry.key, rules)?;
                let level = word(source, entry, &LEVELS)?;
                spec.severities.push((entry.key.to_owned(), level));
            }
        }
        "health" => more_names::read_metrics(source, table(source, section)?, spec)?,
        "logs" => more_names::read_texts(source, table(source, section)?, spec)?,
        "waive" => {
            let DeValue::Array(items) = section.value.get_ref() else {
                let mut error = source.wrong_type(section, "an array of tables");
                error.hint = Some("write [[waive]], with two brackets".to_owned());
                return Err(error);
            };
            for item in items {
                let item = Entry {
                    value: item,
                    ..section
                };
                spec.waivers.push(waiver(source, item, rules)?);
            }
        }
        other => return Err(source.unknown(section.key_span.0, "key", other, &SECTIONS)),
    }
    Ok(())
}

fn table<'a>(source: Source<'_>, entry: Entry<'a>) -> Result<&'a DeTable<'a>, SpecError> {
    match entry.value.get_ref() {
        DeValue::Table(table) => Ok(table),
        _ => Err(source.wrong_type(entry, "a table")),
    }
}

fn known_rule(source: Source<'_>, at: usize, id: &str, rules: &[&str]) -> Result<(), SpecError> {
    if rules.contains(&id) {
        Ok(())
    } else {
        Err(source.unknown(at, "rule", id, rules))
    }
}

fn variables(
    source: Source<'_>,
    table: &DeTable<'_>,
    names: &mut VariableNames,
) -> Result<(), SpecError> {
    for entry in entries(table) {
        let slot = match entry.key {
            "database_url" => &mut names.database_url,
            "pool_size" => &mut names.pool_size,
            "max_overflow" => &mut names.max_overflow,
            "pool_recycle" => &mut names.pool_recycle,
            "pool_timeout" => &mut names.pool_timeout,
            other => {
                let known = [
                    "database_url",
                    "pool_size",
                    "max_overflow",
                    "pool_recycle",
                    "pool_timeout",
                ];
                return Err(source.unknown(entry.key_span.0, "key", other, &known));
            }
        };
        *slot = variable_names(source, entry)?;
    }
    Ok(())
}

fn variable_names(source: Source<'_>, entry: Entry<'_>) -> Result<Vec<String>, SpecError> {
    let DeValue::Array(items) = entry.value.get_ref() else {
        let mut error = source.wrong_type(entry, "an array of names");
        error.hint = Some(format!("write {} = [\"NAME\"]", entry.key));
        return Err(error);
    };
    let mut names = Vec::new();
    for item in items {
        let item = Entry {
            value: item,
            ..entry
        };
        let name = settings::text(source, item)?;
        let fits = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        if name.is_empty()
            || !name.chars().all(fits)
            || name.starts_with(|c: char| c.is_ascii_digit())
        {
            return Err(source.error(
                item.value.span().start,
                "a variable's name has letters, digits and `_`, and starts with no digit",
            ));
        }
        names.push(name.to_owned());
    }
    if names.is_empty() {
        return Err(source.error(
            entry.value.span().start,
            format!("`{}` names no variable", entry.key),
        ));
    }
    Ok(names)
}

fn deployment(source: Source<'_>, table: &DeTable<'_>, spec: &mut Spec) -> Result<(), SpecError> {
    for entry in entries(table) {
        let slot = match entry.key {
            "instances" => &mut spec.deployment.instances,
            "workers" => &mut spec.deployment.workers,
            "plan_connections" => &mut spec.deployment.plan_connections,
            other => {
                let known = ["instances", "workers", "plan_connections"];
                return Err(source.unknown(entry.key_span.0, "key", other, &known));
            }
        };
        *slot = u32::try_from(whole_number(source, entry, 1)?).ok();
    }
    Ok(())
}

fn waiver(source: Source<'_>, item: Entry<'_>, rules: &[&str]) -> Result<Waiver, SpecError> {
    let start = item.value.span().start;
    let (mut rule, mut subject, mut until, mut reason) = (None, None, None, None);
    for entry in entries(table(source, item)?) {
        match entry.key {
            "rule" => {
                let id = settings::text(source, entry)?;
                known_rule(source, entry.value.span().start, id, rules)?;
                rule = Some(id.to_owned());
            }
            "subject" => subject = Some(filled_text(source, entry)?),
            "until" => until = Some(day(source, entry)?),
            "reason" => reason = Some(filled_text(source, entry)?),
            other => {
                let known = ["rule", "subject", "until", "reason"];
                return Err(source.unknown(entry.key_span.0, "key", other, &known));
            }
        }
    }
    let lacks = |key: &str| source.error(start, format!("a waiver needs `{key}`"));
    Ok(Waiver {
        rule: rule.ok_or_else(|| lacks("rule"))?,
        subject,
        until: until.ok_or_else(|| lacks("until"))?,
        reason: reason.ok_or_else(|| lacks("reason"))?,
    })
}

/// Reads a day: `2026-12-31`, without quotes and without a time.
fn day(source: Source<'_>, entry: Entry<'_>) -> Result<Date, SpecError> {
    let wrong = || {
        let mut error = source.wrong_type(entry, "a day");
        error.hint = Some("write until = 2026-12-31, without quotes and without a time".to_owned());
        error
    };
    let DeValue::Datetime(moment) = entry.value.get_ref() else {
        return Err(wrong());
    };
    let (Some(date), None, None) = (moment.date, moment.time, moment.offset) else {
        return Err(source.error(
            entry.value.span().start,
            format!("`{}` must be a day alone, without a time", entry.key),
        ));
    };
    let parts = (
        i16::try_from(date.year),
        i8::try_from(date.month),
        i8::try_from(date.day),
    );
    match parts {
        (Ok(year), Ok(month), Ok(day)) => Date::new(year, month, day).ok(),
        _ => None,
    }
    .ok_or_else(|| {
        source.error(
            entry.value.span().start,
            format!("`{}` is no day of the calendar", entry.key),
        )
    })
}

#[cfg(test)]
mod tests;
