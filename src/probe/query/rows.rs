//! From rows of text to facts.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio_postgres::{Row, SimpleQueryMessage};

use super::mask::mask;
use super::oddities::oddities;
use super::sessions::MOST;
use super::{Answers, Raw};
use crate::facts::{ActivityRow, ServerFacts, ServerSetting, SessionFacts};
use crate::probe::auth::notes::Notes;
use crate::probe::crowd::Seen;

/// Reads the answers. `notes` hold what was said when the session opened: a pooler in between says
/// something else than the server behind it.
pub(super) fn read(raw: &Raw, notes: &Notes) -> Answers {
    let mut server = ServerFacts::default();
    if let Some(row) = raw.own.first() {
        own(&mut server, row);
        let behind = number(row, 6);
        server.pooler = pooler(notes, behind, text(row, 11)).map(str::to_owned);
    }
    if let Some(row) = raw.role.first() {
        role(&mut server, row);
    }
    server.settings = raw.settings.iter().filter_map(setting).collect();
    totals(&mut server, &raw.sessions);
    let oddities = oddities(&server, notes);
    Answers {
        oddities,
        server,
        activity: Some(counts(&raw.sessions)),
        breakdown: raw.breakdown.as_deref().map(counts),
        sessions: raw
            .notable
            .as_deref()
            .map(|rows| rows.iter().filter_map(session).collect()),
    }
}

/// Recognises what is in between, by evidence of its own; `unknown` where there is only the process
/// id, which is another one's.
fn pooler(notes: &Notes, behind: Option<i32>, name: Option<&str>) -> Option<&'static str> {
    if notes
        .parameter("server_version")
        .is_some_and(|version| version.ends_with("/bouncer"))
    {
        return Some("pgbouncer");
    }
    if behind.is_none() || behind == notes.backend_pid {
        return None;
    }
    if name.is_some_and(|name| name.starts_with("Supavisor")) {
        Some("supavisor")
    } else if notes.lists_as_pgbouncer() {
        Some("pgbouncer")
    } else {
        Some("unknown")
    }
}

/// Reads what the server announced when the session opened.
pub(super) fn announced(notes: &Notes) -> ServerFacts {
    let parameter = |name| notes.parameter(name);
    let version = parameter("server_version").unwrap_or_default();
    ServerFacts {
        version: version.split(' ').next().unwrap_or_default().to_owned(),
        in_recovery: parameter("in_hot_standby") == Some("on"),
        read_only: parameter("default_transaction_read_only").map(|value| value == "on"),
        role: parameter("session_authorization")
            .unwrap_or_default()
            .to_owned(),
        ..ServerFacts::default()
    }
}

/// Reads the counts of sessions by whatever they are counted.
pub(super) fn counts(rows: &[Row]) -> Vec<ActivityRow> {
    let named = rows.iter().filter(|row| text(row, 0) == Some("0"));
    named.take(MOST).map(activity).collect()
}

/// Reads what a look at each session shows.
pub(super) fn seen(rows: &[Row]) -> Vec<Seen> {
    let one = |row: &Row| {
        Some(Seen {
            pid: number(row, 0)?,
            key: text(row, 1).unwrap_or_default().to_owned(),
            counts: flag(row, 2) == Some(true),
            state: text(row, 3).map(str::to_owned),
            waits: flag(row, 4) == Some(true),
            clear: flag(row, 5) == Some(true),
            transaction: age(row, 6),
        })
    };
    rows.iter().filter_map(one).collect()
}

/// Reads who is there, and what time it is there.
pub(super) fn there(rows: &[Row]) -> (Vec<i32>, f64) {
    let Some(row) = rows.first() else {
        return (Vec::new(), 0.0);
    };
    let pids = text(row, 0).unwrap_or_default().split(',');
    let pids = pids.filter_map(|pid| pid.parse().ok());
    (pids.collect(), number(row, 1).unwrap_or(0.0))
}

