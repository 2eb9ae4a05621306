//! The runtime that moves the bytes, on this thread alone.

use std::io;

use tokio::runtime::{Builder, Runtime};

/// What a runtime and one connection need, in pairs of descriptors.
const PAIRS: usize = 4;

/// Builds a runtime; an error where the process is out of file descriptors.
pub(super) fn build() -> io::Result<Runtime> {
    // tokio panics where it cannot open the pair for its signals, so that room is made sure of first.
    let room: io::Result<Vec<_>> = (0..PAIRS).map(|_| io::pipe()).collect();
    drop(room?);
    Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()
}
