//! Asks for the sessions again and again, on one session that is kept.

use std::io;
use std::time::Duration;

use tokio::runtime::Runtime;

use super::deadline::Deadline;
use super::query::Session;
use super::{Request, hosts, runtime, scrub};
use crate::facts::{ActivityRow, Connection};

/// A session that is kept, and opened anew when it was lost.
pub struct Watch {
    request: Request,
    runtime: Runtime,
    kept: Option<(Session, Connection)>,
}

/// What one look showed.
#[derive(Debug)]
pub enum Tick {
    /// The sessions by application name, on a session that was just opened.
    Opened(Vec<ActivityRow>),
    /// The sessions by application name.
    Seen(Vec<ActivityRow>),
    /// The session was lost: what happened, in one line.
    Lost(String),
    /// No session could be opened: what was tried.
    Refused(Vec<Connection>),
}

impl Watch {
    /// Readies everything; nothing is dialled yet.
    pub fn new(request: Request) -> io::Result<Self> {
        Ok(Self {
            request,
            runtime: runtime::build()?,
            kept: None,
        })
    }

    /// Looks once: one question on the kept session, or a new session where there is none.
    pub fn look(&mut self) -> Tick {
        match self.kept.take() {
            Some((session, connection)) => self.ask(session, connection),
            None => self.open(),
        }
    }

    /// Says goodbye.
    pub fn close(mut self) {
        if let Some((session, _)) = self.kept.take() {
            let goodbye = async {
                let soon = Deadline::after(Duration::from_millis(100));
                session.close(soon).await;
            };
            self.runtime.block_on(goodbye);
        }
        self.runtime.shutdown_background();
    }

    fn open(&mut self) -> Tick {
        let request = &self.request;
        let (mut connections, session) = self.runtime.block_on(async {
            let deadline = Deadline::after(request.timeout);
            Box::pin(hosts::probe(request, deadline)).await
        });
        match (session, connections.pop()) {
            (Some(session), Some(mut connection)) => {
                let rows = connection.activity.take().unwrap_or_default();
                self.kept = Some((session, connection));
                Tick::Opened(rows)
            }
            (_, last) => {
                connections.extend(last);
                Tick::Refused(connections)
            }
        }
    }

    fn ask(&mut self, mut session: Session, connection: Connection) -> Tick {
        let timeout = self.request.timeout;
        let asked = self
            .runtime
            .block_on(async { session.ask_sessions(Deadline::after(timeout)).await });
        match asked {
            Ok(rows) => {
                let rows = self.scrubbed(&connection, rows, String::new()).0;
                self.kept = Some((session, connection));
                Tick::Seen(rows)
            }
            Err(broken) => Tick::Lost(
                self.scrubbed(&connection, Vec::new(), broken.failure.message)
                    .1,
            ),
        }
    }

    /// Keeps the password out of what the server said.
    fn scrubbed(
        &self,
        connection: &Connection,
        rows: Vec<ActivityRow>,
        message: String,
    ) -> (Vec<ActivityRow>, String) {
        let mut hosts = self.request.conninfo.hosts.iter();
        let host = hosts.find(|host| host.host == connection.host && host.port == connection.port);
        let password = host.and_then(|host| host.password.as_ref());
        let mut said = Connection {
            activity: Some(rows),
            ..Connection::default()
        };
        said.observations.push(crate::facts::Observation {
            cause: "q-drop",
            message,
        });
        scrub::scrub(&mut said, password.map(|password| &password.value));
        let message = said.observations.pop().map(|said| said.message);
        (
            said.activity.unwrap_or_default(),
            message.unwrap_or_default(),
        )
    }
}
