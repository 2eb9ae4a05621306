//! Opens the session through tokio-postgres, over a stream that is already encrypted.

use std::cell::RefCell;
use std::future::{Ready, ready};
use std::io;
use std::rc::Rc;

use tokio_postgres::config::{ChannelBinding, SslMode, SslNegotiation};
use tokio_postgres::tls::TlsConnect;
use tokio_postgres::{Client, Config, Connection};

use super::meter::Metered;
use super::notes::Notes;
use super::policy::{Binding, Policy};
use crate::probe::deadline::Deadline;
use crate::probe::tls::Encrypted;
use crate::value::Secret;

/// The session's two halves: what asks, and what moves the bytes.
pub(in crate::probe) struct Opened {
    /// Asks.
    pub client: Client,
    /// Moves the bytes while it is polled.
    pub connection: Connection<Metered, Metered>,
    /// What went by.
    pub notes: Rc<RefCell<Notes>>,
}

/// Who opens the session, and how.
#[derive(Debug)]
pub(in crate::probe) struct Opening<'a> {
    /// The role.
    pub user: &'a str,
    /// The database.
    pub dbname: &'a str,
    /// The password.
    pub password: Option<&'a Secret>,
    /// The `options` that the string asks for.
    pub options: Option<&'a str>,
    /// What libpq would send beside.
    pub parameters: Vec<(&'static str, String)>,
    /// What the server may ask for.
    pub policy: Policy,
}

/// Why no session was opened.
pub(in crate::probe) struct Setback {
    /// What went by until then.
    pub notes: Notes,
    /// The error; `None` when the time was up.
    pub error: Option<tokio_postgres::Error>,
}

/// Opens the session.
pub(in crate::probe) async fn open(
    encrypted: Encrypted,
    opening: Opening<'_>,
    deadline: Deadline,
) -> Result<Opened, Setback> {
    let config = config(&opening);
    let stream = Metered::new(
        encrypted.wire,
        encrypted.digest,
        opening.policy,
        opening.parameters,
    );
    let notes = stream.notes();
    let opened = deadline.within(config.connect_raw(stream, AsItIs)).await;
    match opened {
        Some(Ok((client, connection))) => Ok(Opened {
            client,
            connection,
            notes,
        }),
        Some(Err(error)) => Err(Setback {
            notes: notes.take(),
            error: Some(error),
        }),
        None => Err(Setback {
            notes: notes.take(),
            error: None,
        }),
    }
}

fn config(opening: &Opening<'_>) -> Config {
    let mut config = Config::new();
    config
        .user(opening.user)
        .dbname(opening.dbname)
        .application_name("dbharden")
        // The stream is as encrypted as it gets; this keeps tokio-postgres from asking again.
        .ssl_mode(SslMode::Require)
        .ssl_negotiation(SslNegotiation::Direct)
        .channel_binding(match opening.policy.binding {
            Binding::Disable => ChannelBinding::Disable,
            Binding::Prefer => ChannelBinding::Prefer,
            Binding::Require => ChannelBinding::Require,
        });
    if let Some(password) = opening.password {
        config.password(password.expose());
    }
    if let Some(options) = opening.options {
        config.options(options);
    }
    config
}

/// Hands a finished stream to tokio-postgres, channel binding included.
struct AsItIs;

impl TlsConnect<Metered> for AsItIs {
    type Stream = Metered;
    type Error = io::Error;
    type Future = Ready<Result<Metered, io::Error>>;

    fn connect(self, stream: Metered) -> Self::Future {
        ready(Ok(stream))
    }
}
