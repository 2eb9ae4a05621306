//! Draws the view as lines for a terminal.

use unicode_width::UnicodeWidthStr;

use super::view::{Sum, View};
use crate::facts::ActivityRow;
use crate::report::escape::terminal;
use crate::report::{Style, Tone, age_in_words};

/// The bars of the history, from nothing to all.
const BARS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// The lines around the table's rows: title, history, heading, keys.
const AROUND: usize = 7;

/// Draws the view for a terminal of so many columns and lines.
pub(super) fn draw(view: &View, (columns, height): (usize, usize), style: Style) -> Vec<String> {
    let now = view.history.back().copied().unwrap_or_default();
    let mut lines = vec![(Tone::Heading, title(view, now))];
    let histories: [(&str, Tone, Vec<u32>); 3] = [
        ("active", Tone::Good, history(view, |sum| sum.active)),
        ("idle", Tone::Faint, history(view, |sum| sum.idle)),
        (
            "in txn",
            Tone::Warn,
            history(view, |sum| sum.in_transaction),
        ),
    ];
    let most = history(view, |sum| sum.total).into_iter().max();
    for (name, tone, counts) in histories {
        let room = columns.saturating_sub(14);
        let shown = &counts[counts.len().saturating_sub(room)..];
        let bars: String = shown
            .iter()
            .map(|count| bar(*count, most.unwrap_or(0)))
            .collect();
        let last = counts.last().copied().unwrap_or(0);
        lines.push((tone, format!("{name:<7} {last:>4} {bars}")));
    }
    lines.push((
        Tone::Faint,
        line(
            view.counted_by(),
            &["total", "active", "idle", "in txn", "waiting", "no TLS"].map(str::to_owned),
            "oldest txn",
            columns,
        ),
    ));
    let rows = view.rows();
    let room = height.saturating_sub(AROUND).max(1);
    for row in rows.iter().take(room) {
        lines.push((tone(row), row_line(view, row, columns)));
    }
    if rows.is_empty() {
        let why = match view.filter.as_str() {
            "" => "no session but this one is open",
            _ => "no session passes the filter",
        };
        lines.push((Tone::Faint, why.to_owned()));
    }
    if rows.len() > room {
        lines.push((Tone::Faint, format!("… and {} more", rows.len() - room)));
    }
    lines.push(footer(view));
    lines
        .into_iter()
        .take(height)
        .map(|(tone, text)| style.paint(tone, &cut(&text, columns)).into_owned())
        .collect()
}

fn title(view: &View, now: Sum) -> String {
    let mut parts = vec![format!("dbharden activity · {} sessions", now.total)];
    if now.partial {
        parts.push("states of other roles are hidden".to_owned());
    }
    parts.push(format!("by {}", view.sort.name()));
    if !view.filter.is_empty() || view.is_filtering() {
        let cursor = if view.is_filtering() { "_" } else { "" };
        parts.push(format!("filter: {}{cursor}", terminal(&view.filter)));
    }
    if view.paused {
        parts.push("PAUSED".to_owned());
    }
    parts.join(" · ")
}

fn footer(view: &View) -> (Tone, String) {
    match &view.status {
        Some(status) => (Tone::Warn, terminal(status)),
        None => (
            Tone::Faint,
            "q quit · s sort · p pause · / filter · Esc no filter".to_owned(),
        ),
    }
}

fn tone(row: &ActivityRow) -> Tone {
    let some = |count: Option<u32>| count.is_some_and(|count| count > 0);
    if some(row.waiting) {
        Tone::Bad
    } else if some(row.idle_in_transaction) {
        Tone::Warn
    } else {
        Tone::Plain
    }
}

fn row_line(view: &View, row: &ActivityRow, columns: usize) -> String {
    let count = |count: Option<u32>| count.map_or_else(|| "?".to_owned(), |n| n.to_string());
    let name = view.name(row);
    let oldest = row
        .oldest_transaction
        .map(|age| age_in_words(age.as_secs_f64()));
    let oldest = oldest.unwrap_or_else(|| "-".to_owned());
    line(&name, &row.counts().map(count), &oldest, columns)
}

