//! `url-present`: the connection string is there.

use crate::facts::{DatabaseUrl, UrlText};
use crate::rules::{Check, Context, Outcome, Rule, Seen};
use crate::spec::Severity;

pub(super) static RULE: Rule = Rule {
    id: "url-present",
    severity: Severity::Error,
    summary: "the connection string is not set, or empty",
    rationale: "Without it libpq falls back to a local socket and most others to localhost \
        (SQLAlchemy stops), or the application to a default such as SQLite on a disk that the \
        next deploy wipes. Render sets no DATABASE_URL by itself: only what the blueprint or the \
        dashboard maps. In CI, pull requests from forks get no secrets.",
    fix: "set the variable to the connection string that the provider shows",
    symptoms: &[
        "sqlalchemy.exc.ArgumentError: Expected string or URL object, got None",
        "connection to server on socket \"/var/run/postgresql/.s.PGSQL.5432\" failed",
    ],
    references: &["https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING"],
    check: Check::Url(check),
};

fn check(url: &DatabaseUrl, _context: Context<'_>) -> Outcome {
    let name = &url.subject;
    let text = match &url.text {
        UrlText::Known(text) => text.expose(),
        UrlText::Unset => {
            return Seen::new(format!("{name} is not set"))
                .observed("not set")
                .expected("a connection string")
                .fail(format!(
                    "set {name}, or name another variable with --url-env"
                ))
                .into();
        }
        UrlText::Unknown(_) => "",
    };
    let empty = |what: &str| {
        Seen::new(format!("{name} {what}"))
            .observed(what)
            .expected("a connection string")
            .fail(format!(
                "give {name} the connection string that the provider shows"
            ))
            .into()
    };
    if text.is_empty() {
        return empty("is empty");
    }
    if text.trim().is_empty() {
        return empty("holds only white space");
    }
    Seen::new(format!("{name} is set")).pass()
}

#[cfg(test)]
mod tests {
    use crate::facts::UrlText;
    use crate::rules::url::tests::{Expected, judge_text, judge_url, sample};

    #[test]
    fn a_set_string_passes() {
        assert_eq!(
            judge_text("url-present", "postgresql://u@h/d"),
            Expected::Pass
        );
    }

    #[test]
    fn an_unset_or_empty_string_fails() {
        assert_eq!(judge_text("url-present", ""), Expected::Fail);
        assert_eq!(judge_text("url-present", " \n"), Expected::Fail);
        let unset = UrlText::Unset;
        assert_eq!(
            judge_url(
                "url-present",
                crate::facts::DatabaseUrl {
                    text: unset,
                    ..sample("")
                }
            ),
            Expected::Fail
        );
    }

    #[test]
    fn a_string_that_no_file_tells_is_unknown() {
        let unknown = UrlText::Unknown("set in Render's dashboard".to_owned());
        assert_eq!(
            judge_url(
                "url-present",
                crate::facts::DatabaseUrl {
                    text: unknown,
                    ..sample("")
                }
            ),
            Expected::Unknown
        );
    }
}
