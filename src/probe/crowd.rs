//! The sessions of a crowded server, kept between two looks at it.
//!
//! `pg_stat_get_activity` costs the server some µs a session, and more the more there are. Most
//! sessions of a pool are idle, and one that is idle cannot change without starting a statement: so
//! a look asks in detail only for those that have started one since the look before, and those that
//! were seen doing anything but idling. The others are as they were.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::facts::ActivityRow;

/// How many sessions make a crowd: with fewer, looking at all of them is as cheap.
pub(super) const CROWD: u32 = 250;
/// The most sessions that are looked at one by one.
pub(super) const MOST_CHANGES: usize = 200;
/// How many looks at all of them follow on one at which too many had changed.
pub(super) const REST: u32 = 30;
/// After how many looks all sessions are looked at again: rights may have changed.
const REFRESH: u32 = 150;

/// What a look at one session shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Seen {
    pub(super) pid: i32,
    /// What it is counted by.
    pub(super) key: String,
    /// Whether it is a client's, and one of those that are asked for.
    pub(super) counts: bool,
    /// Its state; `None` where the role may not see it.
    pub(super) state: Option<String>,
    /// Whether it waits for a lock.
    pub(super) waits: bool,
    /// Whether it is not encrypted.
    pub(super) clear: bool,
    /// The age of its transaction.
    pub(super) transaction: Option<Duration>,
}

impl Seen {
    /// Returns whether it must be looked at again although it starts no statement.
    fn is_restless(&self) -> bool {
        self.state.as_ref().is_some_and(|state| state != "idle")
    }
}

/// Whether what is known of a crowd can be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    /// It can.
    Whole,
    /// It was relied on for long enough.
    Old,
    /// More changed than was looked at.
    Overrun,
}

/// The sessions that are known, and when they were looked at.
#[derive(Debug, Default)]
pub(super) struct Crowd {
    known: BTreeMap<i32, Seen>,
    as_of: f64,
    looks: u32,
}

impl Crowd {
    /// Knows all sessions as of a moment by the server's clock.
    pub(super) fn new(all: Vec<Seen>, as_of: f64) -> Self {
        Self {
            known: all.into_iter().map(|one| (one.pid, one)).collect(),
            as_of,
            looks: 0,
        }
    }

    /// Returns since when statements count as new: a session says a little late that it started one.
    pub(super) fn since(&self) -> f64 {
        self.as_of - 1.0
    }

    /// Returns who must be looked at whatever happened, as PostgreSQL writes an array.
    pub(super) fn restless(&self) -> String {
        let restless = self.known.values().filter(|one| one.is_restless());
        let pids: Vec<_> = restless.map(|one| one.pid.to_string()).collect();
        format!("{{{}}}", pids.join(","))
    }

    /// Takes in who is there and who changed.
    pub(super) fn update(&mut self, there: &[i32], changed: Vec<Seen>, as_of: f64) -> Trust {
        if changed.len() > MOST_CHANGES {
            return Trust::Overrun;
        }
        if self.looks >= REFRESH {
            return Trust::Old;
        }
        self.looks += 1;
        self.as_of = as_of;
        let is_there: std::collections::BTreeSet<_> = there.iter().copied().collect();
        self.known.retain(|pid, _| is_there.contains(pid));
        for one in changed {
            self.known.insert(one.pid, one);
        }
        // Whoever is there and was never looked at came in slowly.
        for pid in is_there {
            self.known.entry(pid).or_insert_with(|| Seen {
                pid,
                state: Some("starting".to_owned()),
                ..Seen::default()
            });
        }
        Trust::Whole
    }

    /// Counts the sessions by their key, as the server would.
    pub(super) fn counts(&self) -> Vec<ActivityRow> {
        let mut rows: BTreeMap<&str, Vec<&Seen>> = BTreeMap::new();
        for one in self.known.values().filter(|one| one.counts) {
            rows.entry(&one.key).or_default().push(one);
        }
        let mut rows: Vec<_> = rows
            .into_iter()
            .map(|(key, all)| count(key, &all))
            .collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.total));
        rows
    }
}

