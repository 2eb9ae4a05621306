//! Checks of the server's text settings, as their check hooks make them.

use super::numbers::strtod;
use super::posix_zone::is_rule;
use super::zone_table::ZONES;

/// Splits a list of identifiers like `SplitIdentifierString`; `None` where its syntax is broken.
pub(super) fn identifier_list(value: &str) -> Option<Vec<String>> {
    let space = |c: char| c.is_ascii_whitespace() || c == '\x0b';
    let mut rest = value.trim_start_matches(space);
    let mut names = Vec::new();
    if rest.is_empty() {
        return Some(names);
    }
    loop {
        if let Some(quoted) = rest.strip_prefix('"') {
            let mut name = String::new();
            let mut chars = quoted.char_indices().peekable();
            let end = loop {
                match chars.next()? {
                    (_, '"') if chars.peek().is_some_and(|&(_, c)| c == '"') => {
                        chars.next();
                        name.push('"');
                    }
                    (index, '"') => break index,
                    (_, c) => name.push(c),
                }
            };
            names.push(name);
            rest = &quoted[end + 1..];
        } else {
            let end = rest
                .find(|c: char| c == ',' || space(c))
                .unwrap_or(rest.len());
            if end == 0 {
                return None;
            }
            names.push(rest[..end].to_lowercase());
            rest = &rest[end..];
        }
        rest = rest.trim_start_matches(space);
        match rest.strip_prefix(',') {
            Some(after) => rest = after.trim_start_matches(space),
            None if rest.is_empty() => return Some(names),
            None => return None,
        }
    }
}

/// Returns whether every word of a list is one of the given.
pub(super) fn select_only(value: &str, words: &[&str]) -> bool {
    identifier_list(value)
        .is_some_and(|names| names.iter().all(|name| words.contains(&name.as_str())))
}

/// Checks `DateStyle`.
pub(super) fn date_style(value: &str) -> bool {
    let Some(words) = identifier_list(value) else {
        return false;
    };
    let (mut style, mut order) = (None, None);
    for word in &words {
        let (slot, meaning) = match word.as_str() {
            "iso" => (&mut style, 0),
            "sql" => (&mut style, 1),
            word if word.starts_with("postgres") => (&mut style, 2),
            word if word.starts_with("german") => (&mut style, 3),
            "ymd" => (&mut order, 0),
            "dmy" => (&mut order, 1),
            word if word.starts_with("euro") => (&mut order, 1),
            "mdy" | "us" => (&mut order, 2),
            word if word.starts_with("noneuro") => (&mut order, 2),
            "default" => continue,
            _ => return false,
        };
        if slot.is_some_and(|before| before != meaning) {
            return false;
        }
        *slot = Some(meaning);
    }
    true
}

/// Checks `TimeZone`: an interval, hours, a name, or a POSIX rule.
pub(super) fn time_zone(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    if let Some(interval) = lower.strip_prefix("interval") {
        let quoted = interval.trim();
        return quoted.len() > 1 && quoted.starts_with('\'') && quoted.ends_with('\'');
    }
    if let Some((hours, "")) = strtod(value) {
        return hours.abs() < 168.0;
    }
    // A colon stands before a name alone: no rule begins with one.
    let named = lower.strip_prefix(':');
    ZONES.binary_search(&named.unwrap_or(&lower)).is_ok()
        || (named.is_none() && is_rule(&value.to_ascii_uppercase()))
}

/// Returns an encoding's name as the server compares it.
fn encoding_name(value: &str) -> String {
    value
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

/// Returns whether the server knows an encoding.
pub(super) fn encoding_is_known(value: &str) -> bool {
    ENCODINGS.contains(&encoding_name(value).as_str())
}

/// Returns whether the server converts an encoding that it knows to UTF-8: it finds out only once
/// every setting is made.
pub(super) fn encoding_converts(value: &str) -> bool {
    encoding_name(value) != "muleinternal"
}

#[rustfmt::skip]
static ENCODINGS: &[&str] = &[
    "utf8", "unicode", "latin1", "sqlascii", "win1252", "iso88591", "iso88592", "iso88593", "iso88594",
    "iso88595", "iso88596", "iso88597", "iso88598", "iso88599", "iso885910", "iso885913", "iso885914",
    "iso885915", "iso885916", "latin2", "latin3", "latin4", "latin5", "latin6", "latin7", "latin8",
    "latin9", "latin10", "win", "win1250", "win1251", "win1253", "win1254", "win1255", "win1256",
    "win1257", "win1258", "win866", "win874", "win932", "win936", "win949", "win950", "windows1250",
    "windows1251", "windows1252", "windows1253", "windows1254", "windows1255", "windows1256",
    "windows1257", "windows1258", "windows866", "windows874", "windows932", "windows936", "windows949",
    "windows950", "abc", "alt", "big5", "euccn", "eucjis2004", "eucjp", "euckr", "euctw", "gb18030",
    "gbk", "johab", "koi8", "koi8r", "koi8u", "mskanji", "muleinternal", "shiftjis", "shiftjis2004", "sjis", "tcvn",
    "tcvn5712", "uhc", "vscii",
];

/// Returns whether a text search configuration exists on a stock server.
pub(super) fn text_search(value: &str) -> bool {
    let Some(name) = identifier_list(value).filter(|names| names.len() == 1) else {
        return false;
    };
    let name = name[0].strip_prefix("pg_catalog.").unwrap_or(&name[0]);
    TEXT_SEARCH.contains(&name)
}

#[rustfmt::skip]
static TEXT_SEARCH: &[&str] = &[
    "simple", "arabic", "armenian", "basque", "catalan", "danish", "dutch", "english", "estonian",
    "finnish", "french", "german", "greek", "hindi", "hungarian", "indonesian", "irish", "italian",
    "lithuanian", "nepali", "norwegian", "portuguese", "romanian", "russian", "serbian", "spanish",
    "swedish", "tamil", "turkish", "yiddish",
];
