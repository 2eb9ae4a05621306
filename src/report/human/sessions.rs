//! The blocks of `dbharden activity`: counts, single sessions, and who waits for whom.

use std::io;

use super::layout::{Piece, Printer, cut, table};
use super::line::shown;
use crate::report::view::{
    ActivityView, BreakdownView, Connection, Counts, SessionView, SessionsView,
};
use crate::report::{Sealed, Tone};

/// The most columns of a statement that are shown.
const STATEMENT: usize = 400;

/// Writes everything that is known about the sessions of a server.
pub(super) fn write(printer: &mut Printer<'_>, connection: &Connection) -> io::Result<()> {
    by_name(printer, connection)?;
    if let Some(breakdown) = &connection.breakdown {
        by_key(printer, breakdown)?;
    }
    let Some(sessions) = &connection.sessions else {
        return Ok(());
    };
    transactions(printer, sessions)?;
    idle_in_transaction(printer, sessions)?;
    tree(printer, sessions)?;
    in_clear(printer, sessions)?;
    statements(printer, sessions)
}

fn plain(text: impl Into<String>) -> Piece {
    (Tone::Plain, text.into())
}

/// Returns the sign for what the role may not see.
fn hidden() -> Piece {
    (Tone::Faint, "?".to_owned())
}

fn heading(printer: &mut Printer<'_>, text: &str) -> io::Result<()> {
    printer.line(2, &[(Tone::Heading, text.to_owned())])
}

/// Writes an age as a person would: `1.2 s`, `17 min 3 s`, `5 h 20 min`.
pub(crate) fn age(seconds: f64) -> String {
    let whole = std::time::Duration::try_from_secs_f64(seconds).map_or(0, |age| age.as_secs());
    match whole {
        0..100 => format!("{seconds:.1} s"),
        100..3600 => format!("{} min {} s", whole / 60, whole % 60),
        3600..172_800 => format!("{} h {} min", whole / 3600, whole % 3600 / 60),
        _ => format!("{} d {} h", whole / 86_400, whole % 86_400 / 3600),
    }
}

const COUNTS: [&str; 7] = [
    "total",
    "active",
    "idle",
    "in txn",
    "waiting",
    "no TLS",
    "oldest txn",
];

/// Returns a row of counts behind what they are of.
fn row(of: Piece, counts: &Counts) -> Vec<Piece> {
    let count = |count: Option<u32>| count.map_or_else(hidden, |n| plain(n.to_string()));
    let oldest = counts.oldest_transaction_s;
    let oldest = oldest.map_or_else(|| "-".to_owned(), age);
    [of].into_iter()
        .chain(counts.in_order().map(count))
        .chain([plain(oldest)])
        .collect()
}

/// Writes a table of counts.
fn table_of_counts(printer: &mut Printer<'_>, of: &str, rows: &[Vec<Piece>]) -> io::Result<()> {
    let head: Vec<&str> = [of].into_iter().chain(COUNTS).collect();
    table(printer, 2, &head, rows)
}

/// Writes the sessions by application name: of one alone, where one was asked for.
fn by_name(printer: &mut Printer<'_>, connection: &Connection) -> io::Result<()> {
    let only = connection
        .sessions
        .as_ref()
        .and_then(|told| told.only.as_ref());
    let only = only.filter(|name| !name.as_str().is_empty());
    let (here, others): (Vec<&ActivityView>, Vec<_>) = connection
        .activity
        .iter()
        .partition(|row| only.is_none_or(|name| row.application_name == *name));
    if here.is_empty() && others.is_empty() {
        if connection.sessions.is_some() {
            printer.line(2, &[plain("no session but this one is open")])?;
        }
        return Ok(());
    }
    if !here.is_empty() {
        let room = name_room(printer);
        let rows: Vec<Vec<Piece>> = here
            .iter()
            .map(|one| row(name(&one.application_name, room), &one.counts))
            .collect();
        table_of_counts(printer, "application", &rows)?;
    }
    if !others.is_empty() {
        let sum: u32 = others.iter().filter_map(|row| row.counts.total).sum();
        let note = format!("and {sum} under {} other names", others.len());
        printer.line(2, &[(Tone::Faint, note)])?;
    }
    if connection.sessions.is_some() && here.iter().any(|row| row.counts.active.is_none()) {
        let note = "? is hidden from this role: GRANT pg_read_all_stats shows it";
        printer.line(2, &[(Tone::Faint, note.to_owned())])?;
    }
    Ok(())
}

