//! Every sslmode against every kind of server, beside the real psql.

use std::path::Path;
use std::process::Command;

use crate::dial::{connect, failure};
use crate::support::{Authority, Certificate, Folder, Installation, PostgreSql, Role};

/// What came of it: in clear, over TLS, or not at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Clear,
    Tls,
    Refused,
}

fn ours(conninfo: &str) -> Outcome {
    let connection = connect(conninfo);
    match (failure(&connection), &connection.tls) {
        (Some(_), _) => Outcome::Refused,
        (None, Some(_)) => Outcome::Tls,
        (None, None) => Outcome::Clear,
    }
}

fn psql(conninfo: &str) -> Outcome {
    let output = Command::new(Installation::newest().psql())
        .args([
            "-XAtc",
            "select ssl from pg_stat_ssl where pid = pg_backend_pid()",
        ])
        .arg(conninfo)
        .env_clear()
        .env("HOME", "/nonexistent")
        .output()
        .unwrap();
    match String::from_utf8_lossy(&output.stdout).trim() {
        "t" => Outcome::Tls,
        "f" => Outcome::Clear,
        _ => Outcome::Refused,
    }
}

fn start(certificate: Option<&Certificate>, rule: &str) -> PostgreSql {
    let builder = PostgreSql::builder().hba(rule);
    let server = match certificate {
        Some(certificate) => builder.tls(certificate).start(),
        None => builder.start(),
    };
    server.create(&Role::new("app").password("s3cret"));
    server
}

#[test]
fn every_sslmode_ends_as_with_psql_on_every_kind_of_server() {
    let folder = Folder::new();
    let authority = Authority::new("lab");
    let stranger = Authority::new("stranger");
    let good = authority.server().issue();
    let everybody = "host all all all scram-sha-256";
    let servers = [
        ("plain", start(None, everybody)),
        ("tls", start(Some(&good), everybody)),
        (
            "wrong host",
            start(Some(&authority.server().wrong_host().issue()), everybody),
        ),
        (
            "expired",
            start(Some(&authority.server().expired().issue()), everybody),
        ),
        (
            "unknown authority",
            start(Some(&stranger.server().issue()), everybody),
        ),
        (
            "self-signed",
            start(Some(&Certificate::self_signed().issue()), everybody),
        ),
        (
            "common name",
            start(
                Some(&authority.server().common_name_only().issue()),
                everybody,
            ),
        ),
        (
            "hostssl alone",
            start(Some(&good), "hostssl all all all scram-sha-256"),
        ),
        (
            "hostnossl alone",
            start(Some(&good), "hostnossl all all all scram-sha-256"),
        ),
        ("reject", start(Some(&good), "host all all all reject")),
    ];
    let root = folder.write("root.pem", authority.pem());
    let missing = folder.path().join("missing.pem");
    let modes = [
        "disable",
        "allow",
        "prefer",
        "require",
        "verify-ca",
        "verify-full",
    ];
    let mut cells = 0;
    let mut wrong = Vec::new();
    for (name, server) in &servers {
        for mode in modes {
            for roots in [None, Some(root.as_path()), Some(missing.as_path())] {
                for host in ["localhost", "127.0.0.1"] {
                    let conninfo = conninfo(server, host, mode, roots);
                    let (ours, theirs) = (ours(&conninfo), psql(&conninfo));
                    cells += 1;
                    if ours != theirs {
                        wrong.push(format!(
                            "{name}, {mode}, {roots:?}, {host}: {ours:?}, psql {theirs:?}"
                        ));
                    }
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {cells} differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert_eq!(cells, 360);
}

fn conninfo(server: &PostgreSql, host: &str, mode: &str, roots: Option<&Path>) -> String {
    let roots = roots.map_or_else(String::new, |path| {
        format!(" sslrootcert={}", path.display())
    });
    format!(
        "{} sslmode={mode}{roots}",
        server.conninfo("app", "s3cret").replace("127.0.0.1", host)
    )
}
