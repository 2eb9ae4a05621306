//! `url-database`: the database is named, in the form that the provider wants.

use super::parts;
use crate::facts::DatabaseUrl;
use crate::provider;
use crate::rules::{Check, Context, Outcome, Rule, Seen};
use crate::spec::Severity;

pub(super) static RULE: Rule = Rule {
    id: "url-database",
    severity: Severity::Error,
    summary: "no database is named, or the name is not one",
    rationale: "Without a database, most drivers take the user's name. A second slash or an & \
        without a ? becomes part of the name, in many drivers white space or a line end too, and \
        the server then says only that the database does not exist.",
    fix: "name the database behind the host",
    symptoms: &[
        "FATAL:  database \"appdb\\n\" does not exist",
        "FATAL:  database \"app\" does not exist",
    ],
    references: &[
        "https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-DBNAME",
    ],
    check: Check::Url(check),
};

fn check(url: &DatabaseUrl, _context: Context<'_>) -> Outcome {
    let parts = parts(url)?;
    let Some(database) = parts
        .get("dbname")
        .filter(|database| !database.value.is_empty())
    else {
        return Seen::new("no database is named: most drivers take the user's name")
            .expected("a database")
            .fail("name the database: postgresql://user:password@host:5432/DBNAME")
            .into();
    };
    let name = database.value.expose();
    if let Some((message, fix)) = problem(name) {
        return Seen::new(message)
            .fail(fix)
            .mark(url.redacted.map(database.value_span))
            .into();
    }
    let host = parts.hosts().into_iter().next().and_then(|host| host.host);
    let detected = host.and_then(|host| provider::detect(&host, None));
    let wrong =
        detected.and_then(|detected| Some((detected, detected.wrong_database(name)?.sure()?)));
    match wrong {
        Some((detected, form)) => Seen::new(format!(
            "{} wants another form of database name",
            detected.provider.name
        ))
        .observed(name)
        .expected(form.description)
        .fail(format!("the database must be {}", form.description))
        .mark(url.redacted.map(database.value_span))
        .into(),
        None => Seen::new("the database is named").observed(name).pass(),
    }
}

/// Says what a database name holds that was meant otherwise.
fn problem(name: &str) -> Option<(&'static str, &'static str)> {
    let cases: [(bool, &str, &str); 4] = [
        (
            name.contains("://"),
            "a whole URL stands where the database's name belongs",
            "write the name alone",
        ),
        (
            name.contains('&') && name.contains('='),
            "an & stands where the first parameter needs a ?",
            "write ? in front of the first parameter",
        ),
        (
            name.trim() != name,
            "white space or a line end is part of the name",
            "remove it",
        ),
        (
            name.contains('/'),
            "a / is part of the name",
            "write the name alone behind one slash",
        ),
    ];
    cases
        .into_iter()
        .find(|(bad, ..)| *bad)
        .map(|(_, message, fix)| (message, fix))
}

#[cfg(test)]
mod tests {
    use crate::rules::url::tests::{Expected, judge_text};

    #[test]
    fn a_named_database_passes() {
        assert_eq!(
            judge_text("url-database", "postgresql://u@h/app?sslmode=require"),
            Expected::Pass
        );
        assert_eq!(
            judge_text("url-database", "host=h dbname=app"),
            Expected::Pass
        );
    }

    #[test]
    fn a_missing_or_mangled_name_fails() {
        for text in [
            "postgresql://u@h",
            "postgresql://u@h/",
            "postgresql://u@h//app",
            "postgresql://u@h/app/extra",
            "postgresql://u@h/app&sslmode=require",
            "postgresql://u@h/app%20",
        ] {
            assert_eq!(judge_text("url-database", text), Expected::Fail, "{text}");
        }
    }

    #[test]
    fn a_string_that_does_not_parse_is_unknown() {
        assert_eq!(
            judge_text("url-database", "postgresql://u@[::1/d"),
            Expected::Unknown
        );
    }
}
