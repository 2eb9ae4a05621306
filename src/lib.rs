//! dbharden: a config verifier and doctor for applications on Postgres.
//!
//! ```text
//! inputs ─┐
//!         ├─> facts ──> rules ──> report
//! probe ──┘
//! ```
//!
//! Gather facts (I/O), judge them (pure rules), report (pure renderers); [`cli`] is the only
//! place that knows all three.

pub mod causes;
pub mod cli;
pub mod conninfo;
pub mod driver;
pub mod facts;
pub mod inputs;
pub mod probe;
pub mod provider;
pub mod report;
pub mod rules;
pub mod spec;
pub mod value;
