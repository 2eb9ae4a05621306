//! An environment: a set of variables that one process would see.

use crate::driver::Variables;
use crate::value::{Origin, Secret, Sourced};

/// Which source an environment comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnvironmentKind {
    /// The process environment over any `--env-file`.
    Process,
    /// A `.env` file.
    Dotenv,
    /// A service of a deploy file.
    Service,
}

/// What is known of a variable's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// The text itself.
    Known(Secret),
    /// It is set, to a value that no file tells; the reason fits after "its value is":
    /// `set in Render's dashboard (sync: false)`.
    Unknown(String),
}

/// One variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// The name.
    pub name: String,
    /// The value.
    pub value: Value,
    /// Where it is set.
    pub origin: Origin,
    /// What to know about the value beside it: that other readers of the file take another one.
    pub note: Option<String>,
}

impl Variable {
    /// Returns a variable with its value and the place that sets it.
    pub fn new(name: impl Into<String>, value: Value, origin: Origin) -> Self {
        Self {
            name: name.into(),
            value,
            origin,
            note: None,
        }
    }
}

/// What a service is made from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Made {
    /// The file does not say: from the project, as the platform finds it.
    #[default]
    Unsaid,
    /// From a Dockerfile, relative to the project, that is built in a folder of the project.
    Dockerfile {
        /// The Dockerfile.
        path: String,
        /// The folder; `None` where it lies outside of the project.
        context: Option<String>,
    },
    /// From somebody else's image, or by what is no Python: nothing of the project runs in it.
    Elsewhere,
}

/// How a service runs, as far as its deploy file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deployment {
    /// The platform: `render`, `fly`, `compose`, …
    pub platform: &'static str,
    /// The command that starts the service.
    pub start_command: Option<Sourced<String>>,
    /// The folder in which the command runs, relative to the project.
    pub root: Option<String>,
    /// What it is made from.
    pub made: Made,
    /// The plan of the database that the file declares for it: the provider's id, the plan's name.
    pub plan: Option<(String, String)>,
    /// How many instances run: the most that scaling may reach.
    pub instances: Option<Sourced<u32>>,
    /// Where further variables come from that no file shows, as it fits after "set by":
    /// `the environment group shared`. A variable that is not set here may be set there.
    pub unseen: Vec<String>,
}

/// A set of variables that one process would see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// `process`, `.env`, `render.yaml:api`, `deploy/.env`.
    pub name: String,
    /// Which source it comes from.
    pub kind: EnvironmentKind,
    /// The variables in the order in which they are set; a name stands once, its last value counts.
    pub variables: Vec<Variable>,
    /// How the service runs; `None` where the source is no deploy file.
    pub deployment: Option<Deployment>,
}

impl Environment {
    /// Returns a variable by its name.
    pub fn get(&self, name: &str) -> Option<&Variable> {
        self.variables
            .iter()
            .rev()
            .find(|variable| variable.name == name)
    }

    /// Returns the first of several names that is set.
    pub fn first_of<'a>(&self, names: impl IntoIterator<Item = &'a String>) -> Option<&Variable> {
        names.into_iter().find_map(|name| self.get(name))
    }

    /// Returns the `PG*` variables that drivers read beside a connection string.
    pub fn postgres_variables(&self) -> Variables {
        let known = self.variables.iter().filter_map(|variable| {
            let Value::Known(text) = &variable.value else {
                return None;
            };
            Some((variable.name.as_str(), text))
        });
        let unknown = self
            .variables
            .iter()
            .filter(|variable| matches!(variable.value, Value::Unknown(_)));
        Variables::of(known).with_unknown(unknown.map(|variable| variable.name.as_str()))
    }
}
