//! libpq: how each version splits a connection string, what it refuses, and how it connects.
//!
//! Ported from `fe-connect.c` of PostgreSQL 15 to 18.

mod checks;
mod connect;
mod grammar;
mod keywords;

pub(super) use checks::integer;
pub(super) use connect::connect;
pub(super) use grammar::{parse, parse_pairs};

use super::{Message, Outcome, Variables};
use crate::conninfo::keywords::KEYWORDS;
use crate::conninfo::service;

/// A release line of libpq.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Version {
    V15,
    V16,
    V17,
    V18,
}

/// The values that a string sets, by libpq's keywords.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Options {
    values: Vec<(&'static str, String)>,
    /// What Python says to a value whose bytes are no UTF-8.
    pub(super) undecodable: Option<Message>,
    /// Settings of the server that the process's variables name.
    session: Vec<(&'static str, String)>,
}

/// The variables that become settings of the session: `EnvironmentOptions`.
const SESSION: [(&str, &str); 3] = [
    ("PGDATESTYLE", "datestyle"),
    ("PGTZ", "timezone"),
    ("PGGEQO", "geqo"),
];

impl Options {
    /// Returns a keyword's value, also where it is empty.
    pub(super) fn get(&self, keyword: &str) -> Option<&str> {
        self.values
            .iter()
            .find(|(known, _)| *known == keyword)
            .map(|(_, value)| value.as_str())
    }

    /// Returns a keyword's value where it is not empty.
    pub(super) fn filled(&self, keyword: &str) -> Option<&str> {
        self.get(keyword).filter(|value| !value.is_empty())
    }

    /// Returns every keyword with its value.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.values
            .iter()
            .map(|(keyword, value)| (*keyword, value.as_str()))
    }

    /// Returns the options without one keyword.
    pub(super) fn without(&self, keyword: &str) -> Self {
        Self {
            values: self
                .values
                .iter()
                .filter(|(known, _)| *known != keyword)
                .cloned()
                .collect(),
            undecodable: self.undecodable.clone(),
            session: self.session.clone(),
        }
    }

    /// Fills what the string leaves out from its service's section and then with the process's
    /// variables (`conninfo_add_defaults`).
    pub(super) fn fill(&mut self, version: Version, variables: &Variables) -> Result<(), Message> {
        self.fill_from_service(version, variables)?;
        if variables.is_empty() {
            return Ok(());
        }
        for known in KEYWORDS {
            if known.name == "service" {
                continue;
            }
            let value = known.variable.and_then(|variable| variables.get(variable));
            if let (Some(value), Some(name)) = (value, keyword(version, known.name))
                && self.get(name).is_none()
            {
                self.set(name, value.to_owned());
            }
        }
        if self.get("sslmode").is_none()
            && variables
                .get("PGREQUIRESSL")
                .is_some_and(|value| value.starts_with('1'))
        {
            self.set("sslmode", "require".to_owned());
        }
        for (variable, setting) in SESSION {
            if let Some(value) = variables.get(variable)
                && !value.eq_ignore_ascii_case("default")
            {
                self.session.push((setting, value.to_owned()));
            }
        }
        Ok(())
    }

    /// `parseServiceInfo`
    fn fill_from_service(
        &mut self,
        version: Version,
        variables: &Variables,
    ) -> Result<(), Message> {
        let Some(name) = self.get("service").or(variables.get("PGSERVICE")) else {
            return Ok(());
        };
        let set = service(name, variables.service_files())
            .map_err(|error| Message::of(&["syntax error in service file: ", &error.message]))?;
        let Some(set) = set else {
            return Err(Message::of(&[
                "definition of service \"",
                name,
                "\" not found",
            ]));
        };
        for (name, value) in set {
            let Some(name) = keyword(version, name) else {
                return Err(Message::of(&["syntax error in service file"]));
            };
            if self.get(name).is_none() {
                self.set(name, value.expose().to_owned());
            }
        }
        self.values.retain(|(keyword, _)| *keyword != "service");
        Ok(())
    }

    /// Takes over every value of other options.
    pub(super) fn update(&mut self, other: Self) {
        for (keyword, value) in other.values {
            self.set(keyword, value);
        }
        self.undecodable = self.undecodable.take().or(other.undecodable);
    }

    /// Sets a keyword, in its place where it has one.
    pub(super) fn set(&mut self, keyword: &'static str, value: String) {
        match self.values.iter_mut().find(|(known, _)| *known == keyword) {
            Some((_, known)) => *known = value,
            None => self.values.push((keyword, value)),
        }
    }
}

