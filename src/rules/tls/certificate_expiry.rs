//! `tls-certificate-expiry`: the certificate does not end soon.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::on_certificate;
use crate::facts::{Connection, Missing, TlsFacts};
use crate::rules::{Check, Context, Outcome, Rule, Seen};
use crate::spec::Severity;
use crate::value::plural;

/// The fewest days that must be left.
const LEAST_DAYS: i64 = 21;

pub(super) static RULE: Rule = Rule {
    id: "tls-certificate-expiry",
    severity: Severity::Warning,
    summary: "the server's certificate ends within 21 days",
    rationale: "On the day after, every client that verifies stops connecting, all at once. Who \
        renews by hand needs some weeks; where renewal is automatic, a certificate this close to \
        its end says that the renewal, or the reload of the server after it, did not happen. \
        Clients that do not verify, as libpq's under `require` without a root file, do not notice \
        at all.",
    fix: "renew the certificate and reload the server",
    symptoms: &[
        "SSL error: certificate verify failed",
        "certificate has expired",
    ],
    references: &["https://www.postgresql.org/docs/current/ssl-tcp.html"],
    check: Check::Connection(check),
};

fn check(tries: &[&Connection], context: Context<'_>) -> Outcome {
    on_certificate(tries, |_, tls| judge(tls, context))
}

fn judge(tls: &TlsFacts, context: Context<'_>) -> Outcome {
    let missing = || Missing::new("the day on which the certificate ends");
    let not_after = tls.not_after.as_deref().ok_or_else(missing)?;
    let end: Timestamp = not_after.parse().map_err(|_| missing())?;
    let end = end.to_zoned(TimeZone::UTC).date();
    let left = i64::from(context.today.until(end).map_or(0, |span| span.get_days()));
    let days = plural(
        usize::try_from(left.unsigned_abs()).unwrap_or(usize::MAX),
        "day",
    );
    let message = match left {
        ..0 => format!("the certificate ended on {end}, {days} ago"),
        0 => format!("the certificate ends today, {end}"),
        _ => format!("the certificate ends on {end}, in {days}"),
    };
    let seen = Seen::new(message)
        .observed(not_after)
        .expected(format!("at least {LEAST_DAYS} days"));
    if left < LEAST_DAYS {
        return seen.fail(RULE.fix).into();
    }
    seen.pass()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

    use crate::facts::{Connection, TlsFacts};
    use crate::rules::session::tests::{attempt, judged, secured};
    use crate::rules::{Outcome, Verdict};

    const RULE: &str = "tls-certificate-expiry";

    /// Judges a certificate on 2026-11-24.
    fn ends(not_after: &str) -> Outcome {
        let tls = TlsFacts {
            not_after: Some(not_after.to_owned()),
            ..secured().tls.unwrap()
        };
        judged(
            RULE,
            Connection {
                tls: Some(tls),
                ..secured()
            },
        )
    }

    #[test]
    fn the_border_is_21_days() {
        assert!(matches!(ends("2026-12-15T00:00:00Z"), Ok(Verdict::Pass(_))));
        for end in [
            "2026-12-14T23:59:59Z",
            "2026-11-24T23:59:59Z",
            "2025-01-01T00:00:00Z",
        ] {
            assert!(matches!(ends(end), Ok(Verdict::Fail(_))), "{end}");
        }
    }

    #[test]
    fn a_certificate_that_has_ended_says_since_when() {
        let Ok(Verdict::Fail(finding)) = ends("2026-11-23T10:00:00Z") else {
            panic!("no failure")
        };
        assert_eq!(
            finding.seen.message,
            "the certificate ended on 2026-11-23, 1 day ago"
        );
    }

    #[test]
    fn a_date_that_nobody_can_read_and_a_missing_handshake_are_unknown() {
        assert!(ends("soon").is_err());
        assert!(judged(RULE, attempt("DDF--")).is_err());
    }
}
