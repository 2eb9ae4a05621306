//! A connection string in its environment, with the drivers that read it.

use crate::conninfo::{Parsed, Redacted, SyntaxError};
use crate::driver::{Driver, Prediction, Variables, predict_in, predict_redacted_in};
use crate::provider::{self, Detected};
use crate::value::{Origin, Secret};

/// A driver that reads a connection string.
#[derive(Clone, Debug)]
pub struct Reader {
    /// Which driver.
    pub driver: Driver,
    /// What makes us think so: `--driver`, the scheme, the engines (by `path:line`).
    pub because: String,
    /// The string as the code hands it on, where it changes it: another scheme, say.
    pub handed_on: Option<Secret>,
    /// What it does with the string.
    pub prediction: Prediction,
}

/// What is known of a connection string's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UrlText {
    /// No environment sets it.
    Unset,
    /// It is set to a value that no file tells; the reason fits after "its value is".
    Unknown(String),
    /// The text itself.
    Known(Secret),
}

impl UrlText {
    /// Returns the text, where it is known.
    pub fn known(&self) -> Option<&Secret> {
        match self {
            Self::Known(text) => Some(text),
            Self::Unset | Self::Unknown(_) => None,
        }
    }
}

/// A connection string in its environment.
#[derive(Clone, Debug)]
pub struct DatabaseUrl {
    /// What is judged: the variable's name, or `URL` for an argument.
    pub subject: String,
    /// The environment's name; `None` for an argument.
    pub environment: Option<String>,
    /// Where the value is set; `None` where it is not.
    pub origin: Option<Origin>,
    /// The text.
    pub text: UrlText,
    /// The text to show.
    pub redacted: Redacted,
    /// How libpq splits it, to the letter.
    pub parsed: Result<Parsed, SyntaxError>,
    /// Its parts: as `parsed`, but with any scheme and any parameter name, which have rules of their own.
    pub parts: Result<Parsed, SyntaxError>,
    /// Who hosts it, by its first host.
    pub provider: Option<Detected>,
    /// The `PG*` variables of the processes that read it.
    pub variables: Variables,
    /// Who reads it.
    pub readers: Vec<Reader>,
    /// Which of the files that its readers read are not on this machine; `None` where it is read on
    /// another one.
    pub absent_files: Option<Vec<String>>,
}

/// Returns who hosts a connection string's first host.
pub fn provider_of(parts: &Parsed) -> Option<Detected> {
    let host = parts.hosts().into_iter().next()?;
    let port = host.port.and_then(|port| port.parse().ok());
    provider::detect(host.host.as_deref()?, port)
}

impl DatabaseUrl {
    /// Predicts what a driver does with a text in this string's place: beside the same variables, and
    /// with the same provider.
    pub fn predict(&self, driver: &Driver, text: &str) -> Prediction {
        let routing = self.routing_words();
        if self.text.known().map(Secret::expose) == Some(text) {
            predict_redacted_in(driver, text, &self.redacted, &self.variables, routing)
        } else {
            predict_in(driver, text, &self.variables, routing)
        }
    }

    /// Predicts as [`Self::predict`] does, in a process without variables.
    pub fn predict_alone(&self, driver: &Driver, text: &str) -> Prediction {
        predict_in(driver, text, &Variables::default(), self.routing_words())
    }

    /// Returns the variables of the process each of which, unset, leaves a string that a driver takes.
    pub fn spoilers(&self, driver: &Driver, text: &str) -> Vec<&str> {
        let names = self.variables.names();
        names
            .filter(|name| {
                let left = self.variables.without(name);
                predict_in(driver, text, &left, self.routing_words()).accepts
            })
            .collect()
    }

    fn routing_words(&self) -> &'static [&'static str] {
        self.provider
            .map_or(&[], |detected| detected.provider.routing_words())
    }
}
