//! Shows a connection string without its secrets, and lists them for whoever guards the output.

use super::exposure::{decoded, stretches};
use super::print::encoded;
use super::{keywords, parse};
use crate::value::{Secret, Span};

/// What stands for a secret: of one width, so that it does not tell a length.
const MASK: &str = "***";

/// A connection string with every secret replaced by `***`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Redacted {
    /// The text to show.
    pub text: String,
    /// For each stretch of the original that was replaced: where it was, and where `***` stands now.
    pub replaced: Vec<(Span, Span)>,
}

impl Redacted {
    /// Returns where a stretch of the original stands in the redacted text; a stretch inside a
    /// secret becomes the whole `***`.
    pub fn map(&self, span: Span) -> Span {
        Span::new(
            self.map_start(span.start, span),
            self.map_end(span.end, span),
        )
    }

    /// Returns whether a stretch of the original holds (a part of) what was replaced: then its text
    /// must not be shown, whatever it was taken for.
    pub fn hides(&self, span: Span) -> bool {
        self.replaced
            .iter()
            .any(|(old, _)| old.start < span.end && span.start < old.end)
    }

    fn map_start(&self, at: usize, whole: Span) -> usize {
        let mut shifted = at;
        for (old, new) in &self.replaced {
            if at >= old.end {
                shifted = new.end + (at - old.end);
            } else if at > old.start || (at == old.start && !whole.is_empty()) {
                return new.start;
            }
        }
        shifted
    }

    fn map_end(&self, at: usize, whole: Span) -> usize {
        let mut shifted = at;
        for (old, new) in &self.replaced {
            if at >= old.end {
                shifted = new.end + (at - old.end);
            } else if at > old.start {
                return if whole.is_empty() { new.start } else { new.end };
            }
        }
        shifted
    }
}

/// Redacts any text that was meant as a connection string, also one that does not parse: what may
/// be a password, in any reading of it, is replaced by `***`.
pub fn redact(text: &str) -> Redacted {
    let mut redacted = Redacted::default();
    let mut from = 0;
    for old in stretches(text) {
        redacted.text.push_str(&text[from..old.start]);
        let start = redacted.text.len();
        redacted.text.push_str(MASK);
        redacted
            .replaced
            .push((old, Span::new(start, start + MASK.len())));
        from = old.end;
    }
    redacted.text.push_str(&text[from..]);
    redacted
}

/// Returns every text that is a password, or a piece of one, in some reading of a connection
/// string: as it stands, decoded, re-encoded, and the pieces into which a wrong reading cuts it.
/// The longest come first. A short password comes too; pieces of under four characters do not.
pub fn secrets(text: &str) -> Vec<Secret> {
    let mut found: Vec<String> = Vec::new();
    for stretch in stretches(text) {
        spellings(&text[stretch.start..stretch.end], &mut found);
    }
    if let Ok(parsed) = parse(text) {
        let values = parsed
            .parameters
            .iter()
            .filter(|parameter| keywords::find(&parameter.keyword).is_some_and(|k| k.secret));
        for parameter in values {
            spellings(parameter.value.expose(), &mut found);
        }
    }
    found.retain(|text| !text.trim().is_empty());
    found.sort_by(|left, right| right.len().cmp(&left.len()).then(left.cmp(right)));
    found.dedup();
    found.into_iter().map(Secret::new).collect()
}

/// Adds the spellings of one secret and the pieces of each.
fn spellings(raw: &str, found: &mut Vec<String>) {
    let trimmed = raw.trim();
    let unquoted = trimmed.trim_matches(['\'', '"', '`']);
    let unescaped = unquoted
        .replace("\\'", "'")
        .replace("\\\\", "\\")
        .replace("\\ ", " ");
    let once = decoded(unquoted);
    let twice = decoded(&once);
    let form = decoded(&unquoted.replace('+', " "));
    let mut wholes = vec![
        raw.to_owned(),
        trimmed.to_owned(),
        unquoted.to_owned(),
        unescaped,
        encoded(unquoted),
        encoded(&once),
        once,
        twice,
        form,
    ];
    wholes.dedup();
    for whole in &wholes {
        let pieces = whole
            .split(|character: char| {
                character.is_whitespace() || "@/?#:;&=,$'\"\\[]%+|".contains(character)
            })
            .filter(|piece| piece.chars().count() >= SHORTEST_PIECE);
        found.extend(pieces.map(str::to_owned));
    }
    found.append(&mut wholes);
}

