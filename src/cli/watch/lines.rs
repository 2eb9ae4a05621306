//! Plain lines for a pipe: one per application and look, each with its time.

use std::io::{self, Write};

use jiff::Timestamp;

use super::feed::{Feed, News};
use super::view::View;
use crate::facts::ActivityRow;
use crate::report::escape::terminal;

/// Writes lines until the pipe is closed; Ctrl-C ends the process.
pub(super) fn run(feed: &Feed, view: &View, first: News) -> io::Result<()> {
    let mut news = first;
    loop {
        let mut out = io::stdout().lock();
        let now = Timestamp::now().strftime("%FT%TZ").to_string();
        if !tell(&mut out, &now, view, news)? {
            return Ok(());
        }
        out.flush()?;
        drop(out);
        news = feed.wait();
    }
}

/// Writes the lines of one look; returns whether there may be another.
fn tell(out: &mut impl Write, now: &str, view: &View, news: News) -> io::Result<bool> {
    match news {
        News::Sessions(rows, anew) => {
            if anew {
                writeln!(out, "{now} reconnected")?;
            }
            let mut shown = rows.iter().filter(|row| view.shows(row)).peekable();
            if shown.peek().is_none() {
                writeln!(out, "{now} no sessions")?;
            }
            for row in shown {
                writeln!(out, "{now} {}", line(view, row))?;
            }
        }
        News::Lost(why, retry) => writeln!(
            out,
            "{now} connection lost: {}; reconnecting in {} s",
            terminal(&why),
            retry.as_secs_f64().round()
        )?,
        News::Refused(_) | News::Gone => return Ok(false),
    }
    Ok(true)
}

fn line(view: &View, row: &ActivityRow) -> String {
    let count = |count: Option<u32>| count.map_or_else(|| "?".to_owned(), |n| n.to_string());
    let name = view.name(row);
    format!(
        "{name}: total {} active {} idle {} in-transaction {} waiting {} unencrypted {}",
        count(row.total),
        count(row.active),
        count(row.idle),
        count(row.idle_in_transaction),
        count(row.waiting),
        count(row.unencrypted)
    )
}
