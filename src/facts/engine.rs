//! A database engine in source code, and what each of its settings really is.

use crate::driver::Driver;
use crate::value::Secret;

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
    /// What rules need beside the settings.
    pub details: EngineDetails,
}

impl Engine {
    /// Returns a setting by its name.
    pub fn setting(&self, name: &str) -> Option<&EngineSetting> {
        self.settings
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, setting)| setting)
    }

    /// Returns the subject of its findings: `app/database.py:383`.
    pub fn subject(&self) -> String {
        format!("{}:{}", self.path, self.line)
    }
}

/// Which library makes an engine, and of which kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Library {
    /// SQLAlchemy's `create_engine`, `SQLModel`'s or Flask-SQLAlchemy's.
    #[default]
    Sqlalchemy,
    /// SQLAlchemy's `create_async_engine`.
    SqlalchemyAsync,
    /// asyncpg's `create_pool`.
    AsyncpgPool,
    /// asyncpg's `connect`.
    Asyncpg,
    /// psycopg 3's pools (`psycopg_pool`).
    PsycopgPool,
    /// psycopg 3's `connect`.
    Psycopg,
    /// psycopg2's pools.
    Psycopg2Pool,
    /// psycopg2's `connect`.
    Psycopg2,
    /// Django's `DATABASES`.
    Django,
}

impl Library {
    /// Returns whether it is SQLAlchemy, whose pool the spec's settings speak of.
    pub fn is_sqlalchemy(self) -> bool {
        matches!(self, Self::Sqlalchemy | Self::SqlalchemyAsync)
    }
}

/// The value of an argument, as far as the code tells.
#[derive(Clone, Debug, PartialEq)]
pub enum ArgumentValue {
    /// A number, a truth value or `None`; never a text.
    Plain(Known),
    /// A text: it may be a password.
    Text(Secret),
    /// Something that is no plain value, by the name of what makes it: `ssl.create_default_context`.
    Object(String),
    /// It cannot be known; the reason names the expression and its place.
    Unknown(String),
}

/// One argument that an engine gets, by its path: `pool_size`, `connect_args.sslmode`,
/// `connect_args.server_settings.application_name`.
#[derive(Clone, Debug, PartialEq)]
pub struct EngineArgument {
    /// The path.
    pub name: String,
    /// What the engine gets in its environment.
    pub value: ArgumentValue,
    /// How it got there.
    pub from: SettingFrom,
    /// Where it is written, a line of the engine's file.
    pub line: Option<u32>,
}

/// The database's address, as the code gives it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EngineUrl {
    /// The text, where it is known in the environment.
    pub text: Option<Secret>,
    /// The beginning that is known where the rest is not: `postgresql+asyncpg://`.
    pub prefix: Option<String>,
    /// Why the text is not known.
    pub reason: Option<String>,
    /// The variables that it is made of.
    pub variables: Vec<String>,
    /// Texts that the code puts in the place of others, in their order: `postgres://` → `postgresql://`.
    pub replaced: Vec<(String, String)>,
}

/// What rules need to know of an engine beside its settings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EngineDetails {
    /// Which library makes it.
    pub library: Library,
    /// `postgresql`, `sqlite`, `mysql`, …; `None` where it is not known.
    pub dialect: Option<String>,
    /// The database's address.
    pub url: EngineUrl,
    /// Every argument, flattened.
    pub arguments: Vec<EngineArgument>,
    /// What may add arguments that are not known, each with its place and the path it adds to
    /// (empty: the call itself): `("connect_args", "`options` (app/db.py:3)")`.
    pub open: Vec<(String, String)>,
    /// Every variable that it depends on, sorted.
    pub variables: Vec<String>,
    /// SQLAlchemy's version as lock or requirement files name it: `2.0.44`, and by which file.
    pub sqlalchemy: Option<(String, String)>,
    /// Whether the call is reached in this environment; `None` where that is not known.
    pub reached: Option<bool>,
    /// The settings that get a text, unconverted, where their variable is set.
    pub unconverted: Vec<String>,
    /// A method of the project's that the installed library never calls, with its place.
    pub dead_hook: Option<String>,
    /// The package of the driver that a lock file does not install, and the file.
    pub not_installed: Option<(String, String)>,
    /// The column of the call.
    pub column: u32,
}

impl EngineDetails {
    /// Returns an argument by its path.
    pub fn argument(&self, name: &str) -> Option<&EngineArgument> {
        self.arguments
            .iter()
            .rev()
            .find(|argument| argument.name == name)
    }

    /// Returns why the arguments below a path (empty: the call itself) are not all known.
    pub fn open_at(&self, path: &str) -> Option<&str> {
        self.open
            .iter()
            .find(|(open, _)| open == path)
            .map(|(_, reason)| reason.as_str())
    }
}

/// A variable that the code reads, with the defaults that it gives it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct VariableRead {
    /// The name.
    pub name: String,
    /// The defaults as texts, each with its file and line; none where the variable is required.
    pub defaults: Vec<(String, String, u32)>,
}
