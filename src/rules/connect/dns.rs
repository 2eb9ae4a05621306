//! `connect-dns`: the host's name leads to an address.

use super::judge_stage;
use crate::facts::StageName;
use crate::rules::{Check, Rule};
use crate::spec::Severity;

pub(super) static RULE: Rule = Rule {
    id: "connect-dns",
    severity: Severity::Error,
    summary: "the host's name leads to no address",
    rationale: "A name that does not resolve is most often a name that means something elsewhere only: a provider's internal host, a compose service, a private zone. libpq prints one text for a name that does not exist and for a resolver that is broken.",
    fix: "check the host's name, and from where it is meant to be reached",
    symptoms: &[
        "could not translate host name",
        "socket.gaierror: [Errno -2] Name or service not known",
        "getaddrinfo ENOTFOUND",
    ],
    references: &["https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-HOST"],
    check: Check::Connection(|tries, _| judge_stage(StageName::Dns, tries)),
};
