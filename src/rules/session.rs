//! What several families of rules ask about a connection: how far it came, and over what.

use std::net::IpAddr;

use super::Context;
use crate::facts::{Connection, DatabaseUrl, Missing, Stage, StageName, TlsFacts};
use crate::provider::is_local_or_private;

/// Returns the attempt that led to a session, which a rule needs.
pub(super) fn opened<'a>(tries: &[&'a Connection]) -> Result<&'a Connection, Missing> {
    tries
        .iter()
        .rev()
        .find(|try_| is_done(try_, StageName::Auth))
        .copied()
        .ok_or_else(|| Missing::new("a session on the server"))
}

/// How an attempt is encrypted.
#[derive(Clone, Copy, Debug)]
pub(super) enum Encryption<'a> {
    /// It is not needed: a Unix socket.
    Socket,
    /// It is not encrypted: the server has gone on in clear text.
    Clear,
    /// It is encrypted.
    Tls(&'a TlsFacts),
}

/// Returns how the attempt that came the farthest is encrypted, with the attempt itself.
pub(super) fn encryption<'a>(
    tries: &[&'a Connection],
) -> Result<(&'a Connection, Encryption<'a>), Missing> {
    let missing = || Missing::new("the TLS handshake");
    let secured = tries.iter().rev().find(|try_| try_.tls.is_some());
    let try_ = *opened(tries)
        .ok()
        .as_ref()
        .or(secured)
        .or(tries.last())
        .ok_or_else(missing)?;
    let state = match &try_.tls {
        Some(tls) => Encryption::Tls(tls),
        None if is_socket(try_) => Encryption::Socket,
        None if ran(try_, StageName::Auth) => Encryption::Clear,
        None => return Err(missing()),
    };
    Ok((try_, state))
}

/// Returns whether a connection leaves neither the machine nor a private network, by the name of
/// its host as CONTRACT 3 has it, or by its address where there is no name.
pub(super) fn is_near(connection: &Connection) -> bool {
    if is_socket(connection) {
        return true;
    }
    match (connection.host.as_str(), &connection.address) {
        ("", Some(address)) => is_local_or_private(address),
        (host, _) => is_local_or_private(host),
    }
}

/// Returns the connection string that was dialled.
pub(super) fn url_of<'a>(connection: &Connection, context: Context<'a>) -> Option<&'a DatabaseUrl> {
    let (subject, environment) = &connection.url;
    context
        .facts
        .urls
        .iter()
        .find(|url| url.subject == *subject && url.environment == *environment)
}

/// Returns whether a connection goes over a Unix socket: its address is a path.
pub(super) fn is_socket(connection: &Connection) -> bool {
    connection
        .address
        .as_deref()
        .is_some_and(|address| address.parse::<IpAddr>().is_err())
}

/// Returns the names that `-c name=value`, `-cname=value` and `--name=value` set.
pub(super) fn settings_of_options(options: &str) -> impl Iterator<Item = &str> {
    options.split_whitespace().filter_map(|word| {
        let word = word
            .strip_prefix("--")
            .or_else(|| word.strip_prefix("-c"))
            .unwrap_or(word);
        let (name, _) = word.split_once('=')?;
        let is_routing = matches!(name, "endpoint" | "project" | "reference");
        (!is_routing && !name.is_empty()).then_some(name)
    })
}

fn is_done(connection: &Connection, name: StageName) -> bool {
    connection
        .stages
        .iter()
        .any(|report| report.name == name && matches!(report.stage, Stage::Done(())))
}

fn ran(connection: &Connection, name: StageName) -> bool {
    connection
        .stages
        .iter()
        .any(|report| report.name == name && !matches!(report.stage, Stage::NotRun))
}

