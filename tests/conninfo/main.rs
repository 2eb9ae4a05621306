//! The connection-string parser, judged by the real libpq 18 through psycopg 3.
//!
//! Needs `DBHARDEN_PYTHON`: a Python with `psycopg[binary]==3.3.9`.
#![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]
#![expect(clippy::print_stdout, reason = "the agreement is part of the result")]

mod cases;
mod generate;
mod judge;
mod parsing;
mod resolution;
