//! What a connection string splits into, and how that fails.

use std::fmt;

use super::{key_value, uri};
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
    /// libpq's keyword: `host`, `sslmode`, …; aliases (`ssl=true`, `requiressl=1`) stand as the
    /// `sslmode` that they mean.
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
    /// Where the host and the port of each part of a URI's authority stand.
    pub(super) netlocs: Vec<(Span, Span)>,
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
    /// Returns a string with these parameters, whose places are theirs alone.
    pub fn new(form: Form, parameters: Vec<Parameter>) -> Self {
        Self {
            form,
            parameters,
            netlocs: Vec::new(),
        }
    }

    /// Returns the parameter that counts for a keyword: the last one given.
    pub fn get(&self, keyword: &str) -> Option<&Parameter> {
        self.parameters
            .iter()
            .rev()
            .find(|parameter| parameter.keyword == keyword)
    }

    /// Returns the hosts with their ports, paired as libpq pairs them; one without a name where
    /// the string names none.
    ///
    /// Lists of unequal length are paired as far as they go; [`super::check()`] tells that libpq
    /// refuses them.
    pub fn hosts(&self) -> Vec<HostSpec> {
        let names = self.list("host", |netloc| netloc.0);
        let addresses = self.list("hostaddr", |_| Span::default());
        let ports = self.list("port", |netloc| netloc.1);
        let behind = self.netlocs.last().map_or(0, |netloc| netloc.1.end);
        (0..names.len().max(addresses.len()).max(1))
            .map(|index| {
                let name = names.get(index);
                let port = match ports.len() {
                    1 => ports.first(),
                    _ => ports.get(index),
                };
                let host_span = name
                    .or(addresses.get(index))
                    .map_or(Span::new(behind, behind), |piece| piece.1);
                HostSpec {
                    host: text(name),
                    hostaddr: text(addresses.get(index)),
                    port: text(port),
                    host_span,
                    port_span: port
                        .map_or(Span::new(host_span.end, host_span.end), |piece| piece.1),
                }
            })
            .collect()
    }

    /// Splits a value at its commas, with the place of each piece; nothing where it is not set.
    fn list(&self, keyword: &str, place: impl Fn(&(Span, Span)) -> Span) -> Vec<(&str, Span)> {
        let Some(parameter) = self.get(keyword) else {
            return Vec::new();
        };
        let value = parameter.value.expose();
        if value.is_empty() {
            return Vec::new();
        }
        let count = value.split(',').count();
        let from_authority = parameter.keyword_span.is_empty() && self.form == Form::Uri;
        let mut start = parameter.value_span.start;
        value
            .split(',')
            .enumerate()
            .map(|(index, piece)| {
                let span = if from_authority && count == self.netlocs.len() {
                    place(&self.netlocs[index])
                } else if parameter.value_span.len() == value.len() {
                    Span::new(start, start + piece.len())
                } else {
                    parameter.value_span
                };
                start += piece.len() + 1;
                (piece, span)
            })
            .collect()
    }
}

fn text(piece: Option<&(&str, Span)>) -> Option<String> {
    piece
        .filter(|piece| !piece.0.is_empty())
        .map(|piece| piece.0.to_owned())
}

/// The ways in which a connection string is malformed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyntaxClass {
    /// `host` without `=` in a key/value string: also what libpq says of anything that is no URI.
    MissingEquals,
    /// A quote that is never closed.
    UnterminatedQuote,
    /// A keyword that libpq does not know.
    UnknownKeyword,
    /// A query parameter without `=`.
    MissingSeparator,
    /// A query parameter with a second `=`.
    ExtraSeparator,
    /// `%` without two hexadecimal digits.
    BadPercent,
    /// `%00`.
    PercentNul,
    /// A space between other characters; libpq refuses it since version 18.
    InnerSpace,
    /// `[` without `]`.
    OpenBracket,
    /// `[]`.
    EmptyBracket,
    /// Something else than `:`, `/`, `?` or `,` behind `]`.
    AfterBracket,
    /// A NUL character, at which C would cut the string.
    Nul,
    /// Escapes that do not come to UTF-8.
    NotUtf8,
}

