//! What is shown: the last sessions, their history, and how the person wants to see them.

use std::collections::VecDeque;

use super::feed::News;
use super::keys::Key;
use crate::facts::{ActivityRow, SessionKey};
use crate::report::escape::terminal;

/// How many looks the history keeps.
const HISTORY: usize = 240;

/// What rows are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    Total,
    Name,
    Active,
    InTransaction,
    Waiting,
}

impl Sort {
    /// Returns the word for it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Total => "total",
            Self::Name => "name",
            Self::Active => "active",
            Self::InTransaction => "in txn",
            Self::Waiting => "waiting",
        }
    }

    fn next(self) -> Self {
        match self {
            Self::Total => Self::Name,
            Self::Name => Self::Active,
            Self::Active => Self::InTransaction,
            Self::InTransaction => Self::Waiting,
            Self::Waiting => Self::Total,
        }
    }
}

/// All sessions of one look, by state; the others are those that the role may not see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) total: u32,
    pub(super) active: u32,
    pub(super) idle: u32,
    pub(super) in_transaction: u32,
    pub(super) waiting: u32,
    /// Whether a state is hidden from the role.
    pub(super) partial: bool,
}

/// What is shown.
#[derive(Debug)]
pub(super) struct View {
    /// What the sessions are counted by; `None` for their application name.
    pub(super) by: Option<SessionKey>,
    rows: Vec<ActivityRow>,
    /// The sums of the looks so far, the newest last.
    pub(super) history: VecDeque<Sum>,
    /// What happened to the session, where it is worth a line.
    pub(super) status: Option<String>,
    /// Whether new looks are kept out.
    pub(super) paused: bool,
    /// The sort.
    pub(super) sort: Sort,
    /// What a name must hold to be shown.
    pub(super) filter: String,
    filtering: bool,
}

impl View {
    /// Shows nothing yet.
    pub(super) fn new(by: Option<SessionKey>, filter: Option<String>) -> Self {
        Self {
            by,
            rows: Vec::new(),
            history: VecDeque::new(),
            status: None,
            paused: false,
            sort: Sort::Total,
            filter: filter.unwrap_or_default(),
            filtering: false,
        }
    }

    /// Takes in what the feed tells.
    pub(super) fn take(&mut self, news: News) {
        match news {
            News::Sessions(rows, anew) => {
                self.status = anew.then(|| "reconnected".to_owned());
                if !self.paused {
                    self.history.push_back(sum(&rows));
                    if self.history.len() > HISTORY {
                        self.history.pop_front();
                    }
                    self.rows = rows;
                }
            }
            News::Lost(why, retry) => {
                self.status = Some(format!(
                    "connection lost: {why}; reconnecting in {} s",
                    retry.as_secs_f64().round()
                ));
            }
            News::Refused(_) | News::Gone => {
                self.status = Some("connection lost for good: press q".to_owned());
            }
        }
    }

    /// Takes in a key.
    pub(super) fn press(&mut self, key: Key) {
        if self.filtering {
            match key {
                Key::Text(character) => self.filter.push(character),
                Key::Back => {
                    self.filter.pop();
                }
                Key::Escape => {
                    self.filter.clear();
                    self.filtering = false;
                }
                Key::Enter => self.filtering = false,
                Key::Interrupt | Key::End => {}
            }
            return;
        }
        match key {
            Key::Text('p' | ' ') => self.paused = !self.paused,
            Key::Text('s') => self.sort = self.sort.next(),
            Key::Text('/') => self.filtering = true,
            Key::Escape => self.filter.clear(),
            Key::Text(_) | Key::Back | Key::Enter | Key::Interrupt | Key::End => {}
        }
    }

