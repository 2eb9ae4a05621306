//! A sign of life on a terminal's standard error while something takes long.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// How long a wait must last before it is shown.
const PATIENCE: Duration = Duration::from_millis(300);
/// The time between two frames.
const FRAME: Duration = Duration::from_millis(100);
const FRAMES: [char; 4] = ['|', '/', '-', '\\'];

/// A spinner: it turns until it is dropped, and leaves no trace.
pub(super) struct Spinner(Option<(Sender<()>, JoinHandle<()>)>);

impl Spinner {
    /// Starts one where standard error is a terminal.
    pub(super) fn start(what: &'static str, is_terminal: bool) -> Self {
        if !is_terminal {
            return Self(None);
        }
        let (stop, stopped) = channel();
        Self(Some((
            stop,
            std::thread::spawn(move || turn(what, &stopped)),
        )))
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.0.take() {
            drop(stop);
            let _ = thread.join();
        }
    }
}

fn turn(what: &str, stopped: &Receiver<()>) {
    let waiting = |time| stopped.recv_timeout(time) == Err(RecvTimeoutError::Timeout);
    if !waiting(PATIENCE) {
        return;
    }
    for frame in FRAMES.iter().cycle() {
        let mut stderr = io::stderr().lock();
        let _ = write!(stderr, "\r{frame} {what}").and_then(|()| stderr.flush());
        drop(stderr);
        if !waiting(FRAME) {
            break;
        }
    }
    let _ = write!(io::stderr().lock(), "\r\x1b[K");
}
