//! `url-ambiguous`: every driver that reads the string sees the same thing in it.

use std::borrow::Cow;

use super::text_for;
use crate::driver::{Parts, predict};
use crate::facts::{DatabaseUrl, Missing, Reader};
use crate::rules::{Check, Context, Outcome, Rule, Seen};
use crate::spec::Severity;
use crate::value::Secret;

pub(super) static RULE: Rule = Rule {
    id: "url-ambiguous",
    severity: Severity::Error,
    summary: "its drivers read different things in the string",
    rationale: "Parsers split a string at different places when a reserved character stands \
        unencoded: a raw @ in the password ends it for libpq and SQLAlchemy, not for node's \
        drivers; SQLAlchemy up to 2.0 does not decode the database's name; some drop what follows \
        a #. One of them then connects to another host or database, as another user, with a wrong \
        password, or not at all.",
    fix: "percent-encode reserved characters in the user name, the password and the database's name",
    symptoms: &["could not translate host name \"ss@db.example.com\" to address"],
    references: &["https://www.rfc-editor.org/rfc/rfc3986#section-2.2"],
    check: Check::Url(check),
};

fn check<'a>(url: &'a DatabaseUrl, _context: Context<'_>) -> Outcome {
    let mut readers = url
        .readers
        .iter()
        .filter(|reader| reader.prediction.accepts);
    let Some(first) = readers.next() else {
        return Err(Missing::new("a driver that takes the connection string"));
    };
    let read = |reader: &'a Reader| -> Option<Cow<'a, Parts>> {
        let beside = reader.prediction.parts.as_ref().map(Cow::Borrowed);
        if url.variables.is_empty() {
            return beside;
        }
        // What the variables say is not in the string; a driver may need them to take it.
        let alone = predict(&reader.driver, text_for(url, reader)?).parts;
        alone.map(Cow::Owned).or(beside)
    };
    let missing = || Missing::new("what each driver reads");
    let seen_first = read(first).ok_or_else(missing)?;
    for other in readers {
        let seen = read(other).ok_or_else(missing)?;
        if let Some(part) = difference(&seen_first, &seen) {
            return Seen::new(format!(
                "{} and {} read another {part}",
                first.driver, other.driver
            ))
            .observed(observed(first, other, part))
            .expected("the same for every driver")
            .fail("percent-encode it: @ is %40, : %3A, / %2F, # %23, ? %3F, % %25, space %20")
            .into();
        }
    }
    Seen::new("its drivers read the same").pass()
}

/// Names the first part in which two readings differ. Compares what the drivers read, not what is
/// shown of it: two misreadings would both be shown as `***`.
fn difference(a: &Parts, b: &Parts) -> Option<&'static str> {
    let names = |parts: &Parts| -> Vec<String> {
        let hosts = parts.hosts.iter();
        hosts
            .map(|(host, _)| host.expose().to_ascii_lowercase())
            .collect()
    };
    let ports = |parts: &Parts| -> Vec<u16> { parts.hosts.iter().map(|(_, port)| *port).collect() };
    // What the machine decides is not in the string, so it is not a difference of reading.
    let known = |a: &Option<Secret>, b: &Option<Secret>| a.is_some() && b.is_some() && a != b;
    let both_given = !a.hosts.is_empty() && !b.hosts.is_empty();
    let differences = [
        (both_given && names(a) != names(b), "host"),
        (both_given && ports(a) != ports(b), "port"),
        (known(&a.user, &b.user), "user"),
        (known(&a.dbname, &b.dbname), "database"),
        (a.password != b.password, "password"),
    ];
    differences
        .into_iter()
        .find(|(differs, _)| *differs)
        .map(|(_, part)| part)
}

/// Shows both readings of a part; a password is never shown.
fn observed(one: &Reader, other: &Reader, part: &str) -> String {
    let show = |reader: &Reader| match part {
        "host" => reader
            .prediction
            .hosts
            .iter()
            .map(|(host, _)| host.clone())
            .collect::<Vec<_>>()
            .join(","),
        "port" => reader
            .prediction
            .hosts
            .iter()
            .map(|(_, port)| port.to_string())
            .collect::<Vec<_>>()
            .join(","),
        "user" => reader.prediction.user.clone().unwrap_or_default(),
        "database" => reader.prediction.dbname.clone().unwrap_or_default(),
        _ => "***".to_owned(),
    };
    format!("{:?} and {:?}", show(one), show(other))
}

#[cfg(test)]
mod tests {
    use crate::driver::Kind;
    use crate::facts::DatabaseUrl;
    use crate::rules::url::tests::{Expected, judge_url, read_by, sample};

    fn judged(kinds: &[Kind], text: &str) -> Expected {
        let readers = kinds.iter().map(|kind| read_by(*kind, text)).collect();
        judge_url(
            "url-ambiguous",
            DatabaseUrl {
                readers,
                ..sample(text)
            },
        )
    }

    #[test]
    fn one_reading_passes() {
        let kinds = [Kind::Libpq, Kind::Asyncpg, Kind::NodePostgres];
        assert_eq!(judged(&kinds, "postgresql://u:p@h:5432/d"), Expected::Pass);
    }

    #[test]
    fn two_readings_fail() {
        let kinds = [Kind::Libpq, Kind::NodePostgres];
        assert_eq!(
            judged(&kinds, "postgresql://u:p@ss@h:5432/d"),
            Expected::Fail,
            "host"
        );
        let kinds = [Kind::Libpq, Kind::PostgresJs];
        assert_eq!(
            judged(&kinds, "postgresql://u:p@h:5432/d%20b"),
            Expected::Fail,
            "database"
        );
    }

    #[test]
    fn a_string_that_no_driver_takes_is_unknown() {
        assert_eq!(
            judged(&[Kind::Libpq], "postgresql://u:p%zz@h/d"),
            Expected::Unknown
        );
    }
}