    /// Names what the sessions are counted by.
    pub(super) fn counted_by(&self) -> &'static str {
        self.by.map_or("application", SessionKey::name)
    }

    /// Names what the sessions of a row have in common.
    pub(super) fn name(&self, row: &ActivityRow) -> String {
        if !row.application_name.is_empty() {
            return terminal(&row.application_name);
        }
        let without = if self.by.is_none() {
            "(no name)"
        } else {
            "(hidden)"
        };
        without.to_owned()
    }

    /// Returns whether keys go to the filter.
    pub(super) fn is_filtering(&self) -> bool {
        self.filtering
    }

    /// Returns whether a row passes the filter.
    pub(super) fn shows(&self, row: &ActivityRow) -> bool {
        let name = row.application_name.to_lowercase();
        name.contains(&self.filter.to_lowercase())
    }

    /// Returns the rows to show, sorted.
    pub(super) fn rows(&self) -> Vec<&ActivityRow> {
        let mut rows: Vec<_> = self.rows.iter().filter(|row| self.shows(row)).collect();
        let by = |row: &ActivityRow| match self.sort {
            Sort::Total => row.total,
            Sort::Name => None,
            Sort::Active => row.active,
            Sort::InTransaction => row.idle_in_transaction,
            Sort::Waiting => row.waiting,
        };
        rows.sort_by(|a, b| {
            by(b)
                .cmp(&by(a))
                .then_with(|| a.application_name.cmp(&b.application_name))
        });
        rows
    }
}

/// Adds up all rows.
pub(super) fn sum(rows: &[ActivityRow]) -> Sum {
    let mut sum = Sum::default();
    for row in rows {
        sum.total += row.total.unwrap_or(0);
        sum.active += row.active.unwrap_or(0);
        sum.idle += row.idle.unwrap_or(0);
        sum.in_transaction += row.idle_in_transaction.unwrap_or(0);
        sum.waiting += row.waiting.unwrap_or(0);
        sum.partial |= row.active.is_none();
    }
    sum
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::feed::News;
    use super::super::keys::Key;
    use super::{Sort, View};
    use crate::facts::ActivityRow;

    fn row(name: &str, total: u32, active: u32) -> ActivityRow {
        ActivityRow {
            application_name: name.to_owned(),
            total: Some(total),
            active: Some(active),
            ..ActivityRow::default()
        }
    }

    fn view() -> View {
        let mut view = View::new(None, None);
        view.take(News::Sessions(vec![row("b", 3, 0), row("a", 1, 1)], false));
        view
    }

    fn names(view: &View) -> Vec<&str> {
        let rows = view.rows();
        rows.iter()
            .map(|row| row.application_name.as_str())
            .collect()
    }

    #[test]
    fn s_goes_through_the_sorts() {
        let mut view = view();
        assert_eq!(names(&view), ["b", "a"]);
        view.press(Key::Text('s'));
        assert_eq!((view.sort, names(&view)), (Sort::Name, vec!["a", "b"]));
        view.press(Key::Text('s'));
        assert_eq!((view.sort, names(&view)), (Sort::Active, vec!["a", "b"]));
    }

    #[test]
    fn the_filter_takes_every_key_until_enter() {
        let mut view = view();
        for key in ['/', 'q', 'B'] {
            view.press(Key::Text(key));
        }
        assert!(view.is_filtering() && names(&view).is_empty());
        for key in [Key::Back, Key::Back, Key::Text('B'), Key::Enter] {
            view.press(key);
        }
        assert_eq!((view.is_filtering(), names(&view)), (false, vec!["b"]));
        view.press(Key::Escape);
        assert_eq!(names(&view), ["b", "a"]);
    }

    #[test]
    fn a_pause_keeps_what_is_shown() {
        let mut view = view();
        view.press(Key::Text('p'));
        view.take(News::Sessions(Vec::new(), false));
        assert_eq!((names(&view).len(), view.history.len()), (2, 1));
        view.press(Key::Text(' '));
        view.take(News::Sessions(Vec::new(), false));
        assert_eq!((names(&view).len(), view.history.len()), (0, 2));
    }

    #[test]
    fn a_loss_and_the_way_back_are_said() {
        let mut view = view();
        view.take(News::Lost("cut off".to_owned(), Duration::from_secs(2)));
        let status = view.status.clone().unwrap_or_default();
        assert!(status.contains("cut off; reconnecting in 2 s"), "{status}");
        assert_eq!(names(&view).len(), 2);
        view.take(News::Sessions(Vec::new(), true));
        assert_eq!(view.status.as_deref(), Some("reconnected"));
        view.take(News::Sessions(Vec::new(), false));
        assert_eq!(view.status, None);
    }
}
