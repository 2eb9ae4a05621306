//! How bytes came in: in one go, or drop by drop to the end. A peer that fell silent and one that
//! drips both run into the deadline; what they did before it tells them apart.

use std::time::{Duration, Instant};

/// What so few bytes at a time cannot be: a message, or a record around one.
const DROP: u64 = 32;

/// What came in since a moment.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pace {
    reads: u32,
    bytes: u64,
    last: Option<Instant>,
    /// The longest time between two reads.
    gap: Duration,
}

/// What was heard of a peer until the time was up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// Bytes came to the end, each time after a while.
    Drip,
    /// Nothing for longer than any pause before.
    Silence,
    /// It was too short to tell.
    Either,
}

impl Pace {
    /// Notes that bytes came in.
    pub(super) fn note(&mut self, bytes: usize, at: Instant) {
        if let Some(last) = self.last {
            self.gap = self.gap.max(at.duration_since(last));
        }
        self.reads = self.reads.saturating_add(1);
        self.bytes += bytes as u64;
        self.last = Some(at);
    }

    /// Returns how long nothing has come in since a moment.
    pub(super) fn silent_since(&self, began: Instant, now: Instant) -> Duration {
        now.duration_since(self.last.map_or(began, |last| last.max(began)))
    }

    /// Says what was heard, where nothing has come in for `silent`.
    pub(super) fn heard(&self, silent: Duration) -> Heard {
        let (gap, known_for_it) = (self.gap, self.reads >= 4);
        // A drop may be late; one that is expected from a long row of others by more.
        let late = gap.min(Duration::from_millis(250));
        let later = (gap * 2).min(Duration::from_millis(600));
        if self.reads < 2 || silent >= gap * 3 + Duration::from_millis(500) {
            return Heard::Silence;
        }
        let on_time = silent <= gap + gap / 2 + if known_for_it { later } else { late };
        let drops = self.bytes <= DROP * u64::from(self.reads);
        if on_time && (drops || known_for_it) {
            Heard::Drip
        } else {
            Heard::Either
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Heard, Pace};

    /// Hears so many bytes at each of these moments, in milliseconds, until the last one.
    fn heard(bytes: usize, at: &[u64], until: u64) -> Heard {
        let began = Instant::now();
        let mut pace = Pace::default();
        for at in at {
            pace.note(bytes, began + Duration::from_millis(*at));
        }
        let until = began + Duration::from_millis(until);
        pace.heard(pace.silent_since(began, until))
    }

    #[test]
    fn a_drip_goes_on_to_the_end_and_a_silence_does_not() {
        for (bytes, at, until, expected) in [
            (1, &[][..], 3000, Heard::Silence),
            // One answer, however late the deadline is behind it.
            (1, &[0], 1000, Heard::Silence),
            (500, &[700], 1000, Heard::Silence),
            // Drops, slow and fast.
            (1, &[0, 1000], 2000, Heard::Drip),
            (1, &[300, 2200, 4100], 6000, Heard::Drip),
            (1, &[0, 300, 600, 900, 1200], 1500, Heard::Drip),
            // A drop that is late, out of a long row of them.
            (1, &[0, 300, 600, 900], 1950, Heard::Drip),
            (1, &[0, 300, 600], 1500, Heard::Either),
            // Whole messages that keep coming.
            (100, &[0, 200, 400, 600, 800], 1000, Heard::Drip),
            // Two packets, and a deadline soon after.
            (500, &[0, 500], 1100, Heard::Either),
            (500, &[0, 20], 500, Heard::Either),
            (500, &[0, 20], 600, Heard::Silence),
            // A trickle that ended.
            (10, &[0, 20, 40, 60, 80], 700, Heard::Silence),
            (1, &[0, 300, 600, 900], 2300, Heard::Silence),
        ] {
            assert_eq!(heard(bytes, at, until), expected, "{bytes} {at:?} {until}");
        }
    }

    #[test]
    fn a_silence_lasts_from_the_last_byte_or_from_the_question() {
        let began = Instant::now();
        let ms = |n| began + Duration::from_millis(n);
        let mut pace = Pace::default();
        assert_eq!(pace.silent_since(began, ms(70)), Duration::from_millis(70));
        pace.note(1, ms(10));
        assert_eq!(pace.silent_since(began, ms(70)), Duration::from_millis(60));
        assert_eq!(pace.silent_since(ms(30), ms(70)), Duration::from_millis(40));
    }
}
