//! Runs commands in turn, many times, and prints the ratios of their median times.
//!
//! Standard input holds one comparison a line, its fields separated by tabs: what it shows, the bound,
//! the command, and the command that it is measured by. The two alternate, so that what else the
//! machine does falls on both. Ends with 1 where a bound is broken.

use std::io::{self, BufRead};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

/// How often each command of a comparison runs.
const RUNS: usize = 61;

/// Runs before the first one that counts: they fill caches.
const WARM_UP: usize = 3;

#[expect(clippy::print_stdout, reason = "the table is the program's output")]
fn main() -> ExitCode {
    println!("| what | median | of | median | ratio | bound | |");
    println!("|---|---|---|---|---|---|---|");
    let mut all_hold = true;
    for line in io::stdin().lock().lines() {
        let Ok(line) = line else {
            return ExitCode::FAILURE;
        };
        let fields: Vec<&str> = line.split('\t').collect();
        let [what, bound, command, measure] = fields[..] else {
            println!("four fields, please: {line}");
            return ExitCode::FAILURE;
        };
        let (Some([ours, theirs]), Ok(bound)) = (medians(command, measure), bound.parse::<f64>())
        else {
            println!("a command failed, or the bound is no number: {line}");
            return ExitCode::FAILURE;
        };
        let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
        let holds = ratio <= bound;
        all_hold &= holds;
        println!(
            "| {what} | {} ms | {} | {} ms | {ratio:.2} | {bound:.2} | {} |",
            milliseconds(ours),
            name(measure),
            milliseconds(theirs),
            if holds { "holds" } else { "BROKEN" }
        );
    }
    ExitCode::from(u8::from(!all_hold))
}

/// Returns the median times of two commands that alternate; `None` where one of them fails.
fn medians(command: &str, measure: &str) -> Option<[Duration; 2]> {
    let mut times = [Vec::new(), Vec::new()];
    for run in 0..WARM_UP + RUNS {
        for (line, times) in [command, measure].iter().zip(&mut times) {
            let time = time(line)?;
            if run >= WARM_UP {
                times.push(time);
            }
        }
    }
    Some(times.map(|mut times| {
        times.sort_unstable();
        times[RUNS / 2]
    }))
}

/// Runs a command line, its words separated by spaces, and returns its time.
fn time(line: &str) -> Option<Duration> {
    let mut words = line.split(' ');
    let mut command = Command::new(words.next()?);
    command
        .args(words)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::inherit());
    let start = Instant::now();
    let status = command.status().ok()?;
    let time = start.elapsed();
    status.success().then_some(time)
}

fn milliseconds(time: Duration) -> String {
    format!("{:.2}", time.as_secs_f64() * 1000.0)
}

/// Returns the program's name.
fn name(line: &str) -> &str {
    let program = line.split(' ').next().unwrap_or_default();
    program.rsplit('/').next().unwrap_or_default()
}
