//! The services that deploy files start: their commands, their numbers, the engines they reach.
//!
//! [`prepare`] gives each service the variables of its command line and its Dockerfile;
//! [`Services::reaching`] then follows each command into the code.

mod dockerfile;
mod start;

use std::path::{Path, PathBuf};

use dockerfile::Image;

use super::deploy::below;
use super::file;
use super::python::{Project, Tree};
use super::start_command::{self, Process};
use crate::facts::{
    Count, Deployment, Engine, Environment, Made, Service, StartedProcess, Value, Variable,
};
use crate::value::{Origin, Sourced};

/// A service with its command, before the code is asked what it reaches.
struct Prepared {
    service: Service,
    processes: Vec<Process>,
    /// The folder in which it starts, in the process's file system.
    folder: String,
    tree: Tree,
    python_path: Option<Value>,
}

/// The services of a project, before the code is asked what they reach.
#[derive(Default)]
pub struct Services {
    prepared: Vec<Prepared>,
}

/// Reads what the services of some environments start, and adds to each environment what its
/// command line and its Dockerfile set. `database` are the names of a connection string's variable:
/// an image that gets one may hold the project.
pub fn prepare(root: &Path, environments: &mut [Environment], database: &[String]) -> Services {
    let real = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    let mut services = Services::default();
    for environment in environments {
        let Some(deployment) = environment.deployment.clone() else {
            continue;
        };
        // A workflow's jobs test and build; they are not what runs.
        if deployment.platform == "github" || environment.name.ends_with("vercel.json:build") {
            continue;
        }
        let place = Place {
            root: root.to_owned(),
            real: real.clone(),
        };
        services
            .prepared
            .extend(place.service(environment, &deployment, database));
    }
    services
}

impl Services {
    /// Follows each command into the code, and says which of the engines it reaches.
    pub fn reaching(self, project: &Project, engines: &[Engine]) -> Vec<Service> {
        let started = self.prepared.into_iter().map(|mut prepared| {
            let processes = std::mem::take(&mut prepared.processes);
            prepared.service.processes = processes
                .iter()
                .filter_map(|process| prepared.started(process, project, engines))
                .collect();
            prepared.service
        });
        started.collect()
    }
}

/// The project's folder, as it was named and as it really is.
struct Place {
    root: PathBuf,
    real: PathBuf,
}

impl Place {
    fn read(&self, path: &str) -> Option<String> {
        file::read_below(&self.real, &self.root.join(path)).ok()
    }

    fn service(
        &self,
        environment: &mut Environment,
        deployment: &Deployment,
        database: &[String],
    ) -> Option<Prepared> {
        if deployment.platform == "vercel" && !self.is_function(deployment) {
            return None;
        }
        let image = self.image(deployment);
        let has_database = environment.first_of(database).is_some();
        if let Some((image, path)) = &image {
            for (name, value, line) in &image.variables {
                if environment.get(name).is_none() {
                    let value = if value.contains('$') {
                        Value::Unknown("made from others in the Dockerfile".to_owned())
                    } else {
                        Value::Known(value.as_str().into())
                    };
                    let origin = Origin::file(path, *line, 1);
                    environment
                        .variables
                        .insert(0, Variable::new(name, value, origin));
                }
            }
        }
        let mut prepared = Prepared {
            service: Service {
                environment: environment.name.clone(),
                file: file_of(environment),
                platform: deployment.platform,
                origin: None,
                instances: instances(deployment),
                processes: Vec::new(),
                unknown: None,
                plan: deployment.plan.clone(),
                unseen: deployment.unseen.clone(),
            },
            processes: Vec::new(),
            folder: deployment
                .root
                .clone()
                .filter(|root| root != ".")
                .unwrap_or_default(),
            tree: tree_of(deployment.platform),
            python_path: None,
        };
        if let Some((image, _)) = &image {
            prepared.folder = dockerfile::absolute("", &image.folder);
            prepared.tree = image.tree();
        }
        let Some(command) = command(deployment, image.as_ref()) else {
            prepared.service.unknown = match &deployment.made {
                Made::Elsewhere if !has_database => return None,
                Made::Elsewhere => Some("the image that it runs says what starts".to_owned()),
                Made::Dockerfile { path, .. } if image.is_none() => {
                    Some(format!("{path} cannot be read"))
                }
                Made::Dockerfile { path, .. } => Some(format!("{path} names no command")),
                Made::Unsaid if deployment.platform == "vercel" => {
                    Some("Vercel makes a function of each file in api/".to_owned())
                }
                Made::Unsaid => Some("no start command is written".to_owned()),
            };
            return Some(prepared);
        };
        prepared.service.origin = Some(command.origin.clone());
        self.parse(&command, environment, deployment, &mut prepared);
        prepared.python_path = environment
            .get("PYTHONPATH")
            .map(|known| known.value.clone());
        Some(prepared)
    }

