//! The advice of a cause, fitted to where the database is: its host and port, and its provider.

use crate::facts::Failure;
use crate::provider::{Detected, detect};

/// What a provider's users should do first about some causes.
struct Known {
    providers: &'static [&'static str],
    /// Which of its hosts it is about.
    about: fn(&Detected) -> bool,
    causes: &'static [&'static str],
    advice: &'static str,
}

const ANY: fn(&Detected) -> bool = |_| true;
const DIRECT: fn(&Detected) -> bool =
    |detected| detected.pooled != Some(true) && !detected.internal;
const POOLED: fn(&Detected) -> bool = |detected| detected.pooled == Some(true);
const INTERNAL: fn(&Detected) -> bool = |detected| detected.internal;
const OUTSIDE: fn(&Detected) -> bool = |detected| !detected.internal;

/// What a firewall of the provider's does to whom it does not know.
const BARRED: &[&str] = &[
    "tcp-blackhole",
    "tcp-refused",
    "tcp-rst-after-accept",
    "tcp-fin-after-accept",
    "ssl-s-close",
];
const NOT_REACHED: &[&str] = &[
    "dns-nxdomain",
    "dns-nodata",
    "dns-servfail",
    "dns-aaaa-only",
    "tcp-net-unreachable",
    "tcp-no-route",
    "tcp-blackhole",
];
const WAITED: &[&str] = &[
    "pgb-upstream-down",
    "tcp-silent",
    "auth-timeout",
    "q-silent",
];
const STARTUP: &[&str] = &["pgb-startup-param"];

/// First match wins. Sources: the providers' own pages, as cited in their files.
static KNOWN: &[Known] = &[
    Known {
        providers: &["render"],
        about: INTERNAL,
        causes: NOT_REACHED,
        advice: "Render's internal host answers in its own region and workspace alone: from here, use the external URL",
    },
    Known {
        providers: &["render"],
        about: OUTSIDE,
        causes: BARRED,
        advice: "add this machine's address to the database's IP allow list in Render's dashboard",
    },
    Known {
        providers: &["neon"],
        about: ANY,
        causes: WAITED,
        advice: "a suspended compute needs some seconds to wake: try again, and give connect_timeout 10 s or more",
    },
    Known {
        providers: &["neon"],
        about: ANY,
        causes: &["role-missing"],
        advice: "copy the string anew from Neon's console: an endpoint or a role that is unknown there is refused as a wrong password is",
    },
    Known {
        providers: &["neon"],
        about: ANY,
        causes: &["q-terminated"],
        advice: "Neon ends sessions when it suspends a compute: connect again, with pool_pre_ping in the application",
    },
    Known {
        providers: &["neon"],
        about: POOLED,
        causes: STARTUP,
        advice: "use the host without -pooler, or ALTER ROLE … SET: Neon's pooler refuses this in options",
    },
    Known {
        providers: &["supabase"],
        about: DIRECT,
        causes: NOT_REACHED,
        advice: "Supabase's direct host has IPv6 alone: use the session pooler (aws-N-REGION.pooler.supabase.com:5432, user postgres.PROJECT), or the IPv4 add-on",
    },
    Known {
        providers: &["supabase"],
        about: POOLED,
        causes: &["cb-no-plus"],
        advice: "leave out channel_binding=require: Supavisor does not offer it",
    },
    Known {
        providers: &["railway"],
        about: INTERNAL,
        causes: NOT_REACHED,
        advice: "Railway's internal host answers inside the project alone: from here, use DATABASE_PUBLIC_URL",
    },
    Known {
        providers: &["fly"],
        about: ANY,
        causes: NOT_REACHED,
        advice: "Fly's hosts answer in its private network alone: from here, open it with fly mpg proxy or fly proxy",
    },
    Known {
        providers: &["rds", "aurora", "rds-proxy"],
        about: ANY,
        causes: BARRED,
        advice: "let this machine's address into the database's security group, and see that it is publicly accessible or that you are in its VPC",
    },
    Known {
        providers: &["azure"],
        about: ANY,
        causes: BARRED,
        advice: "add this machine's address to the server's firewall rules in Azure",
    },
    Known {
        providers: &["digitalocean"],
        about: ANY,
        causes: BARRED,
        advice: "add this machine to the cluster's trusted sources",
    },
];