/// Writes a name, as many counts as there is room for, and the age where there is room for all.
fn line(name: &str, counts: &[String], last: &str, columns: usize) -> String {
    let room = columns.saturating_sub(60).clamp(12, 40);
    let name = cut(name, room);
    let gap = " ".repeat(room - name.width());
    let fit = columns.saturating_sub(room) / 8;
    let mut line = format!("{name}{gap}");
    line.extend(counts.iter().take(fit).map(|count| format!("{count:>8}")));
    if columns >= room + 8 * counts.len() + 12 {
        line.extend([format!("{last:>12}")]);
    }
    line
}

fn history(view: &View, count: fn(&Sum) -> u32) -> Vec<u32> {
    view.history.iter().map(count).collect()
}

fn bar(count: u32, most: u32) -> char {
    if count == 0 || most == 0 {
        return BARS[0];
    }
    let step = (u64::from(count) * 8).div_ceil(u64::from(most)).min(8);
    BARS[usize::try_from(step).unwrap_or(8)]
}

/// Cuts a text to what fits.
fn cut(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut cut = String::new();
    for character in text.chars() {
        if cut.width() + character.to_string().width() + 1 > columns {
            break;
        }
        cut.push(character);
    }
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr;

    use super::super::feed::News;
    use super::super::view::View;
    use super::{bar, draw};
    use crate::facts::ActivityRow;
    use crate::report::Style;

    fn view(names: &[&str]) -> View {
        let mut view = View::new(None, None);
        let rows = names.iter().map(|name| ActivityRow {
            application_name: (*name).to_owned(),
            total: Some(2),
            active: Some(1),
            idle: Some(1),
            idle_in_transaction: Some(0),
            waiting: Some(0),
            unencrypted: None,
            ..ActivityRow::default()
        });
        view.take(News::Sessions(rows.collect(), false));
        view
    }

    #[test]
    fn names_counts_and_keys_are_shown() {
        let text = draw(&view(&["api", ""]), (80, 24), Style::default()).join("\n");
        for part in ["4 sessions", "api", "(no name)", "?", "q quit"] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }

    #[test]
    fn nothing_is_wider_or_higher_than_the_terminal() {
        let many: Vec<String> = (0..50)
            .map(|n| format!("application-{n}-äöü-日本"))
            .collect();
        let names: Vec<&str> = many.iter().map(String::as_str).collect();
        for (columns, height) in [(20, 5), (40, 10), (80, 24), (200, 60)] {
            let lines = draw(&view(&names), (columns, height), Style::default());
            assert!(lines.len() <= height);
            assert!(
                lines.iter().all(|line| line.width() <= columns),
                "{lines:#?}"
            );
        }
    }

    #[test]
    fn counts_that_do_not_fit_are_left_out_whole() {
        let lines = draw(&view(&["api"]), (40, 24), Style::default());
        let table: Vec<_> = lines.iter().filter(|line| line.starts_with("ap")).collect();
        assert!(table[0].ends_with(" idle"), "{lines:#?}");
        assert!(table[1].ends_with(" 1"), "{lines:#?}");
    }

    #[test]
    fn an_empty_server_and_a_filter_that_nobody_passes_are_told_apart() {
        let empty = draw(&view(&[]), (80, 24), Style::default()).join("\n");
        assert!(empty.contains("no session but this one"), "{empty}");
        let mut filtered = view(&["api"]);
        "web".clone_into(&mut filtered.filter);
        let filtered = draw(&filtered, (80, 24), Style::default()).join("\n");
        assert!(
            filtered.contains("no session passes the filter"),
            "{filtered}"
        );
    }

    #[test]
    fn what_a_client_calls_itself_moves_no_cursor() {
        let text = draw(&view(&["\u{1b}[2Jx"]), (80, 24), Style::default()).join("\n");
        assert!(!text.contains('\u{1b}'), "{text:?}");
    }

    #[test]
    fn a_bar_is_empty_for_none_and_full_for_all() {
        assert_eq!((bar(0, 9), bar(1, 100), bar(9, 9)), (' ', '▁', '█'));
    }
}
