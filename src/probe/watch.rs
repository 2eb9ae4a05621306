//! Asks for the sessions again and again, on one session that is kept.

use std::io;
use std::time::Duration;

use tokio::runtime::Runtime;

use super::crowd::{CROWD, Crowd, REST, Trust};
use super::deadline::Deadline;
use super::diagnose::Broken;
use super::query::Session;
use super::{Request, hosts, runtime, scrub};
use crate::facts::{ActivityRow, Connection, SessionKey};

/// A session that is kept, and opened anew when it was lost.
pub struct Watch {
    request: Request,
    runtime: Runtime,
    kept: Option<(Session, Connection)>,
    /// The sessions, where there are so many that only those that changed are asked for.
    crowd: Option<Crowd>,
    /// How many sessions the last look showed.
    sessions: u32,
    /// For how many looks more all are asked for, since too many change.
    rest: u32,
}

/// What one look showed.
#[derive(Debug)]
pub enum Tick {
    /// The sessions, counted, on a session that was just opened.
    Opened(Vec<ActivityRow>),
    /// The sessions, counted.
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
            crowd: None,
            sessions: 0,
            rest: 0,
        })
    }

    /// Looks once: one question on the kept session, or a new session where there is none.
    pub fn look(&mut self) -> Tick {
        let tick = match self.kept.take() {
            Some((session, connection)) => self.ask(session, connection),
            None => self.open(),
        };
        if let Tick::Opened(rows) | Tick::Seen(rows) = &tick {
            self.sessions = rows.iter().filter_map(|row| row.total).sum();
        } else {
            self.crowd = None;
        }
        tick
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
                let by_name = connection.activity.take();
                let by_key = connection.breakdown.take().map(|told| told.rows);
                let rows = by_key.or(by_name).unwrap_or_default();
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
        let deadline = Deadline::after(self.request.timeout);
        let wish = &self.request.sessions;
        let known = self.crowd.take();
        // What an idle session waits for is not told by what it has started.
        let is_crowd = self.sessions >= CROWD && wish.by != Some(SessionKey::Wait);
        let rest = &mut self.rest;
        let asked = self.runtime.block_on(async {
            if let Some(mut crowd) = known {
                match session.ask_changes(deadline, wish, &mut crowd).await? {
                    Trust::Whole => return Ok((crowd.counts(), Some(crowd))),
                    Trust::Old => {}
                    Trust::Overrun => *rest = REST,
                }
            } else if *rest > 0 {
                *rest -= 1;
            } else if is_crowd {
                let crowd = session.ask_crowd(deadline, wish).await?;
                return Ok((crowd.counts(), Some(crowd)));
            }
            let counts = session.ask_counts(deadline, wish).await?;
            Ok((counts, None))
        });
        match asked {
            Ok((rows, crowd)) => {
                self.crowd = crowd;
                let rows = self.scrubbed(&connection, rows, String::new()).0;
                self.kept = Some((session, connection));
                Tick::Seen(rows)
            }
            Err::<_, Broken>(broken) => Tick::Lost(
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
