//! One address, in the ways that the sslmode allows, one after the other as libpq tries them.

use std::path::Path;
use std::rc::Rc;
use std::time::Instant;

use super::Request;
use super::auth::notes::{Asked, Notes};
use super::auth::{Binding, Opening, Policy, RequireAuth, Setback, open};
use super::deadline::Deadline;
use super::diagnose::auth::{self as auth_cause, Scene};
use super::diagnose::{Broken, tcp as tcp_cause, tls as tls_cause};
use super::dns::Address;
use super::query::{Answers, Session};
use super::socket::Tap;
use super::tcp;
use super::tls::{Answer, Encrypted, Handshake, NoAnswer, Plan, SystemRoots, ask, plan, shake};
use super::trace::Trace;
use crate::conninfo::{Host, SslMode};
use crate::facts::{Observation, StageName, TlsFacts};
use crate::value::{Origin, Secret};

/// Whom to dial, and by when.
pub(super) struct Target<'a> {
    pub request: &'a Request,
    pub host: &'a Host,
    pub address: &'a Address,
    pub only_v6: bool,
    pub system: &'a Rc<SystemRoots>,
    pub deadline: Deadline,
}

/// What was found out on the way, also where it ended early.
#[derive(Default)]
pub(super) struct Found {
    pub trace: Trace,
    pub tls: Option<TlsFacts>,
    pub answers: Option<Answers>,
    pub observations: Vec<Observation>,
}

/// How one way ended that led nowhere.
struct DeadEnd {
    broken: Broken,
    /// Whether libpq would go on with the sslmode's other way, and nothing was answered yet that
    /// would count as a second login.
    other_way: bool,
    /// Whether the server refused by its rules for hosts.
    by_host_rules: bool,
}

impl DeadEnd {
    fn last(broken: Broken) -> Self {
        Self {
            broken,
            other_way: false,
            by_host_rules: false,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Clear,
    Tls,
}

impl Target<'_> {
    fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.request.conninfo.parameters.get(name);
        found.map(|p| p.value.expose()).filter(|v| !v.is_empty())
    }

    fn mode(&self) -> SslMode {
        self.request.conninfo.sslmode.value
    }

    fn is_local(&self) -> bool {
        matches!(self.address, Address::Unix(_))
    }

    fn home(&self) -> Option<&Path> {
        self.request.home.as_deref()
    }

    fn password(&self) -> Option<&Secret> {
        let password = self.host.password.as_ref().map(|p| &p.value);
        password.filter(|p| !p.is_empty())
    }
}

/// Tries an address in every way that the sslmode allows.
pub(super) async fn attempt(target: &Target<'_>, found: &mut Found) -> Result<Session, Broken> {
    let mode = target.mode();
    let ways: &[Way] = match mode {
        _ if target.is_local() => &[Way::Clear],
        SslMode::Disable => &[Way::Clear],
        SslMode::Allow => &[Way::Clear, Way::Tls],
        SslMode::Prefer => &[Way::Tls, Way::Clear],
        SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => &[Way::Tls],
    };
    let first = match Box::pin(one_way(target, ways[0], found)).await {
        Ok(session) => return Ok(session),
        Err(dead_end) => dead_end,
    };
    match ways.get(1) {
        Some(&other) if first.other_way => {
            let fell = format!("{} ({})", first.broken.failure.message, describe(other));
            match Box::pin(one_way(target, other, found)).await {
                Ok(session) => {
                    if other == Way::Clear {
                        found.tls = None;
                        found.observations.push(fell_to_clear(&first, &fell));
                    }
                    Ok(session)
                }
                Err(second) => Err(both(first, second, other)),
            }
        }
        _ if first.by_host_rules && mode == SslMode::Disable && !target.is_local() => {
            Err(would_tls_help(target, first.broken, found).await)
        }
        _ => Err(first.broken),
    }
}

fn describe(other: Way) -> &'static str {
    match other {
        Way::Clear => "tried again without TLS",
        Way::Tls => "tried again with TLS",
    }
}

fn fell_to_clear(first: &DeadEnd, message: &str) -> Observation {
    Observation {
        cause: if first.by_host_rules {
            "hba-forbids-tls"
        } else {
            first.broken.failure.cause.unwrap_or("ssl-n-prefer")
        },
        message: format!("the session is not encrypted: {message}"),
    }
}

/// Two refusals by the rules for hosts exclude what only one of the ways would meet.
fn both(first: DeadEnd, second: DeadEnd, other: Way) -> Broken {
    if !(first.by_host_rules && second.by_host_rules) {
        return if first.by_host_rules || other == Way::Tls {
            second.broken
        } else {
            first.broken
        };
    }
    let certificate = |d: &DeadEnd| d.broken.failure.candidates.contains(&"clientcert-none");
    let mut broken = second.broken.clone();
    let candidates = &mut broken.failure.candidates;
    candidates.retain(|c| !matches!(*c, "hba-needs-tls" | "hba-forbids-tls"));
    if (certificate(&first) || certificate(&second)) && !candidates.contains(&"clientcert-none") {
        candidates.push("clientcert-none");
    }
    broken
}

async fn one_way(target: &Target<'_>, way: Way, found: &mut Found) -> Result<Session, DeadEnd> {
    let tap = dial(target, found).await.map_err(DeadEnd::last)?;
    let began = Instant::now();
    let encrypted = match way {
        Way::Clear => Ok((Encrypted::plain(tap), None)),
        Way::Tls => encrypt(target, tap, found).await,
    };
    if way == Way::Tls {
        found.trace.add(StageName::Tls, began);
    }
    let (encrypted, secured) = encrypted?;
    Box::pin(log_in(target, way, encrypted, secured, found)).await
}

