//! The sessions of `dbharden activity` as Markdown tables.

use std::io;

use super::Sealed;
use super::escape::markdown;
use super::view::{Connection, Counts, SessionView};

/// Writes the counts of a server's sessions and the sessions that are worth a line.
pub(super) fn render(connection: &Connection, out: &mut dyn io::Write) -> io::Result<()> {
    let Some(sessions) = &connection.sessions else {
        return Ok(());
    };
    let names = connection
        .activity
        .iter()
        .map(|row| (Some(&row.application_name), &row.counts));
    counts("application", names, out)?;
    if let Some(breakdown) = &connection.breakdown {
        let rows = breakdown.rows.iter();
        let rows = rows.map(|row| (row.key.as_ref(), &row.counts));
        counts(breakdown.by, rows, out)?;
    }
    if sessions.all.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "\n| pid | application | user | client | state | for | transaction | waits for | statement |"
    )?;
    writeln!(out, "|---|---|---|---|---|---|---|---|---|")?;
    for one in &sessions.all {
        writeln!(out, "{}", session(one))?;
    }
    Ok(())
}

fn counts<'a>(
    by: &str,
    rows: impl Iterator<Item = (Option<&'a Sealed>, &'a Counts)>,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    writeln!(
        out,
        "\n| {by} | total | active | idle | in transaction | waiting | no TLS | oldest transaction |"
    )?;
    writeln!(out, "|---|---|---|---|---|---|---|---|")?;
    for (key, counts) in rows {
        let six = counts.in_order();
        let six = six.map(|count| count.map_or_else(|| "?".to_owned(), |n| n.to_string()));
        let key = match key.map(Sealed::as_str) {
            None => "?".to_owned(),
            Some("") => "(no name)".to_owned(),
            Some(key) => markdown(key),
        };
        writeln!(
            out,
            "| {key} | {} | {} |",
            six.join(" | "),
            seconds(counts.oldest_transaction_s)
        )?;
    }
    Ok(())
}

fn session(one: &SessionView) -> String {
    let text = |text: &Option<Sealed>| {
        text.as_ref()
            .map_or_else(|| "?".to_owned(), |text| markdown(text.as_str()))
    };
    let blockers: Vec<_> = one.blocked_by.iter().map(i32::to_string).collect();
    let query = one.query.as_ref().map(|query| markdown(query.as_str()));
    let cells = [
        one.pid.to_string(),
        markdown(one.application_name.as_str()),
        text(&one.user),
        text(&one.client),
        text(&one.state),
        seconds(one.state_s),
        seconds(one.transaction_s),
        blockers.join(", "),
        query.unwrap_or_default(),
    ];
    format!("| {} |", cells.join(" | "))
}

fn seconds(seconds: Option<f64>) -> String {
    seconds.map_or_else(|| "-".to_owned(), |seconds| format!("{seconds:.1} s"))
}