/// A shorter piece says too little to be worth what its removal would do to a report.
const SHORTEST_PIECE: usize = 4;

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

    use proptest::prelude::{ProptestConfig, any, proptest};
    use proptest::{prop_assert, prop_assert_eq};

    use super::{redact, secrets};
    use crate::conninfo::parse;
    use crate::value::Span;

    fn check(text: &str, expected: &str) {
        assert_eq!(redact(text).text, expected, "{text}");
    }

    #[test]
    fn an_ordinary_string_loses_its_password_and_nothing_else() {
        check(
            "postgresql://app:s3cret@h:5432/db",
            "postgresql://app:***@h:5432/db",
        );
        check(
            "postgresql://app:s3cret@h/db?sslmode=require&application_name=a%40b",
            "postgresql://app:***@h/db?sslmode=require&application_name=a%40b",
        );
        check(
            "postgresql://u:p@h1:1,h2:2/db",
            "postgresql://u:***@h1:1,h2:2/db",
        );
        check(
            "postgresql://u:p@[::1]:5432/db",
            "postgresql://u:***@[::1]:5432/db",
        );
        check("postgresql://u:p@h:abc/db", "postgresql://u:***@h:abc/db");
        check("postgresql://app@h:5432/db", "postgresql://app@h:5432/db");
        check(
            "postgresql://h:5432,i:5433/db",
            "postgresql://h:5432,i:5433/db",
        );
        check("postgresql://[::1]:5432/db", "postgresql://[::1]:5432/db");
        check(
            "postgresql:///db?host=/tmp&user=u",
            "postgresql:///db?host=/tmp&user=u",
        );
        check("postgresql://h/db?user=a@b", "postgresql://h/db?user=a@b");
        check(
            "host=h user=u password=p dbname=db",
            "host=h user=u password=*** dbname=db",
        );
        check(
            "host=h passfile=/p require_auth=md5",
            "host=h passfile=/p require_auth=md5",
        );
        check("postgresql://u:@h/db", "postgresql://u:@h/db");
        check("", "");
        check("${DATABASE_URL}", "${DATABASE_URL}");
    }

    #[test]
    fn a_password_with_raw_marks_is_hidden_whole() {
        check("postgresql://u:pa@ss@h/db", "postgresql://u:***@h/db");
        check("postgresql://u:pa/ss@h/db", "postgresql://u:***@h/db");
        check("postgresql://u:pa?ss@h/db", "postgresql://u:***@h/db");
        check(
            "postgresql://u:pa?a=b@ss#x@h/db?sslmode=require",
            "postgresql://u:***@h/db?sslmode=require",
        );
        check("postgresql://u:a/b@c?d@h/db", "postgresql://u:***@h/db");
        check("postgresql://u:pa ss@h/db", "postgresql://u:***@h/db");
        check("postgresql://u@srv:pw@h/db", "postgresql://u@srv:***@h/db");
        check("postgresql://u%3Apw@h/db", "postgresql://u%3A***@h/db");
        check(
            "postgresql://u:endpoint=ep-x$pw@h/db",
            "postgresql://u:***@h/db",
        );
    }

    #[test]
    fn a_password_in_a_parameter_is_hidden() {
        check(
            "postgresql://h/db?user=u&password=a&b@c&sslmode=require",
            "postgresql://h/db?user=u&password=***&sslmode=require",
        );
        check(
            "postgresql://h/db?pass%77ord=x",
            "postgresql://h/db?pass%77ord=***",
        );
        check(
            "postgresql://h/db?PASSWORD=x&port=1",
            "postgresql://h/db?PASSWORD=***&port=1",
        );
        check(
            "postgresql://h/db?passwrod=x&port=1",
            "postgresql://h/db?passwrod=***&port=1",
        );
        check(
            "postgresql://h/db?sslpassword=x&sslkey=/k",
            "postgresql://h/db?sslpassword=***&sslkey=/k",
        );
        check(
            "prisma+postgres://accelerate.prisma-data.net/?api_key=x",
            "prisma+postgres://accelerate.prisma-data.net/?api_key=***",
        );
        check(
            "host=h password='a host=b' port=1",
            "host=h password=*** port=1",
        );
        check(
            "host=h password='it\\'s host=b' port=1",
            "host=h password=*** port=1",
        );
        check(
            "host=h password = a\\ host=b port=1",
            "host=h password =*** port=1",
        );
        check("password=a b host=h", "password=*** host=h");
        check("host=h password='a", "host=h password=***");
        check(
            "Host=h;Username=u;Password=p;Database=d",
            "Host=h;Username=u;Password=***",
        );
        check("host=h s3cret user=u", "host=h *** user=u");
    }

    #[test]
    fn wrapped_and_broken_strings_are_hidden_too() {
        check(
            "DATABASE_URL=postgresql://u:p@h/db",
            "DATABASE_URL=postgresql://u:***@h/db",
        );
        check(
            "psql 'postgresql://u:p@h/db'",
            "psql 'postgresql://u:***@h/db'",
        );
        check(
            "\u{feff}POSTGRES://u:p@h/db",
            "\u{feff}POSTGRES://u:***@h/db",
        );
        check(
            "postgresql+asyncpg://u:p@h/db",
            "postgresql+asyncpg://u:***@h/db",
        );
        check(
            "postgresql://postgresql://u:p@h/db",
            "postgresql://postgresql:***@h/db",
        );
        check("postgresql:u:p@h/db", "postgresql:u:***@h/db");
        check("postgresql//u:p@h/db", "postgresql//u:***@h/db");
        check("u:p@h:5432/db", "***");
        check("localhost:5432/db", "localhost:5432/db");
        check("postgresql://u:passwordh:5432/db", "postgresql://u:***");
        check(
            "postgresql://u:passwordh/db?sslmode=require",
            "postgresql://u:***?sslmode=require",
        );
        check("hunter2", "***");
        check("p@ssword", "***");
        check("DATABASE_URL=hunter2", "DATABASE_URL=***");
        check("DATABASE_URL=pw9zK=", "DATABASE_URL=***");
        check("token9zK==", "***");
        check("passwrod=x host=h", "passwrod=*** host=h");
        check("PGPASSWORD=hunter2 psql -h h", "PGPASSWORD=***");
        check("{\"password\": \"x y\"}", "***");
    }

    #[test]
    fn a_place_is_found_again_in_the_redacted_text() {
        let text = "postgresql://u:secret@h:5432/db";
        let redacted = redact(text);
        let parsed = parse(text).unwrap();
        let shown = |keyword: &str| {
            let span = redacted.map(parsed.get(keyword).unwrap().value_span);
            redacted.text[span.start..span.end].to_owned()
        };
        assert_eq!(shown("user"), "u");
        assert_eq!(shown("password"), "***");
        assert_eq!(shown("port"), "5432");
        assert_eq!(shown("dbname"), "db");
        assert_eq!(redacted.map(Span::new(17, 19)), Span::new(15, 18));
        assert_eq!(
            redacted.map(Span::new(0, text.len())),
            Span::new(0, redacted.text.len())
        );
        assert!(redacted.hides(parsed.get("password").unwrap().value_span));
        assert!(!redacted.hides(parsed.get("port").unwrap().value_span));
    }

    #[test]
    fn secrets_are_listed_in_every_spelling_and_in_pieces() {
        let listed = |text: &str| -> Vec<String> {
            secrets(text)
                .iter()
                .map(|secret| secret.expose().to_owned())
                .collect()
        };
        let found = listed("postgresql://u:ab%40cdefg/hijk@h/db");
        for expected in [
            "ab%40cdefg/hijk",
            "ab@cdefg/hijk",
            "cdefg",
            "hijk",
            "ab%40cdefg%2Fhijk",
        ] {
            assert!(found.contains(&expected.to_owned()), "{expected}");
        }
        assert!(listed("host=h password='it\\'s me'").contains(&"it's me".to_owned()));
        assert!(listed("postgresql://u:endpoint=ep-x;pass9@h/db").contains(&"pass9".to_owned()));
        assert!(listed("postgresql://app@h/db").is_empty());
    }

    #[test]
    fn a_hostile_text_takes_no_longer_than_its_length() {
        for piece in [
            "?",
            "&",
            "password=",
            " ",
            "@",
            ":",
            "a=",
            "password='",
            "\\'",
            "?a",
            "& ",
            "= ",
            "%3D",
            "user=%E4&",
            ",",
            "password= x ",
        ] {
            for head in [
                "",
                "postgresql://u:",
                "postgresql://h/?",
                "host=",
                "password=",
            ] {
                let fastest = |length: usize| {
                    let text = head.to_owned() + &piece.repeat(length / piece.len());
                    let times = (0..3).map(|_| {
                        let start = std::time::Instant::now();
                        let _ = (redact(&text), parse(&text).map(|parsed| parsed.hosts()));
                        start.elapsed()
                    });
                    times.min().unwrap_or_default()
                };
                // 20 times as long is linear, 400 times quadratic.
                let (short, long) = (fastest(1_000), fastest(20_000));
                assert!(
                    long < 100 * short,
                    "{head}{piece}… took {short:?}, {long:?}"
                );
            }
        }
    }

    /// Strings with a place for the password, as people write and paste them.
    const TEMPLATES: &[&str] = &[
        "postgresql://u:{}@h:5432/db",
        "postgres://u:{}@h/db?sslmode=require",
        "postgresql+asyncpg://u:{}@h1:1,h2:2/db?ssl=require&user=x",
        "POSTGRESQL://u:{}@[::1]:5432/db#frag",
        "postgresql://u@t:{}@h/db",
        "postgresql://:{}@h",
        "postgresql://u%3A{}@h/db",
        "postgresql:u:{}@h/db",
        "postgresql//u:{}@h/db",
        "u:{}@h:5432/db",
        "postgresql://postgresql://u:{}@h/db",
        "\u{feff}postgresql://u:{}@h/db",
        " 'postgresql://u:{}@h/db'\n",
        "DATABASE_URL=\"postgresql://u:{}@h/db\"",
        "psql -d 'postgresql://u:{}@h/db'",
        "jdbc:postgresql://h:5432/db?user=u&password={}&sslmode=require",
        "postgresql://h/db?password={}",
        "postgresql://h/db?user=u&pass%77ord={}&port=1",
        "postgresql://h/db?sslkey=/k&sslpassword={}",
        "host=h user=u password={} dbname=db",
        "host=h password = {}",
        "PASSWORD={} host=h",
        "host=h\tpassword='{}'\tport=1",
        "host=h password='{}",
        "Server=h;User Id=u;Password={};Database=d",
        "PGPASSWORD={} psql -h h",
        "POSTGRES_PASSWORD={}",
        "{\"host\": \"h\", \"password\": \"{}\", \"port\": 1}",
        "DATABASE_URL={}",
        "{}",
    ];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]
        #[test]
        fn the_password_never_shows(
            template in 0..TEMPLATES.len(),
            before in "[a-z0-9@/?#:;&=,$%+ '\"\\[\\]\\\\(){}<>!^|~`é\t-]{0,6}",
            after in "[a-z0-9@/?#:;&=,$%+ '\"\\[\\]\\\\(){}<>!^|~`é\t-]{0,6}",
        ) {
            let password = format!("{before}ZQXJ{after}");
            let text = TEMPLATES[template].replacen("{}", &password, 1);
            let redacted = redact(&text);
            prop_assert!(!redacted.text.contains("ZQXJ"), "{text:?} shows as {:?}", redacted.text);
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_a_parser_panic(text in any::<String>()) {
            let redacted = redact(&text);
            prop_assert_eq!(redact(&redacted.text).text.is_empty(), redacted.text.is_empty());
            let _ = secrets(&text);
            let _ = parse(&text);
        }

        #[test]
        fn no_text_made_of_marks_makes_a_parser_panic(text in "(postgres(ql)?://)?[a-z%:@/?&=#, '\\\\\\[\\]ä4]{0,40}") {
            let _ = secrets(&text);
            let redacted = redact(&text);
            if let Ok(parsed) = parse(&text) {
                for parameter in &parsed.parameters {
                    let span = redacted.map(parameter.value_span);
                    prop_assert!(redacted.text.get(span.start..span.end).is_some());
                }
                let _ = parsed.hosts();
                let _ = crate::conninfo::check(&parsed);
            }
        }
    }
}
