//! A database engine in source code, and what each of its settings really is.

use crate::driver::Driver;

/// What an engine is for, by where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// The application.
    App,
    /// A migration.
    Migration,
    /// A script.
    Script,
    /// A test.
    Test,
}

/// A value that an engine gets.
#[derive(Clone, Debug, PartialEq)]
pub enum Known {
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// `True` or `False`.
    Bool(bool),
    /// A text.
    Text(String),
    /// `None`.
    None,
}

/// How a setting got its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingFrom {
    /// Written at the call.
    Literal,
    /// A constant of the project.
    Constant,
    /// An environment variable that is set.
    Env(String),
    /// The default beside an environment variable that is not set.
    EnvDefault(String),
    /// Nobody sets it: the library's default.
    LibraryDefault,
    /// This kind of engine or pool has no such setting.
    NotApplicable,
    /// It cannot be known; the reason names the expression and its place.
    Unknown(String),
}

/// One setting of an engine.
#[derive(Clone, Debug, PartialEq)]
pub struct EngineSetting {
    /// What the engine gets in its environment; `None` where that is not known.
    pub value: Option<Known>,
    /// What it gets when no variable is set.
    pub code_value: Option<Known>,
    /// How it got there.
    pub from: SettingFrom,
    /// The keyword's line.
    pub line: Option<u32>,
}

/// The settings that are judged, by their SQLAlchemy names.
pub type Settings = Vec<(&'static str, EngineSetting)>;

/// A database engine in source code, in one environment.
#[derive(Clone, Debug)]
pub struct Engine {
    /// The file, relative to the project.
    pub path: String,
    /// The first line of the call.
    pub line: u32,
    /// The function that makes it: `create_engine`.
    pub function: String,
    /// What it is for.
    pub role: Role,
    /// The driver, where it is known.
    pub driver: Option<Driver>,
    /// `env:DATABASE_URL`, `literal`, `unknown`, …
    pub url_from: String,
    /// The environment; `None` for the code alone.
    pub environment: Option<String>,
    /// `pool_size`, `max_overflow`, `pool_recycle`, `pool_timeout`, `pool_pre_ping`,
    /// `application_name`, `poolclass`.
    pub settings: Settings,
}
