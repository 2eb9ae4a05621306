//! The URL of a health endpoint: whom to ask, what to ask for, and what may be shown of it.

use std::fmt;

use url::{Host, Url};

use crate::value::Secret;

/// The least length of a query's value that may be a token.
const TOKEN: usize = 8;

/// The least length of a run of letters and digits in a path that may be a token, as in the URL of
/// a webhook: words are shorter, or hold no digit.
const PATH_TOKEN: usize = 16;

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

    /// Returns the parts of the path that may be tokens.
    pub(super) fn path_tokens(&self) -> impl Iterator<Item = Secret> {
        let parts = self.url.path().split('/').filter(|part| is_token(part));
        parts.map(|part| {
            let decoded = percent_encoding::percent_decode_str(part).decode_utf8_lossy();
            Secret::new(decoded.into_owned())
        })
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
    /// Writes the URL without what may be a token: the values of its query, and parts of its path.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url[..url::Position::BeforePath])?;
        let parts = self.url.path().split('/');
        let shown: Vec<&str> = parts
            .map(|part| if is_token(part) { "***" } else { part })
            .collect();
        f.write_str(&shown.join("/"))?;
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

/// Returns whether a part of a path may be a token: letters and digits without an end, or an id of
/// several such groups.
fn is_token(part: &str) -> bool {
    let runs = part.split(|letter: char| !letter.is_ascii_alphanumeric());
    let mixed = |run: &&str| {
        run.bytes().any(|byte| byte.is_ascii_digit())
            && run.bytes().any(|byte| byte.is_ascii_alphabetic())
    };
    let mut runs = runs.filter(mixed);
    let long = runs.clone().any(|run| run.len() >= PATH_TOKEN);
    long || (part.len() >= 2 * PATH_TOKEN && runs.next().is_some())
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
    fn a_token_in_a_path_is_not_shown_and_a_word_is() {
        for token in ["Xq7Zk2P9aWm4Rt8v", "6f1e0b52-7c1d-4f3a-9d7e-2b6a1c0d9e8f"] {
            let address = Address::new(&format!("https://h/hooks/T0/{token}/x")).unwrap();
            assert_eq!(address.to_string(), "https://h/hooks/T0/***/x");
            assert_eq!(address.target(), format!("/hooks/T0/{token}/x"));
            let tokens: Vec<_> = address.path_tokens().collect();
            assert_eq!(tokens.len(), 1);
            assert_eq!(tokens[0].expose(), token);
        }
        for path in ["/api/v1/health", "/internal/health/database-connections"] {
            let address = Address::new(&format!("https://h{path}")).unwrap();
            assert_eq!(address.to_string(), format!("https://h{path}"));
            assert_eq!(address.path_tokens().count(), 0);
        }
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