fn count(key: &str, sessions: &[&Seen]) -> ActivityRow {
    let is_hidden = sessions.iter().any(|one| one.state.is_none());
    let counted = |those: &dyn Fn(&Seen) -> bool| {
        let count = sessions.iter().filter(|one| those(one)).count();
        u32::try_from(count).ok()
    };
    let seen = |those: &dyn Fn(&Seen) -> bool| counted(those).filter(|_| !is_hidden);
    let state = |one: &Seen, begins: &str| {
        let state = one.state.as_ref();
        state.is_some_and(|state| state.starts_with(begins))
    };
    ActivityRow {
        application_name: key.to_owned(),
        total: counted(&|_| true),
        active: seen(&|one| state(one, "active") || state(one, "fastpath")),
        idle: seen(&|one| one.state.as_deref() == Some("idle")),
        idle_in_transaction: seen(&|one| state(one, "idle in transaction")),
        waiting: seen(&|one| one.waits),
        unencrypted: seen(&|one| one.clear),
        oldest_transaction: sessions
            .iter()
            .filter_map(|one| one.transaction)
            .max()
            .filter(|_| !is_hidden),
        ..ActivityRow::default()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Crowd, MOST_CHANGES, REFRESH, Seen, Trust};

    fn seen(pid: i32, state: Option<&str>) -> Seen {
        Seen {
            pid,
            key: "web".to_owned(),
            counts: true,
            state: state.map(str::to_owned),
            transaction: (state == Some("active")).then_some(Duration::from_secs(3)),
            ..Seen::default()
        }
    }

    fn states(crowd: &Crowd) -> (Option<u32>, Option<u32>, Option<u32>) {
        let row = crowd.counts().pop().unwrap_or_default();
        (row.total, row.active, row.idle)
    }

    #[test]
    fn whoever_is_not_told_of_idles_on_and_whoever_is_gone_is_gone() {
        let all = vec![
            seen(1, Some("idle")),
            seen(2, Some("active")),
            seen(3, Some("idle")),
        ];
        let mut crowd = Crowd::new(all, 10.0);
        assert_eq!(crowd.restless(), "{2}");
        assert_eq!(states(&crowd), (Some(3), Some(1), Some(2)));
        let changed = vec![seen(2, Some("idle"))];
        assert_eq!(crowd.update(&[1, 2], changed, 12.0), Trust::Whole);
        assert_eq!(states(&crowd), (Some(2), Some(0), Some(2)));
        assert_eq!(
            (crowd.restless().as_str(), crowd.since().round()),
            ("{}", 11.0)
        );
    }

    #[test]
    fn whoever_was_never_seen_is_looked_at_next_time() {
        let mut crowd = Crowd::new(vec![seen(1, Some("idle"))], 10.0);
        assert_eq!(crowd.update(&[1, 7], Vec::new(), 12.0), Trust::Whole);
        assert_eq!(
            (states(&crowd).0, crowd.restless().as_str()),
            (Some(1), "{7}")
        );
    }

    #[test]
    fn what_a_role_may_not_see_is_unknown() {
        let crowd = Crowd::new(vec![seen(1, Some("idle")), seen(2, None)], 10.0);
        assert_eq!(states(&crowd), (Some(2), None, None));
        assert_eq!(crowd.restless(), "{}");
    }

    #[test]
    fn many_changes_and_long_trust_ask_for_a_look_at_all() {
        let mut crowd = Crowd::new(Vec::new(), 10.0);
        let many = (0..=MOST_CHANGES).map(|_| seen(1, Some("idle")));
        assert_eq!(crowd.update(&[1], many.collect(), 12.0), Trust::Overrun);
        for _ in 0..REFRESH {
            assert_eq!(crowd.update(&[], Vec::new(), 12.0), Trust::Whole);
        }
        assert_eq!(crowd.update(&[], Vec::new(), 12.0), Trust::Old);
    }
}
