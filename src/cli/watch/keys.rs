//! Keys out of the bytes that a terminal sends.

/// A key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// A character.
    Text(char),
    /// Enter.
    Enter,
    /// Backspace.
    Back,
    /// Escape alone.
    Escape,
    /// Ctrl-C.
    Interrupt,
    /// The terminal is gone.
    End,
}

/// Reads the keys out of what came in at once. Arrows and other keys that send a sequence are left
/// out: nothing is bound to them.
pub(super) fn read(bytes: &[u8]) -> Vec<Key> {
    let text = String::from_utf8_lossy(bytes);
    let mut keys = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '\u{3}' => keys.push(Key::Interrupt),
            '\r' | '\n' => keys.push(Key::Enter),
            '\u{7f}' | '\u{8}' => keys.push(Key::Back),
            '\u{1b}' if matches!(rest.peek(), Some('[' | 'O')) => {
                rest.next();
                while rest.next().is_some_and(|c| !('@'..='~').contains(&c)) {}
            }
            '\u{1b}' => keys.push(Key::Escape),
            text if !text.is_control() => keys.push(Key::Text(text)),
            _ => {}
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::{Key, read};

    #[test]
    fn characters_and_control_keys_are_told_apart() {
        assert_eq!(
            read("q\u{3}\r\u{7f}ä".as_bytes()),
            [
                Key::Text('q'),
                Key::Interrupt,
                Key::Enter,
                Key::Back,
                Key::Text('ä')
            ]
        );
    }

    #[test]
    fn an_arrow_is_not_an_escape_and_no_letters() {
        assert_eq!(read(b"\x1b[A\x1bOB\x1b[1;5Cs"), [Key::Text('s')]);
        assert_eq!(read(b"\x1b"), [Key::Escape]);
    }
}
