//! `url-host`: a host is named, and it is one that can be reached from where it is used.

use super::{is_socket, parts};
use crate::conninfo::HostSpec;
use crate::facts::{DatabaseUrl, Environment, EnvironmentKind};
use crate::provider::{self, is_local_or_private};
use crate::rules::{Check, Context, Finding, Outcome, Rule, Seen};
use crate::spec::Severity;

pub(super) static RULE: Rule = Rule {
    id: "url-host",
    severity: Severity::Error,
    summary: "no host is named, or one that cannot be reached from here",
    rationale: "Without a host each driver picks its own: libpq a local socket, most others \
        localhost. A host of the local machine or of a provider's private network means another \
        machine, or none, wherever else the string is used.",
    fix: "name the host that the provider shows for connections from where the application runs",
    symptoms: &[
        "could not translate host name \"dpg-abc123-a\" to address: Name or service not known",
        "socket.gaierror: [Errno -2] Name or service not known",
    ],
    references: &["https://render.com/docs/postgresql-creating-connecting"],
    check: Check::Url(check),
};

fn check(url: &DatabaseUrl, context: Context<'_>) -> Outcome {
    let hosts = parts(url)?.hosts();
    let environment = context
        .facts
        .environments
        .iter()
        .find(|one| Some(&one.name) == url.environment.as_ref());
    if let Some(finding) = hosts
        .iter()
        .find_map(|host| culprit(url, host, environment))
    {
        return finding.into();
    }
    let names: Vec<_> = hosts
        .iter()
        .filter_map(|host| host.host.clone().or(host.hostaddr.clone()))
        .collect();
    Seen::new("a host is named")
        .observed(names.join(", "))
        .pass()
}

fn culprit(
    url: &DatabaseUrl,
    host: &HostSpec,
    environment: Option<&Environment>,
) -> Option<Finding> {
    let Some(name) = host
        .host
        .as_deref()
        .or(host.hostaddr.as_deref())
        .filter(|name| !name.is_empty())
    else {
        return Some(
            Seen::new("no host is named: each driver picks its own")
                .expected("a host")
                .fail("name the host behind the @: postgresql://user:password@HOST:5432/dbname")
                .mark(url.redacted.map(host.host_span)),
        );
    };
    if is_socket(host) {
        return None;
    }
    if let Some(what) = malformed(name) {
        return Some(
            Seen::new(format!("the host {what}"))
                .expected("a host name or an address")
                .fail(
                    "write the host alone; percent-encode @ : / in the user name and the password",
                )
                .mark(url.redacted.map(host.host_span)),
        );
    }
    used_from_elsewhere(name, environment).map(|(why, fix)| {
        Seen::new(format!("{name} {why}"))
            .observed(name)
            .fail(fix)
            .severity(Severity::Warning)
            .mark(url.redacted.map(host.host_span))
    })
}

/// Says what is wrong with the shape of a host that no resolver can find; the text may be a piece
/// of a password, so it is not repeated.
fn malformed(host: &str) -> Option<&'static str> {
    let of = |bad: bool, what| bad.then_some(what);
    of(
        host.contains('@'),
        "holds an @: the password before it is not percent-encoded",
    )
    .or_else(|| {
        of(
            host.contains("//"),
            "holds //: a whole URL stands where the host belongs",
        )
    })
    .or_else(|| {
        of(
            host.contains('/'),
            "holds a /: a part of the password or of the path",
        )
    })
    .or_else(|| of(host.chars().any(char::is_whitespace), "holds white space"))
    .or_else(|| of(host.contains(".."), "has an empty label: two dots in a row"))
    .or_else(|| {
        of(
            host.split('.').any(|label| label.len() > 63),
            "has a label of more than 63 bytes",
        )
    })
}

/// Says why a host means nothing where the string is used, and what to do.
fn used_from_elsewhere(
    host: &str,
    environment: Option<&Environment>,
) -> Option<(String, &'static str)> {
    let environment = environment?;
    let platform = environment
        .deployment
        .as_ref()
        .map(|deployment| deployment.platform);
    let loopback =
        host.eq_ignore_ascii_case("localhost") || host.starts_with("127.") || host == "::1";
    if environment.kind == EnvironmentKind::Service && loopback && platform != Some("compose") {
        return Some((
            "is the service's own container, where no database runs".to_owned(),
            "name the host that the provider shows",
        ));
    }
    let detected = provider::detect(host, None).filter(|detected| detected.internal)?;
    let id = detected.provider.id;
    let on_platform = platform == Some(id)
        || (id == "render" && environment.get("RENDER").is_some())
        || (id == "railway" && environment.get("RAILWAY_ENVIRONMENT_NAME").is_some())
        || (id == "fly" && environment.get("FLY_APP_NAME").is_some());
    let elsewhere = environment.kind == EnvironmentKind::Process || platform.is_some();
    (elsewhere && !on_platform && is_local_or_private(host)).then(|| {
        (
            format!(
                "is reachable from {}'s own network alone",
                detected.provider.name
            ),
            "use the external host here, or run this where the application runs",
        )
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

    use super::{malformed, used_from_elsewhere};
    use crate::facts::{Deployment, Environment, EnvironmentKind};
    use crate::rules::url::tests::{Expected, judge_text};

    fn service(platform: &'static str) -> Environment {
        Environment {
            name: "render.yaml:api".to_owned(),
            kind: EnvironmentKind::Service,
            variables: Vec::new(),
            deployment: Some(Deployment {
                platform,
                ..Deployment::default()
            }),
        }
    }

    #[test]
    fn a_named_host_passes() {
        for text in [
            "postgresql://u@db.example.com/d",
            "postgresql://u@[::1]/d",
            "postgresql://%2Ftmp/d",
            "host=h",
        ] {
            assert_eq!(judge_text("url-host", text), Expected::Pass, "{text}");
        }
    }

    #[test]
    fn a_missing_or_malformed_host_fails() {
        for text in [
            "postgresql://u:p@/d",
            "postgresql:///d",
            "dbname=d",
            "postgresql://u:a@b@h/d",
            "postgresql://u@db..x/d",
        ] {
            assert_eq!(judge_text("url-host", text), Expected::Fail, "{text}");
        }
    }

    #[test]
    fn a_string_that_does_not_parse_is_unknown() {
        assert_eq!(
            judge_text("url-host", "postgresql://u@[::1/d"),
            Expected::Unknown
        );
    }

    #[test]
    fn a_long_label_is_malformed() {
        assert!(malformed(&format!("{}.example.com", "a".repeat(64))).is_some());
        assert!(malformed("db.example.com").is_none());
    }

    #[test]
    fn the_services_own_container_is_no_database() {
        assert!(used_from_elsewhere("localhost", Some(&service("render"))).is_some());
        assert!(used_from_elsewhere("db.example.com", Some(&service("render"))).is_none());
    }

    #[test]
    fn an_internal_host_is_right_on_its_own_platform_alone() {
        let internal = "dpg-cabcdefghijklmnopqrs-a";
        assert!(used_from_elsewhere(internal, Some(&service("render"))).is_none());
        let (why, _) = used_from_elsewhere(internal, Some(&service("fly"))).unwrap();
        assert!(why.contains("Render"), "{why}");
    }
}
