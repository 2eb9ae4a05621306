//! Which of several servers is wanted: `target_session_attrs`, and their order.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};

use super::diagnose::Broken;
use crate::facts::{ServerFacts, StageName};

/// libpq's `target_session_attrs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Any,
    ReadWrite,
    ReadOnly,
    Primary,
    Standby,
    PreferStandby,
}

impl Wanted {
    /// Reads libpq's keyword; whatever else is there was refused when the string was read.
    pub(super) fn read(keyword: Option<&str>) -> Self {
        match keyword {
            Some("read-write") => Self::ReadWrite,
            Some("read-only") => Self::ReadOnly,
            Some("primary") => Self::Primary,
            Some("standby") => Self::Standby,
            Some("prefer-standby") => Self::PreferStandby,
            _ => Self::Any,
        }
    }

    /// Returns whether a server is what is wanted.
    pub(super) fn fits(self, server: &ServerFacts) -> bool {
        let read_only = server.in_recovery || server.read_only == Some(true);
        match self {
            Self::Any => true,
            Self::ReadWrite => !read_only,
            Self::ReadOnly => read_only,
            Self::Primary => !server.in_recovery,
            Self::Standby | Self::PreferStandby => server.in_recovery,
        }
    }

    /// Says that a server is not what is wanted.
    pub(super) fn mismatch(self, server: &ServerFacts) -> Broken {
        let wanted = match self {
            Self::Any => "any server",
            Self::ReadWrite => "a session that can write",
            Self::ReadOnly => "a session that only reads",
            Self::Primary => "a primary",
            Self::Standby | Self::PreferStandby => "a standby",
        };
        let is = match (server.in_recovery, server.read_only) {
            (true, _) => "a standby",
            (false, Some(true)) => "a primary whose sessions only read",
            (false, _) => "a primary",
        };
        Broken::known(
            StageName::Auth,
            "tsa-mismatch",
            format!("target_session_attrs wants {wanted}, and this is {is}"),
        )
    }
}

/// Shuffles, for `load_balance_hosts=random`.
pub(super) fn shuffle<T>(items: &mut [T]) {
    for last in (1..items.len()).rev() {
        // Each hasher has keys of its own, so that an empty hash is a random number.
        let random = RandomState::new().build_hasher().finish();
        let below = u64::try_from(last + 1).unwrap_or(u64::MAX);
        let at = usize::try_from(random % below).unwrap_or(0);
        items.swap(last, at);
    }
}

#[cfg(test)]
mod tests {
    use super::{Wanted, shuffle};
    use crate::facts::ServerFacts;

    #[test]
    fn each_keyword_wants_what_libpq_wants() {
        let server = |in_recovery, read_only| ServerFacts {
            in_recovery,
            read_only: Some(read_only),
            ..ServerFacts::default()
        };
        let (primary, reading, standby) = (
            server(false, false),
            server(false, true),
            server(true, false),
        );
        for (keyword, fits) in [
            ("any", [true, true, true]),
            ("read-write", [true, false, false]),
            ("read-only", [false, true, true]),
            ("primary", [true, true, false]),
            ("standby", [false, false, true]),
        ] {
            let wanted = Wanted::read(Some(keyword));
            let found = [&primary, &reading, &standby].map(|s| wanted.fits(s));
            assert_eq!(found, fits, "{keyword}");
        }
    }

    #[test]
    fn a_shuffle_keeps_everything_and_not_the_order() {
        let sorted: Vec<u32> = (0..50).collect();
        let mut items = sorted.clone();
        shuffle(&mut items);
        assert_ne!(items, sorted);
        items.sort_unstable();
        assert_eq!(items, sorted);
    }
}