    /// Returns whether Vercel makes functions of Python files: those in `api/`.
    fn is_function(&self, deployment: &Deployment) -> bool {
        let folder = deployment.root.as_deref().unwrap_or(".");
        let Ok(entries) = self.root.join(folder).join("api").read_dir() else {
            return false;
        };
        let mut names = entries.flatten().map(|entry| entry.file_name());
        names.any(|name| name.to_string_lossy().ends_with(".py"))
    }

    /// Reads a command, and sets what it sets in the environment.
    fn parse(
        &self,
        command: &Sourced<String>,
        environment: &mut Environment,
        deployment: &Deployment,
        prepared: &mut Prepared,
    ) {
        let by_itself = by_itself(deployment.platform);
        let variable = |name: &str| match environment.get(name) {
            Some(variable) => Some(variable.value.clone()),
            None if name == "WEB_CONCURRENCY" => {
                by_itself.map(|why| Value::Unknown(why.to_owned()))
            }
            None => None,
        };
        let (folder, tree) = (prepared.folder.clone(), prepared.tree.clone());
        let file = |path: &str| {
            let path = start::in_process(&folder, path)?;
            tree.candidates(&path).find_map(|path| self.read(&path))
        };
        let around = start_command::Around {
            variable: &variable,
            file: &file,
        };
        prepared.processes = start_command::parse(&command.value, around);
        let mut set: Vec<(String, Value)> = Vec::new();
        for (name, value) in prepared
            .processes
            .iter()
            .flat_map(|process| &process.variables)
        {
            match set.iter_mut().find(|(known, _)| known == name) {
                Some((_, before)) if before != value => {
                    *before = Value::Unknown("set to several by the start command".to_owned());
                }
                Some(_) => {}
                None => set.push((name.clone(), value.clone())),
            }
        }
        for (name, value) in set {
            environment.variables.retain(|known| known.name != name);
            let variable = Variable::new(name, value, command.origin.clone());
            environment.variables.push(variable);
        }
    }

    /// Returns the image that a service is built from, with the Dockerfile's path.
    fn image(&self, deployment: &Deployment) -> Option<(Image, String)> {
        let (path, context) = match &deployment.made {
            Made::Dockerfile { path, context } => (path.clone(), context.clone()),
            // Fly builds the Dockerfile beside its file, where there is one.
            Made::Unsaid if deployment.platform == "fly" => {
                let root = deployment.root.clone().unwrap_or_else(|| ".".to_owned());
                let file = match root.as_str() {
                    "." => "fly.toml".to_owned(),
                    _ => format!("{root}/fly.toml"),
                };
                (below(&file, "Dockerfile")?, Some(root))
            }
            Made::Unsaid | Made::Elsewhere => return None,
        };
        let text = self.read(&path)?;
        Some((dockerfile::parse(&text, &context?), path))
    }
}

/// Returns the deploy file of an environment.
fn file_of(environment: &Environment) -> String {
    let name = &environment.name;
    match name.rsplit_once(':') {
        Some((file, _)) => file.to_owned(),
        None => name.clone(),
    }
}

/// Returns how many instances run, as far as the file says.
fn instances(deployment: &Deployment) -> Count {
    let Some(Sourced { value, origin }) = &deployment.instances else {
        let why = format!("{} keeps it outside of the project", deployment.platform);
        return Count::Unknown(1, why);
    };
    let from = match origin {
        Origin::Default => format!("{}'s default", deployment.platform),
        other => other.to_string(),
    };
    Count::Known(*value, from)
}

/// Returns where a platform keeps the project that it has built itself.
fn tree_of(platform: &str) -> Tree {
    let mut tree = Tree::of_project();
    let place = match platform {
        "render" => "/opt/render/project/src",
        "heroku" => "/app",
        _ => return tree,
    };
    tree.mounts.push((place.to_owned(), String::new()));
    tree
}

/// Returns why a platform that sets `WEB_CONCURRENCY` by itself makes its value unknown.
fn by_itself(platform: &str) -> Option<&'static str> {
    match platform {
        "render" => Some(
            "set by Render itself for newer services, by the number of CPUs (WEB_CONCURRENCY is not in the file)",
        ),
        "heroku" => Some(
            "set by Heroku itself, by the size of the dyno (WEB_CONCURRENCY is not in the file)",
        ),
        _ => None,
    }
}

/// Returns what a service starts: its own command, else its image's.
fn command(deployment: &Deployment, image: Option<&(Image, String)>) -> Option<Sourced<String>> {
    if let Some(command) = &deployment.start_command {
        return Some(command.clone());
    }
    let (image, path) = image?;
    let at = |line: u32| Origin::file(path, line, 1);
    match (&image.entrypoint, &image.command) {
        (Some((entry, _)), Some((command, line))) => {
            Some(Sourced::new(format!("{entry} {command}"), at(*line)))
        }
        (Some((one, line)), None) | (None, Some((one, line))) => {
            Some(Sourced::new(one.clone(), at(*line)))
        }
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests;
