//! What the server refused a session for, by SQLSTATE and routine.

use super::auth::Scene;
use super::breach::oversized;
use super::{Broken, pooler};
use crate::facts::StageName;
use crate::probe::auth::notes::{Asked, Notes, ServerError};

/// One line of the table of refusals.
struct Row {
    code: &'static str,
    /// `None`: any, and none.
    routine: Option<&'static str>,
    causes: &'static [&'static str],
    message: &'static str,
}

/// Behind 28P01, which hides them on purpose.
pub(super) const PASSWORD: &[&str] = &[
    "role-missing",
    "pw-wrong",
    "pw-none",
    "pw-expired",
    "md5-hash-vs-scram",
];

/// SQLSTATE and routine of PostgreSQL 13 to 18; first match wins.
static TABLE: &[Row] = &[
    Row {
        code: "28P01",
        routine: None,
        causes: PASSWORD,
        message: "the server refuses this user with this password, and hides why",
    },
    Row {
        code: "3D000",
        routine: None,
        causes: &["db-missing", "db-case"],
        message: "user and password are right; there is no such database",
    },
    Row {
        code: "42501",
        routine: Some("CheckMyDatabase"),
        causes: &["connect-revoked"],
        message: "the role may not connect to this database",
    },
    Row {
        code: "55000",
        routine: Some("CheckMyDatabase"),
        causes: &["db-noallow"],
        message: "the database takes no connections",
    },
    Row {
        code: "53300",
        routine: Some("CheckMyDatabase"),
        causes: &["limit-db"],
        message: "the database's own connection limit is reached",
    },
    Row {
        code: "53300",
        routine: Some("InitializeSessionUserId"),
        causes: &["limit-role"],
        message: "the role's own connection limit is reached",
    },
    Row {
        code: "53300",
        routine: Some("InitPostgres"),
        causes: &["too-many-reserved"],
        message: "only the slots kept for superusers are free; user and password are right",
    },
    Row {
        code: "53300",
        routine: None,
        causes: &["too-many-clients"],
        message: "the server has no free connection; the password was not tried",
    },
    Row {
        code: "57P01",
        routine: None,
        causes: &["shutting-down"],
        message: "the server is being stopped",
    },
    Row {
        code: "0A000",
        routine: Some("InitializeClientEncoding"),
        causes: &["client-encoding"],
        message: "the server cannot convert to the encoding that the string asks for",
    },
    Row {
        code: "0A000",
        routine: None,
        causes: &["proto-unsupported"],
        message: "the server does not speak this version of the protocol",
    },
    Row {
        code: "F0000",
        routine: None,
        causes: &["server-no-client-ca"],
        message: "the server demands client certificates and has nothing to check them by",
    },
    Row {
        code: "42704",
        routine: None,
        causes: &["options-bad"],
        message: "the string sets a parameter that this server does not have",
    },
    Row {
        code: "22023",
        routine: None,
        causes: &["options-badval"],
        message: "the string sets a parameter to a value that it does not take",
    },
    Row {
        code: "42601",
        routine: None,
        causes: &["options-bad"],
        message: "the options of the string cannot be read",
    },
    Row {
        code: "55P02",
        routine: None,
        causes: &["options-super"],
        message: "the string sets a parameter that cannot be set for a session",
    },
    Row {
        code: "57014",
        routine: None,
        causes: &["auth-timeout"],
        message: "the login took longer than the server allows",
    },
    Row {
        code: "57P02",
        routine: None,
        causes: &["recovery-mode"],
        message: "another session crashed, and the server recovers from it",
    },
    Row {
        code: "57P04",
        routine: None,
        causes: &["db-missing"],
        message: "the database was dropped at this moment",
    },
    Row {
        code: "42501",
        routine: Some("InitPostgres"),
        causes: &["replication-conn"],
        message: "the role may not replicate",
    },
    Row {
        code: "42501",
        routine: None,
        causes: &["options-super"],
        message: "the string sets a parameter that only a superuser may set",
    },
];

