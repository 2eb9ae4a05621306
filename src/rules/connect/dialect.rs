//! The advice about a connection is written in libpq's words: what a driver of another tongue calls
//! the same.

use crate::driver::Kind;
use crate::facts::DatabaseUrl;

/// Returns how the readers of a string that are not libpq's spell what the advice names.
pub(super) fn note(fix: &str, url: &DatabaseUrl) -> Option<String> {
    let mut notes: Vec<String> = Vec::new();
    for reader in &url.readers {
        let kind = reader.driver.kind;
        if let Some(code) = spelled(fix, kind) {
            let note = format!("{}: {code}", kind.name());
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
    }
    (!notes.is_empty()).then(|| format!("in {}", notes.join("; in ")))
}

/// Returns the code for what the advice names, where the driver does not take libpq's word for it.
fn spelled(fix: &str, kind: Kind) -> Option<&'static str> {
    let spelling = kind.spelling();
    let libpq = Kind::Libpq.spelling();
    let (setting, usual) = if ["verify-full", "verify-ca", "sslrootcert"]
        .iter()
        .any(|word| fix.contains(word))
    {
        (spelling.verify_full, libpq.verify_full)
    } else if fix.contains("sslmode=") {
        (spelling.tls, libpq.tls)
    } else if fix.contains("connect_timeout") {
        (spelling.connect_timeout, libpq.connect_timeout)
    } else {
        return None;
    };
    (setting.parameter != usual.parameter).then_some(setting.code)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

    use super::{note, spelled};
    use crate::driver::Kind;
    use crate::facts::{Connection, DatabaseUrl, Failure, Stage};
    use crate::rules::Verdict;
    use crate::rules::session::tests::{attempt, judged_with};
    use crate::rules::url::tests::{read_by, sample};

    #[test]
    fn a_driver_that_takes_libpqs_word_needs_no_other() {
        for kind in [Kind::Libpq, Kind::Psycopg2, Kind::SqlalchemyPsycopg] {
            assert_eq!(spelled("set sslmode=require", kind), None);
            assert_eq!(spelled("give connect_timeout 10 s", kind), None);
        }
        assert_eq!(spelled("set sslmode=require", Kind::Asyncpg), None);
    }

    #[test]
    fn another_tongue_is_spelled() {
        let kind = Kind::SqlalchemyAsyncpg;
        for (fix, word) in [
            ("set sslmode=require", "\"require\""),
            ("name its file in sslrootcert", "create_default_context"),
            ("give connect_timeout 10 s", "timeout"),
        ] {
            assert!(spelled(fix, kind).unwrap().contains(word), "{fix}");
        }
        assert_eq!(spelled("raise the limit", kind), None);
    }

    #[test]
    fn the_finding_tells_it_to_who_reads_the_string() {
        let text = "postgresql+asyncpg://u:p@h:5432/d";
        let url = DatabaseUrl {
            subject: "URL".to_owned(),
            environment: None,
            readers: vec![read_by(Kind::SqlalchemyAsyncpg, text)],
            ..sample(text)
        };
        assert!(note("nothing", &url).is_none());
        let mut connection = Connection { ..attempt("DDF--") };
        connection.stages[2].stage = Stage::Failed(Failure {
            cause: Some("hba-needs-tls"),
            candidates: Vec::new(),
            message: "over TLS the server would go on".to_owned(),
            fix: "set sslmode=require".to_owned(),
        });
        let Verdict::Fail(finding) = judged_with("connect-tls", connection, vec![url]).unwrap()
        else {
            panic!("no finding")
        };
        let fix = finding.fix.unwrap();
        assert!(fix.contains("in sqlalchemy+asyncpg: connect_args"), "{fix}");
    }
}
