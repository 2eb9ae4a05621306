//! `SASLprep` (RFC 4013), which SCRAM applies to names and passwords.
//!
//! PostgreSQL, libpq, asyncpg, node-postgres and tokio-postgres prepare a password and take it as it
//! stands where that fails. postgres.js never prepares one, and scramp 1.5.0, which pg8000 uses,
//! refuses what RFC 4013 forbids. Read in source on 2026-11-24.

use stringprep::tables;

/// Returns whether PostgreSQL keeps another password than the text: whoever sends the text as it
/// stands is turned away.
pub(super) fn changes(password: &str) -> bool {
    stringprep::saslprep(password).is_ok_and(|prepared| prepared != password)
}

/// Returns whether asyncpg and scramp prepare a password otherwise than PostgreSQL does: they drop a
/// zero-width space, where PostgreSQL takes it for a space.
pub(super) fn drops_a_space(password: &str) -> bool {
    password.contains('\u{200b}') && stringprep::saslprep(password).is_ok()
}

/// Returns why scramp refuses a text, where it does.
pub(super) fn refusal(text: &str) -> Option<&'static str> {
    if text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        return None;
    }
    let mapped: Vec<char> = text
        .chars()
        .filter(|&c| !tables::commonly_mapped_to_nothing(c))
        .map(|c| {
            if tables::non_ascii_space_character(c) {
                ' '
            } else {
                c
            }
        })
        .collect();
    let (first, last) = (mapped.first()?, mapped.last()?);
    let right_to_left = tables::bidi_r_or_al(*first);
    if right_to_left && !tables::bidi_r_or_al(*last) {
        return Some("malformed bidi sequence");
    }
    mapped.iter().find_map(|&c| forbidden(c, right_to_left))
}

fn forbidden(c: char, right_to_left: bool) -> Option<&'static str> {
    let wrong_way = if right_to_left {
        tables::bidi_l(c)
    } else {
        tables::bidi_r_or_al(c)
    };
    if tables::unassigned_code_point(c) {
        Some("unassigned code points forbidden")
    } else if tables::ascii_control_character(c) || tables::non_ascii_control_character(c) {
        Some("control characters forbidden")
    } else if tables::private_use(c) {
        Some("private use characters forbidden")
    } else if tables::non_character_code_point(c) {
        Some("non-char code points forbidden")
    } else if tables::inappropriate_for_plain_text(c) {
        Some("non-plaintext chars forbidden")
    } else if tables::inappropriate_for_canonical_representation(c) {
        Some("non-canonical chars forbidden")
    } else if tables::change_display_properties_or_deprecated(c) {
        Some("display-modifying/deprecated chars forbidden")
    } else if tables::tagging_character(c) {
        Some("tagged characters forbidden")
    } else if wrong_way {
        Some("forbidden bidi character")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{changes, drops_a_space, refusal};

    #[test]
    fn only_a_password_that_is_prepared_otherwise_changes() {
        for (password, changed) in [
            ("pw", false),
            ("p\u{e4}", false),
            ("p\u{ad}w", true),
            ("p\u{a0}w", true),
            ("\u{fb01}x", true),
            ("\u{1f680}", false),
            ("", false),
        ] {
            assert_eq!(changes(password), changed, "{password:?}");
        }
    }

    #[test]
    fn a_zero_width_space_is_dropped_by_some_and_a_space_to_others() {
        assert!(drops_a_space("pw\u{200b}"));
        assert!(!drops_a_space("pw\u{200c}"));
    }

    #[test]
    fn refusals_have_the_words_of_scramp() {
        for (text, words) in [
            ("pw", None),
            ("p\u{ad}w", None),
            ("\u{ad}", None),
            ("a\nb", Some("control characters forbidden")),
            ("\u{1f680}", Some("unassigned code points forbidden")),
            ("\u{fffd}", Some("non-plaintext chars forbidden")),
            ("\u{627}\u{628}", None),
            ("a\u{627}", Some("forbidden bidi character")),
            ("\u{627}a", Some("malformed bidi sequence")),
            ("\u{627}a\u{628}", Some("forbidden bidi character")),
            (
                "\u{200e}",
                Some("display-modifying/deprecated chars forbidden"),
            ),
            ("\u{e000}", Some("private use characters forbidden")),
        ] {
            assert_eq!(refusal(text), words, "{text:?}");
        }
    }
}
