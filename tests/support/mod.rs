//! The lab: real servers, certificates, proxies and scripted peers for the integration tests.
//!
//! A test crate takes it in with two lines, and asks for the `lab` feature in `Cargo.toml` (see the
//! `[[test]]` sections there), so that a plain `cargo test` needs no server:
//!
//! ```ignore
//! #[path = "../support/mod.rs"]
//! mod support;
//! ```
//!
//! | what | how |
//! |---|---|
//! | a PostgreSQL, plain | `PostgreSql::start()` |
//! | … with TLS, its own rules, a small limit | `PostgreSql::builder().tls(&certificate).hba("hostssl all all all md5").max_connections(8).start()` |
//! | … of a certain major | `PostgreSql::builder().installation(Installation::from_env("DBHARDEN_PG18_BIN")).start()` |
//! | a hot standby of it | `primary.standby()` |
//! | roles | `server.create(&Role::new("app").password("s3cret"))` |
//! | SQL as the superuser | `server.sql("select 1")` |
//! | a session that stays | `Session::open(&server.conninfo("app", "s3cret"))`, then `session.run("begin")` |
//! | certificates | `Authority::new("lab").server().issue()`, and `.expired()`, `.names([…])`, `.common_name_only()`, … |
//! | a PgBouncer before it | `PgBouncer::builder(&server).user("app", "s3cret").start()` |
//! | a slow network, with round trips counted | `DelayProxy::start(server.address(), Duration::from_millis(50))` |
//! | a network of its own | `if alone("module::test", "127.0.0.1") { nameserver(); … }` |
//! | a server that says what you want | `Peer::start(\|conversation\| { … })` |
//!
//! Everything listens on 127.0.0.1 at a free port, lives in a temporary folder, and is stopped and
//! removed when its value is dropped, when a test panics, and when the test process is killed: each
//! server runs below a small shell that waits for the end of a pipe which the process holds. So a
//! server may also be kept in a `static`. As root, servers run as the user `postgres` (or `nobody`).

#![allow(
    dead_code,
    unreachable_pub,
    unused_imports,
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "each test crate uses its own part of the lab, and a panic is the test's failure"
)]

mod certificates;
mod delay;
mod installation;
mod network;
mod peer;
mod pgbouncer;
mod postgres;
mod process;
mod role;
mod session;

pub use certificates::{Authority, Certificate, CertificateBuilder};
pub use delay::DelayProxy;
pub use installation::Installation;
pub use network::{alone, nameserver, sh};
pub use peer::{Conversation, Peer};
pub use pgbouncer::{PgBouncer, PgBouncerBuilder};
pub use postgres::{Builder, PostgreSql};
pub use process::{Folder, Signal, free_port, wait_for};
pub use role::Role;
pub use session::Session;
