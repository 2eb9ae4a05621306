//! Splits a connection string as libpq 18 does (`conninfo_parse`, `conninfo_uri_parse`).

use crate::value::{Secret, Span};

/// The two forms of a connection string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `postgresql://user@host/dbname?key=value`
    Uri,
    /// `host=… user=…`
    KeyValue,
}

/// One keyword with its value, as the string gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// libpq's keyword: `host`, `sslmode`, …
    pub keyword: String,
    /// The value, decoded.
    pub value: Secret,
    /// Where the keyword stands; empty for a part of the authority.
    pub keyword_span: Span,
    /// Where the value stands, still encoded.
    pub value_span: Span,
}

/// A connection string split into its parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    /// Which form it has.
    pub form: Form,
    /// Each parameter in the order in which it is given; a repeated one is kept, the last wins.
    pub parameters: Vec<Parameter>,
}

/// One host of a (multi-host) connection string.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostSpec {
    /// The name, address or socket directory; `None` where the string names none.
    pub host: Option<String>,
    /// The address to dial instead of looking the name up.
    pub hostaddr: Option<String>,
    /// The port as it is written; `None` where it is left out or empty.
    pub port: Option<String>,
    /// Where the host stands.
    pub host_span: Span,
    /// Where the port stands; empty, behind the host, where it is left out.
    pub port_span: Span,
}

impl Parsed {
    /// Returns the parameter that counts for a keyword: the last one given.
    pub fn get(&self, keyword: &str) -> Option<&Parameter> {
        self.parameters
            .iter()
            .rev()
            .find(|parameter| parameter.keyword == keyword)
    }

    /// Returns the hosts with their ports, paired as libpq pairs them.
    pub fn hosts(&self) -> Vec<HostSpec> {
        Vec::new()
    }
}

/// Why libpq refuses a connection string. Holds no text of it: a place, and what is wrong there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// What is wrong, as a fragment: `invalid percent-encoded token`.
    pub message: String,
    /// Where.
    pub span: Span,
}

/// Splits a connection string as libpq 18 does.
pub fn parse(text: &str) -> Result<Parsed, SyntaxError> {
    let _ = text;
    Err(SyntaxError {
        message: String::new(),
        span: Span::default(),
    })
}
