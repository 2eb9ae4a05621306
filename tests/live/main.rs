//! The probe against real servers.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is the test's failure"
)]

#[path = "../support/mod.rs"]
mod support;

mod cables;
mod dial;
mod logins;
mod manners;
mod modes;
mod network;
mod openssl;
mod poolers;
mod questions;
mod sessions;
mod tls;
