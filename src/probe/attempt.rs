//! One address, in the ways that the sslmode allows, one after the other as libpq tries them.

use std::path::Path;
use std::rc::Rc;
use std::time::Instant;

use super::Request;
use super::deadline::Deadline;
use super::diagnose::{Broken, tcp as tcp_cause, tls as tls_cause};
use super::dns::Address;
use super::login::log_in;
use super::query::{Answers, Session};
use super::second_look::{takes_direct_tls, would_tls_help};
use super::socket::Tap;
use super::tcp;
use super::tls::{Answer, Encrypted, Handshake, NoAnswer, Plan, SystemRoots, ask, plan, shake};
use super::trace::Trace;
use crate::conninfo::{Host, SslMode};
use crate::facts::{Observation, StageName, TlsFacts};
use crate::value::Secret;

/// Whom to dial, and by when.
pub(super) struct Target<'a> {
    pub request: &'a Request,
    pub host: &'a Host,
    pub address: &'a Address,
    pub only_v6: bool,
    pub system: &'a Rc<SystemRoots>,
    /// When the session must be open.
    pub deadline: Deadline,
    /// When the questions must be answered: `connect_timeout` ends with the login.
    pub whole: Deadline,
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
pub(super) struct DeadEnd {
    pub broken: Broken,
    /// Whether libpq would go on with the sslmode's other way, and nothing was answered yet that
    /// would count as a second login.
    pub other_way: bool,
    /// Whether the server refused by its rules for hosts.
    pub by_host_rules: bool,
}

impl DeadEnd {
    /// An end after which nothing else is tried.
    pub(super) fn last(broken: Broken) -> Self {
        Self {
            broken,
            other_way: false,
            by_host_rules: false,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Clear,
    Tls,
}

impl Target<'_> {
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.request.conninfo.parameters.get(name);
        found.map(|p| p.value.expose()).filter(|v| !v.is_empty())
    }

    pub(super) fn mode(&self) -> SslMode {
        self.request.conninfo.sslmode.value
    }

    pub(super) fn is_local(&self) -> bool {
        matches!(self.address, Address::Unix(_))
    }

    fn home(&self) -> Option<&Path> {
        self.request.home.as_deref()
    }

    pub(super) fn password(&self) -> Option<&Secret> {
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

/// Dials the address.
pub(super) async fn dial(target: &Target<'_>, found: &mut Found) -> Result<Tap, Broken> {
    let began = Instant::now();
    let dialled = tcp::dial(target.address, target.only_v6, target.deadline).await;
    found.trace.add(StageName::Tcp, began);
    dialled.map(|connected| connected.tap)
}

/// The handshake, and what it was made for.
pub(super) type Secured = Option<(Rc<Handshake>, Plan)>;

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
    if target.parameter("sslnegotiation") != Some("direct") {
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
            Err(ended) => {
                drop(tap);
                return Err(DeadEnd::last(hung_up(target, &ended, found).await));
            }
        }
    }
    // The files are read after the server agreed, as libpq does: one without TLS is told first.
    let plan = plan(&target.request.conninfo, target.host, target.home()).map_err(other_way)?;
    found.observations.extend(plan.observations.iter().cloned());
    let peer = tcp::shown(target.address);
    let (encrypted, handshake) = shake(tap, &plan, &peer, target.system, target.deadline)
        .await
        .map_err(other_way)?;
    Ok((encrypted, Some((Rc::new(handshake), plan))))
}

async fn hung_up(target: &Target<'_>, ended: &NoAnswer, found: &mut Found) -> Broken {
    if takes_direct_tls(target, found).await {
        tcp_cause::tls_only()
    } else if matches!(ended, NoAnswer::Reset) {
        tcp_cause::reset()
    } else {
        tcp_cause::closed()
    }
}
