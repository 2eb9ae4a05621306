//! How far a secret is looked for: wherever it stands, or only where a password stands.

/// The least length in bytes at which a secret is replaced wherever it stands.
pub(super) const LONG: usize = 4;

/// Words that the program itself writes; a password that is part of one cannot be kept secret.
const OWN_WORDS: &[&str] = &[
    "postgresql",
    "postgres",
    "password",
    "database_url",
    "localhost",
    "sqlalchemy",
    "asyncpg",
    "psycopg",
    "username",
    "sslmode",
    "require",
    "verify-full",
    "application_name",
    "connection",
    "server",
    "process",
    "render",
];

/// How far a secret is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Wherever it stands.
    Anywhere,
    /// Where a password stands, between quotes, and as a whole value.
    Values,
    /// Where a password stands.
    Passwords,
}

impl Reach {
    /// Decides how far a secret is looked for.
    pub(super) fn of(secret: &str, shown: &str) -> Self {
        // Only a word without a digit can be a name by chance; all else is kept out wherever it stands.
        let is_word = secret.len() <= 20
            && secret
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'_' || byte == b'-');
        let is_long = secret.len() >= LONG;
        let is_public = if is_long {
            shown.contains(secret) || OWN_WORDS.iter().any(|word| word.contains(secret))
        } else {
            let mut names = shown.split(|character: char| !character.is_ascii_alphanumeric());
            names.any(|name| name == secret)
        };
        if is_word && is_public {
            Self::Passwords
        } else if !is_long {
            Self::Values
        } else {
            Self::Anywhere
        }
    }

    /// Returns whether a stretch of a reading stands where this reach looks.
    pub(super) fn holds(self, text: &[u8], start: usize, end: usize) -> bool {
        let (before, after) = (&text[..start], &text[end..]);
        match self {
            Self::Anywhere => true,
            Self::Values => {
                let whole = before.is_empty() && after.is_empty();
                let quoted = matches!(
                    (before.last(), after.first()),
                    (Some(open), Some(close)) if open == close && b"\"'`".contains(open)
                );
                whole || quoted || is_password_place(before, after)
            }
            Self::Passwords => is_password_place(before, after),
        }
    }
}

/// Returns whether what lies between two stretches stands as a password.
fn is_password_place(before: &[u8], after: &[u8]) -> bool {
    let in_url = before.last() == Some(&b':') && after.first() == Some(&b'@');
    let padding = |byte: &u8| matches!(byte, b' ' | b'"' | b'\'' | b'`');
    let trimmed = |bytes: &[u8]| {
        let kept = bytes.iter().rposition(|byte| !padding(byte));
        kept.map_or(0, |last| last + 1)
    };
    let before = &before[..trimmed(before)];
    let assigned = matches!(before.last(), Some(b'=' | b':')) && {
        let name = &before[..before.len() - 1];
        let name = &name[..trimmed(name)];
        [&b"password"[..], b"passwd", b"pwd", b"secret"]
            .iter()
            .any(|word| {
                let end = name.len().checked_sub(word.len());
                end.is_some_and(|end| name[end..].eq_ignore_ascii_case(word))
            })
    };
    in_url || assigned
}
