//! Stage query: all questions in one round trip.

mod questions;
mod rows;

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use futures_util::future::{Either, join3, join5, select};
use tokio_postgres::{Client, Connection, Error, Row};

use super::auth::notes::Notes;
use super::auth::{Metered, Opened};
use super::deadline::Deadline;
use super::diagnose::{Broken, query as cause};
use super::socket::Traffic;
use crate::facts::{ActivityRow, ServerFacts};

/// An open session.
pub(super) struct Session {
    client: Client,
    connection: Connection<Metered, Metered>,
    notes: Rc<RefCell<Notes>>,
    traffic: Rc<RefCell<Traffic>>,
}

/// What the server answered.
#[derive(Debug, Default)]
pub(super) struct Answers {
    /// What it said about itself.
    pub server: ServerFacts,
    /// The sessions by application name.
    pub activity: Option<Vec<ActivityRow>>,
}

struct Raw {
    settings: Vec<tokio_postgres::SimpleQueryMessage>,
    own: Vec<Row>,
    role: Vec<Row>,
    sessions: Vec<Row>,
}

impl Session {
    /// Takes over a session that was just opened.
    pub(super) fn new(opened: Opened, traffic: Rc<RefCell<Traffic>>) -> Self {
        Self {
            client: opened.client,
            connection: opened.connection,
            notes: opened.notes,
            traffic,
        }
    }

    /// Asks everything, in one round trip.
    pub(super) async fn ask(&mut self, deadline: Deadline) -> Result<Answers, Broken> {
        self.notes.borrow_mut().error = None;
        let asked_at = Instant::now();
        let encoding = self
            .notes
            .borrow()
            .parameter("client_encoding")
            .map(str::to_owned);
        let begin = questions::begin(deadline.left(), encoding.as_deref());
        let client = &self.client;
        let questions = async {
            // All five are sent before the first answer is awaited.
            let (settings, own, role, sessions, commit) = join5(
                client.simple_query(&begin),
                client.query_typed(questions::OWN, &[]),
                client.query_typed(questions::ROLE, &[]),
                client.query_typed(questions::SESSIONS, &[]),
                client.simple_query("COMMIT"),
            )
            .await;
            commit?;
            Ok(Raw {
                settings: settings?,
                own: own?,
                role: role?,
                sessions: sessions?,
            })
        };
        let moved = deadline
            .within(drive(questions, &mut self.connection))
            .await;
        let notes = self.notes.borrow();
        match moved {
            Some(Ok(raw)) if notes.error.is_none() => Ok(rows::read(&raw, &notes)),
            Some(result) => {
                let error = result.err();
                Err(cause::failed(&notes, error.as_ref(), Duration::ZERO))
            }
            None => {
                let last = self.traffic.borrow().last.filter(|at| *at > asked_at);
                let silent_for = last.unwrap_or(asked_at).elapsed();
                Err(cause::failed(&notes, None, silent_for))
            }
        }
    }

    /// Asks a replication connection who the server is: it answers little else.
    pub(super) async fn identify(&mut self, deadline: Deadline) -> Result<Answers, Broken> {
        self.notes.borrow_mut().error = None;
        let asked_at = Instant::now();
        let client = &self.client;
        let question = client.simple_query("IDENTIFY_SYSTEM");
        let moved = deadline.within(drive(question, &mut self.connection)).await;
        let notes = self.notes.borrow();
        match moved {
            Some(Ok(_)) => Ok(Answers {
                server: rows::announced(&notes),
                activity: None,
            }),
            Some(Err(error)) => Err(cause::failed(&notes, Some(&error), Duration::ZERO)),
            None => Err(cause::failed(&notes, None, asked_at.elapsed())),
        }
    }

    /// Asks for the sessions alone: one question in one round trip.
    pub(super) async fn ask_sessions(
        &mut self,
        deadline: Deadline,
    ) -> Result<Vec<ActivityRow>, Broken> {
        self.notes.borrow_mut().begin_round();
        let asked_at = Instant::now();
        let opening = questions::begin_short(deadline.left());
        let client = &self.client;
        let questions = async {
            let (opened, sessions, commit) = join3(
                client.simple_query(&opening),
                client.query_typed(questions::SESSIONS, &[]),
                client.simple_query("COMMIT"),
            )
            .await;
            opened?;
            commit?;
            sessions
        };
        let moved = deadline
            .within(drive(questions, &mut self.connection))
            .await;
        let notes = self.notes.borrow();
        match moved {
            Some(Ok(sessions)) if notes.error.is_none() => Ok(rows::sessions(&sessions)),
            Some(result) => {
                let error = result.err();
                Err(cause::failed(&notes, error.as_ref(), Duration::ZERO))
            }
            None => Err(cause::failed(&notes, None, asked_at.elapsed())),
        }
    }

    /// Says goodbye. A server that does not listen is left alone after a moment.
    pub(super) async fn close(self, deadline: Deadline) {
        drop(self.client);
        let goodbye = deadline.sooner(Duration::from_millis(100));
        let _ = goodbye.within(self.connection).await;
    }
}

/// Moves the bytes while questions are open.
async fn drive<T>(
    questions: impl Future<Output = Result<T, Error>>,
    connection: &mut Connection<Metered, Metered>,
) -> Result<T, Error> {
    let questions = std::pin::pin!(questions);
    match select(questions, connection).await {
        Either::Left((answers, _)) => answers,
        // The connection ends before the questions only by an error; they fail with it.
        Either::Right((Err(error), _)) => Err(error),
        Either::Right((Ok(()), questions)) => questions.await,
    }
}
