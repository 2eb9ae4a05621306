//! Columns, by what a terminal shows: padding, cutting, wrapping, and a line of painted pieces.

use std::io;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::report::{Style, Tone};

/// A stretch of a line: already escaped, and how it looks.
pub(super) type Piece = (Tone, String);

/// Writes painted lines.
pub(super) struct Printer<'a> {
    pub(super) out: &'a mut dyn io::Write,
    pub(super) style: Style,
    pub(super) width: usize,
}

impl Printer<'_> {
    /// Writes one line at an indent.
    pub(super) fn line(&mut self, indent: usize, pieces: &[Piece]) -> io::Result<()> {
        let mut line = String::with_capacity(128);
        line.extend(std::iter::repeat_n(' ', indent));
        for (tone, text) in pieces {
            line.push_str(&self.style.paint(*tone, text));
        }
        line.truncate(line.trim_end().len());
        line.push('\n');
        self.out.write_all(line.as_bytes())
    }

    /// Writes an empty line.
    pub(super) fn gap(&mut self) -> io::Result<()> {
        writeln!(self.out)
    }

    /// Writes a label and a text that wraps behind it; the text is never cut.
    pub(super) fn labelled(
        &mut self,
        indent: usize,
        label: &Piece,
        tone: Tone,
        text: &str,
    ) -> io::Result<()> {
        let inner = indent + columns(&label.1);
        let lines = wrap(text, self.width.saturating_sub(inner));
        for (index, text) in lines.into_iter().enumerate() {
            if index == 0 {
                self.line(indent, &[label.clone(), (tone, text)])?;
            } else {
                self.line(inner, &[(tone, text)])?;
            }
        }
        Ok(())
    }
}

/// Returns how many columns a terminal gives a text.
pub(super) fn columns(text: &str) -> usize {
    // Most text needs no table.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text.len();
    }
    text.width()
}

/// Fills a text with spaces up to a number of columns.
pub(super) fn pad(text: &str, to: usize) -> String {
    let missing = to.saturating_sub(columns(text));
    let mut padded = String::with_capacity(text.len() + missing);
    padded.push_str(text);
    padded.extend(std::iter::repeat_n(' ', missing));
    padded
}

/// Cuts a text in the middle, where it has more than a number of columns.
pub(super) fn cut(text: &str, to: usize) -> String {
    if columns(text) <= to {
        return text.to_owned();
    }
    let room = to.saturating_sub(1);
    let head = room.div_ceil(2);
    format!("{}…{}", first(text, head), last(text, room - head))
}

/// Returns the first columns of a text.
fn first(text: &str, most: usize) -> &str {
    let mut used = 0;
    let end = text.char_indices().find_map(|(at, character)| {
        used += character.width().unwrap_or(0);
        (used > most).then_some(at)
    });
    &text[..end.unwrap_or(text.len())]
}

/// Returns the last columns of a text.
fn last(text: &str, most: usize) -> &str {
    let mut used = 0;
    let start = text.char_indices().rev().find_map(|(at, character)| {
        used += character.width().unwrap_or(0);
        (used > most).then_some(at + character.len_utf8())
    });
    &text[start.unwrap_or(0)..]
}

/// The units that stay with their number.
const UNITS: [&str; 6] = ["ms", "s", "min", "h", "d", "%"];

/// Breaks a text between words; a word that is longer than a line stays whole.
pub(in crate::report) fn wrap(text: &str, to: usize) -> Vec<String> {
    if columns(text) <= to {
        return vec![text.to_owned()];
    }
    let mut lines = Vec::new();
    let (mut start, mut end, mut used) = (0, 0, 0);
    for (index, word) in words(text).enumerate() {
        let wide = columns(word);
        if index == 0 {
            (end, used) = (word.len(), wide);
        } else if used + 1 + wide <= to {
            (end, used) = (end + 1 + word.len(), used + 1 + wide);
        } else {
            lines.push(text[start..end].to_owned());
            start = end + 1;
            (end, used) = (start + word.len(), wide);
        }
    }
    lines.push(text[start..end].to_owned());
    lines
}

/// Returns the words of a text; a number and its unit are one.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let all = rest?;
        let mut end = all.find(' ').unwrap_or(all.len());
        let is_number = all[..end].ends_with(|c: char| c.is_ascii_digit());
        if let Some(behind) = all.get(end + 1..).filter(|_| is_number) {
            let unit = behind.split(' ').next().unwrap_or_default();
            if UNITS.contains(&unit.trim_end_matches([',', ';', '.', ')'])) {
                end += 1 + unit.len();
            }
        }
        rest = all.get(end + 1..);
        Some(&all[..end])
    })
}

/// Joins parts by ` · ` into as few lines as fit; a part that is longer than a line is cut.
pub(super) fn join(parts: &[String], to: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for part in parts {
        match lines.last_mut() {
            Some(line) if columns(line) + 3 + columns(part) <= to => {
                line.push_str(" · ");
                line.push_str(part);
            }
            _ => lines.push(cut(part, to)),
        }
    }
    lines
}

