//! One scripted peer, and what must be said about it.

use std::io;
use std::time::{Duration, Instant};

use dbharden::facts::{Connection, StageName};

use crate::dial::{failure, last, request};
use crate::peer::{Conversation, Peer};

/// The time that each probe gets, and what may pass beyond it.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(2);
const GRACE: Duration = Duration::from_millis(500);

/// The password that must appear nowhere.
pub(crate) const PASSWORD: &str = "s3cr3t-Pa55";

/// Why a pooler has no connection to its server.
pub(crate) const UPSTREAM: &[&str] = &[
    "pgb-upstream-down",
    "pgb-upstream-nx",
    "pgb-paused",
    "pgb-auth_query",
    "pgb-pool-full",
];

/// Probes a peer with more parameters; asserts that it ends in time and keeps the password.
pub(crate) fn probe(peer: &Peer, more: &str) -> Connection {
    let text = format!(
        "host=127.0.0.1 port={} user=app dbname=app password={PASSWORD} {more}",
        peer.port()
    );
    let mut request = request(&text);
    request.timeout = TIMEOUT;
    let began = Instant::now();
    let connection = last(&request);
    let took = began.elapsed();
    assert!(took < TIMEOUT + GRACE, "{more}: {took:?}");
    let said = format!("{connection:?}");
    for spelling in spellings() {
        assert!(!said.contains(&spelling), "{spelling}: {said}");
    }
    let stages: Duration = connection.stages.iter().filter_map(|s| s.took).sum();
    let apart = took.abs_diff(stages);
    assert!(
        apart < Duration::from_secs(1),
        "the stages take {stages:?} of {took:?}"
    );
    connection
}

/// The password in each spelling in which a peer may send it back.
pub(crate) fn spellings() -> Vec<String> {
    let each = |text: fn(u8) -> String| PASSWORD.bytes().map(text).collect::<String>();
    // Base64 has three forms, by where in its groups of three bytes the text begins.
    let inner = ["czNjcjN0LVBhNT", "MzY3IzdC1QYTU1", "zM2NyM3QtUGE1N"].map(str::to_owned);
    let escaped = [
        PASSWORD.to_owned(),
        PASSWORD.chars().rev().collect(),
        PASSWORD.to_uppercase(),
        PASSWORD.replace('-', "%2D"),
        PASSWORD.replace('-', "%2d"),
        PASSWORD.replace('-', "&#45;"),
        PASSWORD.replace('-', "\\u002d"),
        each(|byte| format!("{byte:02x}")),
        each(|byte| format!("%{byte:02X}")),
    ];
    escaped.into_iter().chain(inner).collect()
}

/// Asserts at which stage a script's peer fails, and why.
pub(crate) fn fails(
    more: &str,
    stage: StageName,
    causes: &[&str],
    script: impl Fn(&mut Conversation) -> io::Result<()> + Send + Sync + 'static,
) -> Connection {
    let peer = Peer::start(script);
    let connection = probe(&peer, more);
    let expected = Some((stage, causes.to_vec()));
    assert_eq!(failure(&connection), expected, "{connection:#?}");
    assert!(
        peer.connections() <= 3,
        "{} connections",
        peer.connections()
    );
    connection
}

/// Asserts why a server that refuses the login with an error does so.
pub(crate) fn refused(
    more: &str,
    causes: &[&str],
    (code, routine, text): (&'static str, &'static str, &'static str),
) -> Connection {
    fails(more, StageName::Auth, causes, move |c| {
        c.startup()?;
        c.error(code, routine, text)
    })
}
