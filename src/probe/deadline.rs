//! One moment at which everything ends, shared by all stages.

use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

/// The moment at which the whole run ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline {
    at: Instant,
}

impl Deadline {
    /// Ends `budget` from now.
    pub(super) fn after(budget: Duration) -> Self {
        Self {
            at: Instant::now() + budget.min(Duration::from_hours(24)),
        }
    }

    /// Ends `budget` from now, and no later than this one.
    pub(super) fn sooner(self, budget: Duration) -> Self {
        Self {
            at: self.at.min(Self::after(budget).at),
        }
    }

    /// Returns what is left.
    pub(super) fn left(self) -> Duration {
        self.at.saturating_duration_since(Instant::now())
    }

    /// Runs a future to its end, or returns `None` when the time is up.
    pub(super) async fn within<F: Future>(self, future: F) -> Option<F::Output> {
        timeout_at(self.at, future).await.ok()
    }
}