#[cfg(test)]
pub(in crate::rules) mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

    use super::{Encryption, encryption, is_near, opened};
    use crate::facts::{
        Connection, DatabaseUrl, Facts, Failure, Stage, StageName, StageReport, TlsFacts,
    };
    use crate::rules::{Context, Outcome, find, judge};
    use crate::spec::Spec;

    /// An attempt whose stages ended as the letters say: `D`one, `F`ailed, `-` not run.
    pub(in crate::rules) fn attempt(letters: &str) -> Connection {
        let names = [
            StageName::Dns,
            StageName::Tcp,
            StageName::Tls,
            StageName::Auth,
            StageName::Query,
        ];
        let report = |(name, letter): (StageName, char)| StageReport {
            name,
            stage: match letter {
                'D' => Stage::Done(()),
                'F' => Stage::Failed(Failure {
                    cause: Some("tls-1.1-only"),
                    candidates: Vec::new(),
                    message: "the server speaks at most TLS 1.1".to_owned(),
                    fix: "mend it".to_owned(),
                }),
                _ => Stage::NotRun,
            },
            took: None,
        };
        Connection {
            url: ("URL".to_owned(), None),
            host: "db.example.com".to_owned(),
            port: 5432,
            address: Some("192.0.2.7".to_owned()),
            stages: names.into_iter().zip(letters.chars()).map(report).collect(),
            ..Connection::default()
        }
    }

    /// A session in a handshake that verifies.
    pub(in crate::rules) fn secured() -> Connection {
        Connection {
            tls: Some(TlsFacts {
                version: "TLSv1.3".to_owned(),
                chain_verified: true,
                host_verified: true,
                not_after: Some("2027-03-01T00:00:00Z".to_owned()),
                roots: "system".to_owned(),
                ..TlsFacts::default()
            }),
            ..attempt("DDDDD")
        }
    }

    /// Judges a rule on one attempt, on 2026-11-24.
    pub(in crate::rules) fn judged(rule: &str, connection: Connection) -> Outcome {
        judged_with(rule, connection, Vec::new())
    }

    /// Judges a rule on one attempt with these connection strings.
    pub(in crate::rules) fn judged_with(
        rule: &str,
        connection: Connection,
        urls: Vec<DatabaseUrl>,
    ) -> Outcome {
        let spec = Spec::profile("enterprise").unwrap();
        let facts = Facts {
            connections: vec![connection],
            urls,
            ..Facts::default()
        };
        let context = Context {
            spec: &spec,
            facts: &facts,
            today: jiff::civil::date(2026, 11, 24),
        };
        judge([&find(rule).unwrap()], context)
            .swap_remove(0)
            .outcome
    }

    #[test]
    fn a_session_needs_a_login() {
        assert!(opened(&[&attempt("DDDF-")]).is_err());
        assert!(opened(&[&attempt("DDDDF")]).is_ok());
    }

    #[test]
    fn encryption_is_known_once_the_login_began() {
        assert!(encryption(&[&attempt("DDF--")]).is_err());
        assert!(encryption(&[]).is_err());
        let clear = attempt("DDDF-");
        assert!(matches!(
            encryption(&[&clear]).unwrap().1,
            Encryption::Clear
        ));
        assert!(matches!(
            encryption(&[&secured()]).unwrap().1,
            Encryption::Tls(_)
        ));
        let socket = Connection {
            address: Some("/tmp/.s.PGSQL.5432".to_owned()),
            ..attempt("-D-DD")
        };
        assert!(matches!(
            encryption(&[&socket]).unwrap().1,
            Encryption::Socket
        ));
    }

    #[test]
    fn a_host_is_near_by_its_name_and_without_one_by_its_address() {
        let named = |host: &str, address: &str| Connection {
            host: host.to_owned(),
            address: Some(address.to_owned()),
            ..attempt("DDDDD")
        };
        assert!(is_near(&named("localhost", "127.0.0.1")));
        assert!(!is_near(&named("db.example.com", "10.0.0.7")));
        assert!(is_near(&named("", "10.0.0.7")));
        assert!(!is_near(&named("", "192.0.2.7")));
        assert!(is_near(&named("", "/tmp/.s.PGSQL.5432")));
    }
}
