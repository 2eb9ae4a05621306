//! Why the server does not answer questions.

use std::time::Duration;

use super::{Broken, is_about_content, pooler};
use crate::facts::StageName;
use crate::probe::auth::breach::Breach;
use crate::probe::auth::notes::{Notes, ServerError};
use crate::probe::pace::Heard;

fn known(cause: &'static str, message: impl Into<String>) -> Broken {
    Broken::known(StageName::Query, cause, message)
}

/// What was heard of the server since the questions were asked.
#[derive(Clone, Copy, Debug)]
pub(in crate::probe) struct Silence {
    /// How it came in.
    pub heard: Heard,
    /// How long nothing has come in.
    pub lasts: Duration,
}

/// Says why the questions were not answered. `error` is `None` where the server's own is known.
pub(in crate::probe) fn failed(notes: &Notes, error: Option<&tokio_postgres::Error>) -> Broken {
    seen(notes).unwrap_or_else(|| {
        let error = error.filter(|error| !error.is_closed());
        let io = error.and_then(std::error::Error::source);
        let io = io.and_then(|source| source.downcast_ref());
        match (error, io) {
            (Some(_), None) => broke_protocol(notes.last_tag),
            (_, Some(io)) if is_about_content(io, notes.encrypted) => {
                broke_protocol(notes.last_tag)
            }
            _ => cut_off(notes),
        }
    })
}

/// Says why the questions were not answered in time.
pub(in crate::probe) fn late(notes: &Notes, silence: Silence) -> Broken {
    seen(notes).unwrap_or_else(|| timed_out(notes, silence))
}

/// What the stream itself showed. It is cut at the first breach, so an error that is known came
/// before it.
fn seen(notes: &Notes) -> Option<Broken> {
    match (&notes.error, notes.breach) {
        (Some(said), _) => Some(refused(notes, said)),
        (None, Some(breach)) => Some(breached(notes, breach)),
        (None, None) => None,
    }
}

fn cut_off(notes: &Notes) -> Broken {
    Broken::either(
        StageName::Query,
        &["q-drop", "q-fin"],
        format!(
            "the connection was cut off in an answer, after {} rows and without an error",
            notes.rows
        ),
    )
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
    match silence.heard {
        Heard::Silence => {}
        Heard::Drip => {
            return known(
                "q-drip",
                "the answers were not complete in time, though bytes kept coming",
            );
        }
        Heard::Either => {
            let message = format!(
                "the answers were not complete in time: bytes came, and none in the last {seconds:.1} s"
            );
            return Broken::either(
                StageName::Query,
                &["q-silent", "half-open", "q-drip"],
                message,
            );
        }
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

    use super::{Heard, Silence, late};
    use crate::probe::auth::notes::Notes;

    fn causes(notes: &Notes, heard: Heard) -> Vec<&'static str> {
        let lasts = Duration::from_secs(3);
        let failure = late(notes, Silence { heard, lasts }).failure;
        failure
            .cause
            .map_or(failure.candidates, |cause| vec![cause])
    }

    #[test]
    fn a_drip_a_silence_and_what_may_be_either_have_their_causes() {
        let notes = Notes::default();
        let all = ["q-silent", "half-open", "q-drip"];
        assert_eq!(causes(&notes, Heard::Drip), ["q-drip"]);
        assert_eq!(causes(&notes, Heard::Silence), all[..2]);
        assert_eq!(causes(&notes, Heard::Either), all);
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
        let all = causes(&notes, Heard::Silence);
        assert!(
            all.contains(&"pgb-pool-full") && all.contains(&"q-silent"),
            "{all:?}"
        );
        // An answer comes from the server.
        notes.rows = 1;
        assert_eq!(causes(&notes, Heard::Silence).len(), 2);
        let mut postgres = pgbouncer;
        postgres.rotate_right(1);
        assert_eq!(causes(&names(postgres), Heard::Silence).len(), 2);
    }
}
