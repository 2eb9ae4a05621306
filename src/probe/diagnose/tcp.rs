//! Why an address does not answer.

use std::io;
use std::time::Duration;

use super::Broken;
use crate::facts::StageName;

/// What was dialled, as far as the diagnosis needs it.
#[derive(Clone, Copy, Debug)]
pub(in crate::probe) struct Dialled<'a> {
    /// The address with its port, or the socket file's path.
    pub shown: &'a str,
    /// Whether it is an IPv6 address.
    pub v6: bool,
    /// Whether the name gave IPv6 addresses alone.
    pub only_v6: bool,
    /// Whether it is a socket file.
    pub local: bool,
}

/// Says why dialling failed.
pub(in crate::probe) fn failed(error: &io::Error, to: Dialled<'_>) -> Broken {
    let Dialled { shown, .. } = to;
    let known = |cause, message: String| Broken::known(StageName::Tcp, cause, message);
    let code = error.raw_os_error();
    if to.local {
        return local(error, shown);
    }
    if code == Some(errno::EMFILE) || code == Some(errno::ENFILE) {
        return known(
            "tcp-fd-exhausted",
            "this machine is out of file descriptors".to_owned(),
        );
    }
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Broken::either(
            StageName::Tcp,
            &["tcp-refused", "tcp-refused-firewall"],
            format!(
                "{shown} refuses the connection: nothing listens there, or a firewall resets it"
            ),
        ),
        io::ErrorKind::HostUnreachable => known(
            "tcp-no-route",
            format!("a device on the way to {shown} says that the host cannot be reached"),
        ),
        io::ErrorKind::NetworkUnreachable if to.v6 && to.only_v6 => known(
            "dns-aaaa-only",
            format!("the host has only an IPv6 address, {shown}, and this machine has no IPv6"),
        ),
        io::ErrorKind::NetworkUnreachable => known(
            "tcp-net-unreachable",
            format!("this machine has no route to {shown}"),
        ),
        io::ErrorKind::AddrNotAvailable => known(
            "tcp-ephemeral-exhausted",
            "this machine has no free port to connect from".to_owned(),
        ),
        io::ErrorKind::TimedOut => timed_out(shown, None),
        io::ErrorKind::ConnectionReset => known(
            "tcp-rst-after-accept",
            format!("{shown} resets the connection at once"),
        ),
        _ => Broken::either(
            StageName::Tcp,
            &["tcp-no-route", "tcp-net-unreachable"],
            format!("{shown} cannot be dialled: {error}"),
        ),
    }
}

fn local(error: &io::Error, shown: &str) -> Broken {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Broken::known(
            StageName::Tcp,
            "unix-stale",
            format!("nobody listens on the socket {shown}"),
        ),
        io::ErrorKind::InvalidInput => Broken::known(
            StageName::Tcp,
            "unix-toolong",
            format!(
                "the socket path is {} bytes long; the system takes at most 107",
                shown.len()
            ),
        ),
        _ => Broken::known(
            StageName::Tcp,
            "unix-missing",
            format!("there is no usable socket at {shown}: {error}"),
        ),
    }
}

/// Says that dialling was not answered.
pub(in crate::probe) fn timed_out(shown: &str, after: Option<Duration>) -> Broken {
    let after = after.map_or_else(String::new, |d| format!(" within {:.1} s", d.as_secs_f64()));
    Broken::either(
        StageName::Tcp,
        &["tcp-blackhole", "tcp-backlog-full"],
        format!(
            "{shown} does not answer{after}: dropped by a firewall, or the server's queue is full"
        ),
    )
}

/// Says that the peer took the connection and then said nothing.
pub(in crate::probe) fn silent(after: Duration) -> Broken {
    Broken::either(
        StageName::Tcp,
        &["tcp-silent", "wrong-redis"],
        format!(
            "the peer took the connection and said nothing for {:.1} s",
            after.as_secs_f64()
        ),
    )
}

/// Says that the peer closed the connection before it said anything.
pub(in crate::probe) fn closed() -> Broken {
    Broken::either(
        StageName::Tcp,
        &["tcp-fin-after-accept", "tls-only-port"],
        "the peer took the connection and closed it before it said anything",
    )
}

/// Says that the peer speaks TLS alone.
pub(in crate::probe) fn tls_only() -> Broken {
    Broken::known(
        StageName::Tls,
        "tls-only-port",
        "the peer does not understand Postgres' request for TLS, and takes TLS at once",
    )
}

/// Says that the peer reset the connection before it said anything.
pub(in crate::probe) fn reset() -> Broken {
    Broken::known(
        StageName::Tcp,
        "tcp-rst-after-accept",
        "the peer took the connection and reset it before it said anything",
    )
}

/// The error numbers that have no stable [`io::ErrorKind`].
mod errno {
    pub(super) const ENFILE: i32 = 23;
    pub(super) const EMFILE: i32 = 24;
}

#[cfg(test)]
mod tests {
    use std::io::{self, ErrorKind};

    use super::{Dialled, failed};

    fn causes(error: &io::Error, to: Dialled<'_>) -> Vec<&'static str> {
        let failure = failed(error, to).failure;
        failure
            .cause
            .map_or(failure.candidates, |cause| vec![cause])
    }

    #[test]
    fn each_error_of_a_dial_has_its_cause() {
        let to = |v6, only_v6, local| Dialled {
            shown: "x",
            v6,
            only_v6,
            local,
        };
        let by_name = to(false, false, false);
        for (kind, to, expected) in [
            (
                ErrorKind::ConnectionRefused,
                by_name,
                &["tcp-refused", "tcp-refused-firewall"][..],
            ),
            (ErrorKind::HostUnreachable, by_name, &["tcp-no-route"]),
            (
                ErrorKind::NetworkUnreachable,
                by_name,
                &["tcp-net-unreachable"],
            ),
            (
                ErrorKind::NetworkUnreachable,
                to(true, false, false),
                &["tcp-net-unreachable"],
            ),
            (
                ErrorKind::NetworkUnreachable,
                to(true, true, false),
                &["dns-aaaa-only"],
            ),
            (
                ErrorKind::AddrNotAvailable,
                by_name,
                &["tcp-ephemeral-exhausted"],
            ),
            (
                ErrorKind::TimedOut,
                by_name,
                &["tcp-blackhole", "tcp-backlog-full"],
            ),
            (
                ErrorKind::ConnectionReset,
                by_name,
                &["tcp-rst-after-accept"],
            ),
            (
                ErrorKind::Other,
                by_name,
                &["tcp-no-route", "tcp-net-unreachable"],
            ),
            (
                ErrorKind::ConnectionRefused,
                to(false, false, true),
                &["unix-stale"],
            ),
            (
                ErrorKind::InvalidInput,
                to(false, false, true),
                &["unix-toolong"],
            ),
            (
                ErrorKind::NotFound,
                to(false, false, true),
                &["unix-missing"],
            ),
        ] {
            assert_eq!(causes(&io::Error::from(kind), to), expected, "{kind:?}");
        }
        for code in [super::errno::EMFILE, super::errno::ENFILE] {
            let error = io::Error::from_raw_os_error(code);
            assert_eq!(causes(&error, by_name), ["tcp-fd-exhausted"]);
        }
    }
}
