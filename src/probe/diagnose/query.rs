//! Why the server does not answer questions.

use std::time::Duration;

use super::{Broken, pooler};
use crate::facts::StageName;
use crate::probe::auth::breach::Breach;
use crate::probe::auth::notes::{Notes, ServerError};

fn known(cause: &'static str, message: impl Into<String>) -> Broken {
    Broken::known(StageName::Query, cause, message)
}

/// Says why the questions were not answered. `error` is `None` when the time was up; `silent_for`
/// tells how long nothing had come in by then.
pub(in crate::probe) fn failed(
    notes: &Notes,
    error: Option<&tokio_postgres::Error>,
    silent_for: Duration,
) -> Broken {
    // The stream is cut at the first breach, so an error that is known came before it.
    if let Some(said) = &notes.error {
        return refused(notes, said);
    }
    if let Some(breach) = notes.breach {
        return breached(notes, breach);
    }
    let Some(error) = error else {
        return timed_out(silent_for);
    };
    let io =
        std::error::Error::source(error).is_some_and(<dyn std::error::Error>::is::<std::io::Error>);
    if error.is_closed() || io {
        return Broken::either(
            StageName::Query,
            &["q-drop", "q-fin"],
            format!(
                "the connection was cut off in an answer, after {} rows and without an error",
                notes.rows
            ),
        );
    }
    if notes.last_tag == b'D' {
        return columns();
    }
    broke_protocol(notes.last_tag)
}

fn broke_protocol(tag: u8) -> Broken {
    known(
        "q-type",
        format!("the peer broke the protocol (message type 0x{tag:02x})"),
    )
}

fn columns() -> Broken {
    known(
        "q-columns",
        "the server's rows do not have the columns that it announced",
    )
}

fn breached(notes: &Notes, breach: Breach) -> Broken {
    match breach {
        Breach::Length { length, .. } => known(
            "q-absurd-length",
            format!("the server sent a message that claims {length} bytes"),
        ),
        Breach::TooMuch | Breach::Rows => known(
            "q-row-flood",
            "the server floods the client with rows that were not asked for",
        ),
        Breach::Columns => columns(),
        Breach::Notices => known(
            "q-notice-flood",
            "the server floods the client with notices",
        ),
        Breach::Parameters => known(
            "param-flood",
            "the server floods the client with parameters",
        ),
        Breach::OutOfPlace {
            tag: b'G' | b'H' | b'W' | b'd' | b'c',
        } => known(
            "q-copy",
            "the server wants to copy data, which nobody asked for",
        ),
        Breach::OutOfPlace { tag } => broke_protocol(tag),
        _ => broke_protocol(notes.last_tag),
    }
}

fn timed_out(silent_for: Duration) -> Broken {
    if silent_for < Duration::from_millis(1500) {
        return known(
            "q-drip",
            "the answers were not complete in time, though bytes kept coming",
        );
    }
    Broken::either(
        StageName::Query,
        &["q-silent", "half-open"],
        format!(
            "the server has not answered for {:.1} s",
            silent_for.as_secs_f64()
        ),
    )
}

/// One line of the table.
struct Row {
    code: &'static str,
    cause: &'static str,
    message: &'static str,
}

static TABLE: &[Row] = &[
    Row {
        code: "57014",
        cause: "q-stmt-timeout",
        message: "the server took too long over a question and was stopped",
    },
    Row {
        code: "55P03",
        cause: "q-lock-wait",
        message: "a question waits for a lock on the system catalogs",
    },
    Row {
        code: "25P03",
        cause: "q-idle-txn",
        message: "the server ended the session: idle in a transaction",
    },
    Row {
        code: "57P05",
        cause: "q-idle-session",
        message: "the server ended the session: idle",
    },
    Row {
        code: "57P01",
        cause: "q-terminated",
        message: "the session was ended by an administrator, or the server is being stopped",
    },
    Row {
        code: "57P02",
        cause: "q-drop",
        message: "the server is recovering from a crash of another session",
    },
    Row {
        code: "25006",
        cause: "standby-read-only",
        message: "the server takes no writes",
    },
    Row {
        code: "42P05",
        cause: "pgb-prepared",
        message: "a pooler mixes up prepared statements",
    },
    Row {
        code: "26000",
        cause: "pgb-prepared",
        message: "a pooler mixes up prepared statements",
    },
    Row {
        code: "42501",
        cause: "q-privileges",
        message: "the role may not ask this",
    },
];

fn refused(notes: &Notes, said: &ServerError) -> Broken {
    if notes
        .parameter("server_version")
        .is_some_and(|v| v.ends_with("/bouncer"))
    {
        return known(
            "pgb-admin",
            "this is PgBouncer's admin console, not a database",
        );
    }
    let (code, routine) = said.key();
    if routine.is_none()
        && let Some(broken) = pooler::failed(StageName::Query, notes, said)
    {
        return broken;
    }
    // Before that, the limit is the role's, the database's or the string's.
    let own_limit = notes.limits_itself && notes.rows > 0;
    if code == "55P03" && !own_limit {
        return known(
            "q-lock-timeout",
            format!(
                "a question ran into lock_timeout: {} (SQLSTATE {code})",
                said.message
            ),
        );
    }
    if code == "42501" && routine == Some("aclcheck_error") {
        return Broken::either(
            StageName::Query,
            &["q-privileges", "q-schema-perm"],
            format!(
                "the role may not ask this: {} (SQLSTATE {code})",
                said.message
            ),
        );
    }
    match TABLE.iter().find(|row| row.code == code) {
        Some(row) => known(
            row.cause,
            format!("{}: {} (SQLSTATE {code})", row.message, said.message),
        ),
        None => Broken::either(
            StageName::Query,
            &[],
            format!(
                "the server does not answer: {} (SQLSTATE {code})",
                said.message
            ),
        ),
    }
}