impl SyntaxClass {
    fn message(self) -> &'static str {
        match self {
            Self::MissingEquals => "missing `=` after a keyword",
            Self::UnterminatedQuote => "unterminated quoted string",
            Self::UnknownKeyword => "unknown keyword",
            Self::MissingSeparator => "missing `=` in a query parameter",
            Self::ExtraSeparator => "extra `=` in a query parameter (write it as %3D)",
            Self::BadPercent => "invalid percent-encoded token (write a bare % as %25)",
            Self::PercentNul => "forbidden value %00",
            Self::InnerSpace => "unexpected space (write it as %20)",
            Self::OpenBracket => "missing `]` behind an IPv6 address",
            Self::EmptyBracket => "empty IPv6 address",
            Self::AfterBracket => "unexpected character behind `]`",
            Self::Nul => "NUL character",
            Self::NotUtf8 => "percent-encoded bytes that are not UTF-8",
        }
    }
}

/// Why libpq refuses a connection string. Holds no text of it: a place, and what is wrong there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// Which way of being malformed.
    pub class: SyntaxClass,
    /// What is wrong, as a fragment: `invalid percent-encoded token`.
    pub message: String,
    /// Where.
    pub span: Span,
}

impl SyntaxError {
    /// Makes the error of a class at a place.
    pub fn new(class: SyntaxClass, span: Span) -> Self {
        Self {
            class,
            message: class.message().to_owned(),
            span,
        }
    }
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.message, self.span.start + 1)
    }
}

impl std::error::Error for SyntaxError {}

/// Splits a connection string as libpq 18 does.
pub fn parse(text: &str) -> Result<Parsed, SyntaxError> {
    if let Some(at) = text.find('\0') {
        return Err(SyntaxError::new(SyntaxClass::Nul, Span::new(at, at + 1)));
    }
    match uri::prefix_length(text) {
        Some(length) => uri::parse(text, length, Keywords::Libpq),
        None => key_value::parse(text, Keywords::Libpq),
    }
}

/// Which keywords a reading takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keywords {
    /// Those that libpq knows.
    Libpq,
    /// Any.
    Any,
}

