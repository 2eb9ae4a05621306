//! The URL of a health endpoint: whom to ask, what to ask for, and what may be shown of it.

use std::fmt;

use url::{Host, Url};

use crate::value::Secret;

/// The least length of a query's value that may be a token.
const TOKEN: usize = 8;

/// Why a URL cannot be asked. Holds nothing of its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadUrl {
    /// It does not parse.
    #[error("the URL does not parse")]
    Syntax,
    /// It is neither http nor https.
    #[error("the URL's scheme is neither http nor https")]
    Scheme,
    /// It holds a user or a password.
    #[error("the URL holds a user or a password; use --header 'Authorization: …'")]
    Credentials,
}

/// Whom to ask.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Address {
    url: Url,
}

impl Address {
    pub(super) fn new(text: &str) -> Result<Self, BadUrl> {
        let url = Url::parse(text.trim()).map_err(|_| BadUrl::Syntax)?;
        Self::of(url)
    }

    fn of(mut url: Url) -> Result<Self, BadUrl> {
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(BadUrl::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(BadUrl::Credentials);
        }
        url.set_fragment(None);
        Ok(Self { url })
    }

    /// Returns where a redirect leads.
    pub(super) fn follow(&self, location: &str) -> Option<Self> {
        Self::of(self.url.join(location).ok()?).ok()
    }

    /// Returns what of the query may be a token: what is long enough, and what a name says it is.
    pub(super) fn query_values(&self) -> impl Iterator<Item = Secret> {
        const NAMES: [&str; 6] = ["token", "key", "secret", "pass", "auth", "sig"];
        let tokens = self.url.query_pairs().filter_map(|(name, value)| {
            if value.is_empty() {
                return (name.len() >= TOKEN).then_some(name);
            }
            let name = name.to_ascii_lowercase();
            let is_token = value.len() >= TOKEN || NAMES.iter().any(|word| name.contains(word));
            is_token.then_some(value)
        });
        tokens.map(|value| Secret::new(value.into_owned()))
    }

    pub(super) fn is_same_origin(&self, other: &Self) -> bool {
        self.url.origin() == other.url.origin()
    }

    pub(super) fn is_tls(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Returns the host as a resolver and a certificate take it: an IPv6 address without brackets.
    pub(super) fn host(&self) -> String {
        match self.url.host() {
            Some(Host::Domain(name)) => name.to_owned(),
            Some(Host::Ipv4(address)) => address.to_string(),
            Some(Host::Ipv6(address)) => address.to_string(),
            None => String::new(),
        }
    }

    pub(super) fn port(&self) -> u16 {
        self.url.port_or_known_default().unwrap_or(80)
    }

    /// Returns the value of the `Host` header.
    pub(super) fn authority(&self) -> &str {
        self.url.authority()
    }

    /// Returns the path and the query, as a request line wants them.
    pub(super) fn target(&self) -> &str {
        &self.url[url::Position::BeforePath..url::Position::AfterQuery]
    }
}

impl fmt::Display for Address {
    /// Writes the URL without the values of its query, which may be tokens.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url[..url::Position::AfterPath])?;
        if self.url.query().is_some() {
            f.write_str("?***")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

    use super::{Address, BadUrl};

    #[test]
    fn a_url_is_taken_apart_and_shown_without_its_query() {
        let address = Address::new("https://[::1]:8443/health?token=s3cr3t#x").unwrap();
        assert_eq!((address.host().as_str(), address.port()), ("::1", 8443));
        assert_eq!(address.target(), "/health?token=s3cr3t");
        assert_eq!(address.authority(), "[::1]:8443");
        assert!(address.is_tls());
        assert_eq!(format!("{address}{address:?}").matches("s3cr3t").count(), 0);
    }

    #[test]
    fn what_cannot_be_asked_is_refused() {
        assert_eq!(Address::new("not a url"), Err(BadUrl::Syntax));
        assert_eq!(Address::new("ftp://h/"), Err(BadUrl::Scheme));
        assert_eq!(Address::new("http://u:p@h/"), Err(BadUrl::Credentials));
    }

    #[test]
    fn a_redirect_stays_within_its_origin_or_is_known_to_leave_it() {
        let from = Address::new("http://h:8000/a/b").unwrap();
        assert!(from.is_same_origin(&from.follow("../c").unwrap()));
        assert_eq!(from.follow("../c").unwrap().target(), "/c");
        assert!(!from.is_same_origin(&from.follow("https://h:8000/").unwrap()));
        assert!(!from.is_same_origin(&from.follow("//other/").unwrap()));
    }
}
