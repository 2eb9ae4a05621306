//! Connection strings that are given in parts.

use std::fmt::Write as _;

use percent_encoding::AsciiSet;
use ruff_python_ast::Expr;

use super::Evaluator;
use super::call::Arguments;
use crate::inputs::python::value::{Data, Value};

impl<'a> Evaluator<'a> {
    /// `URL.create(drivername, …)`: the whole text where each part is known, else its scheme.
    pub(super) fn url_create(
        &mut self,
        arguments: &Arguments<'a>,
        scheme: &str,
        expr: &'a Expr,
    ) -> Value<'a> {
        let reason = self.reason(expr);
        let whole = whole_url(arguments, scheme);
        let mut result = match arguments.get(0, scheme).cloned() {
            Some(name) => match (name.as_str(), whole) {
                (Some(_), Some(text)) => name.with(Data::Str(text.into())),
                (Some(text), None) => name.with(Data::Prefix(format!("{text}://").into(), reason)),
                (None, _) => self.unknown(expr).made_of(&name),
            },
            None => self.unknown(expr),
        };
        if !matches!(result.data, Data::Str(_)) {
            self.doubts += 1;
        }
        let parts = arguments.keywords.iter().map(|(_, value)| value);
        for value in arguments.positional.iter().chain(parts) {
            result = result.made_of(value);
        }
        result.composed = result.how.variable().is_some();
        result
    }
}

/// What SQLAlchemy 2 escapes of a user and a password (`sqlalchemy/engine/url.py`).
const QUOTED: AsciiSet = percent_encoding::NON_ALPHANUMERIC
    .remove(b'_')
    .remove(b'.')
    .remove(b'-')
    .remove(b'~')
    .remove(b' ')
    .remove(b'+');

/// Returns the text of a connection string that is given in parts, where all of them are known.
fn whole_url(arguments: &Arguments<'_>, scheme: &str) -> Option<String> {
    const PARTS: [&str; 5] = ["username", "password", "host", "port", "database"];
    let path = if scheme == "scheme" {
        "path"
    } else {
        "database"
    };
    let known = |name: &str| name == scheme || name == path || PARTS.contains(&name);
    if arguments.is_open() || !arguments.keywords.iter().all(|(name, _)| known(name)) {
        return None;
    }
    let part = |index: usize, name: &str| -> Option<String> {
        match arguments.get(index, name).map(|value| &value.data) {
            None | Some(Data::None) => Some(String::new()),
            Some(Data::Str(text)) => Some(text.to_string()),
            Some(Data::Int(number)) => Some(number.to_string()),
            Some(_) => None,
        }
    };
    let quoted = |text: &str| percent_encoding::utf8_percent_encode(text, &QUOTED).to_string();
    let (start, user, password) = (part(0, scheme)?, part(1, "username")?, part(2, "password")?);
    let (host, number, database) = (part(3, "host")?, part(4, "port")?, part(5, path)?);
    let mut url = format!("{start}://");
    if !user.is_empty() || !password.is_empty() {
        url.push_str(&quoted(&user));
        if !password.is_empty() {
            url.push(':');
            url.push_str(&quoted(&password));
        }
        url.push('@');
    }
    if host.contains(':') {
        let _ = write!(url, "[{host}]");
    } else {
        url.push_str(&host);
    }
    if !number.is_empty() {
        url.push(':');
        url.push_str(&number);
    }
    if !database.is_empty() {
        url.push('/');
        url.push_str(database.strip_prefix('/').unwrap_or(&database));
    }
    Some(url)
}
