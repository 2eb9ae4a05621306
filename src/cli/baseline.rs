//! `--baseline` and `--write-baseline`: what is known no longer fails.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::args::BaselineArgs;
use super::failure::Failure;
use super::plan::Plan;
use crate::inputs::file;
use crate::report::{Baseline, Gate, Sheet};
use crate::value::plural;

/// The baselines of a run.
#[derive(Debug, Default)]
pub(super) struct Baselines {
    /// What was known before.
    known: Option<Baseline>,
    /// Where to write what is known now.
    write: Option<PathBuf>,
}

impl Plan<'_> {
    /// Reads the baseline of the flags, and keeps in mind where to write one.
    pub(super) fn with_baselines(mut self, args: &BaselineArgs) -> Result<Self, Failure> {
        let known = args.baseline.as_deref().map(read).transpose()?;
        self.outputs.baselines = Baselines {
            known,
            write: args.write_baseline.clone(),
        };
        Ok(self)
    }
}

impl Baselines {
    /// Marks what is known, and writes the new baseline. One that is written where none was read
    /// counts at once: its run passes.
    pub(super) fn apply(&self, sheet: &mut Sheet, gate: &Gate) -> Result<(), Failure> {
        let written = self
            .write
            .as_deref()
            .map(|path| (path, sheet.to_baseline()));
        if let Some((path, baseline)) = &written {
            write(path, baseline)?;
        }
        let written = written.map(|(_, baseline)| baseline);
        if let Some(baseline) = self.known.as_ref().or(written.as_ref()) {
            sheet.compare(baseline, gate);
        }
        Ok(())
    }
}

fn read(path: &Path) -> Result<Baseline, Failure> {
    let shown = path.display();
    let text = file::read_text(path)
        .map_err(|error| Failure::new(format!("read the baseline {shown}"), error))?;
    Baseline::parse(&text).map_err(|error| {
        let cause = anyhow::anyhow!("{shown}:{error}");
        Failure::new("use the baseline", cause)
            .hint("dbharden check --write-baseline FILE writes one")
    })
}

fn write(path: &Path, baseline: &Baseline) -> Result<(), Failure> {
    let doing = || format!("write the baseline {}", path.display());
    let is_another = match file::read_text(path) {
        Ok(text) => !text.is_empty() && Baseline::parse(&text).is_err(),
        Err(_) => path.exists(),
    };
    if is_another {
        let cause = anyhow::anyhow!("the file is there, and is no baseline");
        return Err(
            Failure::new(doing(), cause).hint("name another file, or remove this one first")
        );
    }
    fs::write(path, baseline.to_text()).map_err(|error| Failure::new(doing(), error))?;
    let count = plural(baseline.len(), "known finding");
    // A closed standard error leaves nobody to tell.
    let _ = writeln!(io::stderr().lock(), "wrote {}: {count}", path.display());
    Ok(())
}
