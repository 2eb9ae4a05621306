//! `tls-certificate-chain`: the certificate's chain leads to a trusted root.

use super::{by_distance, on_certificate};
use crate::facts::{Connection, TlsFacts};
use crate::provider::Root;
use crate::rules::session::url_of;
use crate::rules::{Check, Context, Outcome, Rule, Seen, Verdict};
use crate::spec::Severity;

pub(super) static RULE: Rule = Rule {
    id: "tls-certificate-chain",
    severity: Severity::Warning,
    summary: "the certificate's chain does not lead to a trusted root",
    rationale: "Under libpq's `require` without a root file nothing of this is checked, so the \
        session works; under `verify-ca` and `verify-full`, and in every driver that verifies by \
        default, it would not. Until the chain can be verified, nobody can tell the server from \
        an impostor. It is checked against the file of sslrootcert (or ~/.postgresql/root.crt), \
        else against the system's roots. On the local machine and in a private network it is a \
        note: a self-made certificate is usual there.",
    fix: "name the file of the authority that signed it: sslrootcert=…; or use a certificate of a public one",
    symptoms: &[
        "SSL error: certificate verify failed",
        "self-signed certificate in certificate chain",
        "unable to get local issuer certificate",
    ],
    references: &["https://www.postgresql.org/docs/current/libpq-ssl.html#LIBQ-SSL-CERTIFICATES"],
    check: Check::Connection(check),
};

fn check(tries: &[&Connection], context: Context<'_>) -> Outcome {
    on_certificate(tries, |try_, tls| judge(try_, tls, context))
}

fn judge(try_: &Connection, tls: &TlsFacts, context: Context<'_>) -> Outcome {
    let roots = match tls.roots.as_str() {
        "" | "system" => "the system's roots".to_owned(),
        file => file.to_owned(),
    };
    let expected = format!("a chain to {roots}");
    if tls.chain_verified {
        return Seen::new(format!("the chain is trusted by {roots}"))
            .expected(expected)
            .pass();
    }
    let provider = url_of(try_, context).and_then(|url| url.provider);
    if let Some(why) = provider.and_then(|detected| detected.unverifiable()) {
        return Verdict::not_applicable(why);
    }
    let (cause, why) = match &tls.chain_problem {
        Some(problem) => (problem.cause, problem.message.as_str()),
        None => ("tls-unknown-ca", "it leads to no trusted root"),
    };
    let observed = match cause {
        // What the client cannot tell apart (CONTRACT 7).
        "tls-missing-intermediate" => "tls-missing-intermediate or tls-unknown-ca",
        known => known,
    };
    let seen = Seen::new(format!("verify-full would fail: {why}"))
        .observed(observed)
        .expected(expected);
    by_distance(seen.fail(fix(cause, provider)), try_).into()
}

/// Says what mends it; a provider's own authority is named where it is known.
fn fix(cause: &str, provider: Option<crate::provider::Detected>) -> String {
    let own = provider.and_then(|detected| match detected.provider.tls.root.sure()? {
        Root::Own(_) => detected.verify_advice(),
        Root::Public | Root::Unverifiable(_) | Root::Unknown => None,
    });
    match (cause, own) {
        ("tls-expired", _) => "renew the server's certificate".to_owned(),
        ("tls-not-yet" | "clock-skew", _) => {
            "compare this machine's clock with the certificate's dates".to_owned()
        }
        ("tls-revoked", _) => "replace the server's certificate: it was revoked".to_owned(),
        ("tls-missing-intermediate", _) => {
            "if the issuer is an intermediate, append its certificate to ssl_cert_file; if it is a \
             root, name its file in sslrootcert"
                .to_owned()
        }
        ("tls-unknown-ca" | "tls-self-signed", Some(advice)) => advice.to_owned(),
        ("tls-unknown-ca" | "tls-self-signed", None) => RULE.fix.to_owned(),
        (other, _) => format!("replace the server's certificate; dbharden explain {other}"),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

    use crate::facts::{Connection, Observation, TlsFacts};
    use crate::rules::session::tests::{attempt, judged, secured};
    use crate::rules::{Finding, Verdict};
    use crate::spec::Severity;

    const RULE: &str = "tls-certificate-chain";

    fn untrusted(cause: &'static str) -> Connection {
        Connection {
            tls: Some(TlsFacts {
                chain_verified: false,
                chain_problem: Some(Observation {
                    cause,
                    message: "the certificate is signed by itself".to_owned(),
                }),
                ..secured().tls.unwrap()
            }),
            ..secured()
        }
    }

    fn finding(connection: Connection) -> Finding {
        match judged(RULE, connection).unwrap() {
            Verdict::Fail(finding) => finding,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_trusted_chain_passes() {
        assert!(matches!(judged(RULE, secured()), Ok(Verdict::Pass(_))));
    }

    #[test]
    fn an_untrusted_chain_is_a_warning_and_on_a_near_host_a_note() {
        let far = finding(untrusted("tls-self-signed"));
        assert_eq!(far.severity, None);
        assert_eq!(far.seen.observed.as_deref(), Some("tls-self-signed"));
        let near = finding(Connection {
            host: "localhost".to_owned(),
            ..untrusted("tls-self-signed")
        });
        assert_eq!(near.severity, Some(Severity::Note));
    }

    #[test]
    fn the_fix_follows_the_cause() {
        let fixes: Vec<_> = [
            "tls-expired",
            "tls-not-yet",
            "tls-revoked",
            "tls-missing-intermediate",
            "tls-unknown-ca",
            "tls-sha1",
        ]
        .map(|cause| finding(untrusted(cause)).fix.unwrap())
        .to_vec();
        let mut distinct = fixes.clone();
        distinct.dedup();
        assert_eq!(fixes, distinct);
        assert!(fixes[5].ends_with("dbharden explain tls-sha1"));
    }

    #[test]
    fn a_provider_whose_certificate_nobody_can_verify_is_not_blamed() {
        use crate::rules::session::tests::judged_with;
        use crate::rules::url::tests::sample;
        let host = "roundhouse.proxy.rlwy.net";
        let mut url = sample(&format!("postgresql://u:p@{host}:5432/d"));
        url.environment = None;
        url.subject = "URL".to_owned();
        url.provider = crate::provider::detect(host, Some(5432));
        assert!(url.provider.and_then(|p| p.unverifiable()).is_some());
        let connection = Connection {
            host: host.to_owned(),
            ..untrusted("tls-self-signed")
        };
        let outcome = judged_with(RULE, connection, vec![url]);
        assert!(
            matches!(outcome, Ok(Verdict::NotApplicable(_))),
            "{outcome:?}"
        );
    }

    #[test]
    fn without_a_certificate_it_is_unknown() {
        assert!(judged(RULE, attempt("DDF--")).is_err());
        let bare = Connection {
            tls: Some(TlsFacts::default()),
            ..secured()
        };
        assert!(judged(RULE, bare).is_err());
    }
}
