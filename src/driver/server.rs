//! What a stock server says to the startup packet of a session: PostgreSQL 18.6, SCRAM, a role
//! without special rights, no pooler.
//!
//! Follows `ProcessStartupPacket` and `process_postgres_switches`, measured on 2026-11-24.

use std::fmt::Write as _;

use super::guc;
use super::guc_values::encoding_converts;
use super::message::Message;

/// What a client sends to start a session, besides user and database.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Startup {
    /// What its string says, in the order in which it is sent.
    parameters: Vec<(String, String)>,
    /// Whether the driver asks for UTF-8 of its own accord, before all that.
    in_utf8: bool,
}

impl Startup {
    /// Returns the startup of a driver that asks for UTF-8 before anything that its string says.
    pub(super) fn in_utf8() -> Self {
        Self {
            in_utf8: true,
            ..Self::default()
        }
    }

    /// Returns the encoding that the string asks for: a parameter counts more than the command line.
    pub(super) fn client_encoding(&self) -> Option<String> {
        let is_encoding = |name: &str| name.eq_ignore_ascii_case("client_encoding");
        let own = self.parameters.iter().rfind(|(name, _)| is_encoding(name));
        let line = self.parameters.iter().rfind(|(name, _)| name == "options");
        own.map(|(_, value)| value.clone()).or_else(|| {
            let assigned = assignments(&line?.1)?;
            let last = assigned.into_iter().rfind(|(name, _)| is_encoding(name));
            last.map(|(_, value)| value)
        })
    }

    /// Returns the parameters as pairs of name and value.
    pub(super) fn into_pairs(self) -> Vec<(String, String)> {
        self.parameters
    }

    /// Adds a parameter; a repeated one is sent twice, as drivers that repeat one do.
    pub(super) fn push(&mut self, name: &str, value: &str) {
        self.parameters.push((name.to_owned(), value.to_owned()));
    }
}

impl Startup {
    /// Takes the words with these beginnings out of `options`, as a front end does that they route.
    pub(super) fn take_out(&mut self, beginnings: &[&str]) {
        let routes = |word: &&str| beginnings.iter().any(|start| word.starts_with(start));
        for (_, value) in self
            .parameters
            .iter_mut()
            .filter(|(name, _)| name == "options")
        {
            if value.split(' ').any(|word| routes(&word)) {
                let left: Vec<&str> = value.split(' ').filter(|word| !routes(word)).collect();
                *value = left.join(" ");
            }
        }
    }

    /// Returns every parameter in its order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.parameters
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// Returns the user and the database that a packet names besides the driver's own.
pub(super) fn identity(startup: &Startup) -> (Option<&str>, Option<&str>) {
    let last = |wanted: &str| {
        startup
            .parameters
            .iter()
            .rev()
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value.as_str())
    };
    (last("user"), last("database"))
}

/// Returns the application's name as a stock server shows it, or its `FATAL` text. `identity` is
/// the user and the database, where the string names them.
pub(super) fn start(
    identity: (Option<&str>, Option<&str>),
    startup: &Startup,
) -> Result<Option<String>, Message> {
    let (user, database) = identity;
    let texts = startup
        .parameters
        .iter()
        .flat_map(|(name, value)| [name.as_str(), value]);
    let broken = texts
        .chain(user)
        .chain(database)
        .any(|text| text.contains('\0'));
    if broken || startup.parameters.iter().any(|(name, _)| name.is_empty()) {
        return Err(Message::of(&[
            "invalid startup packet layout: expected terminator as last byte",
        ]));
    }
    let mut options = None;
    let mut walsender = false;
    let mut settings = Vec::new();
    for (name, value) in &startup.parameters {
        match name.as_str() {
            "user" | "database" => {}
            "options" => options = Some(value.as_str()),
            "replication" => walsender = replication(value)?,
            name if name.starts_with("_pq_.") => {}
            name => settings.push((name, value.as_str())),
        }
    }
    if user == Some("") {
        return Err(Message::of(&[
            "no PostgreSQL user name specified in startup packet",
        ]));
    }
    if walsender {
        return Err(Message::of(&["permission denied to start WAL sender"]));
    }
    if database == Some("template0") {
        return Err(Message::of(&[
            "database \"template0\" is not currently accepting connections",
        ]));
    }
    let (mut application_name, mut encoding) = (None, String::new());
    let mut apply = |name: &str, value: &str| {
        guc::set(name, value, user.unwrap_or_default())?;
        if name.eq_ignore_ascii_case("client_encoding") {
            value.clone_into(&mut encoding);
        }
        if name.eq_ignore_ascii_case("application_name") {
            application_name = Some(shown_application_name(value));
        }
        Ok(())
    };
    if let Some(options) = options {
        switches(options, &mut apply)?;
    }
    if startup.in_utf8 {
        apply("client_encoding", "UTF8")?;
    }
    for (name, value) in settings {
        apply(name, value)?;
    }
    if !encoding_converts(&encoding) {
        return Err(Message::of(&[
            "conversion between MULE_INTERNAL and UTF8 is not supported",
        ]));
    }
    Ok(application_name)
}