/// Returns how much room a name has beside the counts.
fn name_room(printer: &Printer<'_>) -> usize {
    printer.width.saturating_sub(62).clamp(12, 48)
}

fn name(name: &Sealed, room: usize) -> Piece {
    match cut(&shown(name), room) {
        none if none.is_empty() => (Tone::Faint, "(no name)".to_owned()),
        some => plain(some),
    }
}

fn by_key(printer: &mut Printer<'_>, breakdown: &BreakdownView) -> io::Result<()> {
    if breakdown.rows.is_empty() {
        return Ok(());
    }
    let room = name_room(printer);
    let rows: Vec<Vec<Piece>> = breakdown
        .rows
        .iter()
        .map(|one| {
            let key = one.key.as_ref();
            let key = key.map_or_else(hidden, |key| plain(cut(&shown(key), room)));
            row(key, &one.counts)
        })
        .collect();
    printer.gap()?;
    table_of_counts(printer, breakdown.by, &rows)
}

/// How many sessions a block names.
const MOST: usize = 10;

/// Returns the sessions with the greatest ages, the oldest first.
fn oldest<'a>(
    sessions: impl Iterator<Item = &'a SessionView>,
    by: fn(&SessionView) -> Option<f64>,
) -> impl Iterator<Item = &'a SessionView> {
    let mut all: Vec<&SessionView> = sessions.collect();
    let of = |one: &SessionView| by(one).unwrap_or(0.0);
    all.sort_by(|a, b| of(b).total_cmp(&of(a)));
    all.into_iter().take(MOST)
}

fn transactions(printer: &mut Printer<'_>, sessions: &SessionsView) -> io::Result<()> {
    let open = sessions.wanted().filter(|one| one.transaction_s.is_some());
    let rows: Vec<Vec<Piece>> = oldest(open, |one| one.transaction_s)
        .map(|one| with(one, [aged(one.transaction_s), plain(doing(one))]))
        .collect();
    block(printer, "Oldest transactions", &["age", "doing"], &rows)
}

fn idle_in_transaction(printer: &mut Printer<'_>, sessions: &SessionsView) -> io::Result<()> {
    let idle = sessions.wanted().filter(|one| is_idle(one));
    let rows: Vec<Vec<Piece>> = oldest(idle, |one| one.state_s)
        .map(|one| with(one, [aged(one.state_s), client(one)]))
        .collect();
    block(printer, "Idle in a transaction", &["for", "client"], &rows)
}

fn in_clear(printer: &mut Printer<'_>, sessions: &SessionsView) -> io::Result<()> {
    let rows: Vec<Vec<Piece>> = sessions
        .wanted()
        .filter(|one| one.encrypted == Some(false))
        .take(MOST)
        .map(|one| with(one, [client(one)]))
        .collect();
    block(printer, "Without TLS", &["client"], &rows)
}

fn aged(seconds: Option<f64>) -> Piece {
    seconds.map_or_else(hidden, |seconds| plain(age(seconds)))
}

fn client(one: &SessionView) -> Piece {
    let client = one.client.as_ref();
    client.map_or_else(hidden, |client| plain(shown(client)))
}

/// Returns a row: who it is, and more.
fn with<const N: usize>(one: &SessionView, more: [Piece; N]) -> Vec<Piece> {
    who(one).into_iter().chain(more).collect()
}

fn block(
    printer: &mut Printer<'_>,
    title: &str,
    more: &[&str],
    rows: &[Vec<Piece>],
) -> io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    printer.gap()?;
    heading(printer, title)?;
    let head: Vec<&str> = ["pid", "application", "user"]
        .iter()
        .chain(more)
        .copied()
        .collect();
    table(printer, 4, &head, rows)
}

fn who(one: &SessionView) -> Vec<Piece> {
    vec![
        plain(one.pid.to_string()),
        name(&one.application_name, 20),
        one.user
            .as_ref()
            .map_or_else(hidden, |user| plain(cut(&shown(user), 14))),
    ]
}

