//! What must hold: the built-in profiles, `dbharden.toml`, and waivers.
//!
//! Pure: texts are handed in.

mod load;
mod more_names;
mod nearest;
mod pool;
mod profile;
mod settings;
mod toml_file;
mod waiver;

use std::fmt;

use jiff::civil::Date;

pub use load::{Loaded, MAX_BYTES};
pub use more_names::{HEALTH_KEYS, LOG_KEYS};
pub use nearest::nearest;
pub use pool::PoolSetting;
pub use toml_file::SpecError;

/// How bad a failure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// A risk.
    Warning,
    /// Breaks, leaks or cannot work.
    Error,
}

/// From which severity on a failure makes the run fail (`fail_on`, `--fail-on`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threshold {
    /// No failure does.
    Never,
    /// This severity and those above it.
    From(Severity),
}

/// What `--severity` and `[severity]` say of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Each of its failures has this severity.
    At(Severity),
    /// The rule is off: it gives no entry.
    Off,
}

/// The numbers that a setting may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// From `min` to `max`, both included.
    Range {
        /// The least.
        min: i64,
        /// The most.
        max: i64,
    },
    /// Exactly this.
    Equals(i64),
    /// No demand.
    Any,
}

impl Bound {
    /// Returns whether a number is within the bound.
    pub fn holds(self, value: i64) -> bool {
        match self {
            Self::Range { min, max } => (min..=max).contains(&value),
            Self::Equals(wanted) => value == wanted,
            Self::Any => true,
        }
    }
}

impl fmt::Display for Bound {
    /// Writes `1 to 5`, `1800` or `any number`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Range { min, max } => write!(f, "{min} to {max}"),
            Self::Equals(wanted) => write!(f, "{wanted}"),
            Self::Any => f.write_str("any number"),
        }
    }
}

/// What a connection string must ask of TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TlsDemand {
    /// No demand.
    Any,
    /// TLS, or no connection.
    Require,
    /// A chain to a trusted root as well.
    VerifyCa,
    /// The host's name as well.
    VerifyFull,
}

/// What the project calls the spec's variables: the first one that is set counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariableNames {
    /// `DATABASE_URL`
    pub database_url: Vec<String>,
    /// `DB_POOL_SIZE`
    pub pool_size: Vec<String>,
    /// `DB_MAX_OVERFLOW`
    pub max_overflow: Vec<String>,
    /// `DB_POOL_RECYCLE`
    pub pool_recycle: Vec<String>,
    /// `DB_POOL_TIMEOUT`
    pub pool_timeout: Vec<String>,
}

/// What no file says about the deployment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeploymentSpec {
    /// How many instances run.
    pub instances: Option<u32>,
    /// How many worker processes an instance has.
    pub workers: Option<u32>,
    /// The database's connection limit, where no provider fact gives it.
    pub plan_connections: Option<u32>,
}

/// A finding that is known and accepted until a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiver {
    /// The rule's id.
    pub rule: String,
    /// A glob over subjects; `None` means every subject.
    pub subject: Option<String>,
    /// The last day on which it counts, UTC.
    pub until: Date,
    /// Why.
    pub reason: String,
}

/// The project's own names for one thing, beside the usual ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MoreNames {
    /// Our name for it.
    pub name: &'static str,
    /// The names: those of metrics in lower case, texts of a log as they are written.
    pub names: Vec<String>,
}

impl MoreNames {
    /// Returns whether a name is one of them.
    pub fn has(&self, name: &str) -> bool {
        self.names.iter().any(|known| known == name)
    }
}

/// What must hold in this run: a profile with the project's overrides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// The profile's name.
    pub profile: String,
    /// The name that sessions must carry; `None` where any set name is right.
    pub application_name: Option<String>,
    /// Whether a name must be set at all.
    pub application_name_required: bool,
    /// The pool's size.
    pub pool_size: Bound,
    /// Connections beyond the size.
    pub max_overflow: Bound,
    /// The age in seconds at which a connection is replaced.
    pub pool_recycle: Bound,
    /// The seconds to wait for a connection.
    pub pool_timeout: Bound,
    /// The value that pre-ping must have; `None` means no demand.
    pub pool_pre_ping: Option<bool>,
    /// Whether the port must be written out.
    pub port_explicit: bool,
    /// What a connection string must ask of TLS on a host that is neither local nor private.
    pub tls: TlsDemand,
    /// What the project calls the variables.
    pub variables: VariableNames,
    /// What no file says about the deployment.
    pub deployment: DeploymentSpec,
    /// What the health endpoint calls the numbers of a pool, beside the usual names.
    pub health: Vec<MoreNames>,
    /// What the log calls the settings of a pool, and how it says that an engine or a process
    /// starts, beside the usual texts.
    pub logs: Vec<MoreNames>,
    /// Whether engines of migrations, scripts and tests are judged too (`--role all`).
    pub all_roles: bool,
    /// The severities that `dbharden.toml` and `--severity` set, by rule id; a later one wins.
    pub severities: Vec<(String, Level)>,
    /// The waivers.
    pub waivers: Vec<Waiver>,
}

impl Spec {
    /// Returns what `[severity]` and `--severity` say of a rule; `None` where they say nothing.
    pub fn level(&self, rule: &str) -> Option<Level> {
        self.severities
            .iter()
            .rev()
            .find_map(|(id, level)| (id == rule).then_some(*level))
    }
}
