//! How many connections one engine may open in one process.

use crate::facts::{ArgumentValue, Engine, EngineSetting, Known, Library, Service, SettingFrom};

/// How many connections an engine may open in one process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pool {
    /// At least so many when it is used up.
    pub(super) least: u64,
    /// At most so many; `None` where that is not known.
    pub(super) most: Option<u64>,
    /// The number as a sum: `5 + 10`.
    pub(super) sum: String,
    /// Why the number is not known, where it is not.
    pub(super) why: Option<String>,
    /// Whether it has no limit at all.
    pub(super) is_unlimited: bool,
}

impl Pool {
    fn known(number: u64, sum: impl Into<String>) -> Self {
        Self {
            least: number,
            most: Some(number),
            sum: sum.into(),
            why: None,
            is_unlimited: false,
        }
    }

    fn unknown(least: u64, why: impl Into<String>) -> Self {
        Self {
            least,
            most: None,
            sum: "?".to_owned(),
            why: Some(why.into()),
            is_unlimited: false,
        }
    }
}

/// Returns how many connections an engine may open in one process of a service.
pub(super) fn of(engine: &Engine, service: Option<&Service>) -> Pool {
    let subject = engine.subject();
    let mut pool = match engine.details.library {
        Library::Sqlalchemy | Library::SqlalchemyAsync => of_sqlalchemy(engine, service),
        Library::AsyncpgPool => of_argument(engine, "max_size", 10),
        Library::PsycopgPool => match engine.details.argument("max_size") {
            Some(argument) if argument.value != ArgumentValue::Plain(Known::None) => {
                of_argument(engine, "max_size", 4)
            }
            _ => of_argument(engine, "min_size", 4),
        },
        Library::Psycopg2Pool => of_argument(engine, "maxconn", 1),
        Library::Asyncpg | Library::Psycopg | Library::Psycopg2 => Pool::unknown(
            1,
            format!("{subject} opens a connection as often as it is called"),
        ),
        Library::Django => Pool::unknown(1, "Django keeps a connection for each thread"),
    };
    // A call that may not happen may open nothing.
    if engine.details.reached.is_none() {
        pool.least = 0;
        pool.why
            .get_or_insert_with(|| format!("{subject} stands in a branch that may not be taken"));
    }
    pool
}

fn of_sqlalchemy(engine: &Engine, service: Option<&Service>) -> Pool {
    let class = engine
        .setting("poolclass")
        .map(|setting| setting.value.clone());
    match class {
        Some(Some(Known::Text(name))) => match name.as_str() {
            "QueuePool" | "AsyncAdaptedQueuePool" | "FallbackAsyncAdaptedQueuePool" => {}
            "StaticPool" | "AssertionPool" => return Pool::known(1, "1"),
            "NullPool" => {
                let why = format!("{} keeps no pool (NullPool)", engine.subject());
                return Pool::unknown(1, why);
            }
            _ => return Pool::unknown(1, format!("{} uses a {name}", engine.subject())),
        },
        Some(Some(Known::None)) | None => {}
        Some(_) => return Pool::unknown(1, format!("the pool class of {}", engine.subject())),
    }
    let (size, overflow) = (
        number(engine, "pool_size", service),
        number(engine, "max_overflow", service),
    );
    match (size, overflow) {
        (Ok(0), _) | (_, Ok(..0)) => Pool {
            least: u64::MAX,
            most: Some(u64::MAX),
            sum: "no limit".to_owned(),
            why: None,
            is_unlimited: true,
        },
        (Ok(size), Ok(overflow)) => {
            let total = size.unsigned_abs() + overflow.unsigned_abs();
            Pool::known(total, format!("{size} + {overflow}"))
        }
        (Ok(size), Err(why)) => Pool {
            sum: format!("{size} + ?"),
            ..Pool::unknown(size.unsigned_abs(), why)
        },
        (Err(why), Ok(overflow)) => Pool {
            sum: format!("? + {overflow}"),
            ..Pool::unknown(overflow.unsigned_abs() + 1, why)
        },
        (Err(why), Err(_)) => Pool::unknown(1, why),
    }
}

/// Returns a setting's number, or why it is not known in a service.
fn number(engine: &Engine, name: &str, service: Option<&Service>) -> Result<i64, String> {
    let setting = engine.setting(name);
    let subject = engine.subject();
    match setting {
        Some(EngineSetting {
            from: SettingFrom::EnvDefault(variable),
            ..
        }) if service.is_some_and(|service| !service.unseen.is_empty()) => {
            let by = service.map_or(String::new(), |service| service.unseen.join(" and "));
            Err(format!("${variable} may be set by {by}"))
        }
        Some(EngineSetting {
            value: Some(Known::Int(number)),
            ..
        }) => Ok(*number),
        Some(EngineSetting {
            from: SettingFrom::Unknown(reason),
            ..
        }) => Err(format!("{name} of {subject}: {reason}")),
        _ => Err(format!("{name} of {subject}")),
    }
}

/// Returns the number of an argument that names the most connections of a pool.
fn of_argument(engine: &Engine, name: &str, default: u64) -> Pool {
    let subject = engine.subject();
    let argument = engine.details.argument(name);
    match argument.map(|argument| &argument.value) {
        Some(ArgumentValue::Plain(Known::Int(number))) => {
            let number = number.unsigned_abs();
            Pool::known(number, number.to_string())
        }
        Some(ArgumentValue::Unknown(why)) => {
            Pool::unknown(1, format!("{name} of {subject}: {why}"))
        }
        Some(_) => Pool::unknown(1, format!("{name} of {subject}")),
        None => match engine.details.open_at("") {
            Some(why) => Pool::unknown(1, format!("{name} of {subject}: {why}")),
            None => Pool::known(default, default.to_string()),
        },
    }
}
