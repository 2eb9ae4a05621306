//! Cuts the server's bytes into messages and holds them to sizes that no honest server exceeds.

use super::breach::Breach;

/// The largest message before the session is open.
const MESSAGE_BEFORE: usize = 64 * 1024;
/// The largest message after that.
const MESSAGE_AFTER: usize = 1024 * 1024;
/// All bytes before the session is open.
const TOTAL_BEFORE: u64 = 1024 * 1024;
/// All bytes after that, until the caller starts a new round.
const TOTAL_AFTER: u64 = 16 * 1024 * 1024;

/// A stream of messages, cut as the bytes come in.
#[derive(Debug, Default)]
pub(super) struct Frames {
    header: Vec<u8>,
    body: Vec<u8>,
    left: usize,
    in_body: bool,
    total: u64,
    open: bool,
}

impl Frames {
    /// From here on the session is open and the larger sizes hold.
    pub(super) fn open(&mut self) {
        self.open = true;
        self.total = 0;
    }

    /// Takes bytes, and hands out each message that they complete with its tag.
    pub(super) fn feed(
        &mut self,
        mut bytes: &[u8],
        mut each: impl FnMut(&mut Self, u8, &[u8]) -> Result<(), Breach>,
    ) -> Result<(), Breach> {
        self.total += bytes.len() as u64;
        let cap = if self.open { TOTAL_AFTER } else { TOTAL_BEFORE };
        while !bytes.is_empty() {
            if !self.in_body {
                let take = bytes.len().min(5 - self.header.len());
                self.header.extend_from_slice(&bytes[..take]);
                bytes = &bytes[take..];
                if self.header.len() < 5 {
                    break;
                }
                self.begin()?;
            }
            let take = bytes.len().min(self.left);
            self.body.extend_from_slice(&bytes[..take]);
            self.left -= take;
            bytes = &bytes[take..];
            if self.left == 0 {
                let tag = self.header[0];
                let body = std::mem::take(&mut self.body);
                self.header.clear();
                self.in_body = false;
                each(self, tag, &body)?;
                self.body = body;
                self.body.clear();
            }
        }
        if self.total > cap {
            return Err(Breach::TooMuch);
        }
        Ok(())
    }

    fn begin(&mut self) -> Result<(), Breach> {
        let tag = self.header[0];
        let length = u32::from_be_bytes([
            self.header[1],
            self.header[2],
            self.header[3],
            self.header[4],
        ]) as usize;
        let cap = if self.open {
            MESSAGE_AFTER
        } else {
            MESSAGE_BEFORE
        };
        if length < 4 || length > cap {
            return Err(Breach::Length { tag, length });
        }
        self.left = length - 4;
        self.in_body = true;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

    use super::super::breach::Breach;
    use super::{Frames, MESSAGE_BEFORE};

    fn message(tag: u8, body: usize) -> Vec<u8> {
        let mut bytes = vec![tag];
        bytes.extend_from_slice(&u32::try_from(body + 4).unwrap().to_be_bytes());
        bytes.extend(vec![b'x'; body]);
        bytes
    }

    #[test]
    fn messages_are_cut_wherever_the_bytes_are_split() {
        let bytes = [message(b'R', 4), message(b'Z', 1), message(b'S', 0)].concat();
        for step in 1..=bytes.len() {
            let mut frames = Frames::default();
            let mut seen = Vec::new();
            for piece in bytes.chunks(step) {
                frames
                    .feed(piece, |_, tag, body| {
                        seen.push((tag, body.len()));
                        Ok(())
                    })
                    .unwrap();
            }
            assert_eq!(seen, [(b'R', 4), (b'Z', 1), (b'S', 0)], "step {step}");
        }
    }

    #[test]
    fn a_message_of_the_largest_size_passes_and_one_byte_more_does_not() {
        let mut frames = Frames::default();
        assert!(
            frames
                .feed(&message(b'E', MESSAGE_BEFORE - 4), |_, _, _| Ok(()))
                .is_ok()
        );
        let mut frames = Frames::default();
        let length = MESSAGE_BEFORE + 1;
        assert_eq!(
            frames.feed(&message(b'E', length - 4), |_, _, _| Ok(())),
            Err(Breach::Length { tag: b'E', length })
        );
    }

    #[test]
    fn many_small_messages_are_too_much_as_well() {
        let mut frames = Frames::default();
        let some = message(b'N', 1019).repeat(512);
        let feed = |frames: &mut Frames| frames.feed(&some, |_, _, _| Ok(()));
        assert_eq!(feed(&mut frames), Ok(()));
        assert_eq!(feed(&mut frames), Ok(()));
        assert_eq!(feed(&mut frames), Err(Breach::TooMuch));
        // Once the session is open, more is allowed, and the count begins anew.
        frames.open();
        assert_eq!(feed(&mut frames), Ok(()));
    }

    #[test]
    fn a_length_below_four_is_refused() {
        let mut frames = Frames::default();
        assert_eq!(
            frames.feed(&[b'R', 0, 0, 0, 3], |_, _, _| Ok(())),
            Err(Breach::Length {
                tag: b'R',
                length: 3
            })
        );
    }
}