/// Fits the advice to the host: names it, and says first what its provider's users should do.
pub(in crate::probe) fn fit(failure: &mut Failure, host: &str, port: u16) {
    let fix = failure.fix.replace(":5432", &format!(":{port}"));
    let fix = put(&fix, "PORT", &port.to_string());
    failure.fix = if is_plain(host) {
        put(&fix, "HOST", host)
    } else {
        fix
    };
    let causes = || {
        failure
            .cause
            .into_iter()
            .chain(failure.candidates.iter().copied())
    };
    let Some(detected) = detect(host, Some(port)) else {
        return;
    };
    let known = KNOWN.iter().find(|known| {
        known.providers.contains(&detected.provider.id)
            && (known.about)(&detected)
            && causes().any(|cause| known.causes.contains(&cause))
    });
    let untrusted = causes().any(|c| {
        [
            "tls-unknown-ca",
            "tls-self-signed",
            "rootcert-default-missing",
        ]
        .contains(&c)
    });
    let advice = match known {
        Some(known) => Some(known.advice),
        None if untrusted => detected.verify_advice(),
        None => None,
    };
    if let Some(advice) = advice {
        failure.fix = format!("{advice}; else: {}", failure.fix);
    }
}

/// Returns whether a host can be shown in a command. What is no name may hold a piece of a password.
fn is_plain(host: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    !host.is_empty() && host.chars().all(plain)
}

/// Puts a value in the place of a word that stands alone.
fn put(text: &str, word: &str, value: &str) -> String {
    let mut put = String::new();
    let mut rest = text;
    let joins = |c: char| c.is_alphanumeric() || c == '_';
    while let Some(at) = rest.find(word) {
        let (before, after) = (&rest[..at], &rest[at + word.len()..]);
        put.push_str(before);
        put.push_str(if before.ends_with(joins) || after.starts_with(joins) {
            word
        } else {
            value
        });
        rest = after;
    }
    put + rest
}

#[cfg(test)]
mod tests {
    use super::{KNOWN, fit};
    use crate::facts::Failure;
    use crate::{causes, provider};

    fn advice(cause: &'static str, host: &str, port: u16) -> String {
        let mut failure = Failure {
            cause: Some(cause),
            candidates: Vec::new(),
            message: String::new(),
            fix: "ask psql -h HOST -p PORT, or ss -ltn 'sport = :5432'".to_owned(),
        };
        fit(&mut failure, host, port);
        failure.fix
    }

    #[test]
    fn host_and_port_are_those_that_were_dialled() {
        let general = "ask psql -h db.test -p 6000, or ss -ltn 'sport = :6000'";
        assert_eq!(advice("tcp-refused", "db.test", 6000), general);
        assert_eq!(super::put("PGHOST, HOST:HOST", "HOST", "h"), "PGHOST, h:h");
        assert!(advice("dns-host-shape", "pa@ss", 1).contains("-h HOST"));
    }

    #[test]
    fn a_provider_comes_first() {
        let internal = "dpg-cn1234567890abcdefgh-a";
        let external = &format!("{internal}.oregon-postgres.render.com");
        let neon = "ep-cool-name-123456.eu-central-1.aws.neon.tech";
        let pooled = "ep-cool-name-123456-pooler.eu-central-1.aws.neon.tech";
        let supabase = "db.abcdefghijklmnopqrst.supabase.co";
        for (cause, host, word) in [
            ("dns-nxdomain", internal, "external URL"),
            ("tcp-blackhole", external, "allow list"),
            ("pgb-upstream-down", neon, "suspended"),
            ("q-terminated", neon, "suspends"),
            ("role-missing", neon, "console"),
            ("pgb-startup-param", pooled, "-pooler"),
            ("dns-aaaa-only", supabase, "IPv6"),
            ("tls-unknown-ca", supabase, "Supabase"),
            ("dns-nxdomain", "db.railway.internal", "PUBLIC"),
            (
                "dns-nxdomain",
                "direct.abc123.flympg.net",
                "private network",
            ),
            (
                "tcp-blackhole",
                "db.c9akciq32abc.us-east-1.rds.amazonaws.com",
                "security group",
            ),
            (
                "tcp-blackhole",
                "db.postgres.database.azure.com",
                "firewall",
            ),
        ] {
            let fix = advice(cause, host, 5432);
            assert!(fix.contains(word), "{cause} at {host}: {fix}");
            assert!(fix.contains("; else: ask psql"), "{fix}");
        }
        let supavisor = "aws-0-eu-central-1.pooler.supabase.com";
        assert!(advice("cb-no-plus", supavisor, 6543).contains("Supavisor"));
        assert!(!advice("cb-no-plus", supabase, 5432).contains("Supavisor"));
        let digitalocean = "db-do-user-1-0.b.db.ondigitalocean.com";
        assert!(advice("tcp-blackhole", digitalocean, 25060).contains("trusted sources"));
        assert!(!advice("pgb-startup-param", neon, 5432).contains("-pooler"));
        assert!(!advice("tcp-blackhole", internal, 5432).contains("allow list"));
        assert!(!advice("tls-expired", supabase, 5432).contains("Supabase"));
    }

    #[test]
    fn every_provider_and_cause_that_is_named_exists() {
        for known in KNOWN {
            for id in known.providers {
                assert!(provider::find(id).is_some(), "{id}");
            }
            for cause in known.causes {
                assert!(causes::find(cause).is_some(), "{cause}");
            }
        }
    }
}