/// Reads a string as `PQconnectdb` does.
pub(super) fn read(version: Version, text: &str, variables: &Variables) -> Outcome {
    let mut options = parse(version, text)?;
    options.fill(version, variables)?;
    connect(version, &options)
}

/// Returns a keyword of the version by its name.
pub(super) fn keyword(version: Version, name: &str) -> Option<&'static str> {
    keywords::KEYWORDS
        .iter()
        .find(|known| known.name == name && known.since <= version)
        .map(|known| known.name)
}

/// `invalid sslmode value: "…"`
fn invalid_value(keyword: &str, value: &str) -> Message {
    Message::of(&[&format!("invalid {keyword} value: \""), value, "\""])
}

#[cfg(test)]
mod tests {
    use super::{Variables, Version, read};

    fn error(version: Version, text: &str) -> String {
        match read(version, text, &Variables::default()) {
            Ok(_) => "ok".to_owned(),
            Err(message) => message.render(str::to_owned),
        }
    }

    #[test]
    fn refusals_have_the_words_of_libpq() {
        for (text, expected) in [
            ("postgres://u@h/d", "ok"),
            ("host=h user=u", "ok"),
            (
                "postgres://u@h/d?foo=1",
                "invalid URI query parameter: \"foo\"",
            ),
            ("foo=1", "invalid connection option \"foo\""),
            (
                "mysql://u@h",
                "missing \"=\" after \"mysql://u@h\" in connection info string",
            ),
            (
                "postgres://u@h/d?sslmode=REQUIRE",
                "invalid sslmode value: \"REQUIRE\"",
            ),
            (
                "postgres://u:a%zz@h/d",
                "invalid percent-encoded token: \"a%zz\"",
            ),
            ("postgres://u@h:0/d", "invalid port number: \"0\""),
            (
                "postgres://u@h:x/d",
                "invalid integer value \"x\" for connection option \"port\"",
            ),
            (
                "postgres://u@h/d?sslmode=require#x",
                "invalid sslmode value: \"require#x\"",
            ),
            (
                "postgres://u@h/a b",
                "unexpected spaces found in \"a b\", use percent-encoded spaces (%20) instead",
            ),
            ("postgres://u@h/d?ssl=true", "ok"),
            (
                "postgres://u@h/d?ssl=1",
                "invalid URI query parameter: \"ssl\"",
            ),
            (
                "postgres://u@h/d?sslrootcert=system&sslmode=require",
                "weak sslmode \"require\" may not be used with sslrootcert=system (use \"verify-full\")",
            ),
        ] {
            assert_eq!(error(Version::V18, text), expected, "{text}");
        }
    }

    #[test]
    fn a_service_fills_what_the_string_leaves_out_and_variables_the_rest() {
        let (port, name) = ("6000".into(), "pg".into());
        let variables = Variables::of([("PGPORT", &port), ("PGAPPNAME", &name)]);
        let text = "[prod]\nhost=db.example.com\nport=6543\nuser=app\nsslmode=require\n";
        let files = vec![("pg_service.conf".to_owned(), text.into())];
        let variables = variables.with_service_files(files);
        let reading = read(Version::V18, "postgresql://x@/d?service=prod", &variables)
            .unwrap_or_else(|_| panic!("is taken"));
        assert_eq!(reading.hosts, [("db.example.com".to_owned(), 6543)]);
        assert_eq!(reading.user.as_deref(), Some("x"));
        assert_eq!(reading.tls, Some(crate::driver::Tls::Required));
        assert!(read(Version::V18, "service=test", &variables).is_err());
    }

    #[test]
    fn older_versions_take_spaces_and_lack_newer_keywords() {
        assert_eq!(error(Version::V17, "postgres://u@h/a b"), "ok");
        assert_eq!(
            error(Version::V15, "postgres://u@h/d?require_auth=none"),
            "invalid URI query parameter: \"require_auth\""
        );
        assert_eq!(
            error(
                Version::V15,
                "postgres://u@h/d?sslrootcert=system&sslmode=require"
            ),
            "ok"
        );
    }
}
