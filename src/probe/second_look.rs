//! A second connection that finds out what a refusal was about. No password is in play.

use std::time::Duration;

use super::attempt::{Found, Target, dial};
use super::auth::open;
use super::diagnose::Broken;
use super::login::{opening, policy};
use super::tcp;
use super::tls::{Answer, Digest, Plan, ask, shake};
use crate::facts::StageName;

/// Tries whether the peer takes TLS at once.
pub(super) async fn takes_direct_tls(target: &Target<'_>, found: &mut Found) -> bool {
    let Ok(tap) = dial(target, found).await else {
        return false;
    };
    let traffic = tap.traffic();
    let peer = tcp::shown(target.address);
    let plan = Plan::direct_without_demand(target.host);
    let moment = target.deadline.sooner(Duration::from_secs(2));
    let shaken = shake(tap, &plan, &peer, target.system, moment).await;
    // An alert is an answer too.
    let spoke_tls = matches!(traffic.borrow().first.first(), Some(20..=23));
    shaken.is_ok() || spoke_tls
}

/// The server refused a connection in clear by its rules for hosts: would TLS have helped? Looked
/// at without a password, so that it is no second login.
pub(super) async fn would_tls_help(
    target: &Target<'_>,
    refusal: Broken,
    found: &mut Found,
) -> Broken {
    let mut without = refusal.clone();
    without.failure.candidates.retain(|c| *c != "hba-needs-tls");
    let Ok(mut tap) = dial(target, found).await else {
        return refusal;
    };
    match ask(&mut tap, target.deadline).await {
        Ok(Answer::Yes) => {}
        Ok(Answer::No) => return without,
        Err(_) => return refusal,
    }
    let peer = tcp::shown(target.address);
    let plan = Plan::without_demand(target.host);
    let Ok((encrypted, handshake)) = shake(tap, &plan, &peer, target.system, target.deadline).await
    else {
        return refusal;
    };
    let mut policy = policy(target, None, Digest::Nothing);
    policy.has_password = false;
    policy.encrypted = true;
    policy.required = None;
    let mut opening = opening(target, policy);
    opening.password = None;
    match open(encrypted, opening, target.deadline).await {
        Ok(_) => needs_tls(&refusal),
        Err(setback) if setback.notes.asked.is_some() => needs_tls(&refusal),
        Err(setback)
            if setback
                .notes
                .error
                .as_ref()
                .is_some_and(|e| e.code == "28000") =>
        {
            if handshake.asked_for_certificate() {
                without.failure.candidates.push("clientcert-none");
            }
            without
        }
        Err(_) => refusal,
    }
}

fn needs_tls(refusal: &Broken) -> Broken {
    Broken::known(
        StageName::Auth,
        "hba-needs-tls",
        format!(
            "over TLS the server would go on: {}",
            refusal.failure.message
        ),
    )
}
