//! The facts as reports show them: sealed, and with the keys and the order of CONTRACT 5.
//!
//! The JSON report is these structs as they stand; the human report reads them.

mod connection;
mod engine;
mod sessions;
mod url;

pub use connection::{ActivityView, Connection, Counts, ServerView, StageView, TlsView};
pub use engine::{Engine, Metric, Scalar, Setting};
pub use sessions::{BreakdownView, GroupView, SessionView, SessionsView};
pub use url::{DriverView, HostPort, Url};
