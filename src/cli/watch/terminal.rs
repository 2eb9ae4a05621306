//! The terminal while it is watched: another screen, no echo, keys one by one; restored when this
//! is dropped.

use std::io::{self, Stdin, Stdout, Write};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{OptionalActions, Termios, isatty, tcgetattr, tcgetwinsize, tcsetattr};

use super::keys::{self, Key};

/// The other screen, without a cursor; and back.
const ENTER: &str = "\u{1b}[?1049h\u{1b}[?25l";
const LEAVE: &str = "\u{1b}[?25h\u{1b}[?1049l";

/// The terminal while it is watched.
pub(super) struct Terminal {
    input: Stdin,
    output: Stdout,
    before: Termios,
}

/// Returns whether keys can be read.
pub(super) fn is_input() -> bool {
    isatty(io::stdin())
}

impl Terminal {
    /// Takes the terminal over.
    pub(super) fn enter() -> io::Result<Self> {
        let (input, output) = (io::stdin(), io::stdout());
        let before = tcgetattr(&input)?;
        let mut raw = before.clone();
        let terminal = Self {
            input,
            output,
            before,
        };
        raw.make_raw();
        tcsetattr(&terminal.input, OptionalActions::Now, &raw)?;
        terminal.write(ENTER)?;
        Ok(terminal)
    }

    /// Returns columns and lines.
    pub(super) fn size(&self) -> (usize, usize) {
        match tcgetwinsize(&self.output) {
            Ok(size) if size.ws_col > 0 && size.ws_row > 0 => {
                (usize::from(size.ws_col), usize::from(size.ws_row))
            }
            Ok(_) | Err(_) => (80, 24),
        }
    }

    /// Shows lines from the top; what stood there before is gone.
    pub(super) fn draw(&self, lines: &[String]) -> io::Result<()> {
        let mut text = String::from("\u{1b}[H");
        for (index, line) in lines.iter().enumerate() {
            if index > 0 {
                text.push_str("\r\n");
            }
            text.push_str(line);
            text.push_str("\u{1b}[K");
        }
        text.push_str("\u{1b}[J");
        self.write(&text)
    }

    /// Returns the keys that were pressed, and waits so long for the first.
    pub(super) fn keys(&self, patience: Duration) -> io::Result<Vec<Key>> {
        let mut ready = [PollFd::new(&self.input, PollFlags::IN)];
        let wait = Timespec::try_from(patience).map_err(io::Error::other)?;
        match poll(&mut ready, Some(&wait)) {
            Ok(0) | Err(rustix::io::Errno::INTR) => return Ok(Vec::new()),
            Ok(_) => {}
            Err(error) => return Err(error.into()),
        }
        let mut bytes = [0; 256];
        match rustix::io::read(&self.input, &mut bytes) {
            Ok(0) | Err(rustix::io::Errno::IO) => Ok(vec![Key::End]),
            Ok(count) => Ok(keys::read(&bytes[..count])),
            Err(rustix::io::Errno::INTR) => Ok(Vec::new()),
            Err(error) => Err(error.into()),
        }
    }

    fn write(&self, text: &str) -> io::Result<()> {
        let mut output = self.output.lock();
        output.write_all(text.as_bytes())?;
        output.flush()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.write(LEAVE);
        let _ = tcsetattr(&self.input, OptionalActions::Now, &self.before);
    }
}
