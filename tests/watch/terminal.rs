//! A pseudo-terminal with a program in it.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::fs::{Mode, OFlags};
use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Termios, Winsize, tcgetattr, tcsetwinsize};

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// A pseudo-terminal with a program in it.
pub(crate) struct Terminal {
    keys: File,
    line: OwnedFd,
    before: Termios,
    child: Child,
    text: Arc<Mutex<Vec<u8>>>,
    /// Up to where a wait has read.
    read: usize,
}

impl Terminal {
    /// Starts a program in a terminal of 80 columns and 24 lines.
    pub(crate) fn start(mut command: Command) -> Self {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&ours).unwrap();
        unlockpt(&ours).unwrap();
        let name = ptsname(&ours, Vec::new()).unwrap();
        let line = rustix::fs::open(
            name.as_c_str(),
            OFlags::RDWR | OFlags::NOCTTY,
            Mode::empty(),
        )
        .unwrap();
        tcsetwinsize(&line, size(80, 24)).unwrap();
        let before = tcgetattr(&line).unwrap();
        let end = || Stdio::from(line.try_clone().unwrap());
        let child = command
            .stdin(end())
            .stdout(end())
            .stderr(end())
            .spawn()
            .unwrap();
        let keys = File::from(ours);
        let text = Arc::new(Mutex::new(Vec::new()));
        let mut screen = keys.try_clone().unwrap();
        let into = Arc::clone(&text);
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count) = screen.read(&mut bytes) {
                into.lock().unwrap().extend_from_slice(&bytes[..count]);
            }
        });
        Self {
            keys,
            line,
            before,
            child,
            text,
            read: 0,
        }
    }

    /// Presses keys.
    pub(crate) fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
    }

    /// Gives the terminal another size.
    pub(crate) fn resize(&self, columns: u16, lines: u16) {
        tcsetwinsize(&self.line, size(columns, lines)).unwrap();
    }

    /// Sends SIGINT to the program.
    pub(crate) fn interrupt(&self) {
        let id = Pid::from_child(&self.child);
        kill_process(id, Signal::INT).unwrap();
    }

    /// Waits until a text is drawn that was not drawn before the last wait ended.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, wanted: &str) {
        let began = Instant::now();
        loop {
            let text = self.text();
            let fresh = &text[self.read.min(text.len())..];
            if fresh.contains(wanted) {
                // The frame may still be drawn: the next wait begins at its start again.
                self.read += fresh.rfind("\u{1b}[H").unwrap_or(0);
                return;
            }
            assert!(began.elapsed() < PATIENCE, "no {wanted:?} in {fresh:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Returns the last whole frame after a while.
    pub(crate) fn screen_after(&self, pause: Duration) -> String {
        std::thread::sleep(pause);
        let text = self.text();
        let whole = &text[..text.rfind("\u{1b}[J").unwrap()];
        whole[whole.rfind("\u{1b}[H").unwrap()..].to_owned()
    }

    /// Returns everything that was drawn.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.text.lock().unwrap()).into_owned()
    }

    /// Waits for the program's end and returns its exit status.
    #[track_caller]
    pub(crate) fn end(&mut self) -> i32 {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                // What it wrote last is still on its way.
                std::thread::sleep(Duration::from_millis(100));
                return status.code().unwrap_or(-1);
            }
            assert!(began.elapsed() < PATIENCE, "the program does not end");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Returns whether echo, lines and signals are as they were before the program.
    pub(crate) fn is_restored(&self) -> bool {
        let now = tcgetattr(&self.line).unwrap();
        now.local_modes == self.before.local_modes
            && now.input_modes == self.before.input_modes
            && now.output_modes == self.before.output_modes
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn size(columns: u16, lines: u16) -> Winsize {
    Winsize {
        ws_col: columns,
        ws_row: lines,
        ws_xpixel: 0,
        ws_ypixel: 0,
    }
}