/// Shows the part of a text around a mark: the text, and the columns before and under the mark.
///
/// An empty mark is a place between two characters, and is one column wide.
pub(super) fn window(
    (before, marked, after): (&str, &str, &str),
    to: usize,
) -> (String, usize, usize) {
    let marked = cut(marked, to.saturating_sub(8));
    let room = to.saturating_sub(columns(&marked));
    let (left, right) = (columns(before), columns(after));
    let (left, right) = if left + right <= room {
        (left, right)
    } else if left <= room / 2 {
        (left, room - left)
    } else if right <= room / 2 {
        (room - right, right)
    } else {
        (room / 2, room - room / 2)
    };
    let before = if columns(before) > left {
        format!("…{}", last(before, left.saturating_sub(1)))
    } else {
        before.to_owned()
    };
    let after = if columns(after) > right {
        format!("{}…", first(after, right.saturating_sub(1)))
    } else {
        after.to_owned()
    };
    let place = (columns(&before), columns(&marked).max(1));
    (format!("{before}{marked}{after}"), place.0, place.1)
}

/// Writes rows of cells in columns, each as wide as its widest cell; numbers are set to the right.
pub(super) fn table(
    printer: &mut Printer<'_>,
    indent: usize,
    head: &[&str],
    rows: &[Vec<Piece>],
) -> io::Result<()> {
    let head: Vec<Piece> = head
        .iter()
        .map(|name| (Tone::Faint, (*name).to_owned()))
        .collect();
    let widest = |column: usize| {
        let cells = rows.iter().chain([&head]);
        cells
            .filter_map(|row| row.get(column))
            .map(|cell| columns(&cell.1))
            .max()
            .unwrap_or(0)
    };
    let layout = |column| (widest(column), is_number_column(rows, column));
    let layout: Vec<(usize, bool)> = (0..head.len()).map(layout).collect();
    for row in [&head].into_iter().chain(rows) {
        let mut line = Vec::new();
        let mut used = indent;
        for ((tone, text), (width, is_number)) in row.iter().zip(&layout) {
            let is_last = line.len() + 1 == row.len();
            let text = if is_last {
                cut(text, printer.width.saturating_sub(used).max(8))
            } else if *is_number {
                let fill = width.saturating_sub(columns(text));
                pad(&(" ".repeat(fill) + text), width + 2)
            } else {
                pad(text, width + 2)
            };
            used += width + 2;
            line.push((*tone, text));
        }
        printer.line(indent, &line)?;
    }
    Ok(())
}

fn is_number_column(rows: &[Vec<Piece>], column: usize) -> bool {
    let is_number = |text: &str| {
        text == "?"
            || text == "-"
            || text.starts_with(|character: char| character.is_ascii_digit())
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_digit() || b". s".contains(&byte))
    };
    rows.iter()
        .filter_map(|row| row.get(column))
        .all(|cell| is_number(&cell.1))
}

#[cfg(test)]
mod tests {
    use super::{columns, cut, join, window, wrap};

    #[test]
    fn a_long_value_is_cut_in_the_middle_to_exactly_the_width() {
        assert_eq!(cut("abcdefghij", 7), "abc…hij");
        assert_eq!(cut("数数数数数", 7), "数…数");
        assert!(columns(&cut("数数数数数", 7)) <= 7);
        assert_eq!(cut("short", 7), "short");
    }

    #[test]
    fn a_wrapped_text_loses_no_character() {
        let text = "write ssl=require instead of averyveryverylongword here";
        assert_eq!(wrap(text, 12).join(" "), text);
        let text = "waits 4.6 s, at most 70 % of 5 s";
        for width in 1..40 {
            assert_eq!(wrap(text, width).join(" "), text, "{width}");
        }
    }

    #[test]
    fn a_number_stays_with_its_unit() {
        let lines = ["waits", "4.6 s, at", "most 70 %", "of 5 s"];
        assert_eq!(wrap("waits 4.6 s, at most 70 % of 5 s", 9), lines);
        // A word that only begins as one does not.
        assert_eq!(wrap("in 5 services", 5), ["in 5", "services"]);
    }

    #[test]
    fn parts_share_lines_as_far_as_they_fit() {
        let parts = ["seen 5", "want 1 to 5", "from $X"].map(str::to_owned);
        assert_eq!(join(&parts, 22), ["seen 5 · want 1 to 5", "from $X"]);
    }

    #[test]
    fn a_mark_stays_in_the_window_and_under_its_text() {
        let before = "postgresql://application:***@";
        let (text, start, len) = window((before, "host.example.com", "/db?sslmode=require"), 30);
        assert!(columns(&text) <= 30, "{text}");
        let shown: String = text.chars().skip(start).take(len).collect();
        assert_eq!(shown, "host.example.com");
        assert_eq!(window(("h", "", "/db"), 30), ("h/db".into(), 1, 1));
    }
}
