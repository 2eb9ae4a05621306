//! The program against real servers: what it says, what it leaves alone, how it ends.

#![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

#[path = "../cli/program.rs"]
#[expect(dead_code, reason = "each test crate uses its own part")]
mod program;
#[path = "../support/mod.rs"]
mod support;

mod activity;
mod broken;
mod budget;
mod connect;
mod manners;
mod session;
