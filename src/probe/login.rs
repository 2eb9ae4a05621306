//! Opens the session on a stream that is as encrypted as it gets, and asks the questions.

use std::rc::Rc;
use std::time::Instant;

use super::attempt::{DeadEnd, Found, Secured, Target, Way};
use super::auth::breach::Breach;
use super::auth::notes::{Asked, Notes};
use super::auth::{Binding, Opening, Policy, RequireAuth, Setback, open};
use super::diagnose::auth::{self as cause, Scene};
use super::pace::{Heard, Pace};
use super::password_file;
use super::query::Session;
use super::tls::{Digest, Encrypted, Handshake};
use crate::conninfo::SslMode;
use crate::facts::{Observation, StageName};
use crate::value::Origin;

/// Opens the session and asks the questions.
pub(super) async fn log_in(
    target: &Target<'_>,
    way: Way,
    encrypted: Encrypted,
    secured: Secured,
    found: &mut Found,
) -> Result<Session, DeadEnd> {
    let began = Instant::now();
    let is_tls = encrypted.is_tls();
    let digest = encrypted.digest.clone();
    let traffic = encrypted.traffic();
    let handshake = secured.as_ref().map(|(handshake, _)| Rc::clone(handshake));
    let policy = policy(target, handshake.clone(), digest);
    let opening = opening(target, policy);
    traffic.borrow_mut().pace = Pace::default();
    let opened = open(encrypted, opening, target.deadline).await;
    found.trace.add(StageName::Auth, began);
    let opened = match opened {
        Ok(opened) => opened,
        Err(setback) => {
            if let Some(handshake) = &handshake {
                examine(handshake, found);
            }
            let scene = Scene {
                encrypted: is_tls,
                asked_tls: way == Way::Tls,
                local: target.is_local(),
                presents: secured.as_ref().is_some_and(|(_, plan)| plan.presents()),
                asked_for_certificate: handshake.is_some_and(|h| h.asked_for_certificate()),
                stops_below_13: secured.as_ref().is_some_and(|(_, p)| p.stops_below_13()),
                replication: replicates(target),
                from_password_file: from_password_file(target),
                after: began.elapsed(),
                heard: heard(traffic.borrow().pace, began),
            };
            return Err(refused(target, way, scene, &setback));
        }
    };
    observe(
        &opened.notes.borrow(),
        target,
        is_tls,
        &mut found.observations,
    );
    let mut session = Session::new(opened, traffic);
    let began = Instant::now();
    let answers = if replicates(target) {
        session.identify(target.whole).await
    } else {
        Box::pin(session.ask(target.whole, &target.request.sessions)).await
    };
    found.trace.add(StageName::Query, began);
    if let Some(handshake) = handshake {
        examine(&handshake, found);
        found.observations.extend(handshake.observations());
    }
    match answers {
        Ok(mut answers) => {
            found.observations.append(&mut answers.oddities);
            found.answers = Some(answers);
        }
        Err(broken) => {
            session.close(target.deadline).await;
            return Err(DeadEnd::last(broken));
        }
    }
    Ok(session)
}

fn heard(pace: Pace, began: Instant) -> Heard {
    pace.heard(pace.silent_since(began, Instant::now()))
}

/// Judges the certificate, which may wait for the system's roots: a part of the stage of TLS.
fn examine(handshake: &Handshake, found: &mut Found) {
    let began = Instant::now();
    found.tls = Some(handshake.facts().clone());
    found.trace.add(StageName::Tls, began);
}

fn refused(target: &Target<'_>, way: Way, scene: Scene, setback: &Setback) -> DeadEnd {
    let left_aside = match setback.notes.breach {
        Some(Breach::NoPassword) => password_file::left_aside(target),
        _ => None,
    };
    let broken =
        left_aside.unwrap_or_else(|| cause::failed(scene, &setback.notes, setback.error.as_ref()));
    let said = setback.notes.error.as_ref().map(|e| e.key());
    let by_host_rules = setback.notes.breach.is_none()
        && matches!(said, Some(("28000", routine)) if routine != Some("auth_failed")
            && routine != Some("InitializeSessionUserId"));
    let unanswered = !setback.notes.answered;
    let other_way = unanswered
        && match (target.mode(), way) {
            (SslMode::Prefer, Way::Tls) => scene.encrypted && by_host_rules,
            (SslMode::Allow, Way::Clear) => by_host_rules,
            _ => false,
        };
    DeadEnd {
        broken,
        other_way,
        by_host_rules,
    }
}