fn replication(value: &str) -> Result<bool, Message> {
    if value == "database" {
        return Ok(true);
    }
    guc::parse_bool(value).ok_or_else(|| {
        Message::of(&[
            "invalid value for parameter \"replication\": \"",
            value,
            "\"",
        ])
    })
}

/// The server cuts the name at 63 bytes and then writes what is not printable ASCII as `\xNN`.
fn shown_application_name(value: &str) -> String {
    let mut end = value.len().min(63);
    while !value.is_char_boundary(end) {
        end -= 1;
    }
    let mut shown = String::with_capacity(end);
    for byte in value[..end].bytes() {
        if (32..127).contains(&byte) {
            shown.push(char::from(byte));
        } else {
            let _ = write!(shown, "\\x{byte:02x}");
        }
    }
    shown
}

/// Splits `options` at white space, with a backslash as the escape.
fn split_options(options: &str) -> Vec<String> {
    let space = |c: char| c.is_ascii_whitespace() || c == '\x0b';
    let mut words = Vec::new();
    let mut chars = options.chars().peekable();
    loop {
        while chars.next_if(|&c| space(c)).is_some() {}
        if chars.peek().is_none() {
            return words;
        }
        let mut word = String::new();
        while let Some(c) = chars.next_if(|&c| !space(c)) {
            if c == '\\' {
                word.extend(chars.next());
            } else {
                word.push(c);
            }
        }
        words.push(word);
    }
}

/// Returns the settings of a command line that consists of nothing else.
pub(super) fn assignments(options: &str) -> Option<Vec<(String, String)>> {
    let words = split_options(options);
    let mut words = words.iter();
    let mut pairs = Vec::new();
    while let Some(word) = words.next() {
        let assignment = match (word.strip_prefix("--"), word.strip_prefix("-c")) {
            (Some(long), _) => long,
            (None, Some("")) => words.next()?,
            (None, Some(glued)) => glued,
            (None, None) => return None,
        };
        let (name, value) = assignment.split_once('=')?;
        pairs.push((name.replace('-', "_"), value.to_owned()));
    }
    Some(pairs)
}

type Apply<'a> = dyn FnMut(&str, &str) -> Result<(), Message> + 'a;

/// Goes through the command-line switches of a backend.
fn switches(options: &str, apply: &mut Apply<'_>) -> Result<(), Message> {
    let words = split_options(options);
    let mut index = 0;
    // glibc's `getopt` goes on behind a word that is no switch, and leaves it for the end.
    let mut no_switch = None;
    while let Some(word) = words.get(index) {
        let refused = || Message::of(&["invalid command-line argument for server process: ", word]);
        if word == "--" {
            index += 1;
            break;
        }
        if word == "-" || !word.starts_with('-') {
            no_switch = no_switch.or(Some(word));
            index += 1;
            continue;
        }
        if let Some(long) = word.strip_prefix("--") {
            assignment(long, "--", apply)?;
            index += 1;
            continue;
        }
        for (at, letter) in word[1..].char_indices() {
            let Some(takes_argument) = takes_argument(letter) else {
                return Err(refused());
            };
            if !takes_argument {
                switch(letter, "", apply).map_err(|none| none.unwrap_or_else(refused))?;
                continue;
            }
            let glued = &word[1 + at + letter.len_utf8()..];
            let argument = if glued.is_empty() {
                index += 1;
                words.get(index).map(String::as_str).ok_or_else(refused)?
            } else {
                glued
            };
            switch(letter, argument, apply).map_err(|none| none.unwrap_or_else(refused))?;
            break;
        }
        index += 1;
    }
    match no_switch.or(words.get(index)) {
        Some(word) => Err(Message::of(&[
            "invalid command-line argument for server process: ",
            word,
        ])),
        None => Ok(()),
    }
}

/// Returns whether a switch of `postgres` 18 takes an argument; `None` where there is no such switch.
fn takes_argument(letter: char) -> Option<bool> {
    match letter {
        'B' | 'c' | 'C' | 'D' | 'd' | 'f' | 'h' | 'k' | 'N' | 'p' | 'r' | 'S' | 't' | 'v' | 'W' => {
            Some(true)
        }
        'b' | 'E' | 'e' | 'F' | 'i' | 'j' | 'l' | 'n' | 'O' | 'P' | 's' | 'T' => Some(false),
        _ => None,
    }
}

