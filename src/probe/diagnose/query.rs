//! Why the server does not answer questions.

use std::time::Duration;

use super::{Broken, pooler};
use crate::facts::StageName;
use crate::probe::auth::breach::Breach;
use crate::probe::auth::notes::{Notes, ServerError};

fn known(cause: &'static str, message: impl Into<String>) -> Broken {
    Broken::known(StageName::Query, cause, message)
}

/// What was heard of the server since the questions were asked.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::probe) struct Silence {
    /// Whether anything was.
    pub heard: bool,
    /// How long nothing has been since.
    pub lasts: Duration,
}

/// Says why the questions were not answered. `error` is `None` when the time was up.
pub(in crate::probe) fn failed(
    notes: &Notes,
    error: Option<&tokio_postgres::Error>,
    silence: Silence,
) -> Broken {
    // The stream is cut at the first breach, so an error that is known came before it.
    if let Some(said) = &notes.error {
        return refused(notes, said);
    }
    if let Some(breach) = notes.breach {
        return breached(notes, breach);
    }
    let Some(error) = error else {
        return timed_out(notes, silence);
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
        _ => broke_protocol(notes.last_tag),
    }
}

fn timed_out(notes: &Notes, silence: Silence) -> Broken {
    let seconds = silence.lasts.as_secs_f64();
    if silence.heard && silence.lasts < Duration::from_millis(1500) {
        return known(
            "q-drip",
            "the answers were not complete in time, though bytes kept coming",
        );
    }
    let silent = ["q-silent", "half-open"];
    if notes.rows == 0 && notes.lists_as_pgbouncer() {
        let causes = [pooler::UPSTREAM, &silent].concat();
        let message = format!(
            "the login was done by what looks like PgBouncer, and the first question has not been \
             answered for {seconds:.1} s: it waits for a connection to its server, or the server hangs"
        );
        return Broken::either(StageName::Query, &causes, message);
    }
    Broken::either(
        StageName::Query,
        &silent,
        format!("the server has not answered for {seconds:.1} s"),
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Silence, failed};
    use crate::probe::auth::notes::Notes;

    fn causes(notes: &Notes, heard: bool, milliseconds: u64) -> Vec<&'static str> {
        let lasts = Duration::from_millis(milliseconds);
        let failure = failed(notes, None, Silence { heard, lasts }).failure;
        failure
            .cause
            .map_or(failure.candidates, |cause| vec![cause])
    }

    #[test]
    fn only_what_was_heard_can_drip() {
        let notes = Notes::default();
        let silent = ["q-silent", "half-open"];
        assert_eq!(causes(&notes, true, 400), ["q-drip"]);
        assert_eq!(causes(&notes, true, 1500), silent);
        // Within a deadline that is shorter, silence is silence.
        assert_eq!(causes(&notes, false, 400), silent);
    }

    #[test]
    fn a_pooler_that_has_let_us_in_may_still_wait_for_its_server() {
        let names = |names: [&str; 6]| Notes {
            parameters: names.map(|name| (name.to_owned(), String::new())).into(),
            ..Notes::default()
        };
        let pgbouncer = [
            "server_version",
            "client_encoding",
            "DateStyle",
            "TimeZone",
            "standard_conforming_strings",
            "application_name",
        ];
        let mut notes = names(pgbouncer);
        let all = causes(&notes, false, 3000);
        assert!(
            all.contains(&"pgb-pool-full") && all.contains(&"q-silent"),
            "{all:?}"
        );
        // An answer comes from the server.
        notes.rows = 1;
        assert_eq!(causes(&notes, true, 3000).len(), 2);
        let mut postgres = pgbouncer;
        postgres.rotate_right(1);
        assert_eq!(causes(&names(postgres), false, 3000).len(), 2);
    }
}