/// Says what the server may ask for before anything is answered.
pub(super) fn policy(
    target: &Target<'_>,
    handshake: Option<Rc<Handshake>>,
    digest: Digest,
) -> Policy {
    let weak = target.request.allow_weak_auth;
    let local = target.is_local();
    let encrypted = handshake.is_some();
    Policy {
        has_password: target.password().is_some(),
        cleartext: Rc::new(move || {
            weak || local || handshake.as_ref().is_some_and(|h| h.is_verified())
        }),
        md5: weak || local || encrypted,
        encrypted,
        digest,
        binding: match target.parameter("channel_binding") {
            Some("disable") => Binding::Disable,
            Some("require") => Binding::Require,
            _ => Binding::Prefer,
        },
        required: target
            .parameter("require_auth")
            .and_then(RequireAuth::parse),
    }
}

/// Says who opens the session.
pub(super) fn opening<'a>(target: &'a Target<'_>, policy: Policy) -> Opening<'a> {
    let conninfo = &target.request.conninfo;
    Opening {
        user: &conninfo.user.value,
        dbname: &conninfo.dbname.value,
        password: target.password(),
        options: target.parameter("options"),
        parameters: parameters(target),
        policy,
    }
}

/// Returns what libpq would send in the startup message beside user, database, name and options.
fn parameters(target: &Target<'_>) -> Vec<(&'static str, String)> {
    let mut parameters = Vec::new();
    // `auto` asks libpq to look at its own locale; UTF-8 is what is sent anyway.
    let encoding = target.parameter("client_encoding");
    let own = |e: &&str| !["auto", "utf8", "utf-8", "unicode"].contains(&&*e.to_ascii_lowercase());
    if let Some(encoding) = encoding.filter(own) {
        parameters.push(("client_encoding", encoding.to_owned()));
    }
    if let Some(replication) = target.parameter("replication") {
        parameters.push(("replication", replication.to_owned()));
    }
    parameters
}

/// Returns whether the string asks for a replication connection, which answers other questions.
fn replicates(target: &Target<'_>) -> bool {
    let off = ["false", "off", "no", "0"];
    target
        .parameter("replication")
        .is_some_and(|value| !off.contains(&&*value.to_ascii_lowercase()))
}

fn from_password_file(target: &Target<'_>) -> bool {
    let origin = target.host.password.as_ref().map(|p| &p.origin);
    let Some(Origin::File { path, .. }) = origin else {
        return false;
    };
    // The other file that may hold a password is the one of services.
    target.parameter("passfile") == Some(path.as_str())
        || ["pgpass", "pgpass.conf"]
            .iter()
            .any(|name| path.ends_with(name))
}

/// Notes what let us in and should not have, or might not.
fn observe(notes: &Notes, target: &Target<'_>, is_tls: bool, into: &mut Vec<Observation>) {
    let mut note = |cause, message: &str| {
        into.push(Observation {
            cause,
            message: message.to_owned(),
        });
    };
    match notes.asked {
        None if target.password().is_some() && !target.is_local() => note(
            "rogue-no-auth",
            "the server let us in without looking at the password: a trust line in pg_hba.conf, or \
             an impostor",
        ),
        Some(Asked::Cleartext) if !target.is_local() => note(
            "rogue-cleartext",
            if is_tls {
                "the server asked for the password in clear, inside TLS"
            } else {
                "the server asked for the password in clear, and anyone on the way could read it"
            },
        ),
        Some(Asked::Md5) if !target.is_local() => note(
            "rogue-md5",
            "the server asked for an md5 answer, which can be cracked: use scram-sha-256",
        ),
        _ => {}
    }
    if let Some(rounds) = notes.iterations.filter(|n| *n < 4096) {
        note(
            "scram-iter-tiny",
            &format!("the server asked for {rounds} rounds of SCRAM; fewer than 4,096 are weak"),
        );
    }
}
