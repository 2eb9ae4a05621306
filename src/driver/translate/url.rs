//! Puts a URL together.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What stands for itself in a user, a password, a host or a path.
const PART: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// What stands for itself in a parameter's value.
const VALUE: &AsciiSet = &PART.remove(b'/').remove(b':').remove(b',');

/// A URL in the making.
#[derive(Debug, Default)]
pub(super) struct UrlParts {
    pub(super) scheme: &'static str,
    pub(super) user: Option<String>,
    pub(super) password: Option<String>,
    /// Hosts and ports, encoded.
    pub(super) authority: String,
    /// The path behind the slash, encoded.
    pub(super) path: String,
    pub(super) parameters: Vec<(String, String)>,
}

impl UrlParts {
    /// Adds a parameter.
    pub(super) fn add(&mut self, name: &str, value: &str) {
        self.parameters.push((name.to_owned(), value.to_owned()));
    }

    /// Writes the URL.
    pub(super) fn write(&self) -> String {
        let mut text = format!("{}://", self.scheme);
        if let Some(user) = &self.user {
            text.push_str(&part(user));
        }
        if let Some(password) = &self.password {
            text.push(':');
            text.push_str(&part(password));
        }
        if self.user.is_some() || self.password.is_some() {
            text.push('@');
        }
        text.push_str(&self.authority);
        text.push('/');
        text.push_str(&self.path);
        for (index, (name, value)) in self.parameters.iter().enumerate() {
            text.push(if index == 0 { '?' } else { '&' });
            text.push_str(&part(name));
            text.push('=');
            text.extend(utf8_percent_encode(value, VALUE));
        }
        text
    }
}

/// Encodes a part.
pub(super) fn part(text: &str) -> String {
    utf8_percent_encode(text, PART).to_string()
}

/// Writes a host for an authority: an IPv6 address in brackets.
pub(super) fn host(host: &str) -> String {
    if host.contains(':') && !host.starts_with('/') {
        format!("[{}]", host.replace('%', "%25"))
    } else {
        part(host)
    }
}
