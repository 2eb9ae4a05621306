//! Connects stage by stage (dns, tcp, tls, auth, query) under one deadline, and says at which
//! stage it ended and why.
//!
//! Each stage takes what the one before it made, so their order is the compiler's: a `Resolved`
//! host is dialled to a `Connected` stream, which becomes an `Encrypted` one, which becomes a
//! `Session`. Judges nothing beyond the failure itself, and never writes to the database.

mod attempt;
mod auth;
mod deadline;
mod diagnose;
mod dns;
mod query;
mod scrub;
mod socket;
mod tcp;
mod tls;
mod trace;

use std::path::PathBuf;
use std::rc::Rc;
use std::time::{Duration, Instant};

use attempt::{Found, Target, attempt};
use deadline::Deadline;
use diagnose::Broken;
use dns::Address;
use query::Session;
use tls::SystemRoots;

use crate::conninfo::{ConnInfo, Host};
use crate::facts::{Connection, StageName};

/// Whom to connect to, and within which limits.
#[derive(Clone, Debug)]
pub struct Request {
    /// What is judged: the variable's name, or `URL`.
    pub subject: String,
    /// The environment's name; `None` for an argument.
    pub environment: Option<String>,
    /// Everything that libpq would use.
    pub conninfo: ConnInfo,
    /// The home folder, for `~/.postgresql`.
    pub home: Option<PathBuf>,
    /// When it must be over.
    pub timeout: Duration,
    /// Whether a password may be sent where others could read it (`--allow-weak-auth`).
    pub allow_weak_auth: bool,
}

/// Connects, asks everything, and says goodbye. Returns one element per address that was tried, in
/// order; the last one is the one that counts.
pub fn run(request: &Request) -> Vec<Connection> {
    let built = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build();
    let Ok(runtime) = built else {
        let mut found = Found::default();
        found.trace.add(StageName::Dns, Instant::now());
        let host = request.conninfo.hosts.first();
        let broken = Broken::known(
            StageName::Tcp,
            "tcp-fd-exhausted",
            "this machine is out of file descriptors",
        );
        return host
            .map(|host| connection(request, host, None, found, Some(&broken)))
            .into_iter()
            .collect();
    };
    let connections = runtime.block_on(async {
        let deadline = Deadline::after(request.timeout);
        let (connections, session) = Box::pin(probe(request, deadline)).await;
        if let Some(session) = session {
            session.close(deadline).await;
        }
        connections
    });
    // A resolver that hangs cannot be cancelled; it must not hold the process either.
    runtime.shutdown_background();
    connections
}

/// Tries host after host and address after address, as libpq does.
async fn probe(request: &Request, deadline: Deadline) -> (Vec<Connection>, Option<Session>) {
    let system = Rc::new(SystemRoots::default());
    let mut connections = Vec::new();
    for (i, host) in request.conninfo.hosts.iter().enumerate() {
        let hosts_left = request.conninfo.hosts.len() - i;
        let began = Instant::now();
        let resolved = match dns::resolve(host, share(deadline, hosts_left)).await {
            Ok(resolved) => resolved,
            Err(broken) => {
                let mut found = Found::default();
                found.trace.add(StageName::Dns, began);
                connections.push(connection(request, host, None, found, Some(&broken)));
                continue;
            }
        };
        let only_v6 = resolved.only_v6();
        let mut began = Some(began);
        for (j, address) in resolved.addresses.iter().enumerate() {
            let left = hosts_left - 1 + resolved.addresses.len() - j;
            let mut found = Found::default();
            // The name was looked up once; the first address carries the time.
            found
                .trace
                .add(StageName::Dns, began.take().unwrap_or_else(Instant::now));
            let target = Target {
                request,
                host,
                address,
                only_v6,
                system: &system,
                deadline: share(deadline, left),
            };
            match Box::pin(attempt(&target, &mut found)).await {
                Ok(session) => {
                    connections.push(connection(request, host, Some(address), found, None));
                    return (connections, Some(session));
                }
                Err(broken) => {
                    let next = tries_next(&broken);
                    let broken = Some(&broken);
                    connections.push(connection(request, host, Some(address), found, broken));
                    if !next {
                        return (connections, None);
                    }
                }
            }
        }
    }
    (connections, None)
}

/// Divides what is left of the time among the addresses that are left.
fn share(deadline: Deadline, left: usize) -> Deadline {
    let parts = u32::try_from(left.max(1)).unwrap_or(u32::MAX);
    deadline.sooner(deadline.left() / parts)
}

/// Returns whether libpq would go on with the next address: it does where nothing Postgres-like
/// answered, and where the server takes no sessions at the moment.
fn tries_next(broken: &Broken) -> bool {
    let not_ready = [
        "starting-up",
        "shutting-down",
        "recovery-mode",
        "hot-standby-off",
    ];
    let fits = |id: &'static str| not_ready.contains(&id);
    broken.stage <= StageName::Tcp
        || broken.failure.cause.is_some_and(fits)
        || broken.failure.candidates.iter().copied().any(fits)
}

fn connection(
    request: &Request,
    host: &Host,
    address: Option<&Address>,
    found: Found,
    broken: Option<&Broken>,
) -> Connection {
    let (server, activity) = found.answers.map_or((None, None), |answers| {
        (Some(answers.server), answers.activity)
    });
    let mut connection = Connection {
        url: (request.subject.clone(), request.environment.clone()),
        host: host.host.clone(),
        port: host.port,
        address: address.map(|address| match address {
            Address::Tcp(address) => address.ip().to_string(),
            Address::Unix(path) => path.display().to_string(),
        }),
        stages: found.trace.reports(broken),
        tls: found.tls,
        server,
        activity,
        observations: found.observations,
    };
    let password = host.password.as_ref().map(|p| &p.value);
    scrub::scrub(&mut connection, password);
    connection
}
