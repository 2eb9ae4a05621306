//! What one process starts, where it looks for modules, and which engines that reaches.

use std::collections::BTreeSet;

use super::{Count, Engine, Prepared, Process, Project, StartedProcess, Value};
use crate::inputs::python::Start;
use crate::inputs::start_command::{self, Program, Target, UNKNOWN_FOLDER};

impl Prepared {
    /// Returns what a process of the service reaches; `None` for what runs no Python.
    pub(super) fn started(
        &self,
        process: &Process,
        project: &Project,
        engines: &[Engine],
    ) -> Option<StartedProcess> {
        if process.program == Program::Foreign {
            return None;
        }
        let workers = match &process.workers {
            start_command::Count::Known(count) => {
                Count::Known(*count, process.workers_from.clone())
            }
            start_command::Count::Unknown(why) => Count::Unknown(1, why.clone()),
        };
        let (start, starts) = match self.start(process) {
            Ok(start) => start,
            Err(why) => {
                return Some(StartedProcess {
                    starts: "something".to_owned(),
                    workers,
                    engines: Vec::new(),
                    files: BTreeSet::new(),
                    doubt: Some(why),
                });
            }
        };
        let folders = self.folders(process, &start);
        let start = match &start {
            Target::Module { module, .. } => Start::Module(module),
            Target::File(path) | Target::Script(path) => Start::File(path),
        };
        let (engines, files, doubt) = match project.reach(start, folders.as_deref(), &self.tree) {
            Ok(reach) => {
                let mut found: Vec<(String, u32)> = engines
                    .iter()
                    .filter(|engine| reach.files.contains(&engine.path))
                    .map(|engine| (engine.path.clone(), engine.line))
                    .collect();
                found.sort();
                found.dedup();
                (found, reach.files, reach.doubt)
            }
            Err(why) => (Vec::new(), BTreeSet::new(), Some(why)),
        };
        Some(StartedProcess {
            starts,
            workers,
            engines,
            files,
            doubt,
        })
    }

    /// Returns what a process starts, and how to call it.
    fn start(&self, process: &Process) -> Result<(Target, String), String> {
        let file = |path: &str| match in_process(&self.at(process), path) {
            Some(inside) => Ok((Target::File(inside), path.to_owned())),
            // Its folder is not known: any file that ends so.
            None => Ok((Target::File(path.to_owned()), path.to_owned())),
        };
        match (&process.target, process.program) {
            (Some(target @ Target::Module { module, attribute }), _) => {
                let called = match attribute {
                    Some(attribute) => format!("{module}:{attribute}"),
                    None => module.clone(),
                };
                Ok((target.clone(), called))
            }
            (Some(Target::File(path)), _) => file(path),
            (Some(Target::Script(path)), _) => Err(format!("the script {path} cannot be read")),
            (None, Program::Django) => file("manage.py"),
            (None, Program::Other) => Err("what the start command runs is not known".to_owned()),
            (None, _) => Err("the start command names no module".to_owned()),
        }
    }

    /// Returns where a process runs; [`UNKNOWN_FOLDER`] where that is not known.
    fn at(&self, process: &Process) -> String {
        if process.folder == UNKNOWN_FOLDER {
            return UNKNOWN_FOLDER.to_owned();
        }
        in_process(&self.folder, &process.folder).unwrap_or_else(|| UNKNOWN_FOLDER.to_owned())
    }

    /// Returns the folders in which a process looks for modules, in their order; `None` where they
    /// are not known.
    fn folders(&self, process: &Process, start: &Target) -> Option<Vec<String>> {
        let at = self.at(process);
        // Without its Dockerfile, a path of an image says nothing about the project.
        let is_foreign =
            at.starts_with('/') && self.tree.mounts.iter().all(|(place, _)| place.is_empty());
        if at == UNKNOWN_FOLDER || is_foreign {
            return None;
        }
        let mut folders = Vec::new();
        if let Target::File(path) = start {
            // Python puts a script's folder first; fastapi and flask the one above its packages,
            // which is one of those above it.
            let mut folder = path.as_str();
            while let Some((above, _)) = folder.rsplit_once('/') {
                folders.push(above.to_owned());
                folder = above;
                if process.program == Program::Python || folder == at {
                    break;
                }
            }
            if process.program != Program::Python {
                folders.push(at.clone());
            }
        } else {
            folders.push(at.clone());
        }
        if let Some(Value::Known(path)) = self.python_path(process) {
            for folder in path.expose().split(':').filter(|part| !part.is_empty()) {
                folders.extend(in_process(&at, folder));
            }
        }
        let source = in_process(&at, "src");
        folders.extend(source);
        Some(folders)
    }

    fn python_path(&self, process: &Process) -> Option<Value> {
        let own = process
            .variables
            .iter()
            .rev()
            .find(|(name, _)| name == "PYTHONPATH");
        own.map(|(_, value)| value.clone())
            .or_else(|| self.python_path.clone())
    }
}

/// Returns a path as the process sees it; `None` where it leads above the project.
pub(super) fn in_process(folder: &str, path: &str) -> Option<String> {
    if folder == UNKNOWN_FOLDER || path == UNKNOWN_FOLDER {
        return None;
    }
    if path.starts_with('/') || folder.starts_with('/') {
        return Some(super::dockerfile::absolute(folder, path));
    }
    let mut parts: Vec<&str> = folder
        .split('/')
        .filter(|part| !matches!(*part, "" | "."))
        .collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}
