//! `server-password-encryption`: new passwords are stored for SCRAM.

use super::{server, set_by, setting};
use crate::facts::Connection;
use crate::rules::{Check, Context, Outcome, Rule, Seen};
use crate::spec::Severity;

pub(super) static RULE: Rule = Rule {
    id: "server-password-encryption",
    severity: Severity::Warning,
    summary: "new passwords are stored as md5 hashes",
    rationale: "An md5 hash, as it is stored, is enough to log in: whoever reads a backup needs to crack \
        nothing. PostgreSQL 18 warns of it and a future release will remove it; SCRAM has been there \
        since 10, and is the default since 14. A role that has an md5 hash cannot log in where \
        pg_hba.conf demands scram-sha-256 until its password is set again.",
    fix: "set password_encryption to scram-sha-256, then set each role's password again",
    symptoms: &["User \"…\" does not have a valid SCRAM secret"],
    references: &["https://www.postgresql.org/docs/current/auth-password.html"],
    check: Check::Connection(check),
};

fn check(tries: &[&Connection], _context: Context<'_>) -> Outcome {
    let server = server(tries)?;
    let setting = setting(server, "password_encryption")?;
    let seen = |message: &str| {
        Seen::new(message)
            .observed(format!("{} by {}", setting.value, set_by(server, setting)))
            .expected("scram-sha-256")
    };
    if setting.value == "scram-sha-256" {
        return seen("new passwords are stored for SCRAM").pass();
    }
    seen("new passwords are stored as md5 hashes")
        .fail(RULE.fix)
        .into()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{outcome, setting};
    use crate::facts::ServerFacts;
    use crate::rules::{Outcome, Verdict};

    const RULE: &str = "server-password-encryption";

    fn of(value: &str) -> Outcome {
        let server = ServerFacts {
            settings: vec![setting("password_encryption", value, "", "default")],
            ..ServerFacts::default()
        };
        outcome(RULE, Some(server))
    }

    #[test]
    fn scram_passes_and_md5_fails() {
        assert!(matches!(of("scram-sha-256"), Ok(Verdict::Pass(_))));
        // PostgreSQL 13 and older say `on` for md5 as well.
        for value in ["md5", "on"] {
            assert!(matches!(of(value), Ok(Verdict::Fail(_))), "{value}");
        }
    }

    #[test]
    fn a_setting_that_was_not_told_is_unknown() {
        assert!(outcome(RULE, Some(ServerFacts::default())).is_err());
        assert!(outcome(RULE, None).is_err());
    }
}