/// Does what one switch does; `Err(None)` where the switch itself is refused.
fn switch(letter: char, argument: &str, apply: &mut Apply<'_>) -> Result<(), Option<Message>> {
    let set = match letter {
        'c' => return assignment(argument, "-c ", apply).map_err(Some),
        'B' => ("shared_buffers", argument),
        'd' => ("log_min_messages", argument),
        'e' => ("DateStyle", "euro"),
        'F' => ("fsync", "false"),
        'f' => match argument.chars().next() {
            Some('s') => ("enable_seqscan", "false"),
            Some('i') => ("enable_indexscan", "false"),
            Some('o') => ("enable_indexonlyscan", "false"),
            Some('b') => ("enable_bitmapscan", "false"),
            Some('t') => ("enable_tidscan", "false"),
            Some('n') => ("enable_nestloop", "false"),
            Some('m') => ("enable_mergejoin", "false"),
            Some('h') => ("enable_hashjoin", "false"),
            _ => return Err(None),
        },
        'h' | 'i' => ("listen_addresses", argument),
        'k' => ("unix_socket_directories", argument),
        'l' => ("ssl", "true"),
        'N' => ("max_connections", argument),
        'O' => ("allow_system_table_mods", "true"),
        'P' => ("ignore_system_indexes", "true"),
        'p' => ("port", argument),
        'S' => ("work_mem", argument),
        's' => ("log_statement_stats", "true"),
        't' => match argument.as_bytes() {
            [b'p', b'a', ..] => ("log_parser_stats", "true"),
            [b'p', b'l', ..] => ("log_planner_stats", "true"),
            [b'e', ..] => ("log_executor_stats", "true"),
            _ => return Err(None),
        },
        'W' => ("post_auth_delay", argument),
        _ => return Ok(()),
    };
    apply(set.0, set.1).map_err(Some)
}

fn assignment(text: &str, switch: &str, apply: &mut Apply<'_>) -> Result<(), Message> {
    if text.is_empty() {
        return Ok(());
    }
    let Some((name, value)) = text.split_once('=') else {
        return Err(Message::of(&[switch, text, " requires a value"]));
    };
    apply(&name.replace('-', "_"), value)
}

#[cfg(test)]
mod tests {
    use super::{Startup, start};

    fn started(name: &str, value: &str) -> String {
        let mut startup = Startup::default();
        startup.push(name, value);
        match start((Some("app"), None), &startup) {
            Ok(name) => format!("ok {}", name.unwrap_or_default()),
            Err(message) => message.render(str::to_owned),
        }
    }

    #[test]
    fn options_are_read_as_a_command_line() {
        for (options, expected) in [
            ("-c jit=off", "ok "),
            ("--jit=off", "ok "),
            ("-c statement-timeout=5 -c application_name=x", "ok x"),
            ("-c jit", "-c jit requires a value"),
            ("--jit", "--jit requires a value"),
            ("-c x=y", "unrecognized configuration parameter \"x\""),
            (
                "endpoint=foo",
                "invalid command-line argument for server process: endpoint=foo",
            ),
            ("-c", "invalid command-line argument for server process: -c"),
            (
                "-fz",
                "invalid command-line argument for server process: -fz",
            ),
            (
                "-c a.b=1 b",
                "invalid command-line argument for server process: b",
            ),
            (
                "-e x",
                "invalid command-line argument for server process: x",
            ),
            (
                "-c search_path=a\\ b",
                "invalid value for parameter \"search_path\": \"a b\"",
            ),
            (
                "endpoint=foo -c x=y",
                "unrecognized configuration parameter \"x\"",
            ),
            (
                "endpoint=foo -c jit=off b",
                "invalid command-line argument for server process: endpoint=foo",
            ),
            ("--", "ok "),
            ("   ", "ok "),
            (
                "-sc jit=off",
                "permission denied to set parameter \"log_statement_stats\"",
            ),
        ] {
            assert_eq!(started("options", options), expected, "{options}");
        }
    }

    #[test]
    fn application_names_are_cut_and_made_printable() {
        assert_eq!(started("application_name", "ä"), "ok \\xc3\\xa4");
        assert_eq!(
            started("application_name", &"x".repeat(70)),
            format!("ok {}", "x".repeat(63))
        );
    }

    #[test]
    fn the_template_that_nobody_may_enter_is_refused() {
        let to = |database| start((Some("app"), Some(database)), &Startup::default());
        assert!(to("template0").is_err());
        assert!(to("template1").is_ok());
    }

    #[test]
    fn a_driver_that_asks_for_utf_8_does_so_behind_the_command_line() {
        let refused = |mut startup: Startup| {
            startup.push("options", "-c client_encoding=mule_internal");
            start((Some("app"), None), &startup).is_err()
        };
        assert!(refused(Startup::default()));
        assert!(!refused(Startup::in_utf8()));
    }

    #[test]
    fn replication_needs_a_right_that_ordinary_roles_lack() {
        assert_eq!(
            started("replication", "true"),
            "permission denied to start WAL sender"
        );
        assert_eq!(started("replication", "off"), "ok ");
        assert_eq!(
            started("replication", ""),
            "invalid value for parameter \"replication\": \"\""
        );
    }
}
