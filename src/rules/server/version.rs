//! `server-version`: the server's major version is supported.

use jiff::civil::{Date, date};

use super::server;
use crate::facts::{Connection, Missing};
use crate::rules::{Check, Context, Outcome, Rule, Seen};
use crate::spec::Severity;

/// The last day on which each major version gets fixes: the PostgreSQL project's versioning policy,
/// read 2026-11-23.
const END_OF_LIFE: [(u32, Date); 9] = [
    (10, date(2022, 11, 10)),
    (11, date(2023, 11, 9)),
    (12, date(2024, 11, 21)),
    (13, date(2025, 11, 13)),
    (14, date(2026, 11, 12)),
    (15, date(2027, 11, 11)),
    (16, date(2028, 11, 9)),
    (17, date(2029, 11, 8)),
    (18, date(2030, 11, 14)),
];

pub(super) static RULE: Rule = Rule {
    id: "server-version",
    severity: Severity::Warning,
    summary: "the server's major version gets no more fixes",
    rationale: "Each major version is maintained for five years. After that, security holes stay \
        open, and a provider may upgrade the database by itself, on a day of its choosing.",
    fix: "plan an upgrade to a supported major version",
    symptoms: &[],
    references: &["https://www.postgresql.org/support/versioning/"],
    check: Check::Connection(check),
};

fn check(tries: &[&Connection], context: Context<'_>) -> Outcome {
    let version = &server(tries)?.version;
    let major = major(version)
        .ok_or_else(|| Missing::new("a version number that PostgreSQL would give"))?;
    let oldest = END_OF_LIFE[0].0;
    let end = END_OF_LIFE
        .iter()
        .find(|(known, _)| *known == major)
        .map(|(_, end)| *end);
    let supported = || {
        let majors = END_OF_LIFE.iter().filter(|(_, end)| *end >= context.today);
        majors
            .map(|(major, _)| major.to_string())
            .collect::<Vec<_>>()
            .join(", ")
    };
    let seen = |message: String| Seen::new(message).observed(version).expected(supported());
    match end {
        Some(end) if end >= context.today => {
            seen(format!("PostgreSQL {major} gets fixes until {end}")).pass()
        }
        Some(end) => seen(format!("PostgreSQL {major} has had no fixes since {end}"))
            .fail("plan an upgrade to a supported major version")
            .into(),
        None if major < oldest => seen(format!("PostgreSQL {major} has had no fixes for years"))
            .fail("plan an upgrade to a supported major version")
            .into(),
        None => Err(Missing::new(format!(
            "a newer dbharden, which knows PostgreSQL {major}"
        ))),
    }
}

/// Returns the major version of `server_version`: `16.4 (Debian …)`, `18beta1`.
fn major(version: &str) -> Option<u32> {
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok().filter(|major| (7..100).contains(major))
}

#[cfg(test)]
mod tests {
    use crate::facts::ServerFacts;
    use crate::rules::server::tests::outcome;
    use crate::rules::{Outcome, Verdict};

    fn of(version: &str) -> Outcome {
        outcome(
            "server-version",
            Some(ServerFacts {
                version: version.to_owned(),
                ..ServerFacts::default()
            }),
        )
    }

    #[test]
    fn a_supported_major_passes() {
        for version in ["15.18", "18beta1", "16.4 (Debian 16.4-1)"] {
            assert!(matches!(of(version), Ok(Verdict::Pass(_))), "{version}");
        }
    }

    #[test]
    fn a_major_past_its_end_fails_on_the_day_after() {
        for version in ["14.20", "9.6.24"] {
            assert!(matches!(of(version), Ok(Verdict::Fail(_))), "{version}");
        }
    }

    #[test]
    fn a_number_that_postgres_never_gave_and_a_silent_server_are_unknown() {
        assert!(of("99.9").is_err());
        assert!(of("CockroachDB").is_err());
        assert!(outcome("server-version", None).is_err());
    }
}
