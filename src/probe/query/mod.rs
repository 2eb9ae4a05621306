//! Stage query: all questions in one round trip.

mod mask;
mod oddities;
mod questions;
mod rows;
mod sessions;

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use futures_util::future::{Either, join, join3, join4, select};
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Connection, Error, Row};

use super::SessionWish;
use super::auth::notes::Notes;
use super::auth::{Metered, Opened};
use super::crowd::{Crowd, Trust};
use super::deadline::Deadline;
use super::diagnose::Broken;
use super::diagnose::query::{self as cause, Silence};
use super::pace::Pace;
use super::socket::Traffic;
use crate::facts::{ActivityRow, Observation, ServerFacts, SessionFacts};

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
    /// The sessions by what they were to be counted by.
    pub breakdown: Option<Vec<ActivityRow>>,
    /// The sessions that are worth a line, where they were asked for.
    pub sessions: Option<Vec<SessionFacts>>,
    /// What is odd about the answers.
    pub oddities: Vec<Observation>,
}

struct Raw {
    settings: Vec<tokio_postgres::SimpleQueryMessage>,
    own: Vec<Row>,
    role: Vec<Row>,
    sessions: Vec<Row>,
    breakdown: Option<Vec<Row>>,
    notable: Option<Vec<Row>>,
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
    pub(super) async fn ask(
        &mut self,
        deadline: Deadline,
        wish: &SessionWish,
    ) -> Result<Answers, Broken> {
        {
            let mut notes = self.notes.borrow_mut();
            notes.error = None;
            notes.rows = 0;
            notes.limits_itself = true;
        }
        let asked_at = self.begin();
        let encoding = self
            .notes
            .borrow()
            .parameter("client_encoding")
            .map(str::to_owned);
        let begin = questions::begin(deadline.left(), encoding.as_deref());
        let questions = Box::pin(everything(&self.client, wish, &begin));
        let moved = deadline
            .within(drive(questions, &mut self.connection))
            .await;
        let notes = self.notes.borrow();
        match moved {
            Some(Ok(raw)) if notes.error.is_none() => Ok(rows::read(&raw, &notes)),
            Some(result) => {
                let error = result.err();
                Err(cause::failed(&notes, error.as_ref()))
            }
            None => Err(cause::late(&notes, self.silence(asked_at))),
        }
    }

    /// Asks a replication connection who the server is: it answers little else.
    pub(super) async fn identify(&mut self, deadline: Deadline) -> Result<Answers, Broken> {
        self.notes.borrow_mut().error = None;
        let asked_at = self.begin();
        let client = &self.client;
        let question = client.simple_query("IDENTIFY_SYSTEM");
        let moved = deadline.within(drive(question, &mut self.connection)).await;
        let notes = self.notes.borrow();
        match moved {
            Some(Ok(_)) => Ok(Answers {
                server: rows::announced(&notes),
                activity: None,
                breakdown: None,
                sessions: None,
                oddities: Vec::new(),
            }),
            Some(Err(error)) => Err(cause::failed(&notes, Some(&error))),
            None => Err(cause::late(&notes, self.silence(asked_at))),
        }
    }

    /// Asks for the counts of sessions alone: one question in one round trip.
    pub(super) async fn ask_counts(
        &mut self,
        deadline: Deadline,
        wish: &SessionWish,
    ) -> Result<Vec<ActivityRow>, Broken> {
        let counts = sessions::by_key(wish.by);
        let only = wish.only.as_deref().unwrap_or_default();
        let asked =
            async |client: &Client| client.query_typed(&counts, &[(&only, Type::TEXT)]).await;
        let rows = self.round(deadline, asked).await?;
        Ok(rows::counts(&rows))
    }

    /// Looks at every session, to know a crowd.
    pub(super) async fn ask_crowd(
        &mut self,
        deadline: Deadline,
        wish: &SessionWish,
    ) -> Result<Crowd, Broken> {
        let all = sessions::all(wish.by);
        let only = wish.only.as_deref().unwrap_or_default();
        let asked = async |client: &Client| {
            let (there, all) = join(
                client.query_typed(sessions::THERE, &[]),
                client.query_typed(&all, &[(&only, Type::TEXT)]),
            )
            .await;
            Ok((there?, all?))
        };
        let (there, all) = self.round(deadline, asked).await?;
        Ok(Crowd::new(rows::seen(&all), rows::there(&there).1))
    }

