//! What will be done: arguments and `dbharden.toml`, resolved.

use std::path::{Path, PathBuf};
use std::process;
use std::time::Instant;

use jiff::civil::Date;

use super::args::{CheckingArgs, FailOnArg, InputArgs, RoleArg};
use super::failure::Failure;
use super::output::Outputs;
use super::surroundings::Surroundings;
use crate::driver::Driver;
use crate::facts::Facts;
use crate::inputs::{ambient, file};
use crate::report::{ExitStatus, FailOn, Gate, Report, Sheet};
use crate::rules::{Context, RULES, judge};
use crate::spec::{Loaded, Severity, Spec, Threshold};

/// The name of the configuration file.
pub(super) const CONFIG: &str = "dbharden.toml";

/// What will be done.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    /// What must hold.
    pub(super) spec: Spec,
    /// What makes the run fail.
    pub(super) fail_on: FailOn,
    /// Where reports go.
    pub(super) outputs: Outputs,
    /// Who reads the connection string, where flags say so.
    pub(super) drivers: Vec<Driver>,
    /// The files of `--env-file`, in their order.
    pub(super) env_files: Vec<PathBuf>,
    /// Today, UTC.
    pub(super) today: Date,
    /// What surrounds the process.
    pub(super) surroundings: &'a Surroundings,
}

impl<'a> Plan<'a> {
    /// Resolves the arguments of a command that judges the working directory's environment.
    pub(super) fn in_current_folder(
        args: &CheckingArgs,
        surroundings: &'a Surroundings,
    ) -> Result<Self, Failure> {
        Self::new(args, Path::new("."), surroundings)
    }

    /// Resolves the arguments of a command that reads a connection string and judges nothing.
    pub(super) fn of_input(
        input: &InputArgs,
        surroundings: &'a Surroundings,
    ) -> Result<Self, Failure> {
        let args = CheckingArgs {
            input: input.clone(),
            ..CheckingArgs::default()
        };
        Self::in_current_folder(&args, surroundings)
    }

    /// Resolves the arguments of a command that judges the project at a path.
    pub(super) fn new(
        args: &CheckingArgs,
        path: &Path,
        surroundings: &'a Surroundings,
    ) -> Result<Self, Failure> {
        let config = load_config(args, path, surroundings)?;
        let mut spec = config.spec;
        if let Some(app) = &args.spec.app {
            spec.application_name = Some(app.clone());
        }
        if let Some(name) = &args.input.url_env {
            spec.variables.database_url = vec![name.clone()];
        }
        spec.all_roles = args.role == RoleArg::All;
        spec.severities.extend(args.spec.severity.iter().cloned());
        let threshold = args
            .spec
            .fail_on
            .map(FailOnArg::threshold)
            .or(config.fail_on);
        let least = match threshold.unwrap_or(Threshold::From(Severity::Error)) {
            Threshold::Never => None,
            Threshold::From(severity) => Some(severity),
        };
        Ok(Self {
            spec,
            fail_on: FailOn {
                least,
                strict: args.spec.strict,
            },
            outputs: Outputs::new(&args.output)?,
            drivers: args.input.driver.clone(),
            env_files: args.input.env_file.clone(),
            today: surroundings.today,
            surroundings,
        })
    }
}

impl Plan<'_> {
    /// Does what [`Self::report`] does, and ends the process with the run's status: the operating
    /// system takes back at once what would be freed in some thousand pieces.
    pub(super) fn conclude(
        &self,
        command: &'static str,
        rules: &[&str],
        facts: &Facts,
        started: Instant,
    ) -> Result<ExitStatus, Failure> {
        let sheet = self.report(command, rules, facts, started)?;
        process::exit(sheet.status.code().into())
    }

    /// Judges the facts by the rules of some families (or by single rules), writes the reports, and
    /// returns what they show.
    pub(super) fn report(
        &self,
        command: &'static str,
        rules: &[&str],
        facts: &Facts,
        started: Instant,
    ) -> Result<Sheet, Failure> {
        let chosen = RULES
            .iter()
            .filter(|rule| rules.contains(&rule.family()) || rules.contains(&rule.id));
        let context = Context {
            spec: &self.spec,
            facts,
            today: self.today,
        };
        let judgements = judge(chosen, context);
        let gate = Gate::of(facts, facts.environments.iter().flat_map(ambient::secrets));
        let report = Report {
            command,
            profile: &self.spec.profile,
            judgements,
            facts,
            fail_on: self.fail_on,
            took: started.elapsed(),
        };
        self.outputs.write(report, &gate, self.surroundings)
    }
}

/// Loads the named configuration, or the nearest one from the project upwards, or none.
fn load_config(
    args: &CheckingArgs,
    path: &Path,
    surroundings: &Surroundings,
) -> Result<Loaded, Failure> {
    let profile = args.spec.profile.as_deref().and_then(Spec::profile);
    let found = match &args.spec.config {
        Some(named) => Some(named.clone()),
        None => nearest_config(&surroundings.directory.join(path)),
    };
    let Some(found) = found else {
        let spec = profile.or_else(|| Spec::profile(Spec::PROFILES[0]));
        let spec = spec.ok_or_else(|| {
            Failure::new("read the built-in profile", anyhow::anyhow!("it is broken"))
        })?;
        return Ok(Loaded {
            spec,
            fail_on: None,
        });
    };
    let shown = found
        .strip_prefix(&surroundings.directory)
        .unwrap_or(&found)
        .display()
        .to_string();
    let text =
        file::read_text(&found).map_err(|error| Failure::new(format!("read {shown}"), error))?;
    let rules: Vec<_> = RULES.iter().map(|rule| rule.id).collect();
    Spec::load(&shown, &text, profile, &rules).map_err(|error| {
        let hint = error.hint();
        let failure = Failure::new("use the configuration", error);
        match hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    })
}

fn nearest_config(path: &Path) -> Option<PathBuf> {
    path.ancestors()
        .map(|folder| folder.join(CONFIG))
        .find(|candidate| candidate.is_file())
}
