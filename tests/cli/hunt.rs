//! A hunt for secrets: every command, in every format, over texts with passwords in many spellings.
//!
//! The texts come from a seed, so that a run can be repeated: `DBHARDEN_HUNT=ROUNDS` makes more.

use std::fmt::Write as _;

use super::program::Program;
use super::secrets::{endpoint, everything};

/// Where a password stands: `URL` is percent-encoded, `RAW` is as it is.
const SHAPES: &[&str] = &[
    "postgresql://app:URL@h:5432/d",
    "postgresql://app:RAW@h:5432/d",
    "postgres://app:URL@db.example.com/d?sslmode=require",
    "postgresql+asyncpg://app:URL@h/d?ssl=require",
    "postgresql+psycopg2://app:RAW@h/d?sslmode=bogus",
    "postgresql://app:x@h/d?password=URL",
    "postgresql://h/d?user=app&password=URL",
    "postgresql://h/d?user=app&password=RAW&nope=1",
    "postgresql://app:URL@h:port/d",
    "postgresql://app:URL@[::1/d",
    "postgresql://app:URL%zz@h/d",
    "postgresql:/app:RAW@h/d",
    "postgresql//app:RAW@h/d",
    "ostgresql://app:URL@h/d",
    "postgresql://postgresql://app:RAW@h/d",
    "POSTGRESQL://app:RAW@h/d",
    "\"postgresql://app:RAW@h/d\"",
    "DATABASE_URL=postgresql://app:RAW@h/d",
    "psql 'postgresql://app:RAW@h/d'",
    "jdbc:postgresql://h:5432/d?user=app&password=URL",
    "jdbc:postgresql://app:URL@h:5432/d",
    "host=h port=5432 user=app password=PLAIN dbname=d",
    "host=h user=app password='PLAIN' dbname=d",
    "Host=h;Username=app;Password=PLAIN;Database=d",
    "PGPASSWORD=PLAIN psql -h h -U app d",
    "mysql://root:URL@m/d",
    "redis://:URL@r:6379/0",
    "amqp://app:URL@q/v",
    "https://app:URL@h/path",
];

/// A generator that needs no crate and gives the same numbers each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    /// A piece of a password that no text of the program holds by accident.
    fn piece(&mut self) -> String {
        const LETTERS: &[u8] = b"BCDFGHJKLMNPQRSTVWXZbcdfghjkmnpqrstvwxz23456789";
        let letters = (0..9).map(|_| char::from(LETTERS[self.below(LETTERS.len())]));
        letters.collect()
    }

    /// A password: its pieces, with something between them that parsers stumble over.
    fn password(&mut self) -> (String, [String; 2]) {
        const BETWEEN: [&str; 16] = [
            "", "@", ":", "/", "?", "#", "%", "&", "+", "=", "$", "!", "@@", ":/", "%40", "é",
        ];
        let pieces = [self.piece(), self.piece()];
        let between = BETWEEN[self.below(BETWEEN.len())];
        (pieces.join(between), pieces)
    }

    /// Percent-encodes what must be, and some of what need not be.
    fn encoded(&mut self, password: &str) -> String {
        let often = [usize::MAX, 3, 1][self.below(3)];
        let mut text = String::new();
        for byte in password.bytes() {
            let plain =
                byte.is_ascii_alphanumeric() && (often == usize::MAX || self.below(often) > 0);
            match (plain, self.below(2)) {
                (true, _) => text.push(char::from(byte)),
                (false, 0) => write!(text, "%{byte:02x}").unwrap(),
                (false, _) => write!(text, "%{byte:02X}").unwrap(),
            }
        }
        text
    }
}

/// Texts with passwords in them, and every piece of these passwords.
fn texts(numbers: &mut Numbers) -> (Vec<String>, Vec<String>) {
    let mut secrets = Vec::new();
    let texts = SHAPES.iter().map(|shape| {
        let (password, pieces) = numbers.password();
        let url = numbers.encoded(&password);
        secrets.extend(pieces.iter().cloned());
        shape
            .replace("URL@", &format!("{url}@"))
            .replace("URL%", &format!("{url}%"))
            .replace("=URL", &format!("={url}"))
            .replace("RAW", &password)
            .replace("PLAIN", &pieces.concat())
    });
    let texts = texts.collect();
    (texts, secrets)
}

