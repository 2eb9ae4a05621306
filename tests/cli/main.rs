//! The program from outside: exit status, both streams, every input that can be bad.

#![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

mod bad_input;
mod baseline;
mod budget;
mod deployed;
mod exit_status;
mod hunt;
mod init;
mod logs;
mod pool_unused;
mod program;
mod secrets;
mod signals;
mod url;
