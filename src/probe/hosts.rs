//! Host after host and address after address, as libpq tries them.

use std::rc::Rc;
use std::time::Instant;

use super::attempt::{Found, Target, attempt};
use super::deadline::Deadline;
use super::diagnose::Broken;
use super::dns::{self, Address};
use super::query::Session;
use super::tls::SystemRoots;
use super::{Request, scrub};
use crate::conninfo::Host;
use crate::facts::{Connection, StageName};

/// Tries host after host and address after address, as libpq does.
pub(super) async fn probe(
    request: &Request,
    deadline: Deadline,
) -> (Vec<Connection>, Option<Session>) {
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

/// Puts together what was found out about one address.
pub(super) fn connection(
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