fn is_idle(one: &SessionView) -> bool {
    let state = one.state.as_ref();
    state.is_some_and(|state| state.as_str().starts_with("idle in transaction"))
}

/// Says what a session does, and for what it waits where that is not its client.
fn doing(one: &SessionView) -> String {
    let state = one.state.as_ref().map_or_else(|| "?".to_owned(), shown);
    let since = one.state_s.map(|seconds| format!(" {}", age(seconds)));
    let wait = one.wait.as_ref().map(shown);
    let wait = wait.filter(|wait| !wait.starts_with("Client:"));
    let wait = wait.map(|wait| format!(", {wait}"));
    [Some(state), since, wait].into_iter().flatten().collect()
}

/// Writes who waits for whom, each below the one that it waits for.
fn tree(printer: &mut Printer<'_>, sessions: &SessionsView) -> io::Result<()> {
    let find = |pid: i32| sessions.all.iter().find(|one| one.pid == pid);
    let wanted = |pid: i32| sessions.wanted().any(|one| one.pid == pid);
    let lines = &sessions.tree;
    let chains = lines.chunk_by(|_, (depth, _)| *depth > 0);
    let chains: Vec<_> = chains
        .filter(|chain| chain.iter().any(|(_, pid)| wanted(*pid)))
        .collect();
    if chains.is_empty() {
        return Ok(());
    }
    printer.gap()?;
    heading(printer, "Who waits for whom")?;
    for (depth, pid) in chains.into_iter().flatten() {
        let branch = if *depth == 0 { "" } else { "└─ " };
        let indent = 4 + 3 * depth.saturating_sub(1);
        let label = (Tone::Faint, format!("{branch}{pid} "));
        let tone = if *depth == 0 { Tone::Warn } else { Tone::Plain };
        printer.labelled(indent, &label, tone, &node(*pid, find(*pid)))?;
    }
    Ok(())
}

fn node(pid: i32, session: Option<&SessionView>) -> String {
    let Some(one) = session else {
        return if pid == 0 {
            "a prepared transaction: see pg_prepared_xacts".to_owned()
        } else {
            "has gone since".to_owned()
        };
    };
    let kind = one.kind.as_ref().map(shown);
    let kind = kind.filter(|kind| kind != "client backend");
    let name = kind.unwrap_or_else(|| match shown(&one.application_name) {
        none if none.is_empty() => "(no name)".to_owned(),
        some => cut(&some, 30),
    });
    let user = one
        .user
        .as_ref()
        .map(|user| format!(" ({})", cut(&shown(user), 20)));
    let waits = (!one.blocked_by.is_empty()).then(|| match one.waited_s {
        Some(seconds) => format!("waits for {}", age(seconds)),
        None => "waits".to_owned(),
    });
    let state = one
        .state
        .as_ref()
        .map_or_else(|| "state hidden".to_owned(), |_| doing(one));
    let transaction = one.transaction_s.map(|s| format!("transaction {}", age(s)));
    let parts = [waits, Some(state), transaction].into_iter().flatten();
    format!(
        "{name}{} · {}",
        user.unwrap_or_default(),
        parts.collect::<Vec<_>>().join(" · ")
    )
}

/// Writes the last statements, where they were asked for.
fn statements(printer: &mut Printer<'_>, sessions: &SessionsView) -> io::Result<()> {
    let with: Vec<_> = sessions
        .all
        .iter()
        .filter_map(|one| Some((one.pid, one.query.as_ref()?)))
        .filter(|(_, query)| !query.as_str().is_empty())
        .collect();
    if with.is_empty() {
        return Ok(());
    }
    printer.gap()?;
    heading(printer, "Last statements, literals masked")?;
    for (pid, query) in with {
        let label = (Tone::Faint, format!("{pid:<8}"));
        printer.labelled(4, &label, Tone::Plain, &cut(&shown(query), STATEMENT))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::age;

    #[test]
    fn an_age_is_written_in_the_units_that_matter() {
        let ages = [0.25, 99.94, 1023.0, 19_200.0, 180_000.0].map(age);
        assert_eq!(
            ages,
            ["0.2 s", "99.9 s", "17 min 3 s", "5 h 20 min", "2 d 2 h"]
        );
    }
}
