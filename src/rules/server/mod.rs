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

/// Says who set a setting, by `pg_settings.source`: what to look at to change it.
fn set_by(server: &ServerFacts, setting: &ServerSetting) -> String {
    let (role, database) = (quoted(&server.role), quoted(&server.database));
    match setting.source.as_str() {
        "user" => format!("ALTER ROLE {role}"),
        "database" => format!("ALTER DATABASE {database}"),
        "database user" => format!("ALTER ROLE {role} IN DATABASE {database}"),
        "global" => "ALTER ROLE ALL".to_owned(),
        "configuration file" => match &setting.place {
            Some(place) if place.contains("postgresql.auto.conf:") => "ALTER SYSTEM".to_owned(),
            Some(place) => place.clone(),
            None => "the configuration file or ALTER SYSTEM".to_owned(),
        },
        "client" => "the connection string's options".to_owned(),
        "command line" => "the server's command line".to_owned(),
        "environment variable" => "the server's environment".to_owned(),
        "default" => "PostgreSQL's default".to_owned(),
        "session" => "the session itself".to_owned(),
        other => other.to_owned(),
    }
}

/// Writes a name as SQL takes it.
fn quoted(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if plain {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('"', "\"\""))
    }
}

#[cfg(test)]
mod tests {
    use super::{milliseconds, quoted, set_by, time};
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
            place: None,
        }
    }

    #[test]
    fn who_set_a_setting_is_said_so_that_it_can_be_changed() {
        let server = ServerFacts {
            role: "App".to_owned(),
            database: "shop".to_owned(),
            ..ServerFacts::default()
        };
        let by = |source, place: Option<&str>| {
            let setting = ServerSetting {
                place: place.map(str::to_owned),
                ..setting("statement_timeout", "1", "ms", source)
            };
            set_by(&server, &setting)
        };
        assert_eq!(by("user", None), "ALTER ROLE \"App\"");
        assert_eq!(by("database", None), "ALTER DATABASE shop");
        assert_eq!(
            by("database user", None),
            "ALTER ROLE \"App\" IN DATABASE shop"
        );
        let file = "configuration file";
        assert_eq!(
            by(file, Some("/d/postgresql.conf:7")),
            "/d/postgresql.conf:7"
        );
        assert_eq!(by(file, Some("/d/postgresql.auto.conf:3")), "ALTER SYSTEM");
        assert!(by(file, None).contains("or ALTER SYSTEM"));
    }

    #[test]
    fn a_name_is_quoted_where_sql_needs_it() {
        assert_eq!(quoted("app_1"), "app_1");
        assert_eq!(quoted("App"), "\"App\"");
        assert_eq!(quoted("a\"b"), "\"a\"\"b\"");
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
