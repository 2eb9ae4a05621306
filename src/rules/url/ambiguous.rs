//! `url-ambiguous`: every driver that reads the string sees the same thing in it.

use crate::driver::password;
use crate::facts::{DatabaseUrl, Missing, Reader, UrlText};
use crate::rules::{Check, Context, Outcome, Rule, Seen, Verdict};
use crate::spec::Severity;

pub(super) static RULE: Rule = Rule {
    id: "url-ambiguous",
    severity: Severity::Error,
    summary: "its drivers read different things in the string",
    rationale: "Parsers split a string at different places when a reserved character stands unencoded: \
        a raw @ in the password ends it for libpq and SQLAlchemy, not for node's drivers; SQLAlchemy \
        up to 2.0 does not decode the database's name; some drop what follows a #. One of them then connects to \
        another host, as another user, or with a wrong password.",
    fix: "percent-encode reserved characters in the user name, the password and the database's name",
    symptoms: &["could not translate host name \"ss@db.example.com\" to address"],
    references: &["https://www.rfc-editor.org/rfc/rfc3986#section-2.2"],
    check: Check::Url(check),
};

fn check(url: &DatabaseUrl, _context: Context<'_>) -> Outcome {
    let UrlText::Known(text) = &url.text else {
        return Verdict::not_applicable("there is no connection string");
    };
    let mut readers = url
        .readers
        .iter()
        .filter(|reader| reader.prediction.accepts);
    let Some(first) = readers.next() else {
        return Err(Missing::new("a driver that takes the connection string"));
    };
    for other in readers {
        if let Some(part) = difference(first, other, text.expose()) {
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

/// Names the first part in which two readings differ.
fn difference(one: &Reader, other: &Reader, text: &str) -> Option<&'static str> {
    let (a, b) = (&one.prediction, &other.prediction);
    let differs = |different: bool, part| different.then_some(part);
    let hosts = |reader: &Reader| {
        reader
            .prediction
            .hosts
            .iter()
            .map(|(host, _)| host.to_ascii_lowercase())
            .collect::<Vec<_>>()
    };
    let ports = |reader: &Reader| {
        reader
            .prediction
            .hosts
            .iter()
            .map(|(_, port)| *port)
            .collect::<Vec<_>>()
    };
    // What the machine decides is not in the string, so it is not a difference of reading.
    let known = |a: &Option<String>, b: &Option<String>| a.is_some() && b.is_some() && a != b;
    differs(
        !a.hosts.is_empty() && !b.hosts.is_empty() && hosts(one) != hosts(other),
        "host",
    )
    .or_else(|| {
        differs(
            ports(one) != ports(other) && !a.hosts.is_empty() && !b.hosts.is_empty(),
            "port",
        )
    })
    .or_else(|| differs(known(&a.user, &b.user), "user"))
    .or_else(|| differs(known(&a.dbname, &b.dbname), "database"))
    .or_else(|| {
        differs(
            password(&one.driver, text) != password(&other.driver, text),
            "password",
        )
    })
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
