//! `url-port`: the port is written out, is one, and is the provider's.

use super::{is_socket, parts};
use crate::conninfo::HostSpec;
use crate::facts::DatabaseUrl;
use crate::provider::{self, Ports};
use crate::rules::{Check, Context, Finding, Outcome, Rule, Seen, Verdict};
use crate::spec::Severity;

pub(super) static RULE: Rule = Rule {
    id: "url-port",
    severity: Severity::Error,
    summary: "the port is missing, not a port, or not the provider's",
    rationale: "The spec asks for a written port; one might as well leave it out, since parsers \
        do not need it: libpq, asyncpg and SQLAlchemy all default to 5432, and Neon, Render's \
        internal host and Fly leave it out. It does break the connection where the provider \
        listens elsewhere (DigitalOcean 25060, CockroachDB 26257, poolers often 6432 or 6543).",
    fix: "write the port behind the host",
    symptoms: &[
        "invalid port number",
        "invalid integer value",
        "ValueError: invalid literal for int() with base 10",
    ],
    references: &["https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-PORT"],
    check: Check::Url(check),
};

fn check(url: &DatabaseUrl, context: Context<'_>) -> Outcome {
    let hosts = parts(url)?.hosts();
    if hosts.iter().all(is_socket) {
        return Verdict::not_applicable("a Unix socket has no port");
    }
    let over_tcp = || hosts.iter().filter(|host| !is_socket(host));
    if let Some(finding) = over_tcp().find_map(|host| culprit(url, host, context)) {
        return finding.into();
    }
    let ports: Vec<_> = over_tcp()
        .map(|host| {
            host.port
                .clone()
                .unwrap_or_else(|| "5432 by default".to_owned())
        })
        .collect();
    Seen::new("the port is right")
        .observed(ports.join(", "))
        .pass()
}

fn culprit(url: &DatabaseUrl, host: &HostSpec, context: Context<'_>) -> Option<Finding> {
    let mark = |finding: Finding| finding.mark(url.redacted.map(host.port_span));
    let expected = expected_port(host);
    let Some(text) = &host.port else {
        let wanted = expected.unwrap_or(5432);
        let seen = Seen::new("no port is written")
            .observed("none, so 5432")
            .expected(format!(":{wanted}"));
        let demanded = context.spec.port_explicit || wanted != 5432;
        return demanded.then(|| mark(seen.fail(format!("write :{wanted} behind the host"))));
    };
    let number = text
        .trim()
        .trim_start_matches('+')
        .parse::<u16>()
        .ok()
        .filter(|port| *port > 0);
    let Some(port) = number else {
        return Some(mark(
            Seen::new("the port is not a number from 1 to 65535")
                .expected("1 to 65535")
                .fail(
                    "write the port that the provider shows; percent-encode : @ / in the password",
                ),
        ));
    };
    let foreign = foreign_service(port);
    if let Some(service) = foreign.filter(|_| expected != Some(port)) {
        return Some(mark(
            Seen::new(format!(
                "{port} is {service}'s usual port, not PostgreSQL's"
            ))
            .observed(text)
            .expected(expected.unwrap_or(5432).to_string())
            .fail("write the port that the database provider shows")
            .severity(Severity::Warning),
        ));
    }
    let detected = provider::detect(host.host.as_deref()?, Some(port))?;
    let Some(Ports::Fixed(ports)) = detected.ports().sure() else {
        return None;
    };
    (!ports.is_empty() && !ports.contains(&port)).then(|| {
        let wanted = ports
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(" or ");
        mark(
            Seen::new(format!(
                "{} does not listen on {port}",
                detected.provider.name
            ))
            .observed(text)
            .expected(&wanted)
            .fail(format!("write :{wanted} behind the host")),
        )
    })
}

/// Returns the port at which the host's provider answers, where that is sure.
fn expected_port(host: &HostSpec) -> Option<u16> {
    match provider::detect(host.host.as_deref()?, None)?
        .ports()
        .sure()?
    {
        Ports::Fixed(ports) | Ports::Usually(ports) => ports.first().copied(),
        Ports::PerService | Ports::None => None,
    }
}

/// Names the service that usually listens on a port, where that is not PostgreSQL or a pooler.
fn foreign_service(port: u16) -> Option<&'static str> {
    match port {
        22 => Some("SSH"),
        80 | 443 | 8080 => Some("HTTP"),
        1433 => Some("SQL Server"),
        3306 => Some("MySQL"),
        6379 => Some("Redis"),
        27017 => Some("MongoDB"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::url::tests::{Expected, judge_text};

    #[test]
    fn a_written_port_passes() {
        for text in [
            "postgresql://u@h:5432/d",
            "host=h port=6432",
            "postgresql://h1:5432,h2:5433/d",
        ] {
            assert_eq!(judge_text("url-port", text), Expected::Pass, "{text}");
        }
    }

    #[test]
    fn a_missing_or_impossible_port_fails() {
        for text in [
            "postgresql://u@h/d",
            "postgresql://u@h:/d",
            "postgresql://u@h:0/d",
            "postgresql://u@h:65536/d",
            "postgresql://u@h:543a/d",
            "postgresql://h1:5432,h2/d",
        ] {
            assert_eq!(judge_text("url-port", text), Expected::Fail, "{text}");
        }
    }

    #[test]
    fn another_services_port_fails() {
        assert_eq!(
            judge_text("url-port", "postgresql://u@db.example.com:6379/d"),
            Expected::Fail
        );
    }

    #[test]
    fn a_socket_has_no_port() {
        assert_eq!(
            judge_text("url-port", "postgresql://%2Ftmp/d"),
            Expected::NotApplicable
        );
    }

    #[test]
    fn a_string_that_does_not_parse_is_unknown() {
        assert_eq!(
            judge_text("url-port", "postgresql://u@[::1/d"),
            Expected::Unknown
        );
    }
}
