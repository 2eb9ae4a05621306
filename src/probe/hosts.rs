//! Host after host and address after address, as libpq tries them.

use std::rc::Rc;
use std::time::{Duration, Instant};

use super::attempt::{Found, Target, attempt};
use super::deadline::Deadline;
use super::diagnose::Broken;
use super::dns::{self, Address};
use super::query::Session;
use super::tls::SystemRoots;
use super::wanted::{Wanted, shuffle};
use super::{Request, scrub};
use crate::conninfo::Host;
use crate::facts::{Breakdown, Connection, Sessions, StageName};

/// Tries host after host and address after address, as libpq does.
pub(super) async fn probe(
    request: &Request,
    deadline: Deadline,
) -> (Vec<Connection>, Option<Session>) {
    let parameter = |name| {
        request
            .conninfo
            .parameters
            .get(name)
            .map(|p| p.value.expose())
    };
    let mut hosts: Vec<&Host> = request.conninfo.hosts.iter().collect();
    let balance = parameter("load_balance_hosts") == Some("random");
    if balance {
        shuffle(&mut hosts);
    }
    let mut round = Round {
        request,
        wanted: Wanted::read(parameter("target_session_attrs")),
        deadline,
        system: Rc::default(),
        connections: Vec::new(),
        second_choice: None,
    };
    for (i, host) in hosts.iter().enumerate() {
        let hosts_left = hosts.len() - i;
        let began = Instant::now();
        let mut resolved = match dns::resolve(host, share(deadline, hosts_left)).await {
            Ok(resolved) => resolved,
            Err(broken) => {
                let mut found = Found::default();
                found.trace.add(StageName::Dns, began);
                round.report(host, None, found, Some(&broken));
                continue;
            }
        };
        if balance {
            shuffle(&mut resolved.addresses);
        }
        let only_v6 = resolved.only_v6();
        let mut began = Some(began);
        for (j, address) in resolved.addresses.iter().enumerate() {
            let left = hosts_left - 1 + resolved.addresses.len() - j;
            let mut found = Found::default();
            // The name was looked up once; the first address carries the time.
            let since = began.take().unwrap_or_else(Instant::now);
            found.trace.add(StageName::Dns, since);
            match Box::pin(round.address(host, address, only_v6, left, found)).await {
                Next::Address => {}
                Next::Nothing(session) => return round.end(session),
            }
        }
    }
    round.end(None)
}

/// What comes after an address.
#[expect(
    clippy::large_enum_variant,
    reason = "one is made per address that is tried"
)]
enum Next {
    /// The next one.
    Address,
    /// Nothing: it counts, with its session where there is one.
    Nothing(Option<Session>),
}

/// One round over all hosts.
struct Round<'a> {
    request: &'a Request,
    wanted: Wanted,
    deadline: Deadline,
    system: Rc<SystemRoots>,
    connections: Vec<Connection>,
    /// Where a primary stands that would do for want of a standby.
    second_choice: Option<usize>,
}

impl Round<'_> {
    async fn address(
        &mut self,
        host: &Host,
        address: &Address,
        only_v6: bool,
        left: usize,
        mut found: Found,
    ) -> Next {
        let whole = share(self.deadline, left);
        let target = Target {
            request: self.request,
            host,
            address,
            only_v6,
            system: &self.system,
            deadline: match connect_timeout(self.request) {
                Some(patience) => whole.sooner(patience),
                None => whole,
            },
            whole,
        };
        let session = match attempt(&target, &mut found).await {
            Ok(session) => session,
            Err(broken) => {
                self.report(host, Some(address), found, Some(&broken));
                return if tries_next(&broken) {
                    Next::Address
                } else {
                    Next::Nothing(None)
                };
            }
        };
        let server = found.answers.as_ref().map(|answers| &answers.server);
        let unwanted = server.filter(|server| !self.wanted.fits(server));
        let Some(unwanted) = unwanted.map(|server| self.wanted.mismatch(server)) else {
            self.report(host, Some(address), found, None);
            return Next::Nothing(Some(session));
        };
        if self.wanted != Wanted::PreferStandby {
            session.close(self.deadline).await;
            self.report(host, Some(address), found, Some(&unwanted));
            return Next::Address;
        }
        if left == 1 && self.second_choice.is_none() {
            self.report(host, Some(address), found, None);
            return Next::Nothing(Some(session));
        }
        session.close(self.deadline).await;
        self.report(host, Some(address), found, None);
        self.second_choice.get_or_insert(self.connections.len() - 1);
        Next::Address
    }

    fn report(
        &mut self,
        host: &Host,
        address: Option<&Address>,
        found: Found,
        broken: Option<&Broken>,
    ) {
        self.connections
            .push(connection(self.request, host, address, found, broken));
    }

    /// Ends the round. Where no standby was found, the primary that would do stands last: the last
    /// one counts.
    fn end(mut self, session: Option<Session>) -> (Vec<Connection>, Option<Session>) {
        if let (None, Some(at)) = (&session, self.second_choice) {
            let second = self.connections.remove(at);
            self.connections.push(second);
        }
        (self.connections, session)
    }
}

/// Returns the string's own limit for one address, as libpq counts it: from dialling to the end of
/// the login.
fn connect_timeout(request: &Request) -> Option<Duration> {
    let parameter = request.conninfo.parameters.get("connect_timeout")?;
    let seconds: i64 = parameter.value.expose().trim().parse().ok()?;
    u64::try_from(seconds)
        .ok()
        .filter(|seconds| *seconds > 0)
        .map(Duration::from_secs)
}

/// Divides what is left of the time among the addresses that are left.
fn share(deadline: Deadline, left: usize) -> Deadline {
    let parts = u32::try_from(left.max(1)).unwrap_or(u32::MAX);
    deadline.sooner(deadline.left() / parts)
}

/// Returns whether libpq would go on with the next address: it does where nothing Postgres-like
/// answered, where the time was up, and where the server takes no sessions at the moment.
fn tries_next(broken: &Broken) -> bool {
    let not_ready = [
        "starting-up",
        "shutting-down",
        "recovery-mode",
        "hot-standby-off",
    ];
    let fits = |id: &'static str| not_ready.contains(&id);
    broken.stage <= StageName::Tcp
        || broken.late && broken.stage <= StageName::Auth
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
    let broken = broken.map(|broken| broken.clone().at(&host.host, host.port));
    let answers = found.answers;
    let wish = &request.sessions;
    let (server, activity, breakdown, sessions) = match answers {
        Some(answers) => (
            Some(answers.server),
            answers.activity,
            answers
                .breakdown
                .zip(wish.by)
                .map(|(rows, by)| Breakdown { by, rows }),
            answers.sessions.map(|all| Sessions {
                only: wish.only.clone(),
                all,
            }),
        ),
        None => (None, None, None, None),
    };
    let mut connection = Connection {
        url: (request.subject.clone(), request.environment.clone()),
        host: host.host.clone(),
        port: host.port,
        address: address.map(|address| match address {
            Address::Tcp(address) => address.ip().to_string(),
            Address::Unix(path) => path.display().to_string(),
        }),
        stages: found.trace.reports(broken.as_ref()),
        tls: found.tls,
        server,
        activity,
        breakdown,
        sessions,
        observations: found.observations,
    };
    let password = host.password.as_ref().map(|p| &p.value);
    scrub::scrub(&mut connection, password);
    connection
}
