//! Why a name has no address.

use super::Broken;
use crate::facts::StageName;

/// Says that the name was not resolved within the time.
pub(in crate::probe) fn timed_out(host: &str) -> Broken {
    Broken::known(
        StageName::Dns,
        "dns-timeout",
        format!("no answer from the resolver about {host} within the time allowed"),
        "check the nameservers in /etc/resolv.conf, and whether UDP and TCP port 53 are let out",
    )
}

/// Says that the name cannot be a host's.
pub(in crate::probe) fn bad_shape(what: &str) -> Broken {
    Broken::known(
        StageName::Dns,
        "dns-host-shape",
        format!("the host cannot be a name: it {what}"),
        "write the bare host name: no scheme, no port, no user, no white space",
    )
}

/// Says that the name leads to the address that means no host.
pub(in crate::probe) fn zero(host: &str) -> Broken {
    Broken::known(
        StageName::Dns,
        "dns-zero",
        format!("{host} resolves to 0.0.0.0, which would reach this machine itself"),
        "a blocking resolver or a sinkhole answers for this name: use another resolver",
    )
}

/// Says that the system's resolver failed and nothing more is known.
pub(in crate::probe) fn failed(host: &str, code: Option<&'static str>) -> Broken {
    match code {
        Some("dns-nxdomain") => Broken::known(
            StageName::Dns,
            "dns-nxdomain",
            format!("the name {host} does not exist (NXDOMAIN)"),
            "check the spelling; an internal name resolves only inside the provider's network",
        ),
        Some("dns-nodata") => Broken::known(
            StageName::Dns,
            "dns-nodata",
            format!("the name {host} exists and has no address (no A or AAAA record)"),
            "use the host name that the provider shows for connections",
        ),
        Some("dns-servfail") => Broken::known(
            StageName::Dns,
            "dns-servfail",
            format!("the resolver could not find out about {host} (SERVFAIL)"),
            "not a fault of the string: try again, or another resolver; the zone or DNSSEC may be broken",
        ),
        Some("dns-refused") => Broken::known(
            StageName::Dns,
            "dns-refused",
            format!("the resolver refuses to answer about {host} (REFUSED)"),
            "use a resolver that serves this machine",
        ),
        Some("dns-no-resolver") => Broken::known(
            StageName::Dns,
            "dns-no-resolver",
            "nothing listens at the configured nameserver".to_owned(),
            "check the nameservers in /etc/resolv.conf",
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
            "ask the resolver directly, `host NAME`, and check the spelling",
        ),
    }
}
