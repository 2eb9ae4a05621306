//! The sessions that are worth a line, and who waits for whom.

use std::collections::BTreeMap;

use serde::Serialize;

use super::connection::{Counts, rounded};
use crate::facts;
use crate::report::{Gate, Sealed};

/// The sessions, counted by something else than their application name.
#[derive(Debug, Serialize)]
pub struct BreakdownView {
    /// `user`, `database`, `client`, `state`, `wait`.
    pub by: &'static str,
    /// The counts.
    pub rows: Vec<GroupView>,
}

/// The sessions that have something in common.
#[derive(Debug, Serialize)]
pub struct GroupView {
    /// What they have in common; `None` where the role may not see it.
    pub key: Option<Sealed>,
    /// How many there are.
    #[serde(flatten)]
    pub counts: Counts,
}

/// One session; what the role may not see is `None`.
#[derive(Debug, Serialize)]
pub struct SessionView {
    /// The process id.
    pub pid: i32,
    /// `client backend`, `autovacuum worker`, …
    pub kind: Option<Sealed>,
    /// The application name.
    pub application_name: Sealed,
    /// The role.
    pub user: Option<Sealed>,
    /// The database.
    pub database: Option<Sealed>,
    /// The client's address, or `socket`.
    pub client: Option<Sealed>,
    /// The state.
    pub state: Option<Sealed>,
    /// What it waits for.
    pub wait: Option<Sealed>,
    /// Whether it is encrypted or needs no encryption.
    pub encrypted: Option<bool>,
    /// The age of its transaction, in seconds.
    pub transaction_s: Option<f64>,
    /// How long it has been in its state, in seconds.
    pub state_s: Option<f64>,
    /// How long it has waited for a lock, in seconds.
    pub waited_s: Option<f64>,
    /// Who it waits for, by process id; 0 is a prepared transaction.
    pub blocked_by: Vec<i32>,
    /// Its last statement, every literal in it masked.
    pub query: Option<Sealed>,
}

/// The sessions that are worth a line.
#[derive(Debug)]
pub struct SessionsView {
    /// The application that was asked for; `None` for all.
    pub only: Option<Sealed>,
    /// The sessions, by process id.
    pub all: Vec<SessionView>,
    /// Who waits for whom: depth and process id, each below the one that it waits for.
    pub tree: Vec<(usize, i32)>,
}

impl BreakdownView {
    pub(super) fn new(breakdown: &facts::Breakdown, gate: &Gate) -> Self {
        let rows = breakdown.rows.iter().map(|row| GroupView {
            key: (!row.application_name.is_empty()).then(|| gate.seal(&row.application_name)),
            counts: Counts::new(row),
        });
        Self {
            by: breakdown.by.name(),
            rows: rows.collect(),
        }
    }
}

impl SessionsView {
    pub(super) fn new(sessions: &facts::Sessions, gate: &Gate) -> Self {
        Self {
            only: sessions.only.as_ref().map(|name| gate.seal(name)),
            all: sessions
                .all
                .iter()
                .map(|one| SessionView::new(one, gate))
                .collect(),
            tree: tree(&sessions.all),
        }
    }

    /// Returns the sessions of the application that was asked for.
    pub fn wanted(&self) -> impl Iterator<Item = &SessionView> {
        self.all.iter().filter(|one| {
            let only = self.only.as_ref().map(Sealed::as_str);
            let named =
                only.is_none_or(|name| name.is_empty() || one.application_name.as_str() == name);
            let client = one
                .kind
                .as_ref()
                .is_none_or(|kind| kind.as_str() == "client backend");
            named && client
        })
    }
}

impl SessionView {
    fn new(session: &facts::SessionFacts, gate: &Gate) -> Self {
        let seal = |text: &Option<String>| text.as_ref().map(|text| gate.seal(text));
        Self {
            pid: session.pid,
            kind: seal(&session.kind),
            application_name: gate.seal(&session.application_name),
            user: seal(&session.user),
            database: seal(&session.database),
            client: seal(&session.client),
            state: seal(&session.state),
            wait: seal(&session.wait),
            encrypted: session.encrypted,
            transaction_s: session.transaction.map(rounded),
            state_s: session.in_state.map(rounded),
            waited_s: session.waited.map(rounded),
            blocked_by: session.blocked_by.clone(),
            query: seal(&session.query),
        }
    }
}

