//! What an application's log says about its pools and its failures.

/// A number that a line of the log states about a pool.
#[derive(Clone, Debug, PartialEq)]
pub struct LogSetting {
    /// Our name for it: `pool_size`, `max_overflow`, `pool_recycle`, `pool_timeout`.
    pub name: &'static str,
    /// The number; seconds for times.
    pub value: f64,
    /// The line, from 1.
    pub line: u64,
}

/// A failure that the log holds and that `explain` knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogError {
    /// The id of the page that fits best.
    pub id: &'static str,
    /// Its title.
    pub title: &'static str,
    /// The one thing to do.
    pub fix: &'static str,
    /// How many other pages fit as well.
    pub others: usize,
    /// The first line that holds it, from 1.
    pub first_line: u64,
    /// The last one.
    pub last_line: u64,
    /// How many lines hold it.
    pub count: u64,
}

/// What a log says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LogFacts {
    /// The file as it was named, or `-` for the standard input.
    pub source: String,
    /// The program that reads it, where it is compressed: then nothing of it was understood.
    pub compressed: Option<&'static str>,
    /// How many lines were read.
    pub lines: u64,
    /// The last line that says that an engine was initialised.
    pub engine_started: Option<u64>,
    /// What the last start states, per engine.
    pub settings: Vec<LogSetting>,
    /// The known failures, in the order of their first line.
    pub errors: Vec<LogError>,
}

impl LogFacts {
    /// Iterates over what the log states of one setting.
    pub fn stated<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a LogSetting> {
        self.settings
            .iter()
            .filter(move |stated| stated.name == name)
    }
}
