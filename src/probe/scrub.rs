//! Keeps the password out of what a server says: one that got it may send it back.

use crate::facts::{Connection, Stage};
use crate::value::Secret;

/// Replaces a password, in the spellings that a server could send it back in, in everything that a
/// server may have said.
pub(super) fn scrub(connection: &mut Connection, password: Option<&Secret>) {
    let Some(password) = password.map(Secret::expose).filter(|p| !p.is_empty()) else {
        return;
    };
    let spellings = spellings(password);
    let replace = |text: &mut String, shortest: usize| {
        for spelling in spellings.iter().filter(|s| s.len() >= shortest) {
            if text.contains(spelling.as_str()) {
                *text = text.replace(spelling.as_str(), "***");
            }
        }
    };
    // A password of one or two bytes is in every text, and hides better there than behind stars.
    let clean = |text: &mut String| replace(text, 3);
    // A name is compared by rules; one that happens to be a part of a short password must stay.
    let clean_name = |text: &mut String| replace(text, 6);
    for report in &mut connection.stages {
        if let Stage::Failed(failure) = &mut report.stage {
            clean(&mut failure.message);
        }
    }
    connection
        .observations
        .iter_mut()
        .for_each(|o| clean(&mut o.message));
    if let Some(tls) = &mut connection.tls {
        let texts = [&mut tls.issuer, &mut tls.subject, &mut tls.alpn];
        texts.into_iter().flatten().for_each(clean);
        tls.names.iter_mut().chain(&mut tls.chain).for_each(clean);
        let problems = [&mut tls.chain_problem, &mut tls.host_problem];
        problems
            .into_iter()
            .flatten()
            .for_each(|o| clean(&mut o.message));
    }
    if let Some(server) = &mut connection.server {
        clean(&mut server.version);
        clean_name(&mut server.role);
        clean_name(&mut server.database);
        for setting in &mut server.settings {
            clean(&mut setting.value);
        }
    }
    let breakdown = connection.breakdown.iter_mut().flat_map(|b| &mut b.rows);
    for row in connection.activity.iter_mut().flatten().chain(breakdown) {
        clean_name(&mut row.application_name);
    }
    for session in connection.sessions.iter_mut().flat_map(|s| &mut s.all) {
        clean_name(&mut session.application_name);
        session.user.iter_mut().for_each(clean_name);
        session.database.iter_mut().for_each(clean_name);
        session.query.iter_mut().for_each(clean);
    }
}

/// Lists the spellings, the longest first, so that no tail of one is left.
fn spellings(password: &str) -> Vec<String> {
    let mut all = vec![password.to_owned()];
    let strict = percent_encoding::NON_ALPHANUMERIC;
    let percent = percent_encoding::utf8_percent_encode(password, strict).to_string();
    all.push(percent.to_ascii_lowercase());
    all.push(percent);
    all.push(hex(password.as_bytes()));
    all.push(hex(password.as_bytes()).to_ascii_uppercase());
    all.push(base64(password.as_bytes()));
    if let Ok(json) = serde_json::to_string(password) {
        all.push(json.trim_matches('"').to_owned());
    }
    let xml = password
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    all.push(xml.replace('"', "&quot;").replace('\'', "&#39;"));
    all.push(xml);
    // What is derived from a short password is in every text too.
    all.extend(derived(password).filter(|text| text.len() >= 6));
    all.sort_by_key(|text| std::cmp::Reverse(text.len()));
    all.dedup();
    all
}

/// Lists what a server may make of a password that has no other use: to slip it past a filter.
fn derived(password: &str) -> impl Iterator<Item = String> {
    let marks = |write: fn(char) -> String| {
        let one = |c: char| {
            if c.is_ascii_alphanumeric() {
                c.to_string()
            } else {
                write(c)
            }
        };
        password.chars().map(one).collect()
    };
    let bytes = |write: fn(u8) -> String| password.bytes().map(write).collect();
    let texts: [String; 7] = [
        password.chars().rev().collect(),
        password.to_uppercase(),
        marks(|c| format!("&#{};", u32::from(c))),
        marks(|c| format!("&#x{:x};", u32::from(c))),
        marks(|c| format!("\\u{:04x}", u32::from(c))),
        bytes(|byte| format!("%{byte:02X}")),
        bytes(|byte| format!("%{byte:02x}")),
    ];
    texts
        .into_iter()
        .chain((0..3).map(|at| inner_base64(password, at)))
}

/// Encodes a password that begins so many bytes behind the start of a group of three; the
/// characters that its neighbours decide as well are left out.
fn inner_base64(password: &str, at: usize) -> String {
    let bytes = [&[0; 2][..at], password.as_bytes()].concat();
    let whole = bytes.len() * 8 / 6;
    let text = base64(&bytes);
    let inner = text.get(at + usize::from(at > 0)..whole);
    inner.unwrap_or_default().to_owned()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        use std::fmt::Write as _;
        // Writing into a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Encodes without padding, which a longer text would not have either.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk
            .iter()
            .fold(0_u32, |word, &b| (word << 8) | u32::from(b))
            << (8 * (3 - chunk.len()));
        for i in 0..=chunk.len() {
            text.push(char::from(ALPHABET[(word >> (18 - 6 * i)) as usize & 63]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{base64, inner_base64, spellings};

    #[test]
    fn base64_is_base64() {
        assert_eq!(base64(b"s3cr3t"), "czNjcjN0");
        assert_eq!(base64(b"ab"), "YWI");
        for (at, expected) in ["czNjcjN0", "MzY3IzdA", "zM2NyM3Q"].iter().enumerate() {
            let inner = inner_base64("s3cr3t", at);
            assert!(expected.starts_with(&inner) && inner.len() >= 7, "{inner}");
        }
        for at in 0..3 {
            inner_base64("", at);
        }
    }

    #[test]
    fn little_is_derived_from_a_short_password() {
        assert!(!spellings("a1").contains(&"A1".to_owned()));
        let all = spellings("a-1b2c");
        for expected in ["c2b1-a", "A-1B2C", "a&#45;1b2c", "a\\u002d1b2c"] {
            assert!(all.iter().any(|text| text == expected), "{expected}");
        }
    }

    #[test]
    fn the_spellings_cover_what_servers_and_logs_do_to_a_password() {
        let all = spellings("p@ss<1>");
        for expected in [
            "p@ss<1>",
            "p%40ss%3C1%3E",
            "p%40ss%3c1%3e",
            "p@ss&lt;1&gt;",
            "70407373",
        ] {
            assert!(
                all.iter().any(|s| s.contains(expected)),
                "{expected} in {all:?}"
            );
        }
    }
}
