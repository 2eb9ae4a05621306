//! Writes reports: which formats, where to, in colour or not.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use super::args::{ColorArg, OutputArgs};
use super::baseline::Baselines;
use super::failure::Failure;
use super::surroundings::Surroundings;
use crate::report::{Detail, ExitStatus, Format, Gate, Options, Report, Sheet, Style, render};
use crate::rules::RULES;

/// Where reports go.
#[derive(Debug)]
pub(super) struct Outputs {
    /// Each report's format, and its file; `None` means standard output.
    reports: Vec<(Format, Option<PathBuf>)>,
    color: ColorArg,
    detail: Detail,
    explain: bool,
    /// What is known, and where to write what is.
    pub(super) baselines: Baselines,
}

impl Outputs {
    /// Pairs formats with files.
    pub(super) fn new(args: &OutputArgs) -> Result<Self, Failure> {
        let (formats, files) = (&args.format, &args.output);
        let pairs_up = files.len() == formats.len() || files.len() + 1 >= formats.len().max(1);
        if !pairs_up || files.len() > formats.len().max(1) {
            let cause = anyhow::anyhow!("{} formats for {} files", formats.len(), files.len());
            return Err(Failure::new("pair each --format with its --output", cause)
                .hint("write them pair by pair: --format sarif --output r.sarif --format human"));
        }
        let formats = if formats.is_empty() {
            Format::ALL[..1].to_vec()
        } else {
            formats.clone()
        };
        let mut files = files.iter().cloned();
        let reports = formats
            .into_iter()
            .map(|format| (format, files.next()))
            .collect();
        let detail = match (args.quiet, args.verbose) {
            (true, _) => Detail::Quiet,
            (_, true) => Detail::Verbose,
            _ => Detail::Normal,
        };
        Ok(Self {
            reports,
            color: args.color,
            detail,
            explain: args.explain,
            baselines: Baselines::default(),
        })
    }

    /// Writes every report and returns what they show; whoever closed a pipe has seen enough to pass.
    pub(super) fn write(
        &self,
        report: Report<'_>,
        gate: &Gate,
        surroundings: &Surroundings,
    ) -> Result<Sheet, Failure> {
        let mut sheet = report.seal(gate);
        self.baselines.apply(&mut sheet, gate)?;
        for (format, file) in &self.reports {
            let to_terminal = file.is_none() && surroundings.stdout_is_terminal;
            let options = Options {
                style: if colored(self.color, to_terminal, surroundings) {
                    Style::ansi()
                } else {
                    Style::default()
                },
                width: surroundings.columns.filter(|_| to_terminal).unwrap_or(80),
                detail: self.detail,
                explain: self.explain,
                rules: &RULES,
            };
            if let Some(path) = file {
                let doing = || format!("write {}", path.display());
                let mut file = BufWriter::new(
                    File::create(path).map_err(|error| Failure::new(doing(), error))?,
                );
                render(*format, &sheet, &options, &mut file)
                    .and_then(|()| file.flush())
                    .map_err(|error| Failure::new(doing(), error))?;
            } else {
                let mut out = BufWriter::new(io::stdout().lock());
                if !quietly_closed(
                    render(*format, &sheet, &options, &mut out).and_then(|()| out.flush()),
                )? {
                    sheet.status = ExitStatus::Pass;
                    return Ok(sheet);
                }
            }
        }
        Ok(sheet)
    }
}

/// Decides on colour: the flag, then `NO_COLOR`, then `CLICOLOR_FORCE`, then whether a terminal reads it.
pub(super) fn colored(color: ColorArg, to_terminal: bool, surroundings: &Surroundings) -> bool {
    match color {
        ColorArg::Always => true,
        ColorArg::Never => false,
        ColorArg::Auto if surroundings.non_empty("NO_COLOR").is_some() => false,
        ColorArg::Auto
            if surroundings
                .non_empty("CLICOLOR_FORCE")
                .is_some_and(|text| text != "0") =>
        {
            true
        }
        ColorArg::Auto => to_terminal && surroundings.non_empty("TERM") != Some("dumb"),
    }
}

/// Turns a closed pipe into `false`: whoever read has seen enough.
pub(super) fn quietly_closed(result: io::Result<()>) -> Result<bool, Failure> {
    match result {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(error.into()),
    }
}
