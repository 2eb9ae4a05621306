//! `dbharden code`: the database engines in source code, and what each really gets.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use super::args::CodeArgs;
use super::failure::Failure;
use super::gather;
use super::plan::Plan;
use super::spinner::Spinner;
use crate::facts::{Engine, Environment, Facts, ProjectFile, Service, UrlGuard, VariableRead};
use crate::inputs::progress::Progress;
use crate::inputs::python::ProjectSources;
use crate::inputs::{project, python, services};
use crate::report::ExitStatus;

pub(super) fn run(args: &CodeArgs, plan: &Plan<'_>) -> Result<ExitStatus, Failure> {
    let started = Instant::now();
    let mut facts = Facts {
        environments: vec![gather::process_environment(plan)?],
        ..Facts::default()
    };
    let progress = Arc::new(Progress::default());
    let is_terminal = plan.surroundings.stderr_is_terminal;
    let spinner = Spinner::with_bar("reading the code", is_terminal, &progress);
    for path in &args.paths {
        let (root, only) = root_of(&plan.surroundings.directory.join(path), path)?;
        let (found, sources) = std::thread::scope(|scope| {
            let sources = scope.spawn(|| python::read(&root, &progress));
            (project::discover(&root), sources.join())
        });
        let sources = sources.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let prefix = prefix(path, args.paths.len());
        let mut environments = facts.environments[..1].to_vec();
        environments.extend(found.environments);
        let mut code = read(&root, sources, &mut environments, &progress, plan);
        code.engines
            .retain(|engine| only.as_ref().is_none_or(|only| engine.path == *only));
        code.place_below(&prefix);
        facts.engines.extend(code.engines);
        facts.services.extend(code.services);
        facts.guards.extend(code.guards);
        facts.variables.extend(code.variables);
        facts.files.extend(code.files);
        facts.environments.extend(environments.into_iter().skip(1));
    }
    drop(spinner);
    if facts.engines.is_empty() && facts.files.is_empty() {
        let cause = anyhow::anyhow!("there is no Python source below the path");
        return Err(Failure::new("find anything to check", cause)
            .hint("name the folder that holds the code"));
    }
    facts.code_read = true;
    plan.conclude("code", &["engine", "project"], &facts, started)
}

/// What the code of a project says.
pub(super) struct Code {
    /// The engines, by the code alone and in each environment that matters.
    pub(super) engines: Vec<Engine>,
    /// The variables that it reads.
    pub(super) variables: Vec<VariableRead>,
    /// The files that were read, and those that could not be.
    pub(super) files: Vec<ProjectFile>,
    /// What the deploy files start, and which engines that reaches.
    pub(super) services: Vec<Service>,
    /// The code's own tests of the connection string.
    pub(super) guards: Vec<UrlGuard>,
}

impl Code {
    /// Puts a folder before each path, where several were read.
    fn place_below(&mut self, prefix: &str) {
        for engine in &mut self.engines {
            engine.path.insert_str(0, prefix);
        }
        for file in &mut self.files {
            file.path.insert_str(0, prefix);
        }
        for guard in &mut self.guards {
            guard.path.insert_str(0, prefix);
        }
        let processes = self.services.iter_mut().flat_map(|one| &mut one.processes);
        for process in processes {
            for (path, _) in &mut process.engines {
                path.insert_str(0, prefix);
            }
            let files = std::mem::take(&mut process.files).into_iter();
            process.files = files.map(|path| format!("{prefix}{path}")).collect();
        }
    }
}

/// Looks through the code of a project, and resolves what its engines get in each environment; adds to
/// each environment what its start command and its Dockerfile set.
pub(super) fn read(
    root: &Path,
    sources: ProjectSources,
    environments: &mut [Environment],
    progress: &Progress,
    plan: &Plan<'_>,
) -> Code {
    let services = services::prepare(root, environments, &plan.spec.variables.database_url);
    let project = python::scan(sources);
    let findings = project.findings(environments, progress);
    let code = Code {
        services: services.reaching(&project, &findings.engines),
        guards: project.guards(),
        engines: findings.engines,
        variables: findings.variables,
        files: findings.files,
    };
    // The process ends soon and gives all of it back at once; tree by tree that takes long.
    std::mem::forget(project);
    code
}

/// Returns a folder to read for a path, and the file alone that counts where the path is one.
fn root_of(path: &Path, shown: &Path) -> Result<(PathBuf, Option<String>), Failure> {
    let failed = |cause: &str| {
        Failure::new(
            format!("read {}", shown.display()),
            anyhow::anyhow!("{cause}"),
        )
    };
    if path.is_dir() {
        return Ok((path.to_owned(), None));
    }
    let name = path
        .file_name()
        .filter(|_| path.is_file())
        .and_then(|name| name.to_str());
    match (name, path.parent()) {
        (Some(name), Some(folder)) => Ok((folder.to_owned(), Some(name.to_owned()))),
        _ => Err(failed("there is no such file or folder")),
    }
}

/// Returns what stands before the paths of one of several folders.
fn prefix(path: &Path, count: usize) -> String {
    if count == 1 {
        String::new()
    } else {
        format!("{}/", path.display())
    }
}
