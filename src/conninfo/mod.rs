//! Connection strings: how libpq reads them, what they resolve to, and how to show them redacted.
//!
//! Pure: what comes from the environment and from files is handed in as an [`Ambient`].

mod check;
mod exposure;
mod key_value;
pub mod keywords;
mod parts;
mod password_file;
mod print;
mod redact;
mod resolve;
mod service_file;
mod syntax;
mod uri;

pub use check::{BadValue, check};
pub use parts::{Core, core, parse_parts};
pub use password_file::password_file_fits;
pub use print::print;
pub use redact::{Redacted, redact, secrets};
pub use resolve::{
    Ambient, ConnInfo, DEFAULT_SOCKET_FOLDER, Host, ResolveError, SslMode, password_file_path,
    resolve,
};
pub use service_file::service;
pub use syntax::{Form, HostSpec, Parameter, Parsed, SyntaxClass, SyntaxError, parse};
