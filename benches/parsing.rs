//! How fast `dbharden code` goes through files that each hold an engine, beside the parser alone.
//!
//! Copies one file into folders of a tree of its own, and takes turns: the program, and a thread that
//! reads and parses the same files. Ends with 1 below half of the parser's speed, or where ten times
//! the files take more than thirteen times as long.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, io};

use ruff_python_ast::PythonVersion;
use ruff_python_parser::{Mode, ParseOptions, parse_unchecked};

/// How often each runs.
const RUNS: usize = 15;

/// The file that is copied: the example's engine, and the application around it.
const FILE: &str = concat!(
    include_str!("../examples/hiremebahamas/app/database.py"),
    include_str!("../examples/hiremebahamas/app/main.py"),
);

#[expect(clippy::print_stdout, reason = "the rows are the program's output")]
fn main() -> ExitCode {
    let root = env::temp_dir().join(format!("dbharden-parsing-{}", std::process::id()));
    let rows = measured(&root);
    let _ = fs::remove_dir_all(&root);
    let Ok((ours, parser, growth)) = rows else {
        return ExitCode::FAILURE;
    };
    let ratio = ours.as_secs_f64() / parser.as_secs_f64();
    let fits = [ratio <= 2.0, growth <= 13.0];
    let word = |holds: bool| if holds { "holds" } else { "BROKEN" };
    println!(
        "| dbharden code, 700 files with an engine | {:.2} ms | the parser alone | {:.2} ms | {ratio:.2} | 2.00 | {} |",
        ours.as_secs_f64() * 1000.0,
        parser.as_secs_f64() * 1000.0,
        word(fits[0])
    );
    println!(
        "| dbharden code, 7,000 files with an engine | | 700 of them | | {growth:.2} | 13.00 | {} |",
        word(fits[1])
    );
    ExitCode::from(u8::from(fits != [true; 2]))
}

/// Returns the program's time for 700 files, the parser's, and how many times as long 7,000 take.
fn measured(root: &Path) -> io::Result<(Duration, Duration, f64)> {
    let (few, many) = (root.join("few"), root.join("many"));
    let files = lay_out(&few, 700)?;
    lay_out(&many, 7_000)?;
    let (mut ours, mut parser) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        ours.push(scanned(&few)?);
        parser.push(parsed(&files)?);
    }
    let mut grown: Vec<Duration> = (0..3).map(|_| scanned(&many)).collect::<Result<_, _>>()?;
    let (ours, parser, grown) = (median(&mut ours), median(&mut parser), median(&mut grown));
    Ok((ours, parser, grown.as_secs_f64() / ours.as_secs_f64()))
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// Writes copies of the file, each into a folder of its own.
fn lay_out(root: &Path, count: usize) -> io::Result<Vec<PathBuf>> {
    (0..count)
        .map(|index| {
            let folder = root.join(format!("service{index}"));
            fs::create_dir_all(&folder)?;
            let path = folder.join("database.py");
            fs::write(&path, FILE)?;
            Ok(path)
        })
        .collect()
}

/// Returns the time that the program takes for a tree.
fn scanned(root: &Path) -> io::Result<Duration> {
    let start = Instant::now();
    let status = Command::new(env!("CARGO_BIN_EXE_dbharden"))
        .arg("code")
        .arg(root)
        .args(["--fail-on", "never", "--format", "json"])
        .stdout(Stdio::null())
        .status()?;
    let time = start.elapsed();
    status
        .success()
        .then_some(time)
        .ok_or_else(|| io::Error::other("the program failed"))
}

/// Returns the time that reading and parsing takes.
fn parsed(files: &[PathBuf]) -> io::Result<Duration> {
    let start = Instant::now();
    for file in files {
        let text = fs::read_to_string(file)?;
        let options = ParseOptions::from(Mode::Module).with_target_version(PythonVersion::latest());
        std::hint::black_box(parse_unchecked(&text, options));
    }
    Ok(start.elapsed())
}
