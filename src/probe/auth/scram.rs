//! Looks at SCRAM's challenge before it costs anything.

use super::breach::Breach;
use super::notes::Notes;

/// More rounds than this are a way to keep a client busy.
const MOST_ITERATIONS: u32 = 100_000;

/// Judges the server's first message: `r=nonce,s=salt,i=rounds`.
pub(super) fn challenge(notes: &mut Notes, text: &[u8]) -> Result<(), Breach> {
    let field = |name: &[u8]| {
        text.split(|&b| b == b',')
            .find_map(|part| part.strip_prefix(name))
    };
    let extends = match (field(b"r="), &notes.nonce) {
        (Some(theirs), Some(ours)) => theirs.len() > ours.len() && theirs.starts_with(ours),
        _ => false,
    };
    if !extends {
        return Err(Breach::Nonce);
    }
    let digits = field(b"i=").unwrap_or_default();
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(Breach::Nonce);
    }
    let rounds = std::str::from_utf8(digits)
        .ok()
        .and_then(|t| t.parse().ok());
    match rounds {
        Some(0) => Err(Breach::Challenge),
        Some(rounds) if rounds <= MOST_ITERATIONS => {
            notes.iterations = Some(rounds);
            Ok(())
        }
        _ => Err(Breach::Iterations),
    }
}

/// Finds our nonce in the first answer: `…,,n=,r=nonce`.
pub(super) fn our_nonce(message: &[u8]) -> Option<Vec<u8>> {
    let at = message.windows(3).position(|w| w == b",r=")?;
    Some(message[at + 3..].to_vec())
}

#[cfg(test)]
mod tests {
    use super::super::breach::Breach;
    use super::super::notes::Notes;
    use super::{challenge, our_nonce};

    fn judged(text: &[u8]) -> Result<Option<u32>, Breach> {
        let mut notes = Notes {
            nonce: Some(b"abc".to_vec()),
            ..Notes::default()
        };
        challenge(&mut notes, text).map(|()| notes.iterations)
    }

    #[test]
    fn rounds_are_capped_and_the_nonce_must_extend_ours() {
        assert_eq!(judged(b"r=abcdef,s=AA==,i=4096"), Ok(Some(4096)));
        assert_eq!(judged(b"r=abcdef,s=AA==,i=100000"), Ok(Some(100_000)));
        assert_eq!(judged(b"r=abcdef,s=AA==,i=100001"), Err(Breach::Iterations));
        let absurd = b"r=abcdef,s=AA==,i=100000000000000000000";
        assert_eq!(judged(absurd), Err(Breach::Iterations));
        assert_eq!(judged(b"r=abc,s=AA==,i=4096"), Err(Breach::Nonce));
        assert_eq!(judged(b"r=xyzdef,s=AA==,i=4096"), Err(Breach::Nonce));
        assert_eq!(judged(b"\xff\xfe,,,=r"), Err(Breach::Nonce));
        assert_eq!(judged(b"r=abcdef,s=AA=="), Err(Breach::Nonce));
        assert_eq!(judged(b"r=abcdef,s=AA==,i=-1"), Err(Breach::Nonce));
        assert_eq!(judged(b"r=abcdef,s=AA==,i=0"), Err(Breach::Challenge));
        assert_eq!(judged(b"r=abcdef,s=AA==,i=1"), Ok(Some(1)));
    }

    #[test]
    fn our_nonce_is_found_in_the_first_answer() {
        let message = b"p\0\0\0\x2eSCRAM-SHA-256\0\0\0\0\x10n,,n=,r=abcdef";
        assert_eq!(our_nonce(message), Some(b"abcdef".to_vec()));
    }
}
