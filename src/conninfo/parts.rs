//! The parts of a connection string that may have something around it, any scheme, and parameters
//! of any tool: each of those has a rule of its own, and none should hide the others' findings.

use super::syntax::{Keywords, Parsed, SyntaxError};
use super::{key_value, uri};
use crate::value::Span;

/// Where the connection string itself stands in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Core {
    /// The string without what surrounds it: white space, quotes, a variable's name, a command.
    pub span: Span,
    /// The scheme without `://`; `None` where it has none.
    pub scheme: Option<Span>,
}

/// Finds the connection string in a text.
pub fn core(text: &str) -> Core {
    let is_quote = |c: char| "\"'`“”‘’".contains(c);
    let is_around = |c: char| {
        c.is_whitespace() || c.is_control() || "\u{feff}\u{200b}".contains(c) || is_quote(c)
    };
    let mut start = text.len() - text.trim_start_matches(is_around).len();
    for word in ["export ", "set ", "psql "] {
        if let Some(rest) = text[start..].strip_prefix(word) {
            start = text.len() - rest.trim_start_matches(is_around).len();
        }
    }
    if let Some((name, rest)) = text[start..].split_once('=')
        && is_variable(name)
    {
        start = text.len() - rest.trim_start_matches(is_around).len();
    }
    let quoted = text[..start].contains(is_quote);
    let end = text[start..].trim_end_matches(|c: char| {
        c.is_whitespace()
            || c.is_control()
            || ((quoted || text.contains("://")) && (is_around(c) || c == ';'))
    });
    let span = Span::new(start, start + end.len());
    let scheme = end
        .split_once("://")
        .filter(|(scheme, _)| is_scheme(scheme))
        .map(|(scheme, _)| Span::new(start, start + scheme.len()));
    Core { span, scheme }
}

/// Splits a connection string into its parts, whatever its scheme and its parameters' names are.
pub fn parse_parts(text: &str) -> Result<Parsed, SyntaxError> {
    let Core { span, scheme } = core(text);
    if let Some(scheme) = scheme {
        return uri::parse(&text[..span.end], scheme.end + "://".len(), Keywords::Any);
    }
    // The reader starts at the text's beginning, so what stands before is blanked out.
    let blanked = " ".repeat(span.start) + &text[span.start..span.end];
    key_value::parse(&blanked, Keywords::Any)
}

/// Returns whether a text before `=` is a variable's name and not a keyword of libpq.
fn is_variable(name: &str) -> bool {
    let upper = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    !name.is_empty() && name.chars().all(upper)
}

/// Returns whether a text before `://` is shaped like a scheme; else it is a part of a password.
fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-._".contains(c))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

    use super::{core, parse_parts};

    #[track_caller]
    fn check(text: &str, host: &str, dbname: &str) {
        let parts = parse_parts(text).unwrap();
        assert_eq!(parts.hosts()[0].host.as_deref(), Some(host), "{text:?}");
        let parameter = parts.get("dbname").unwrap();
        assert_eq!(parameter.value.expose(), dbname, "{text:?}");
        let span = parameter.value_span;
        assert_eq!(&text[span.start..span.end], dbname, "{text:?}");
    }

    #[test]
    fn what_surrounds_a_string_does_not_hide_its_parts() {
        check("postgresql://u:p@h/d", "h", "d");
        check(" \"postgresql://u:p@h/d\"\r\n", "h", "d");
        check("\u{feff}postgres://u:p@h/d", "h", "d");
        check("DATABASE_URL=postgresql://u:p@h/d", "h", "d");
        check("psql 'postgresql://u:p@h/d'", "h", "d");
        check("export DATABASE_URL=\"postgresql://u:p@h/d\"", "h", "d");
        check(" host=h dbname=d", "h", "d");
    }

    #[test]
    fn any_scheme_and_any_parameter_has_parts() {
        check(
            "postgresql+asyncpg://u:p@h/d?ssl=require&pool_size=3",
            "h",
            "d",
        );
        check("POSTGRESQL://u:p@h/d", "h", "d");
        check("mysql://u:p@h/d", "h", "d");
    }

    #[test]
    fn the_scheme_has_its_place() {
        let text = " postgresql+asyncpg://h/d";
        let scheme = core(text).scheme.unwrap();
        assert_eq!(&text[scheme.start..scheme.end], "postgresql+asyncpg");
        assert_eq!(core("host=h").scheme, None);
    }
}