/// Puts each session that waits below the one that it waits for: of several, the one that is itself
/// the farthest down, since `pg_blocking_pids` names the whole queue. A ring, which a deadlock is
/// until the server breaks it, begins at its lowest process id.
fn tree(sessions: &[facts::SessionFacts]) -> Vec<(usize, i32)> {
    let blocked: BTreeMap<i32, &[i32]> = sessions
        .iter()
        .filter(|one| !one.blocked_by.is_empty())
        .map(|one| (one.pid, one.blocked_by.as_slice()))
        .collect();
    let mut depths: BTreeMap<i32, usize> = BTreeMap::new();
    for pid in blocked.keys() {
        depth(*pid, &blocked, &mut depths, &mut Vec::new());
    }
    let mut below: BTreeMap<i32, Vec<i32>> = BTreeMap::new();
    for (pid, blockers) in &blocked {
        let at = |pid: &i32| depths.get(pid).copied().unwrap_or(0);
        let parent = blockers.iter().copied().max_by_key(|one| (at(one), -one));
        below.entry(parent.unwrap_or(0)).or_default().push(*pid);
    }
    let mut lines = Vec::new();
    let roots = below.keys().filter(|pid| !blocked.contains_key(pid));
    for root in roots.chain(blocked.keys()) {
        descend(*root, 0, &below, &mut lines);
    }
    lines
}

/// Returns how many stand before a session, one behind the other.
fn depth(
    pid: i32,
    blocked: &BTreeMap<i32, &[i32]>,
    depths: &mut BTreeMap<i32, usize>,
    path: &mut Vec<i32>,
) -> usize {
    if let Some(known) = depths.get(&pid) {
        return *known;
    }
    if path.contains(&pid) {
        return 0;
    }
    path.push(pid);
    let blockers = blocked.get(&pid).copied().unwrap_or_default();
    let before = blockers
        .iter()
        .map(|one| depth(*one, blocked, depths, path) + 1);
    let depth = before.max().unwrap_or(0);
    path.pop();
    depths.insert(pid, depth);
    depth
}

fn descend(pid: i32, depth: usize, below: &BTreeMap<i32, Vec<i32>>, lines: &mut Vec<(usize, i32)>) {
    if lines.iter().any(|(_, known)| *known == pid) {
        return;
    }
    lines.push((depth, pid));
    for next in below.get(&pid).into_iter().flatten() {
        descend(*next, depth + 1, below, lines);
    }
}

#[cfg(test)]
mod tests {
    use super::tree;
    use crate::facts::SessionFacts;

    fn chains(waits: &[(i32, &[i32])]) -> Vec<(usize, i32)> {
        let sessions = waits.iter().map(|(pid, blocked_by)| SessionFacts {
            pid: *pid,
            blocked_by: blocked_by.to_vec(),
            ..SessionFacts::default()
        });
        tree(&sessions.collect::<Vec<_>>())
    }

    #[test]
    fn whoever_waits_stands_below_the_one_before_it() {
        assert_eq!(chains(&[(1, &[]), (2, &[])]), []);
        assert_eq!(
            chains(&[(7, &[]), (3, &[7]), (5, &[3, 7]), (6, &[3, 7]), (9, &[8])]),
            [(0, 7), (1, 3), (2, 5), (2, 6), (0, 8), (1, 9)]
        );
    }

    #[test]
    fn a_prepared_transaction_is_the_process_0() {
        assert_eq!(chains(&[(4, &[0])]), [(0, 0), (1, 4)]);
    }

    #[test]
    fn a_ring_ends() {
        assert_eq!(chains(&[(1, &[2]), (2, &[1])]).len(), 2);
        assert_eq!(chains(&[(1, &[1])]), [(0, 1)]);
    }
}
