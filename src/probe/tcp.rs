//! Stage tcp: an address answers.

#[cfg(unix)]
use std::path::{Path, PathBuf};

use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;

use super::deadline::Deadline;
use super::diagnose::{Broken, tcp as cause};
use super::dns::Address;
use super::socket::{Socket, Tap};

/// A peer that took the connection. Whether it is a Postgres server is not known yet.
#[derive(Debug)]
pub(super) struct Connected {
    /// The stream.
    pub tap: Tap,
}

/// Returns an address as it is shown.
pub(super) fn shown(address: &Address) -> String {
    match address {
        Address::Tcp(address) => address.to_string(),
        Address::Unix(path) => path.display().to_string(),
    }
}

/// libpq writes an abstract socket with `@`, the system with a zero byte.
#[cfg(unix)]
fn abstract_or_file(path: &Path) -> PathBuf {
    match path.to_str().and_then(|text| text.strip_prefix('@')) {
        Some(name) => PathBuf::from(format!("\0{name}")),
        None => path.to_owned(),
    }
}

/// Dials an address.
pub(super) async fn dial(
    address: &Address,
    only_v6: bool,
    deadline: Deadline,
) -> Result<Connected, Broken> {
    let shown = shown(address);
    let budget = deadline.left();
    let opened = match address {
        Address::Tcp(address) => deadline
            .within(TcpStream::connect(address))
            .await
            .map(|opened| {
                opened.map(|stream| {
                    // Without it a small message may wait for the peer's acknowledgement; a socket
                    // that refuses the option still works.
                    let _ = stream.set_nodelay(true);
                    Socket::Tcp(stream)
                })
            }),
        #[cfg(unix)]
        Address::Unix(path) => deadline
            .within(UnixStream::connect(abstract_or_file(path)))
            .await
            .map(|opened| opened.map(Socket::Unix)),
        #[cfg(not(unix))]
        Address::Unix(_) => Some(Err(std::io::Error::from(std::io::ErrorKind::Unsupported))),
    };
    match opened {
        None => Err(cause::timed_out(&shown, Some(budget))),
        Some(Ok(socket)) => Ok(Connected {
            tap: Tap::new(socket),
        }),
        Some(Err(error)) => Err(cause::failed(
            &error,
            cause::Dialled {
                shown: &shown,
                v6: matches!(address, Address::Tcp(a) if a.is_ipv6()),
                only_v6,
                local: matches!(address, Address::Unix(_)),
            },
        )),
    }
}