async fn dial(target: &Target<'_>, found: &mut Found) -> Result<Tap, Broken> {
    let began = Instant::now();
    let dialled = tcp::dial(target.address, target.only_v6, target.deadline).await;
    found.trace.add(StageName::Tcp, began);
    dialled.map(|connected| connected.tap)
}

type Secured = Option<(Rc<Handshake>, Plan)>;

/// Encrypts the stream, or leaves it in clear where the server refuses and the sslmode lets it.
async fn encrypt(
    target: &Target<'_>,
    mut tap: Tap,
    found: &mut Found,
) -> Result<(Encrypted, Secured), DeadEnd> {
    let may_clear = target.mode() <= SslMode::Prefer;
    let other_way = |broken| DeadEnd {
        broken,
        other_way: target.mode() == SslMode::Prefer,
        by_host_rules: false,
    };
    let plan = plan(&target.request.conninfo, target.host, target.home()).map_err(other_way)?;
    found.observations.extend(plan.observations.iter().cloned());
    if !plan.direct {
        match ask(&mut tap, target.deadline).await {
            Ok(Answer::Yes) => {}
            Ok(Answer::No) if may_clear => {
                found.observations.push(Observation {
                    cause: "ssl-n-prefer",
                    message:
                        "the session is not encrypted: the server does not offer TLS, and the \
                              sslmode does not insist"
                            .to_owned(),
                });
                return Ok((Encrypted::plain(tap), None));
            }
            Ok(Answer::No) => return Err(DeadEnd::last(tls_cause::refused())),
            Err(NoAnswer::Broken(broken)) => return Err(DeadEnd::last(broken)),
            Err(NoAnswer::Closed) => {
                let direct = takes_direct_tls(target, plan, found).await;
                return Err(DeadEnd::last(tcp_cause::closed(direct)));
            }
        }
    }
    let peer = tcp::shown(target.address);
    let (encrypted, handshake) = shake(tap, &plan, &peer, target.system, target.deadline)
        .await
        .map_err(other_way)?;
    Ok((encrypted, Some((Rc::new(handshake), plan))))
}

/// Tries whether the peer takes TLS at once.
async fn takes_direct_tls(target: &Target<'_>, plan: Plan, found: &mut Found) -> Option<bool> {
    let tap = dial(target, found).await.ok()?;
    let traffic = tap.traffic();
    let peer = tcp::shown(target.address);
    let plan = plan.direct_without_demand();
    let moment = target.deadline.sooner(std::time::Duration::from_secs(2));
    let shaken = shake(tap, &plan, &peer, target.system, moment).await;
    let spoke_tls = matches!(traffic.borrow().first.first(), Some(20..=23));
    (shaken.is_ok() || spoke_tls).then_some(true)
}

async fn log_in(
    target: &Target<'_>,
    way: Way,
    encrypted: Encrypted,
    secured: Secured,
    found: &mut Found,
) -> Result<Session, DeadEnd> {
    let began = Instant::now();
    let is_tls = encrypted.is_tls();
    let has_digest = encrypted.digest.is_some();
    let traffic = encrypted.traffic();
    let handshake = secured.as_ref().map(|(handshake, _)| Rc::clone(handshake));
    let policy = policy(target, handshake.clone(), has_digest);
    let opening = opening(target, policy);
    let opened = open(encrypted, opening, target.deadline).await;
    found.trace.add(StageName::Auth, began);
    let opened = match opened {
        Ok(opened) => opened,
        Err(setback) => {
            found.tls = handshake.as_ref().map(|h| h.facts().clone());
            let scene = Scene {
                encrypted: is_tls,
                asked_tls: way == Way::Tls,
                local: target.is_local(),
                presents: secured.as_ref().is_some_and(|(_, plan)| plan.presents()),
                asked_for_certificate: handshake.is_some_and(|h| h.asked_for_certificate()),
                stops_below_13: secured.as_ref().is_some_and(|(_, p)| p.stops_below_13()),
                replication: target.parameter("replication").is_some(),
                from_password_file: from_password_file(target),
                after: began.elapsed(),
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
    let answers = session.ask(target.deadline).await;
    found.trace.add(StageName::Query, began);
    if let Some(handshake) = handshake {
        found.tls = Some(handshake.facts().clone());
        found.observations.extend(handshake.observations());
    }
    match answers {
        Ok(answers) => found.answers = Some(answers),
        Err(broken) => {
            session.close(target.deadline).await;
            return Err(DeadEnd::last(broken));
        }
    }
    Ok(session)
}

fn refused(target: &Target<'_>, way: Way, scene: Scene, setback: &Setback) -> DeadEnd {
    let broken = auth_cause::failed(scene, &setback.notes, setback.error.as_ref());
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

fn policy(target: &Target<'_>, handshake: Option<Rc<Handshake>>, has_digest: bool) -> Policy {
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
        has_digest,
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

fn opening<'a>(target: &'a Target<'_>, policy: Policy) -> Opening<'a> {
    let conninfo = &target.request.conninfo;
    Opening {
        user: &conninfo.user.value,
        dbname: &conninfo.dbname.value,
        password: target.password(),
        options: target.parameter("options"),
        policy,
    }
}

fn from_password_file(target: &Target<'_>) -> bool {
    let origin = target.host.password.as_ref().map(|p| &p.origin);
    matches!(origin, Some(Origin::File { path, .. }) if path.ends_with("pgpass")
        || path.ends_with("pgpass.conf"))
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

/// The server refused a connection in clear by its rules for hosts: would TLS have helped? Looked
/// at without a password, so that it is no second login.
async fn would_tls_help(target: &Target<'_>, refusal: Broken, found: &mut Found) -> Broken {
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
    let mut policy = policy(target, None, false);
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