/// Makes a parameter, with libpq's aliases resolved.
pub(super) fn parameter(
    keyword: &str,
    value: String,
    keyword_span: Span,
    value_span: Span,
    keywords: Keywords,
) -> Result<Parameter, SyntaxError> {
    // libpq keeps `requiressl` alive in every form; only its first character counts.
    let (keyword, value) = if keyword == "requiressl" {
        let mode = if value.starts_with('1') {
            "require"
        } else {
            "prefer"
        };
        ("sslmode", mode.to_owned())
    } else {
        (keyword, value)
    };
    if keywords == Keywords::Libpq && super::keywords::find(keyword).is_none() {
        return Err(SyntaxError::new(SyntaxClass::UnknownKeyword, keyword_span));
    }
    Ok(Parameter {
        keyword: keyword.to_owned(),
        value: Secret::new(value),
        keyword_span,
        value_span,
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

    use super::{SyntaxClass, parse};
    use crate::value::Span;

    /// The hosts as `host|hostaddr|port`, each with the text at its place.
    fn hosts(text: &str) -> Vec<String> {
        let at = |span: Span| &text[span.start..span.end];
        parse(text)
            .unwrap()
            .hosts()
            .iter()
            .map(|host| {
                format!(
                    "{}|{}|{} at {}|{}",
                    host.host.as_deref().unwrap_or("-"),
                    host.hostaddr.as_deref().unwrap_or("-"),
                    host.port.as_deref().unwrap_or("-"),
                    at(host.host_span),
                    at(host.port_span),
                )
            })
            .collect()
    }

    #[test]
    fn hosts_and_ports_are_paired_and_keep_their_places() {
        assert_eq!(hosts("postgresql://u:p@h:1/db"), ["h|-|1 at h|1"]);
        assert_eq!(
            hosts("postgresql://u@h1:1,[::2],h3:3"),
            ["h1|-|1 at h1|1", "::2|-|- at ::2|", "h3|-|3 at h3|3"]
        );
        assert_eq!(
            hosts("postgresql://%2Ftmp,h2:2/"),
            ["/tmp|-|- at %2Ftmp|", "h2|-|2 at h2|2"]
        );
        assert_eq!(hosts("postgresql://u@/db"), ["-|-|- at |"]);
        assert_eq!(hosts("postgresql://u@h:/db"), ["h|-|- at h|"]);
        assert_eq!(
            hosts("postgresql://u@x:9/db?host=a,b&port=7"),
            ["a|-|7 at a|7", "b|-|7 at b|7"]
        );
        assert_eq!(
            hosts("postgresql:///?host=%61,b"),
            ["a|-|- at %61,b|", "b|-|- at %61,b|"]
        );
        assert_eq!(
            hosts("host=a,b hostaddr=10.0.0.1,10.0.0.2 port=1,2"),
            ["a|10.0.0.1|1 at a|1", "b|10.0.0.2|2 at b|2"]
        );
        assert_eq!(hosts("port=1"), ["-|-|1 at |1"]);
        assert_eq!(hosts(""), ["-|-|- at |"]);
    }

    #[test]
    fn every_parameter_keeps_its_place() {
        let text = "postgresql://us%40er:p@h/ d ?ssl=true&%75ser= x ";
        let parsed = parse(text).unwrap();
        let places: Vec<(&str, &str, &str)> = parsed
            .parameters
            .iter()
            .map(|parameter| {
                let (key, value) = (parameter.keyword_span, parameter.value_span);
                (
                    parameter.keyword.as_str(),
                    &text[key.start..key.end],
                    &text[value.start..value.end],
                )
            })
            .collect();
        assert_eq!(
            places,
            [
                ("user", "", "us%40er"),
                ("password", "", "p"),
                ("host", "", "h"),
                ("dbname", "", "d"),
                ("sslmode", "ssl", "true"),
                ("user", "%75ser", "x"),
            ]
        );
        assert_eq!(parsed.get("user").unwrap().value.expose(), "x");
    }

    #[test]
    fn an_error_has_a_class_and_a_place() {
        let table = [
            ("host", SyntaxClass::MissingEquals, "host"),
            ("host='a", SyntaxClass::UnterminatedQuote, "'a"),
            ("hots=a", SyntaxClass::UnknownKeyword, "hots"),
            ("postgresql://h/?a", SyntaxClass::MissingSeparator, "a"),
            ("postgresql://h/?user=a=b", SyntaxClass::ExtraSeparator, "="),
            ("postgresql://u:a%zz@h", SyntaxClass::BadPercent, "%"),
            ("postgresql://u:a%00@h", SyntaxClass::PercentNul, "%00"),
            ("postgresql://u:a  b@h", SyntaxClass::InnerSpace, "  "),
            ("postgresql://[::1", SyntaxClass::OpenBracket, "[::1"),
            ("postgresql://[]", SyntaxClass::EmptyBracket, "[]"),
            ("postgresql://[::1]é", SyntaxClass::AfterBracket, "é"),
            ("host=a\0", SyntaxClass::Nul, "\0"),
            ("postgresql://%E4", SyntaxClass::NotUtf8, "%E4"),
        ];
        for (text, class, place) in table {
            let error = parse(text).unwrap_err();
            assert_eq!(error.class, class, "{text}");
            assert_eq!(&text[error.span.start..error.span.end], place, "{text}");
        }
    }
}