/// Reads one session.
fn session(row: &Row) -> Option<SessionFacts> {
    let owned = |column| text(row, column).map(str::to_owned);
    let blockers = text(row, 12).unwrap_or_default().split(',');
    let query: Option<&[u8]> = row.try_get(13).ok().flatten();
    Some(SessionFacts {
        pid: number(row, 0)?,
        kind: owned(1),
        application_name: owned(2).unwrap_or_default(),
        user: owned(3),
        database: owned(4),
        client: owned(5).filter(|client| !client.is_empty()),
        state: owned(6).filter(|state| state != "disabled"),
        wait: owned(7),
        encrypted: flag(row, 8),
        transaction: age(row, 9),
        in_state: age(row, 10),
        waited: age(row, 11),
        blocked_by: blockers.filter_map(|pid| pid.parse().ok()).collect(),
        query: query.map(|bytes| mask(&String::from_utf8_lossy(bytes))),
    })
}

fn own(server: &mut ServerFacts, row: &Row) {
    let said = text(row, 0).unwrap_or_default();
    // `16.4 (Debian 16.4-1.pgdg120+1)`: the build is of no interest here.
    said.split(' ')
        .next()
        .unwrap_or_default()
        .clone_into(&mut server.version);
    server.version_num = number(row, 1);
    server.in_recovery = flag(row, 2) == Some(true);
    server.max_connections = number(row, 3);
    server.superuser_reserved = number(row, 4);
    let reserved: Option<u32> = number(row, 5);
    server.reserved_connections = server
        .superuser_reserved
        .map(|superuser| superuser + reserved.unwrap_or(0));
    text(row, 7)
        .unwrap_or_default()
        .clone_into(&mut server.role);
    text(row, 8)
        .unwrap_or_default()
        .clone_into(&mut server.database);
    server.clock_ahead_s = number::<f64>(row, 9).and_then(ahead);
    server.read_only = text(row, 10).map(|value| value == "on");
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "seconds since 1970 are far below 2^52"
)]
fn ahead(theirs: f64) -> Option<i64> {
    let ours = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    Some((theirs - ours.as_secs_f64()).round() as i64)
}

fn role(server: &mut ServerFacts, row: &Row) {
    let limit = |column| number::<i64>(row, column).and_then(|n| u32::try_from(n).ok());
    server.superuser = flag(row, 0);
    server.role_limit = limit(1);
    server.database_limit = limit(2);
    server.sees_all = flag(row, 3) == Some(true);
    server.may_use_reserved = flag(row, 4);
    server.creates_in_public = flag(row, 5);
}

fn totals(server: &mut ServerFacts, rows: &[Row]) {
    if let Some(all) = rows.iter().find(|row| text(row, 0) == Some("1")) {
        server.client_backends = number(all, 2);
        server.database_backends = number(all, 4);
        server.role_backends = number(all, 5);
    }
}

fn activity(row: &Row) -> ActivityRow {
    let hidden = number(row, 3).unwrap_or(0);
    // A count over sessions that hide their state would be wrong, and is left out.
    let seen = |column| number(row, column).filter(|_| hidden == 0);
    let age = |column| age(row, column).filter(|_| hidden == 0);
    ActivityRow {
        application_name: text(row, 1).unwrap_or_default().to_owned(),
        total: number(row, 2),
        active: seen(6),
        idle: seen(7),
        idle_in_transaction: seen(8),
        waiting: seen(9),
        unencrypted: seen(10),
        oldest_transaction: age(11),
        oldest_idle_in_transaction: age(12),
        longest_wait: age(13),
        oldest_idle_session: age(14),
    }
}

fn age(row: &Row, column: usize) -> Option<Duration> {
    let seconds: f64 = number(row, column)?;
    Duration::try_from_secs_f64(seconds.max(0.0)).ok()
}

fn setting(message: &SimpleQueryMessage) -> Option<ServerSetting> {
    let SimpleQueryMessage::Row(row) = message else {
        return None;
    };
    let column = |i| row.try_get(i).ok().flatten();
    Some(ServerSetting {
        name: column(0)?.to_owned(),
        value: column(1)?.to_owned(),
        unit: column(2).map(str::to_owned),
        source: column(3)?.to_owned(),
        place: column(4).map(str::to_owned),
    })
}

fn text(row: &Row, column: usize) -> Option<&str> {
    row.try_get(column).ok().flatten()
}

fn number<T: std::str::FromStr>(row: &Row, column: usize) -> Option<T> {
    text(row, column)?.parse().ok()
}

fn flag(row: &Row, column: usize) -> Option<bool> {
    match text(row, column)? {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}
