//! `dbharden logs`: an application's startup log against the spec.

use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use super::args::LogsArgs;
use super::failure::Failure;
use super::plan::Plan;
use super::spinner::Spinner;
use crate::facts::{Facts, LogFacts};
use crate::inputs::logs::{self, Follower};
use crate::report::ExitStatus;

/// The time between two looks at a log that is followed.
const LOOK: Duration = Duration::from_millis(500);

pub(super) fn run(args: &LogsArgs, plan: &Plan<'_>) -> Result<ExitStatus, Failure> {
    let file = args.file.as_deref().filter(|file| *file != Path::new("-"));
    let started = Instant::now();
    let Some(path) = file else {
        let log = logs::read("-", &plan.spec.logs, &mut io::stdin().lock());
        return conclude(
            log.map_err(|error| Failure::new("read standard input", error))?,
            plan,
            started,
        );
    };
    let shown = path.display().to_string();
    let failed = |error| Failure::new(format!("read {shown}"), error);
    let mut follower = open(path, &shown, args.follow, plan).map_err(failed)?;
    {
        let _spinner = Spinner::start("reading the log", plan.surroundings.stderr_is_terminal);
        while follower.look().map_err(failed)? {}
    }
    if !args.follow {
        return conclude(follower.finish(), plan, started);
    }
    conclude(follower.facts(), plan, started)?;
    // Ctrl-C ends it: the process's handler exits with 130.
    loop {
        std::thread::sleep(LOOK);
        if follower.look().map_err(failed)? {
            conclude(follower.facts(), plan, Instant::now())?;
        }
    }
}

/// Opens a log; one that is to be followed may come later, as for `tail -F`.
fn open(path: &Path, shown: &str, follow: bool, plan: &Plan<'_>) -> io::Result<Follower> {
    let open = || Follower::open(path, shown, &plan.spec.logs);
    let mut opened = open();
    if follow && is_missing(&opened) {
        // A closed standard error leaves nobody to tell.
        let _ = writeln!(io::stderr().lock(), "waiting for the log to appear");
        while is_missing(&opened) {
            std::thread::sleep(LOOK);
            opened = open();
        }
    }
    opened
}

fn is_missing(opened: &io::Result<Follower>) -> bool {
    matches!(opened, Err(error) if error.kind() == io::ErrorKind::NotFound)
}

fn conclude(log: LogFacts, plan: &Plan<'_>, started: Instant) -> Result<ExitStatus, Failure> {
    let facts = Facts {
        metrics: logs::metrics(&log),
        log: Some(log),
        ..Facts::default()
    };
    let sheet = plan.report("logs", &["log"], &facts, started)?;
    Ok(sheet.status)
}
