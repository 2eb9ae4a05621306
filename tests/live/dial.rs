//! Connects as the program would, and shortens what the tests look at.

use std::time::Duration;

use dbharden::conninfo::{self, Ambient};
use dbharden::facts::{Connection, Stage, StageName};
use dbharden::probe::{self, Request, SessionWish};
use dbharden::value::Origin;

/// What is asked for a connection string.
pub(crate) fn request(text: &str) -> Request {
    let parsed = conninfo::parse(text).expect("the test's string is well formed");
    let ambient = Ambient {
        os_user: Some("nobody".to_owned()),
        ..Ambient::default()
    };
    let origin = Origin::flag("URL");
    let conninfo = conninfo::resolve(&parsed, &origin, &ambient).expect("the string resolves");
    Request {
        subject: "URL".to_owned(),
        environment: None,
        conninfo,
        home: None,
        timeout: Duration::from_secs(10),
        allow_weak_auth: false,
        sessions: SessionWish::default(),
    }
}

/// Connects, and returns the connection that counts: the last one.
pub(crate) fn connect(text: &str) -> Connection {
    last(&request(text))
}

/// Connects as asked.
pub(crate) fn last(request: &Request) -> Connection {
    probe::run(request)
        .pop()
        .expect("there is one element at least")
}

/// The failed stage with its cause, or its candidates.
pub(crate) fn failure(connection: &Connection) -> Option<(StageName, Vec<&'static str>)> {
    connection
        .stages
        .iter()
        .find_map(|report| match &report.stage {
            Stage::Failed(failure) => Some((
                report.name,
                failure
                    .cause
                    .map_or(failure.candidates.clone(), |c| vec![c]),
            )),
            _ => None,
        })
}

/// Asserts that every stage passed, but for those that were not needed.
pub(crate) fn passes(connection: &Connection) {
    assert_eq!(failure(connection), None, "{connection:#?}");
    assert!(connection.server.is_some());
}

/// Asserts at which stage it failed, and why.
pub(crate) fn fails(connection: &Connection, stage: StageName, causes: &[&str]) {
    let failed = failure(connection);
    let expected = Some((stage, causes.to_vec()));
    assert_eq!(failed, expected, "{connection:#?}");
}

/// The ids of what works and should not be relied on.
pub(crate) fn observed(connection: &Connection) -> Vec<&'static str> {
    connection.observations.iter().map(|o| o.cause).collect()
}
