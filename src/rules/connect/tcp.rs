//! `connect-tcp`: the server's port answers.

use std::collections::BTreeSet;

use super::{got_past, judge_stage};
use crate::facts::{Connection, StageName};
use crate::rules::{Check, Context, Outcome, Rule, Verdict};
use crate::spec::Severity;

pub(super) static RULE: Rule = Rule {
    id: "connect-tcp",
    severity: Severity::Error,
    summary: "the server's port does not answer",
    rationale: "Nothing listens there, or something between drops or resets what is sent: a firewall, an allow list, a paused database. A refusal is quick; a drop lasts until the timeout, which several drivers do not have by default.",
    fix: "check the port, the allow list, and that the server runs",
    symptoms: &[
        "Connection refused",
        "Network is unreachable",
        "Connection timed out",
        "timeout expired",
    ],
    references: &[
        "https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-CONNECT-TIMEOUT",
    ],
    check: Check::Connection(check),
};

fn check(tries: &[&Connection], context: Context<'_>) -> Outcome {
    let mut judged = judge_stage(StageName::Tcp, tries, context)?;
    let hosts: BTreeSet<_> = tries.iter().map(|one| (&one.host, one.port)).collect();
    let reached = tries.iter().any(|one| got_past(StageName::Tcp, one));
    if let Verdict::Fail(finding) = &mut judged
        && hosts.len() > 1
        && !reached
    {
        let seen = &mut finding.seen;
        seen.message = format!(
            "none of the {} hosts answers; the last: {}",
            hosts.len(),
            seen.message
        );
        let last = seen.observed.take().unwrap_or_default();
        seen.observed = Some(format!("tcp-multi-host; {last}"));
        let fix = finding.fix.take().unwrap_or_default();
        finding.fix = Some(format!(
            "{fix}; one network problem may hide them all, and libpq waits connect_timeout for each"
        ));
    }
    Ok(judged)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

    use crate::facts::{Connection, Facts};
    use crate::rules::session::tests::attempt;
    use crate::rules::{Context, Finding, Verdict};
    use crate::spec::Spec;

    fn finding(tries: &[(&str, &str)]) -> Option<Finding> {
        let tries: Vec<Connection> = tries
            .iter()
            .map(|(host, stages)| Connection {
                host: (*host).to_owned(),
                ..attempt(stages)
            })
            .collect();
        let (spec, facts) = (Spec::profile("enterprise").unwrap(), Facts::default());
        let context = Context {
            spec: &spec,
            facts: &facts,
            today: jiff::civil::date(2026, 11, 24),
        };
        let tries: Vec<&Connection> = tries.iter().collect();
        match super::check(&tries, context).unwrap() {
            Verdict::Fail(finding) => Some(finding),
            _ => None,
        }
    }

    #[test]
    fn several_hosts_that_are_all_silent_are_said_to_be_several() {
        let all = finding(&[("a", "DF---"), ("b", "DF---"), ("c", "F----")]).unwrap();
        let observed = all.seen.observed.unwrap();
        assert!(observed.starts_with("tcp-multi-host; "), "{observed}");
        assert!(all.seen.message.starts_with("none of the 3 hosts"));
        assert!(all.fix.unwrap().contains("connect_timeout"));
        // Two addresses of one host are one host, and one that was reached is enough.
        let one = finding(&[("a", "DF---"), ("a", "DF---")]).unwrap();
        assert!(!one.seen.observed.unwrap().contains("tcp-multi-host"));
        assert!(finding(&[("a", "DF---"), ("b", "DDF--")]).is_none());
    }
}