    /// Looks at those of a crowd that changed.
    pub(super) async fn ask_changes(
        &mut self,
        deadline: Deadline,
        wish: &SessionWish,
        crowd: &mut Crowd,
    ) -> Result<Trust, Broken> {
        let question = sessions::changes(wish.by);
        let only = wish.only.as_deref().unwrap_or_default();
        let (since, restless) = (crowd.since(), crowd.restless());
        let asked = async |client: &Client| {
            let parameters: [(&(dyn ToSql + Sync), Type); 3] = [
                (&only, Type::TEXT),
                (&since, Type::FLOAT8),
                (&restless, Type::TEXT),
            ];
            let (there, changed) = join(
                client.query_typed(sessions::THERE, &[]),
                client.query_typed(&question, &parameters),
            )
            .await;
            Ok((there?, changed?))
        };
        let (there, changed) = self.round(deadline, asked).await?;
        let (there, as_of) = rows::there(&there);
        Ok(crowd.update(&there, rows::seen(&changed), as_of))
    }

    /// Asks in a transaction of its own that writes nothing, in one round trip.
    async fn round<T>(
        &mut self,
        deadline: Deadline,
        ask: impl AsyncFnOnce(&Client) -> Result<T, Error>,
    ) -> Result<T, Broken> {
        self.notes.borrow_mut().begin_round();
        let asked_at = self.begin();
        let opening = questions::begin_short(deadline.left());
        let client = &self.client;
        let questions = async {
            let (opened, answers, commit) = join3(
                client.simple_query(&opening),
                ask(client),
                client.simple_query("COMMIT"),
            )
            .await;
            opened?;
            commit?;
            answers
        };
        let moved = deadline
            .within(drive(questions, &mut self.connection))
            .await;
        let notes = self.notes.borrow();
        match moved {
            Some(Ok(answers)) if notes.error.is_none() => Ok(answers),
            Some(result) => {
                let error = result.err();
                Err(cause::failed(&notes, error.as_ref()))
            }
            None => Err(cause::late(&notes, self.silence(asked_at))),
        }
    }

    /// Returns the moment from which on the answers are awaited.
    fn begin(&self) -> Instant {
        self.traffic.borrow_mut().pace = Pace::default();
        Instant::now()
    }

    fn silence(&self, asked_at: Instant) -> Silence {
        let pace = self.traffic.borrow().pace;
        let lasts = pace.silent_since(asked_at, Instant::now());
        Silence {
            heard: pace.heard(lasts),
            lasts,
        }
    }

    /// Says goodbye. A server that does not listen is left alone after a moment.
    pub(super) async fn close(self, deadline: Deadline) {
        drop(self.client);
        let goodbye = deadline.sooner(Duration::from_millis(100));
        let _ = goodbye.within(self.connection).await;
    }
}

/// Sends every question before the first answer is awaited.
async fn everything(client: &Client, wish: &SessionWish, begin: &str) -> Result<Raw, Error> {
    let by_name = sessions::by_name();
    let by_key = wish.by.map(|by| sessions::by_key(Some(by)));
    let notable = wish.notable.then(|| sessions::notable(wish.queries));
    let only = wish.only.as_deref().unwrap_or_default();
    // Joined futures are polled in their order, and each sends its question when it is polled first.
    let ((settings, own, role, sessions), (breakdown, notable, commit)) = join(
        join4(
            client.simple_query(begin),
            client.query_typed(questions::OWN, &[]),
            client.query_typed(questions::ROLE, &[]),
            client.query_typed(&by_name, &[]),
        ),
        join3(
            about(client, by_key.as_deref(), only),
            about(client, notable.as_deref(), only),
            client.simple_query("COMMIT"),
        ),
    )
    .await;
    commit?;
    Ok(Raw {
        settings: settings?,
        own: own?,
        role: role?,
        sessions: sessions?,
        breakdown: breakdown?,
        notable: notable?,
    })
}

/// Asks a question about the sessions of an application, where there is one to ask.
async fn about(
    client: &Client,
    question: Option<&str>,
    only: &str,
) -> Result<Option<Vec<Row>>, Error> {
    match question {
        Some(question) => {
            let rows = client.query_typed(question, &[(&only, Type::TEXT)]).await?;
            Ok(Some(rows))
        }
        None => Ok(None),
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
