//! Secrets that are known by where they stand or by their look, where nobody said what they are: the
//! password of a URL that a health endpoint uses as a key, a token behind `Bearer`.
//!
//! Too much is cut rather than too little; what already shows stars or a placeholder stays.

/// Names behind which a secret stands: `PGPASSWORD=…`, `"api_key": "…"`.
const NAMES: &[&[u8]] = &[
    b"password",
    b"passwd",
    b"passphrase",
    b"pwd",
    b"secret",
    b"token",
    b"api_key",
    b"apikey",
    b"access_key",
    b"secret_key",
    b"private_key",
];

/// The least length of a token behind `Bearer` or `Basic`: a word of prose is shorter.
const TOKEN: usize = 8;

/// Returns whether `stretch` may find anything at this byte.
pub(super) fn is_sign(byte: u8) -> bool {
    matches!(byte, b':' | b'=' | b'B' | b'b' | b'J' | b'K')
}

/// Returns the stretch that looks like a secret by the sign at `at`.
pub(super) fn stretch(text: &[u8], at: usize) -> Option<(usize, usize)> {
    match text[at] {
        b':' => authority(text, at)
            .and_then(|start| userinfo(text, start))
            .or_else(|| assigned(text, at)),
        b'=' => assigned(text, at),
        // `Bearer `, in a form `Bearer+`; the first letter is written in either case.
        b'B' | b'b' => {
            let rest = &text[at + 1..];
            let rest = rest
                .strip_prefix(b"earer")
                .or_else(|| rest.strip_prefix(b"asic"))
                .filter(|rest| matches!(rest.first(), Some(b' ' | b'+')))?;
            token(text, text.len() - rest.len() + 1)
        }
        // The letters that few words have.
        b'J' if text[..=at].ends_with(b"eyJ") => web_token(text, at - 2),
        b'K' if at > 0 && text[at - 1..].starts_with(b"AKIA") => {
            let length = run(text, at - 1, |byte| byte.is_ascii_alphanumeric());
            (length == 20).then_some((at - 1, at + 19))
        }
        _ => None,
    }
}

/// Returns where a URL's user begins, by the colon behind the scheme or behind the user: also where the
/// scheme has lost its colon or a slash.
fn authority(text: &[u8], colon: usize) -> Option<usize> {
    let before = &text[..colon];
    let tail = |takes: fn(u8) -> bool| {
        let taken = before.iter().rev().take_while(|byte| takes(**byte));
        &before[colon - taken.count()..]
    };
    let scheme = tail(|byte| byte.is_ascii_alphanumeric() || b"+-._".contains(&byte));
    let is_own = scheme
        .first_chunk::<8>()
        .is_some_and(|start| start.eq_ignore_ascii_case(b"postgres"));
    let slashes = run(text, colon + 1, |byte| byte == b'/');
    if slashes > 1 || is_own || (slashes == 1 && scheme.len() > 1) {
        return Some(colon + 1 + slashes);
    }
    let user = tail(|byte| !ends_url(byte) && !b"/:@".contains(&byte));
    let start = colon - user.len();
    before[..start].ends_with(b"//").then_some(start)
}

/// Finds the password of `user:password@host`, up to the last `@` before the text or the next URL
/// ends: a password may hold an `@`, a host does not.
fn userinfo(text: &[u8], start: usize) -> Option<(usize, usize)> {
    let mut end = start + run(text, start, |byte| !ends_url(byte));
    if let Some(next) = memchr::memmem::find(&text[start..end], b"://") {
        end = start + next;
    }
    let url = &text[start..end];
    let colon = memchr::memchr(b':', url)?;
    let last_at = memchr::memrchr(b'@', url).filter(|at| *at > colon)?;
    // In `user@host:5432/d?mail=a@b` the colon is the port's.
    let is_port = memchr::memchr(b'@', url)? < colon
        && url[colon..last_at].iter().any(|byte| b"/?".contains(byte));
    let password = &url[colon + 1..last_at];
    let is_hidden = password.is_empty() || password.starts_with(b"***");
    (!is_port && !is_hidden).then_some((start + colon + 1, start + last_at))
}

