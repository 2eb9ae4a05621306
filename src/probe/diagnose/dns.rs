//! Why a name has no address.

use super::Broken;
use crate::facts::StageName;

/// Says that the name was not resolved within the time.
pub(in crate::probe) fn timed_out(host: &str) -> Broken {
    Broken::known(
        StageName::Dns,
        "dns-timeout",
        format!("no answer from the resolver about {host} within the time allowed"),
    )
}

/// Says that the name cannot be a host's.
pub(in crate::probe) fn bad_shape(what: &str) -> Broken {
    Broken::known(
        StageName::Dns,
        "dns-host-shape",
        format!("the host cannot be a name: it {what}"),
    )
}

/// Says that the name leads to the address that means no host.
pub(in crate::probe) fn zero(host: &str) -> Broken {
    Broken::known(
        StageName::Dns,
        "dns-zero",
        format!("{host} resolves to 0.0.0.0, which would reach this machine itself"),
    )
}

/// Says that the system's resolver failed and nothing more is known.
pub(in crate::probe) fn failed(host: &str, code: Option<&'static str>) -> Broken {
    match code {
        Some("dns-nxdomain") => Broken::known(
            StageName::Dns,
            "dns-nxdomain",
            format!("the name {host} does not exist (NXDOMAIN)"),
        ),
        Some("dns-nodata") => Broken::known(
            StageName::Dns,
            "dns-nodata",
            format!("the name {host} exists and has no address (no A or AAAA record)"),
        ),
        Some("dns-servfail") => Broken::known(
            StageName::Dns,
            "dns-servfail",
            format!("the resolver could not find out about {host} (SERVFAIL)"),
        ),
        Some("dns-refused") => Broken::known(
            StageName::Dns,
            "dns-refused",
            format!("the resolver refuses to answer about {host} (REFUSED)"),
        ),
        Some("dns-no-resolver") => Broken::known(
            StageName::Dns,
            "dns-no-resolver",
            "nothing listens at the configured nameserver".to_owned(),
        ),
        Some("dns-timeout") => timed_out(host),
        _ => Broken::either(
            StageName::Dns,
            &[
                "dns-nxdomain",
                "dns-nodata",
                "dns-servfail",
                "dns-refused",
                "dns-no-resolver",
            ],
            format!("the name {host} could not be resolved"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::failed;

    #[test]
    fn each_answer_of_the_resolver_is_its_own_cause() {
        for code in [
            "dns-nxdomain",
            "dns-nodata",
            "dns-servfail",
            "dns-refused",
            "dns-no-resolver",
            "dns-timeout",
        ] {
            let failure = failed("db.test", Some(code)).failure;
            assert_eq!(failure.cause, Some(code));
            assert!(!failure.fix.is_empty(), "{code}");
        }
        let unknown = failed("db.test", None).failure;
        assert_eq!((unknown.cause, unknown.candidates.len()), (None, 5));
    }
}
