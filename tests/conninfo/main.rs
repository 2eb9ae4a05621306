//! The connection-string parser, judged by the real libpq 18 through psycopg 3.
//!
//! Needs `DBHARDEN_PYTHON`: a Python with `psycopg[binary]==3.3.9`.
#![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

mod cases;
mod generate;
mod judge;
mod parsing;
