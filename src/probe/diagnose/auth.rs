//! Why the server does not let the user in.

use std::io;
use std::time::Duration;

use rustls::Error as TlsError;

use super::breach::breached;
use super::server::refused;
use super::{Broken, banner, is_about_content, pooler, tcp, tls};
use crate::facts::StageName;
use crate::probe::auth::notes::Notes;
use crate::probe::pace::Heard;

/// What is known about the attempt beside what went by.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one thing that is known or not"
)]
#[derive(Clone, Copy, Debug)]
pub(in crate::probe) struct Scene {
    /// Whether TLS protects the stream.
    pub encrypted: bool,
    /// Whether the server answered a request for TLS, so that it is a Postgres server.
    pub asked_tls: bool,
    /// Whether the peer is reached through a socket file.
    pub local: bool,
    /// Whether a certificate of our own was presented.
    pub presents: bool,
    /// Whether the server asked for one.
    pub asked_for_certificate: bool,
    /// Whether the string itself keeps TLS 1.3 out.
    pub stops_below_13: bool,
    /// Whether the string asks for a replication connection.
    pub replication: bool,
    /// Whether the password came from a password file.
    pub from_password_file: bool,
    /// How long it was waited.
    pub after: Duration,
    /// How bytes came in while it was.
    pub heard: Heard,
}

fn known(cause: &'static str, message: impl Into<String>) -> Broken {
    Broken::known(StageName::Auth, cause, message)
}

/// Says why no session was opened.
pub(in crate::probe) fn failed(
    scene: Scene,
    notes: &Notes,
    error: Option<&tokio_postgres::Error>,
) -> Broken {
    // The stream is cut at the first breach, so an error that is known came before it.
    if let Some(said) = &notes.error {
        return refused(scene, notes, said);
    }
    if let Some(breach) = notes.breach {
        return breached(notes, breach);
    }
    // Another protocol's greeting may begin like a message of ours that never ends.
    if notes.messages == 0
        && let Some(broken) = banner::recognise(&notes.first)
    {
        return broken;
    }
    let Some(error) = error else {
        return timed_out(scene, notes).late();
    };
    let io = io_error(error);
    if notes.messages == 0 {
        if let Some(TlsError::AlertReceived(alert)) = io.and_then(tls_error) {
            return tls::alerted(*alert, scene.presents, scene.stops_below_13);
        }
        return hung_up(scene, io);
    }
    let senseless = !error.is_closed() && io.is_none_or(|e| is_about_content(e, notes.encrypted));
    if notes.proven && senseless {
        return known(
            "rogue-bad-signature",
            "the server could not prove that it knows the password: it is an impostor",
        );
    }
    if notes.challenged && senseless {
        return Broken::either(
            StageName::Auth,
            &["rogue-bad-nonce", "rogue-bad-signature"],
            "the server's SCRAM messages make no sense: it is an impostor, or the stream is garbled",
        );
    }
    if !senseless {
        return cut_off(scene);
    }
    if notes.notices > 0 && !notes.authenticated {
        return Broken::either(
            StageName::Auth,
            &["q-type", "q-notice-flood"],
            "the server sends notices before the login is done, where none may be",
        );
    }
    Broken::either(
        StageName::Auth,
        &["q-type", "ssl-garbage"],
        "the peer broke the protocol: it is no Postgres server, or something garbles the stream",
    )
}

fn io_error(error: &tokio_postgres::Error) -> Option<&io::Error> {
    std::error::Error::source(error)?.downcast_ref()
}

fn tls_error(error: &io::Error) -> Option<&TlsError> {
    error.get_ref()?.downcast_ref()
}

fn hung_up(scene: Scene, error: Option<&io::Error>) -> Broken {
    let reset = error.is_some_and(|e| {
        matches!(
            e.kind(),
            io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted
        )
    });
    if scene.after >= Duration::from_secs(1) && !reset {
        return cut_off(scene);
    }
    if scene.encrypted {
        return Broken::known(
            StageName::Tls,
            "ssl-s-close",
            "the server closed the encrypted connection before it said anything",
        );
    }
    match (scene.asked_tls, reset) {
        (true, _) => tls::refused_then_closed(),
        (false, true) => tcp::reset(),
        (false, false) => tcp::closed(),
    }
}

fn cut_off(scene: Scene) -> Broken {
    let seconds = scene.after.as_secs_f64();
    if scene.after >= Duration::from_secs(1) {
        return known(
            "auth-timeout",
            format!("the server hung up after {seconds:.1} s, before the login was done"),
        );
    }
    Broken::either(
        StageName::Auth,
        &[
            "auth-timeout",
            "tcp-fin-after-accept",
            "tcp-rst-after-accept",
        ],
        "the server hung up in the middle of the login, without an error",
    )
}

fn timed_out(scene: Scene, notes: &Notes) -> Broken {
    let seconds = scene.after.as_secs_f64();
    if scene.heard == Heard::Drip {
        return known(
            "q-drip",
            format!("the login was not done after {seconds:.1} s, though bytes kept coming"),
        );
    }
    if notes.messages == 0 && !notes.first.is_empty() {
        let mut causes = vec!["q-silent", "half-open"];
        if scene.heard == Heard::Either {
            causes.push("q-drip");
        }
        let message =
            format!("the server began an answer and did not end it within {seconds:.1} s");
        return Broken::either(StageName::Auth, &causes, message);
    }
    if notes.messages == 0 && !scene.asked_tls && !scene.local {
        return tcp::silent(scene.after);
    }
    let at = if notes.authenticated {
        "the login was done and the session did not open"
    } else {
        "the login was not done"
    };
    Broken::either(
        StageName::Auth,
        pooler::UPSTREAM,
        format!(
            "{at} within {seconds:.1} s: a pooler that waits for its server, or a server that hangs"
        ),
    )
}
