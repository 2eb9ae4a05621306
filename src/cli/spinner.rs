//! A sign of life on a terminal's standard error while something takes long.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::inputs::progress::Progress;

/// How long a wait must last before it is shown.
const PATIENCE: Duration = Duration::from_millis(300);
/// The same where a bar says how far it is.
const PATIENCE_WITH_BAR: Duration = Duration::from_millis(500);
/// How many signs a whole bar has.
const BAR: usize = 24;
/// The time between two frames.
const FRAME: Duration = Duration::from_millis(100);
const FRAMES: [char; 4] = ['|', '/', '-', '\\'];

/// A spinner: it turns until it is dropped, and leaves no trace.
pub(super) struct Spinner(Option<(Sender<()>, JoinHandle<()>)>);

impl Spinner {
    /// Starts one where standard error is a terminal.
    pub(super) fn start(what: &'static str, is_terminal: bool) -> Self {
        Self::turning(is_terminal, PATIENCE, move || what.to_owned())
    }

    /// Starts one that says how many files are done.
    pub(super) fn with_bar(
        what: &'static str,
        is_terminal: bool,
        progress: &Arc<Progress>,
    ) -> Self {
        let progress = Arc::clone(progress);
        Self::turning(is_terminal, PATIENCE_WITH_BAR, move || {
            bar(what, progress.so_far())
        })
    }

    fn turning(
        is_terminal: bool,
        patience: Duration,
        text: impl Fn() -> String + Send + 'static,
    ) -> Self {
        if !is_terminal {
            return Self(None);
        }
        let (stop, stopped) = channel();
        Self(Some((
            stop,
            std::thread::spawn(move || turn(patience, &text, &stopped)),
        )))
    }
}

/// Returns a line that says how many files of how many are done.
fn bar(what: &str, (done, total): (usize, usize)) -> String {
    if total == 0 {
        return what.to_owned();
    }
    let full = BAR * done / total;
    let (full, rest) = ("#".repeat(full), "-".repeat(BAR - full));
    format!("{what} [{full}{rest}] {done} of {total} files")
}

impl Drop for Spinner {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.0.take() {
            drop(stop);
            let _ = thread.join();
        }
    }
}

fn turn(patience: Duration, text: &dyn Fn() -> String, stopped: &Receiver<()>) {
    let waiting = |time| stopped.recv_timeout(time) == Err(RecvTimeoutError::Timeout);
    if !waiting(patience) {
        return;
    }
    for frame in FRAMES.iter().cycle() {
        let mut stderr = io::stderr().lock();
        let _ = write!(stderr, "\r\x1b[K{frame} {}", text()).and_then(|()| stderr.flush());
        drop(stderr);
        if !waiting(FRAME) {
            break;
        }
    }
    let _ = write!(io::stderr().lock(), "\r\x1b[K");
}

#[cfg(test)]
mod tests {
    use super::bar;

    #[test]
    fn a_bar_says_how_many_files_are_done() {
        assert_eq!(bar("reading", (0, 0)), "reading");
        assert_eq!(
            bar("reading", (175, 700)),
            "reading [######------------------] 175 of 700 files"
        );
        assert_eq!(
            bar("reading", (700, 700)),
            "reading [########################] 700 of 700 files"
        );
    }
}