fn ends_url(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>')
}

/// Finds the value of `password=value`, `password = 'value'` and `"password": "value"`.
fn assigned(text: &[u8], sign: usize) -> Option<(usize, usize)> {
    let blank = |byte: &u8| *byte == b' ';
    let name_end = sign - text[..sign].iter().rev().take_while(|b| blank(b)).count();
    let name = text[..name_end]
        .strip_suffix(b"\"")
        .or_else(|| text[..name_end].strip_suffix(b"'"))
        .unwrap_or(&text[..name_end]);
    let last = name.last()?.to_ascii_lowercase();
    let is_name = |known: &&[u8]| {
        let tail = name.len().checked_sub(known.len());
        known.ends_with(&[last])
            && tail.is_some_and(|tail| name[tail..].eq_ignore_ascii_case(known))
    };
    if !NAMES.iter().any(is_name) {
        return None;
    }
    let mut start = sign + 1;
    start += text[start..].iter().take_while(|b| blank(b)).count();
    let quote = text
        .get(start)
        .copied()
        .filter(|byte| matches!(byte, b'"' | b'\''));
    let is_tight = text[sign] == b'=' && start == sign + 1 && name_end == sign;
    start += usize::from(quote.is_some());
    let length = match quote {
        Some(quote) => run(text, start, |byte| byte != quote),
        None if is_tight => run(text, start, |byte| !ends_value(byte)),
        None => return None,
    };
    let value = &text[start..start + length];
    let shown = [&b"*"[..], b"<", b"$", b"{", b"[", b"%", "…".as_bytes()];
    let is_secret = !value.is_empty() && !shown.iter().any(|mark| value.starts_with(mark));
    is_secret.then_some((start, start + length))
}

fn ends_value(byte: u8) -> bool {
    ends_url(byte) || matches!(byte, b'&' | b';' | b',' | b')' | b'}')
}

/// Finds a token: long enough, and with a digit, as words have none.
fn token(text: &[u8], start: usize) -> Option<(usize, usize)> {
    let length = run(text, start, |byte| {
        byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte)
    });
    let found = &text[start..start + length];
    let is_token = length >= TOKEN && found.iter().any(u8::is_ascii_digit);
    is_token.then_some((start, start + length))
}

/// Finds a JSON web token: three parts in base64, the first of which begins an object.
fn web_token(text: &[u8], start: usize) -> Option<(usize, usize)> {
    let length = run(text, start, |byte| {
        byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)
    });
    let found = &text[start..start + length];
    let parts = memchr::memchr_iter(b'.', found).count();
    (length >= 24 && (1..=4).contains(&parts)).then_some((start, start + length))
}

fn run(text: &[u8], start: usize, takes: impl Fn(u8) -> bool) -> usize {
    text[start..]
        .iter()
        .take_while(|byte| takes(**byte))
        .count()
}