/// Says what a refusal means.
pub(super) fn refused(scene: Scene, notes: &Notes, said: &ServerError) -> Broken {
    if said.bytes > 30_000 {
        return oversized(said.bytes);
    }
    let (code, routine) = said.key();
    if routine.is_none()
        && let Some(broken) = pooler::failed(StageName::Auth, notes, said)
    {
        return broken;
    }
    match (code, routine) {
        ("28000", Some("InitializeSessionUserId")) => {
            // Where a proof was asked for and given, the role exists.
            let causes: &[&str] = if notes.asked.is_some() {
                &["role-nologin"]
            } else {
                &["role-nologin", "role-missing"]
            };
            said_so(causes, "the role may not log in", said)
        }
        ("28000", Some("auth_failed")) => other_method(scene, notes, said),
        ("28P01", Some("auth_failed")) if notes.proven => said_so(
            &["clientcert-wrong-cn"],
            "the password is right, and our certificate is not this user's (clientcert=verify-full)",
            said,
        ),
        ("28000", _) if scene.replication => said_so(
            &["replication-conn"],
            "no line of pg_hba.conf lets this client replicate",
            said,
        ),
        ("28000", _) => host_rules(scene, said),
        ("57P03", _) => not_ready(said),
        ("28P01", _) if scene.from_password_file => {
            let causes: Vec<&str> = PASSWORD.iter().copied().chain(["pgpass-wrong"]).collect();
            said_so(&causes, TABLE[0].message, said)
        }
        // The name of a parameter is the same in every language.
        ("22023", _) if is_about(said, "client_encoding") => said_so(
            &["client-encoding"],
            "the server does not know the encoding that the string asks for",
            said,
        ),
        (_, Some(routine)) => {
            let fits =
                |row: &&Row| row.code == code && row.routine.is_none_or(|known| known == routine);
            match TABLE.iter().find(fits) {
                Some(row) => said_so(row.causes, row.message, said),
                None => unlisted(said),
            }
        }
        (_, None) => without_routine(notes, said),
    }
}

/// A proxy hands on the code and leaves the routine out: every row of the code fits.
fn without_routine(notes: &Notes, said: &ServerError) -> Broken {
    let rows: Vec<&Row> = TABLE.iter().filter(|row| row.code == said.code).collect();
    match rows.as_slice() {
        [] => unlisted(said),
        // It may know its databases itself, and say so before it asks for a password.
        [row] if said.code == "3D000" && notes.asked.is_none() => {
            said_so(row.causes, "there is no such database", said)
        }
        [row] => said_so(row.causes, row.message, said),
        several => {
            let causes: Vec<&str> = several.iter().flat_map(|row| row.causes).copied().collect();
            said_so(&causes, "refused, and handed on by a proxy", said)
        }
    }
}

/// A code that is in no table. What can be said of a text in another language is only that.
fn unlisted(said: &ServerError) -> Broken {
    let message = format!(
        "the server refuses (SQLSTATE {}): {}",
        said.code, said.message
    );
    let mut broken = Broken::either(StageName::Auth, &[], message);
    if said.localized {
        broken.failure.candidates.push("err-localized");
        let advice = "look the SQLSTATE up in the manual's appendix of error codes: the text is in the \
                      server's language (lc_messages)";
        return broken.fix(advice);
    }
    broken
}

/// Returns whether an error names this parameter: before its value, which may be any text.
fn is_about(said: &ServerError, parameter: &str) -> bool {
    let mut words = said
        .message
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.find(|word| word.contains('_')) == Some(parameter)
}

fn said_so(causes: &[&'static str], message: &str, said: &ServerError) -> Broken {
    Broken::either(
        StageName::Auth,
        causes,
        format!("{message}: {} (SQLSTATE {})", said.message, said.code),
    )
}

fn other_method(scene: Scene, notes: &Notes, said: &ServerError) -> Broken {
    let causes: &[&str] = if notes.asked == Some(Asked::Cleartext) {
        &["method-ldap", "method-pam", "method-radius"]
    } else if notes.asked.is_some() {
        // Before version 9.0, and in what was made of it, a refused password has this code.
        return said_so(PASSWORD, TABLE[0].message, said);
    } else if scene.local {
        &["method-peer"]
    } else if scene.presents {
        &["method-ident", "clientcert-wrong-cn"]
    } else {
        &["method-ident"]
    };
    said_so(
        causes,
        "the server checks users by something other than a password of its own",
        said,
    )
}

/// The rules for hosts in `pg_hba.conf`: which of them, the text alone would say.
fn host_rules(scene: Scene, said: &ServerError) -> Broken {
    let mut causes = vec!["hba-missing", "hba-reject"];
    causes.push(if scene.encrypted {
        "hba-forbids-tls"
    } else {
        "hba-needs-tls"
    });
    if scene.encrypted && scene.asked_for_certificate && !scene.presents {
        causes.push("clientcert-none");
    }
    if scene.local {
        causes.retain(|c| *c != "hba-needs-tls");
    }
    said_so(&causes, "no line of pg_hba.conf lets this client in", said)
}

fn not_ready(said: &ServerError) -> Broken {
    let causes: &[&str] = match said.detail.as_deref().map(str::to_lowercase).as_deref() {
        None => &["starting-up", "shutting-down", "recovery-mode"],
        Some(detail) if detail.contains("sistent") || detail.contains("snapshot") => {
            &["starting-up"]
        }
        // Translations keep the word in what they say of a mode that is off, and have no other.
        Some(detail) if detail.contains("standby") => &["hot-standby-off"],
        Some(_) => &["starting-up", "hot-standby-off"],
    };
    said_so(causes, "the server takes no sessions at the moment", said)
}
