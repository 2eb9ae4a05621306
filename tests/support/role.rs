//! Database roles.

use std::fmt;

/// A role to create with `PostgreSql::create`.
///
/// Ordinary by default: it may log in and sees what everybody sees.
#[derive(Clone, Debug)]
pub struct Role {
    name: String,
    password: Option<String>,
    options: Vec<String>,
    member_of: Vec<&'static str>,
    md5: bool,
}

impl Role {
    /// Names an ordinary role without a password.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            password: None,
            options: vec!["login".to_owned()],
            member_of: Vec::new(),
            md5: false,
        }
    }

    /// Gives it a password, kept as SCRAM.
    #[must_use]
    pub fn password(mut self, password: &str) -> Self {
        self.password = Some(password.to_owned());
        self
    }

    /// Keeps the password as an md5 hash.
    #[must_use]
    pub fn md5(mut self) -> Self {
        self.md5 = true;
        self
    }

    /// Makes it a superuser.
    #[must_use]
    pub fn superuser(self) -> Self {
        self.option("superuser")
    }

    /// Makes it a member of `pg_monitor`: it sees all sessions.
    #[must_use]
    pub fn monitor(mut self) -> Self {
        self.member_of.push("pg_monitor");
        self
    }

    /// Allows it so many sessions.
    #[must_use]
    pub fn connection_limit(self, sessions: u32) -> Self {
        self.option(&format!("connection limit {sessions}"))
    }

    /// Ends its password's validity: `2020-01-01`.
    #[must_use]
    pub fn valid_until(self, day: &str) -> Self {
        self.option(&format!("valid until '{day}'"))
    }

    /// Forbids it to log in.
    #[must_use]
    pub fn no_login(self) -> Self {
        self.option("nologin")
    }

    /// Adds an option of `create role`.
    #[must_use]
    pub fn option(mut self, option: &str) -> Self {
        self.options.push(option.to_owned());
        self
    }
}

impl fmt::Display for Role {
    /// Writes the SQL that creates it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let method = if self.md5 { "md5" } else { "scram-sha-256" };
        writeln!(f, "set password_encryption = '{method}';")?;
        let name = identifier(&self.name);
        write!(f, "create role {name}")?;
        let no_login = self.options.iter().any(|option| option == "nologin");
        for option in &self.options {
            if !(no_login && option == "login") {
                write!(f, " {option}")?;
            }
        }
        if let Some(password) = &self.password {
            write!(f, " password {}", literal(password))?;
        }
        writeln!(f, ";")?;
        for group in &self.member_of {
            writeln!(f, "grant {group} to {name};")?;
        }
        Ok(())
    }
}

/// Quotes an SQL identifier.
pub(super) fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Quotes an SQL string.
pub(super) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
