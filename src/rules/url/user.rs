//! `url-user`: the user is named, in the form that the provider wants.

use super::parts;
use crate::facts::DatabaseUrl;
use crate::provider;
use crate::rules::{Check, Context, Outcome, Rule, Seen};
use crate::spec::Severity;

pub(super) static RULE: Rule = Rule {
    id: "url-user",
    severity: Severity::Error,
    summary: "no user is named, or not in the form that the provider wants",
    rationale: "Without a user, libpq and postgres.js take the operating system's, asyncpg and node \
        $USER, and pg8000 stops: in a container that is root or nothing. Some poolers find the \
        database by the user's name (Supabase wants role.project).",
    fix: "name the role in front of the password",
    symptoms: &[
        "FATAL:  password authentication failed for user \"root\"",
        "FATAL:  Tenant or user not found",
    ],
    references: &["https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-USER"],
    check: Check::Url(check),
};

fn check(url: &DatabaseUrl, _context: Context<'_>) -> Outcome {
    let parts = parts(url)?;
    let user = parts.get("user").filter(|user| !user.value.is_empty());
    let Some(user) = user else {
        return Seen::new("no user is named: each driver picks its own")
            .expected("a role")
            .fail("name the role: postgresql://ROLE:password@host:5432/dbname")
            .into();
    };
    let name = user.value.expose();
    let host = parts.hosts().into_iter().next().and_then(|host| host.host);
    let detected = host.and_then(|host| provider::detect(&host, None));
    let wrong = detected.and_then(|detected| Some((detected, detected.wrong_user(name)?.sure()?)));
    match wrong {
        Some((detected, form)) => Seen::new(format!(
            "{} wants another form of user",
            detected.provider.name
        ))
        .observed(name)
        .expected(form.description)
        .fail(format!("the user must be {}", form.description))
        .mark(url.redacted.map(user.value_span))
        .into(),
        None => Seen::new("the user is named").observed(name).pass(),
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::url::tests::{Expected, judge_text};

    #[test]
    fn a_named_user_passes() {
        assert_eq!(
            judge_text("url-user", "postgresql://app:p@h/d"),
            Expected::Pass
        );
        assert_eq!(judge_text("url-user", "host=h user=app"), Expected::Pass);
    }

    #[test]
    fn a_missing_user_fails() {
        assert_eq!(judge_text("url-user", "postgresql://h/d"), Expected::Fail);
        assert_eq!(
            judge_text("url-user", "postgresql://:p@h/d"),
            Expected::Fail
        );
    }

    #[test]
    fn a_pooler_that_finds_the_database_by_the_user_wants_its_form() {
        let host = "aws-0-eu-central-1.pooler.supabase.com:6543";
        assert_eq!(
            judge_text(
                "url-user",
                &format!("postgresql://postgres:p@{host}/postgres")
            ),
            Expected::Fail
        );
        let user = "postgres.abcdefghijklmnopqrst";
        assert_eq!(
            judge_text(
                "url-user",
                &format!("postgresql://{user}:p@{host}/postgres")
            ),
            Expected::Pass
        );
    }

    #[test]
    fn a_string_that_does_not_parse_is_unknown() {
        assert_eq!(
            judge_text("url-user", "postgresql://u@[::1/d"),
            Expected::Unknown
        );
    }
}
