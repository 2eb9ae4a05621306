//! What was found out: data only, no judgement.

use std::collections::BTreeSet;

mod connection;
mod database_url;
mod engine;
mod environment;
mod health;
mod log;
mod service;
mod sessions;

pub use connection::{
    ActivityRow, Connection, Failure, Observation, ServerFacts, ServerSetting, Stage, StageName,
    StageReport, TlsFacts,
};
pub use database_url::{DatabaseUrl, Reader, UrlText, provider_of};
pub use engine::{
    ArgumentValue, Engine, EngineArgument, EngineDetails, EngineSetting, EngineUrl, Known, Library,
    Role, SettingFrom, Settings, VariableRead,
};
pub use environment::{Deployment, Environment, EnvironmentKind, Made, Value, Variable};
pub use health::{HealthFacts, HealthFailure, METRIC_NAMES, MetricName, PoolMetrics};
pub use log::{LogError, LogFacts, LogSetting};
pub use service::{Count, Service, StartedProcess, UrlGuard, is_started};
pub use sessions::{Breakdown, SessionFacts, SessionKey, Sessions};

/// A fact that was not gathered: what a rule needed. Becomes `unknown`, never a pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing(pub String);

impl Missing {
    /// Names what is missing, as it fits after `needs`: `the TLS handshake`.
    pub fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

/// A file of the project that was discovered, and whether it could be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectFile {
    /// The path, relative to the project.
    pub path: String,
    /// Why it could not be read or parsed, with the place; `None` where it could.
    pub problem: Option<FileProblem>,
}

/// Why a file could not be read or parsed. Holds no text of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileProblem {
    /// What is wrong, as a fragment: `is not valid YAML: tabs cannot indent`.
    pub message: String,
    /// The line, from 1, where one is to blame.
    pub line: Option<u32>,
    /// The column, from 1, in characters.
    pub column: Option<u32>,
}

/// What git says of a project's files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Tracked {
    /// The project lies in no repository.
    #[default]
    NoRepository,
    /// It does, but its index could not be read; why.
    Unknown(String),
    /// The files that git tracks, relative to the project, out of those that were asked about.
    Files(BTreeSet<String>),
}

/// One number that a health endpoint or a log states about a pool.
#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    /// Our name for it: `pool_size`, `checked_out`, `overflow`, `max_overflow`, `pool_recycle`.
    pub name: &'static str,
    /// The number.
    pub value: f64,
    /// Where it stood: a JSON pointer, a Prometheus name, or `line 12`.
    pub source: String,
}

/// Everything that was found out in one run.
#[derive(Debug, Default)]
pub struct Facts {
    /// The environments: the process, each `.env`, each service of each deploy file.
    pub environments: Vec<Environment>,
    /// The connection strings, one per environment that sets one.
    pub urls: Vec<DatabaseUrl>,
    /// The engines found in source code; empty with `code_read` false where no code was read.
    pub engines: Vec<Engine>,
    /// What the deploy files start, and which engines that reaches.
    pub services: Vec<Service>,
    /// The code's own tests of the connection string.
    pub guards: Vec<UrlGuard>,
    /// The variables that the code reads.
    pub variables: Vec<VariableRead>,
    /// Whether source code was looked at, so that an absent setting means the library's default.
    pub code_read: bool,
    /// One per address that was tried.
    pub connections: Vec<Connection>,
    /// Every file that was discovered.
    pub files: Vec<ProjectFile>,
    /// Which of these files git tracks.
    pub tracked: Tracked,
    /// What a health endpoint or a log said.
    pub metrics: Vec<Metric>,
    /// What a health endpoint says; `None` where none was asked.
    pub health: Option<HealthFacts>,
    /// What a log says; `None` where none was read.
    pub log: Option<LogFacts>,
}
