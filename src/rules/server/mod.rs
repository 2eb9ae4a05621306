//! The **server** family: what the server says about itself.

mod headroom;
mod idle_session;
mod keepalives;
mod password_encryption;
mod pooler;
mod role;
mod schema_create;
mod timeouts;
mod version;
mod writable;

use super::Rule;
use crate::facts::{Connection, Missing, ServerFacts, ServerSetting};

/// The rules of the family, in report order.
pub(super) static RULES: &[&Rule] = &[
    &version::RULE,
    &writable::RULE,
    &headroom::RULE,
    &role::RULE,
    &timeouts::RULE,
    &idle_session::RULE,
    &keepalives::RULE,
    &pooler::RULE,
    &schema_create::RULE,
    &password_encryption::RULE,
];

/// Returns what the server said, which a rule needs.
fn server<'a>(tries: &[&'a Connection]) -> Result<&'a ServerFacts, Missing> {
    tries
        .iter()
        .find_map(|try_| try_.server.as_ref())
        .ok_or_else(|| Missing::new("a session on the server"))
}

/// Returns a setting of the session, which a rule needs.
fn setting<'a>(server: &'a ServerFacts, name: &str) -> Result<&'a ServerSetting, Missing> {
    find(server, name).ok_or_else(|| Missing::new(format!("the server's {name}")))
}

/// Returns a setting of the session; older majors do not have each.
fn find<'a>(server: &'a ServerFacts, name: &str) -> Option<&'a ServerSetting> {
    server.settings.iter().find(|setting| setting.name == name)
}

/// Returns a setting that is a time, in milliseconds; none where it is off.
fn milliseconds(setting: &ServerSetting) -> Result<Option<u64>, Missing> {
    let unknown = || Missing::new(format!("a value of {} that is a time", setting.name));
    let value: u64 = setting.value.parse().map_err(|_| unknown())?;
    let factor = match setting.unit.as_deref() {
        Some("ms") => 1,
        Some("s") => 1000,
        Some("min") => 60_000,
        _ => return Err(unknown()),
    };
    Ok((value > 0).then(|| value.saturating_mul(factor)))
}

/// Writes a time as a person would: `30 s`, `1500 ms`.
fn time(milliseconds: u64) -> String {
    if milliseconds.is_multiple_of(1000) {
        format!("{} s", milliseconds / 1000)
    } else {
        format!("{milliseconds} ms")
    }
}

/// Says who set a setting, by `pg_settings.source`.
fn set_by(setting: &ServerSetting) -> &str {
    match setting.source.as_str() {
        "user" => "ALTER ROLE",
        "database" => "ALTER DATABASE",
        "database user" => "ALTER ROLE … IN DATABASE",
        "configuration file" => "the configuration file or ALTER SYSTEM",
        "client" => "the connection string's options",
        "command line" => "the server's command line",
        "environment variable" => "the server's environment",
        "default" => "PostgreSQL's default",
        "session" => "the session itself",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::{milliseconds, time};
    use crate::facts::{Connection, Facts, ServerFacts, ServerSetting};
    use crate::rules::{Context, Outcome, find, judge};
    use crate::spec::Spec;

    /// A setting as `pg_settings` gives it.
    pub(in crate::rules::server) fn setting(
        name: &str,
        value: &str,
        unit: &str,
        source: &str,
    ) -> ServerSetting {
        ServerSetting {
            name: name.to_owned(),
            value: value.to_owned(),
            unit: Some(unit.to_owned()).filter(|unit| !unit.is_empty()),
            source: source.to_owned(),
        }
    }

    #[test]
    fn a_time_is_read_in_its_unit_and_written_short() {
        let read = |value, unit| milliseconds(&setting("x", value, unit, "default")).ok();
        assert_eq!(read("30000", "ms"), Some(Some(30_000)));
        assert_eq!(read("2", "s"), Some(Some(2000)));
        assert_eq!(read("0", "ms"), Some(None));
        assert_eq!(read("on", "ms"), None);
        assert_eq!(read("5", "8kB"), None);
        assert_eq!(
            (time(30_000), time(1500)),
            ("30 s".into(), "1500 ms".into())
        );
    }

    /// Judges a rule on what a server said, or on a server that could not be asked.
    #[expect(clippy::unwrap_used, reason = "a panic is the test's failure")]
    pub(in crate::rules::server) fn outcome(rule: &str, server: Option<ServerFacts>) -> Outcome {
        let connection = Connection {
            url: ("URL".to_owned(), None),
            host: "h".to_owned(),
            port: 5432,
            stages: Vec::new(),
            server,
            activity: None,
            ..Connection::default()
        };
        let spec = Spec::profile("enterprise").unwrap();
        let facts = Facts {
            connections: vec![connection],
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
}
