//! `connect-dns`: the host's name leads to an address.

use std::time::Duration;

use super::judge_stage;
use crate::facts::{Connection, StageName};
use crate::rules::{Check, Context, Outcome, Rule, Seen, Verdict};
use crate::spec::Severity;

/// From here on a look-up is a fault of its own: every new connection of the application waits so
/// long, and some drivers do not count it to their timeouts.
const SLOW: Duration = Duration::from_secs(1);

pub(super) static RULE: Rule = Rule {
    id: "connect-dns",
    severity: Severity::Error,
    summary: "the host's name leads to no address",
    rationale: "A name that does not resolve is often a name that means something elsewhere only: \
        a provider's internal host, a compose service, a private zone. libpq prints one text for \
        a name that does not exist and for one that is no name, and another for every fault of \
        the resolver: no answer, a refusal, a failure.",
    fix: "check the host's name, and from where it is meant to be reached",
    symptoms: &[
        "could not translate host name",
        "socket.gaierror: [Errno -2] Name or service not known",
        "getaddrinfo ENOTFOUND",
    ],
    references: &["https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-HOST"],
    check: Check::Connection(check),
};

fn check(tries: &[&Connection], context: Context<'_>) -> Outcome {
    let judged = judge_stage(StageName::Dns, tries, context)?;
    let looked_up = tries.iter().flat_map(|try_| &try_.stages);
    let longest = looked_up
        .filter(|report| report.name == StageName::Dns)
        .filter_map(|report| report.took)
        .max();
    match (judged, longest) {
        (Verdict::Pass(_), Some(took)) if took >= SLOW => Seen::new(format!(
            "the name lookup took {:.1} s: the resolver is slow",
            took.as_secs_f64()
        ))
        .observed("dns-slow")
        .expected("an answer within a second")
        .fail("mend or replace the resolver (/etc/resolv.conf); a cache on this machine helps")
        .severity(Severity::Warning)
        .into(),
        (judged, _) => Ok(judged),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

    use std::time::Duration;

    use crate::rules::Verdict;
    use crate::rules::session::tests::{attempt, judged};
    use crate::spec::Severity;

    #[test]
    fn a_slow_resolver_is_a_warning_and_a_quick_one_passes() {
        let with = |took| {
            let mut connection = attempt("DDDDD");
            connection.stages[0].took = Some(Duration::from_millis(took));
            judged("connect-dns", connection).unwrap()
        };
        assert!(matches!(with(999), Verdict::Pass(_)));
        let Verdict::Fail(finding) = with(3000) else {
            panic!("no finding")
        };
        assert_eq!(finding.severity, Some(Severity::Warning));
        assert_eq!(finding.seen.observed.as_deref(), Some("dns-slow"));
        assert!(finding.seen.message.contains("3.0 s"), "{finding:?}");
    }

    #[test]
    fn a_name_that_does_not_resolve_fails() {
        let failed = judged("connect-dns", attempt("F----")).unwrap();
        assert!(matches!(failed, Verdict::Fail(_)));
    }
}
