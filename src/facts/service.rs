//! A service that a deploy file starts: how often its processes run, and which engines they reach.

use std::collections::BTreeSet;

use super::{Engine, Role};
use crate::value::Origin;

/// A number of processes or instances, or why it is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Count {
    /// This many, with what says so: `--workers 4`, `numInstances`.
    Known(u32, String),
    /// It cannot be known; at least this many, and the reason fits after "the number is".
    Unknown(u32, String),
}

impl Count {
    /// Returns how many there are at least.
    pub fn least(&self) -> u32 {
        match self {
            Self::Known(count, _) | Self::Unknown(count, _) => *count,
        }
    }
}

/// A process that a start command leaves running.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartedProcess {
    /// What it loads, as the command writes it: `api.index:app`, `server/run.py`.
    pub starts: String,
    /// How many processes of the application it makes.
    pub workers: Count,
    /// The engines that it reaches through imports, each by its file and line.
    pub engines: Vec<(String, u32)>,
    /// The files that it imports.
    pub files: BTreeSet<String>,
    /// Why it may reach others, or which ones it reaches is not known at all.
    pub doubt: Option<String>,
}

/// A test of the connection string that stops the program: `if "sslmode" in url: raise …`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrlGuard {
    /// The file.
    pub path: String,
    /// The line.
    pub line: u32,
    /// The parameter that it looks for.
    pub parameter: String,
    /// Whether it stops where the parameter is there; else where it is not.
    pub forbids: bool,
}

/// A service that a deploy file starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// The environment in which it runs: `render.yaml:api`.
    pub environment: String,
    /// The deploy file.
    pub file: String,
    /// The platform: `render`, `fly`, `compose`, …
    pub platform: &'static str,
    /// Where the start command is written.
    pub origin: Option<Origin>,
    /// How many instances run: the most that scaling may reach.
    pub instances: Count,
    /// Its processes.
    pub processes: Vec<StartedProcess>,
    /// Why its processes are not known, where they are not.
    pub unknown: Option<String>,
    /// The plan of the database that the file declares for it: the provider's id, the plan's name.
    pub plan: Option<(String, String)>,
    /// Where variables come from that no file shows, as it fits after "set by".
    pub unseen: Vec<String>,
}

impl Service {
    /// Returns whether one of its processes reaches an engine.
    pub fn reaches(&self, path: &str, line: u32) -> bool {
        let mut engines = self.processes.iter().flat_map(|process| &process.engines);
        engines.any(|(file, at)| file == path && *at == line)
    }
}

/// Returns whether a deploy file starts an engine that stands among scripts: it is the
/// application's then, wherever it stands.
pub fn is_started(engine: &Engine, services: &[Service]) -> bool {
    engine.role == Role::Script
        && services
            .iter()
            .any(|service| service.reaches(&engine.path, engine.line))
}
