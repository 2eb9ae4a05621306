//! A database engine in source code, and a pool's numbers at run time.

use serde::{Serialize, Serializer};

use crate::facts::{self, Known, Role, SettingFrom};
use crate::report::{Gate, Sealed};

/// A database engine in source code.
#[derive(Debug, Serialize)]
pub struct Engine {
    /// The file.
    pub path: Sealed,
    /// The first line of the call.
    pub line: u32,
    /// The function that makes it.
    pub function: Sealed,
    /// `app`, `migration`, `script`, `test`.
    pub role: &'static str,
    /// The driver.
    pub driver: Option<Sealed>,
    /// Where its URL comes from.
    pub url_from: Sealed,
    /// The environment; `None` for the code alone.
    pub environment: Option<Sealed>,
    /// The services of deploy files whose start command reaches it.
    pub started_by: Vec<Sealed>,
    /// Its settings, in the order of the facts.
    #[serde(serialize_with = "as_map")]
    pub settings: Vec<(&'static str, Setting)>,
}

/// One setting of an engine.
#[derive(Debug, Serialize)]
pub struct Setting {
    /// What the engine gets.
    pub value: Scalar,
    /// What it gets when no variable is set.
    pub code_value: Scalar,
    /// How it got there.
    pub from: Sealed,
    /// The keyword's line.
    pub line: Option<u32>,
    /// Why it is not known; the human report alone says so.
    #[serde(skip)]
    pub reason: Option<Sealed>,
}

/// A value of a setting; [`Scalar::Null`] is Python's `None` and what is not known.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Scalar {
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// `true` or `false`.
    Bool(bool),
    /// A text.
    Text(Sealed),
    /// Nothing.
    Null,
}

impl Scalar {
    fn new(value: Option<&Known>, gate: &Gate) -> Self {
        match value {
            Some(Known::Int(number)) => Self::Int(*number),
            Some(Known::Float(number)) => Self::number(*number),
            Some(Known::Bool(truth)) => Self::Bool(*truth),
            Some(Known::Text(text)) => Self::Text(gate.seal(text)),
            Some(Known::None) | None => Self::Null,
        }
    }

    /// Returns a number, as a whole one where it is one.
    fn number(number: f64) -> Self {
        /// Below this every whole number has an exact `f64`.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        if number.fract() == 0.0 && number.abs() < EXACT {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "a whole number below 2^53 fits"
            )]
            Self::Int(number as i64)
        } else {
            Self::Float(number)
        }
    }
}

impl Engine {
    pub(in crate::report) fn new(
        engine: &facts::Engine,
        services: &[facts::Service],
        gate: &Gate,
    ) -> Self {
        let starting = services
            .iter()
            .filter(|service| service.reaches(&engine.path, engine.line));
        let settings = engine.settings.iter().map(|(name, setting)| {
            let setting = Setting {
                value: Scalar::new(setting.value.as_ref(), gate),
                code_value: Scalar::new(setting.code_value.as_ref(), gate),
                from: source(&setting.from, gate),
                line: setting.line,
                reason: match &setting.from {
                    SettingFrom::Unknown(reason) => Some(gate.seal(reason).one_line()),
                    _ => None,
                },
            };
            (*name, setting)
        });
        Self {
            path: gate.seal(&engine.path),
            line: engine.line,
            function: gate.seal(&engine.function),
            role: match engine.role {
                Role::App => "app",
                Role::Migration => "migration",
                Role::Script => "script",
                Role::Test => "test",
            },
            driver: engine
                .driver
                .as_ref()
                .map(|driver| gate.seal(driver.to_string())),
            url_from: gate.seal(&engine.url_from),
            environment: engine.environment.as_ref().map(|name| gate.seal(name)),
            started_by: starting
                .map(|service| gate.seal(&service.environment))
                .collect(),
            settings: settings.collect(),
        }
    }
}

fn source(from: &SettingFrom, gate: &Gate) -> Sealed {
    match from {
        SettingFrom::Literal => Sealed::fixed("literal"),
        SettingFrom::Constant => Sealed::fixed("constant"),
        SettingFrom::Env(name) => gate.seal(format!("env:{name}")),
        SettingFrom::EnvDefault(name) => gate.seal(format!("env-default:{name}")),
        SettingFrom::LibraryDefault => Sealed::fixed("library-default"),
        SettingFrom::NotApplicable => Sealed::fixed("not-applicable"),
        SettingFrom::Unknown(_) => Sealed::fixed("unknown"),
    }
}

fn as_map<S: Serializer>(
    settings: &[(&'static str, Setting)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(settings.iter().map(|(name, setting)| (name, setting)))
}

/// One number that a health endpoint or a log states.
#[derive(Debug, Serialize)]
pub struct Metric {
    /// Our name for it.
    pub name: &'static str,
    /// The number.
    pub value: Scalar,
    /// Where it stood.
    pub source: Sealed,
}

impl Metric {
    pub(in crate::report) fn new(metric: &facts::Metric, gate: &Gate) -> Self {
        Self {
            name: metric.name,
            value: Scalar::number(metric.value),
            source: gate.seal(&metric.source),
        }
    }
}
