//! How many connection strings a minute go through the library on one core: each is predicted for all
//! eleven drivers, as `dbharden url` does it.
//!
//! The strings are those of the drivers' test suite. The fastest of several rounds counts, so that what
//! else the machine does falls out. Ends with 1 below a million a minute.

use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use dbharden::conninfo::redact;
use dbharden::driver::{Driver, Kind, Variables, predict_redacted_in};

#[path = "../tests/drivers/corpus.rs"]
#[expect(dead_code, reason = "the passwords are for the servers of the suite")]
mod corpus;

/// How often all strings go through.
const ROUNDS: usize = 15;

/// Strings a minute.
const BOUND: f64 = 1_000_000.0;

#[expect(clippy::print_stdout, reason = "the row is the program's output")]
fn main() -> ExitCode {
    let strings = corpus::strings();
    let drivers = Kind::ALL.map(Driver::newest);
    let fastest = (0..ROUNDS)
        .map(|_| round(&strings, &drivers))
        .min()
        .unwrap_or(Duration::MAX);
    let count = u32::try_from(strings.len()).unwrap_or(u32::MAX);
    let rate = f64::from(count) * 60.0 / fastest.as_secs_f64();
    let holds = rate >= BOUND;
    println!(
        "| {count} strings through {} drivers, a minute | {rate:.0} strings | | | {:.2} | 1.00 | {} |",
        drivers.len(),
        rate / BOUND,
        if holds { "holds" } else { "BROKEN" }
    );
    ExitCode::from(u8::from(!holds))
}

fn round(strings: &[String], drivers: &[Driver]) -> Duration {
    let none = Variables::default();
    let start = Instant::now();
    for text in strings {
        let redacted = redact(text);
        for driver in drivers {
            black_box(predict_redacted_in(driver, text, &redacted, &none, &[]));
        }
    }
    start.elapsed()
}