/// Undoes percent encoding, wherever something looks like it.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut plain = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let hex = text.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        if let Some(byte) = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            plain.push(byte);
            at += 3;
        } else {
            plain.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

#[track_caller]
fn assert_silent(said: &str, secrets: &[String], what: &str) {
    for said in [said, &decoded(said), &decoded(&decoded(said))] {
        for secret in secrets {
            if let Some((before, after)) = said.split_once(secret.as_str()) {
                let before: String = before.chars().rev().take(200).collect();
                let before: String = before.chars().rev().collect();
                let after: String = after.chars().take(200).collect();
                panic!("{what} shows {secret}: {before}>>>{secret}<<<{after}");
            }
        }
    }
}

/// A project in whose files each text is a connection string.
fn project(texts: &[String]) -> Program {
    let mut compose = String::from("services:\n");
    let mut code = String::from("import psycopg2\nfrom sqlalchemy import create_engine\n");
    let mut dotenv = String::new();
    for (index, text) in texts.iter().enumerate() {
        // A string of JSON is one of YAML and, but for `$`, one of Python.
        let quoted = serde_json::Value::from(text.as_str()).to_string();
        let (yaml, name) = (quoted.replace('$', "$$"), format!("s{index}"));
        writeln!(
            compose,
            "  {name}:\n    build: .\n    environment: {{DATABASE_URL: {yaml}}}"
        )
        .unwrap();
        writeln!(
            code,
            "{name} = create_engine({quoted}, pool_size=9)\n{name}c = psycopg2.connect({quoted})"
        )
        .unwrap();
        writeln!(dotenv, "V{index}_DATABASE_URL={text}").unwrap();
    }
    let config: Vec<String> = (0..texts.len())
        .map(|index| format!("V{index}_DATABASE_URL"))
        .collect();
    Program::new()
        .file("compose.yaml", compose)
        .file("app/database.py", code)
        .file(".env", format!("{dotenv}DATABASE_URL={}\n", texts[0]))
        .file(
            "other.toml",
            format!("[variables]\ndatabase_url = {config:?}\n"),
        )
}

/// What endpoints answer that tell too much: each text as a key, as a value, and as a label.
fn answers(texts: &[String]) -> [String; 2] {
    let mut pools = serde_json::Map::new();
    let mut metrics = String::new();
    for text in texts {
        let pool =
            serde_json::json!({"pool_size": 9, "checked_out": 9, "overflow": 20, "dsn": text});
        pools.insert(text.clone(), pool);
        let label = text.replace('\\', "\\\\").replace('"', "\\\"");
        writeln!(
            metrics,
            "db_pool_size{{dsn=\"{label}\"}} 9\ndb_pool_checked_out{{dsn=\"{label}\"}} 9"
        )
        .unwrap();
    }
    [serde_json::Value::from(pools).to_string(), metrics]
}

#[test]
fn no_command_shows_a_password_in_any_format() {
    let rounds = std::env::var("DBHARDEN_HUNT").map_or(2, |rounds| rounds.parse().unwrap());
    let mut numbers = Numbers(0x5eed_0006_1dea_c0de);
    for round in 0..rounds {
        let (texts, secrets) = texts(&mut numbers);
        let log: String = texts
            .iter()
            .flat_map(|text| {
                [
                    format!("FATAL:  password authentication failed for user \"app\" ({text})\n"),
                    format!("INFO engine started pool_size=9 url={text} pool_recycle=300\n"),
                    format!("{}\n", serde_json::json!({"msg": "could not connect", "url": text})),
                    format!("sqlalchemy.exc.ArgumentError: Could not parse SQLAlchemy URL from string '{text}'\n"),
                ]
            })
            .collect();
        let program = project(&texts)
            .env("DATABASE_URL", &texts[numbers.below(texts.len())])
            .file("app.log", &log)
            .input(log);
        let mut runs: Vec<(&str, Vec<&str>)> = vec![
            ("check", vec!["check", "--offline", "--explain"]),
            (
                "check of .env",
                vec!["check", "--offline", "--config", "other.toml"],
            ),
            ("url", vec!["url"]),
            ("logs", vec!["logs", "app.log", "--explain"]),
        ];
        let urls = answers(&texts).map(endpoint);
        runs.extend(urls.iter().map(|url| ("health", vec!["health", url])));
        for (what, arguments) in runs {
            let said = everything(&program, &arguments);
            assert_silent(&said, &secrets, &format!("round {round}: {what}"));
        }
        for format in ["human", "json", "markdown"] {
            let said = program.run(&["explain", "-", "--format", format]);
            let said = said.stdout + &said.stderr;
            assert_silent(
                &said,
                &secrets,
                &format!("round {round}: explain as {format}"),
            );
        }
    }
}
