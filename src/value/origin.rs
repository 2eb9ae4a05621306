//! Where a value was set.

use std::fmt;

/// Where a value was set: what a person opens to change it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// A variable of the process environment.
    Env {
        /// The variable's name.
        name: String,
    },
    /// A place in a file; lines and columns count from 1, columns in characters.
    File {
        /// The path as the report shows it: relative to the project where it lies below it.
        path: String,
        /// The line.
        line: u32,
        /// The column.
        column: u32,
    },
    /// A command-line flag, or an argument by its name in the help (`URL`).
    Flag {
        /// The flag with its dashes, or the argument's name.
        name: String,
    },
    /// What a server said.
    Server {
        /// The host that was asked for.
        host: String,
        /// The port.
        port: u16,
    },
    /// A default of the program that reads the value; nobody set it.
    Default,
}

impl Origin {
    /// Returns the origin of an environment variable.
    pub fn env(name: impl Into<String>) -> Self {
        Self::Env { name: name.into() }
    }

    /// Returns the origin of a place in a file.
    pub fn file(path: impl Into<String>, line: u32, column: u32) -> Self {
        Self::File {
            path: path.into(),
            line,
            column,
        }
    }

    /// Returns the origin of a flag or an argument.
    pub fn flag(name: impl Into<String>) -> Self {
        Self::Flag { name: name.into() }
    }
}

impl fmt::Display for Origin {
    /// Writes `$NAME`, `path:line`, `--flag`, `server host:port` or `default`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env { name } => write!(f, "${name}"),
            Self::File { path, line, .. } => write!(f, "{path}:{line}"),
            Self::Flag { name } => f.write_str(name),
            Self::Server { host, port } => write!(f, "server {host}:{port}"),
            Self::Default => f.write_str("default"),
        }
    }
}

/// A value that knows who set it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Where it was set.
    pub origin: Origin,
}

impl<T> Sourced<T> {
    /// Pairs a value with its origin.
    pub fn new(value: T, origin: Origin) -> Self {
        Self { value, origin }
    }
}
