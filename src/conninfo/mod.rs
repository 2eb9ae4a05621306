//! Connection strings: how libpq reads them, what they resolve to, and how to show them redacted.
//!
//! Pure: what comes from the environment and from files is handed in as an [`Ambient`].

mod check;
mod exposure;
mod key_value;
pub mod keywords;
mod print;
mod redact;
mod resolve;
mod syntax;
mod uri;

pub use check::{BadValue, check};
pub use print::print;
pub use redact::{Redacted, redact, secrets};
pub use resolve::{Ambient, ConnInfo, Host, ResolveError, SslMode, resolve};
pub use syntax::{Form, HostSpec, Parameter, Parsed, SyntaxClass, SyntaxError, parse};
