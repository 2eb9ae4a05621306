//! One escaper per sink: text from servers, drivers and files must not speak to what shows it.
//!
//! Secrets are not the matter here; the gate has taken them out before.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Returns whether a character moves, hides or turns the text around it: controls, line and
/// paragraph separators, bidirectional controls, characters without a width, tags.
pub(super) fn is_hostile(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' | '\u{e0000}'..='\u{e0fff}')
}

/// Makes what cannot be seen visible: `\n`, `\x1b`, `\u{202e}`. For a terminal, and below every
/// other sink that a person reads.
pub fn terminal(text: &str) -> String {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text.to_owned();
    }
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            _ if !is_hostile(character) => shown.push(character),
            _ if u32::from(character) < 0x100 => {
                push(&mut shown, format_args!("\\x{:02x}", u32::from(character)));
            }
            _ => {
                push(
                    &mut shown,
                    format_args!("\\u{{{:x}}}", u32::from(character)),
                );
            }
        }
    }
    shown
}

/// Escapes the message of a GitHub workflow command.
pub fn github_data(text: &str) -> String {
    // `##[` starts a command of the older form wherever it stands in a line.
    terminal(text)
        .replace("##[", "## [")
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// Escapes a property (`file=`, `title=`) of a GitHub workflow command.
pub fn github_property(text: &str) -> String {
    github_data(text).replace(':', "%3A").replace(',', "%2C")
}

/// Escapes text for Markdown, also inside a table cell.
pub fn markdown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let text = terminal(text);
    for (at, character) in text.char_indices() {
        match character {
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            // A mention would notify a person; a backslash does not stop GitHub from it.
            '@' => shown.push_str("&#64;"),
            '\\' | '|' | '`' | '[' | ']' | '!' | '*' | '_' | '~' | '#' | '$' => {
                shown.push('\\');
                shown.push(character);
            }
            // A URL that would become a link.
            ':' if text[at..].starts_with("://") => shown.push_str("&#58;"),
            _ => shown.push(character),
        }
    }
    shown
}

/// Escapes text for XML 1.0, in an element and in an attribute.
pub fn xml(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in terminal(text).chars() {
        match character {
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '"' => shown.push_str("&quot;"),
            '\'' => shown.push_str("&apos;"),
            _ => shown.push(character),
        }
    }
    shown
}

/// Escapes what `serde_json` leaves raw in a finished JSON text though a terminal would obey it.
///
/// Outside of ASCII, JSON has characters in strings alone, so the text means the same afterwards.
pub fn json(text: &str) -> Cow<'_, str> {
    // The finished text of a large report is nearly all ASCII, and hardly ever hostile.
    let is_odd = |byte: &u8| !matches!(byte, b'\n' | b' '..=b'~');
    let (mut shown, mut copied, mut at) = (String::new(), 0, 0);
    while let Some(next) = text.as_bytes()[at..].iter().position(is_odd) {
        let start = at + next;
        let Some(character) = text[start..].chars().next() else {
            break;
        };
        at = start + character.len_utf8();
        if !is_hostile(character) {
            continue;
        }
        shown.push_str(&text[copied..start]);
        for unit in character.encode_utf16(&mut [0; 2]) {
            push(&mut shown, format_args!("\\u{unit:04x}"));
        }
        copied = at;
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    shown.push_str(&text[copied..]);
    Cow::Owned(shown)
}

fn push(text: &mut String, what: std::fmt::Arguments<'_>) {
    // Writing into a String cannot fail.
    let _ = text.write_fmt(what);
}

#[cfg(test)]
mod tests {
    use super::{github_data, github_property, json, markdown, terminal, xml};

    const HOSTILE: &str = "\u{1b}[2J\u{7}\u{9b}m\u{202e}x\u{200b}\r\n::error::a\n##[error]";

    #[test]
    fn a_terminal_shows_controls_and_does_not_obey_them() {
        assert_eq!(
            terminal(HOSTILE),
            r"\x1b[2J\x07\x9bm\u{202e}x\u{200b}\r\n::error::a\n##[error]"
        );
        assert_eq!(terminal("naïve ✓ 数 👍"), "naïve ✓ 数 👍");
    }

    #[test]
    fn a_workflow_command_stays_one_line_and_one_command() {
        assert!(!github_data(HOSTILE).contains(['\n', '\r', '\u{1b}']));
        assert!(!github_data(HOSTILE).contains("##["));
        assert_eq!(github_data("50%"), "50%25");
        assert_eq!(github_property("a:b,c"), "a%3Ab%2Cc");
    }

    #[test]
    fn markdown_shows_the_text_and_makes_nothing_of_it() {
        assert_eq!(
            markdown("a|b `c` <img> @team [x](https://e) ![y]"),
            r"a\|b \`c\` &lt;img&gt; &#64;team \[x\](https&#58;//e) \!\[y\]"
        );
    }

    #[test]
    fn xml_has_no_character_that_xml_forbids() {
        assert_eq!(
            xml("</failure>\u{0}\u{fffe}\"'&"),
            r"&lt;/failure&gt;\x00\u{fffe}&quot;&apos;&amp;"
        );
    }

    #[test]
    fn json_means_the_same_and_a_terminal_does_not_obey_it() {
        let text = serde_json::to_string(HOSTILE).unwrap_or_default();
        let shown = json(&text);
        assert!(shown.is_ascii());
        assert_eq!(
            serde_json::from_str::<String>(&shown).unwrap_or_default(),
            HOSTILE
        );
    }
}
