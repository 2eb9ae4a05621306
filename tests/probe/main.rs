//! The probe against scripted peers on loopback: hostile, broken, or something else altogether.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is the test's failure"
)]

#[allow(dead_code, reason = "shared with the live tests, which use all of it")]
#[path = "../live/dial.rs"]
mod dial;
#[allow(
    dead_code,
    unreachable_pub,
    clippy::expect_used,
    reason = "shared with the live tests, which use all of it"
)]
#[path = "../support/peer.rs"]
mod peer;

mod answers;
mod canary;
mod case;
#[cfg(unix)]
mod descriptors;
mod encryption;
mod greetings;
#[cfg(target_os = "linux")]
mod memory;
mod names;
mod passwords;
mod refusals;
mod scram;
mod strings;
mod words;