/// Returns whether a variable holds a secret, by its name.
pub(super) fn is_secret_name(name: &str) -> bool {
    const WORDS: [&[u8]; 7] = [
        b"PASSWORD",
        b"PASSWD",
        b"PASSPHRASE",
        b"SECRET",
        b"TOKEN",
        b"_KEY",
        b"CREDENTIAL",
    ];
    let name = name.to_ascii_uppercase();
    let name = name.as_bytes();
    // Of a whole environment: no word is worth a searcher of its own.
    (0..name.len()).any(|at| {
        matches!(name[at], b'P' | b'S' | b'T' | b'_' | b'C')
            && WORDS.iter().any(|word| name[at..].starts_with(word))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::conninfo::redact;
    use crate::report::Gate;

    fn sealed(text: &str) -> String {
        Gate::new([]).seal(text).as_str().to_owned()
    }

    #[test]
    fn a_secret_that_nobody_named_is_known_by_its_place() {
        for (text, expected) in [
            (
                "(/pools/postgresql:~1~1app:s3cr3t@h~1d)",
                "(/pools/postgresql:~1~1app:***@h~1d)",
            ),
            (
                "/postgresql:~1app:s3cr3t@h~1d/size",
                "/postgresql:~1app:***@h~1d/size",
            ),
            ("postgres+x:app:s3cr3t@h/d", "postgres+x:app:***@h/d"),
            ("mysql//app:s3cr3t@h/d", "mysql//app:***@h/d"),
            (
                "Authorization: Bearer abc12345",
                "Authorization: Bearer ***",
            ),
            ("?auth=bearer+abc12345&x", "?auth=bearer+***&x"),
            ("PGPASSWORD=hunter2 psql", "PGPASSWORD=*** psql"),
            ("{'password': 'hunter2'}", "{'password': '***'}"),
            (
                r#"{\"password\": \"hunter2\"}"#,
                r#"{\"password\": \"***\"}"#,
            ),
            ("key AKIAIOSFODNN7EXAMPLE", "key ***"),
            (
                "https://u:pw@h/ and http://h:80/",
                "https://u:***@h/ and http://h:80/",
            ),
        ] {
            assert_eq!(sealed(text), expected);
        }
    }

    #[test]
    fn what_is_no_secret_stays() {
        for text in [
            "postgresql://app:***@h:5432/d?sslmode=require&x=a@b",
            "postgresql://app@h:5432/d?mail=a@b",
            "http://h:8000/x and mail a@b",
            "host=h password=*** dbname=d",
            "write password='…' in quotes",
            "password=$PGPASSWORD, PGPASSWORD=${PW}",
            "the password: not set",
            "give what it wants: --header 'Authorization: Bearer …'",
            "a bearer of bad news, basic knowledge",
            "token = 5 of 7",
        ] {
            assert_eq!(sealed(text), text);
        }
    }

    /// Ways in which a traceback or a report shows a connection string or a credential.
    const SHOWN: &[&str] = &[
        "postgresql://app:SECRET@db.example.com:5432/shop?sslmode=require",
        "postgresql+asyncpg://app:SECRET@[::1]:5432/shop",
        "postgres%3A%2F%2Fapp%3ASECRET%40h%2Fd",
        "/pools/postgresql:~1~1app:SECRET@h~1d",
        "/pools/postgresql:~1app:SECRET@h~1d",
        "postgres:app:SECRET@h/d",
        "/postgresql~1~1app:SECRET@h~1d/size",
        r#"{\"url\": \"postgresql:\/\/app:SECRET@h\/d\"}"#,
        "host=h user=app password=SECRET dbname=d",
        "host=h password='SECRET' dbname=d",
        "host=h password = 'SECRET'",
        "connect(host='h', password='SECRET')",
        "{'password': 'SECRET', 'host': 'h'}",
        "PGPASSWORD=SECRET psql -h h",
        "jdbc:postgresql://h/d?user=app&password=SECRET&ssl=true",
        "https://app:SECRET@h/health",
        "aws_secret_access_key=SECRET",
        "Authorization: Bearer SECRET",
        "a&#64;b postgresql://app:SECRET&#64;h/d",
    ];

    proptest! {
        #[test]
        fn no_shape_shows_its_secret(
            shape in prop::sample::select(SHOWN),
            secret in "[A-Za-z]{4,8}[0-9][A-Za-z0-9]{4,12}",
            before in "[ -~]{0,12} ",
            after in " [ -~]{0,12}",
        ) {
            let text = format!("{before}{}{after}", shape.replace("SECRET", &secret));
            prop_assert!(!sealed(&text).contains(&secret), "{text}");
        }

        #[test]
        fn a_redacted_string_is_not_cut_again(
            user in "[a-z]{1,8}", secret in "[ -~]{1,12}", host in "[a-z.]{1,8}",
        ) {
            let shown = redact(&format!("postgresql://{user}:{secret}@{host}:5432/d")).text;
            prop_assume!(!shown.is_empty());
            let once = sealed(&shown);
            prop_assert_eq!(sealed(&once), once);
        }
    }
}
