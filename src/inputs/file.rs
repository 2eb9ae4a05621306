//! The one place that reads files: regular ones, up to a size, as text.
//!
//! A pipe or a device could block or never end, so a file is opened without waiting and looked at
//! before it is read; the size limit is on the read itself, for a file may grow or lie.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::OFlags;
use thiserror::Error;

use super::text::Places;
use crate::facts::FileProblem;

/// The most bytes that a configuration file may have.
pub const MAX_BYTES: u64 = 4 << 20;

/// Why a file could not be read. Fits after its path; holds no text of it.
#[derive(Debug, Error)]
pub enum ReadError {
    /// It could not be opened or read.
    #[error("cannot be read: {}", reason(.0))]
    Io(#[source] io::Error),
    /// It is no regular file.
    #[error("is {0}, not a regular file")]
    NotRegular(&'static str),
    /// A link leads out of the project.
    #[error("is a link that leads out of the project")]
    OutOfRoot,
    /// It is too large.
    #[error("is larger than {} MiB", .limit >> 20)]
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// It is not text as we read it.
    #[error("{what}")]
    NotText {
        /// What it is instead.
        what: String,
        /// The line of the first byte that does not fit.
        line: u32,
        /// Its column.
        column: u32,
    },
}

impl From<ReadError> for FileProblem {
    fn from(error: ReadError) -> Self {
        let place = match &error {
            ReadError::NotText { line, column, .. } => Some((*line, *column)),
            _ => None,
        };
        Self {
            message: error.to_string(),
            line: place.map(|(line, _)| line),
            column: place.map(|(_, column)| column),
        }
    }
}

/// Says why the system refused, in words that do not change with the platform.
fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    }
}

/// Reads a file that the user named, as UTF-8 text.
pub fn read_text(path: &Path) -> Result<String, ReadError> {
    text(bytes(path, MAX_BYTES)?)
}

/// Reads a file that was found below a folder, as UTF-8 text, following no link out of the folder.
///
/// `root` is the folder's real path.
pub fn read_below(root: &Path, path: &Path) -> Result<String, ReadError> {
    let real = path.canonicalize().map_err(ReadError::Io)?;
    if !real.starts_with(root) {
        return Err(ReadError::OutOfRoot);
    }
    read_text(&real)
}

/// Reads a regular file's bytes, up to a limit.
pub fn bytes(path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
    let flags = (OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC).bits();
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags.cast_signed())
        .open(path)
        .map_err(ReadError::Io)?;
    regular(&file)?;
    let mut bytes = Vec::new();
    // One more than the limit tells a full file from a longer one.
    file.take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(ReadError::Io)?;
    if bytes.len() as u64 > limit {
        return Err(ReadError::TooLarge { limit });
    }
    Ok(bytes)
}

fn regular(file: &File) -> Result<(), ReadError> {
    let kind = file.metadata().map_err(ReadError::Io)?.file_type();
    if kind.is_file() {
        return Ok(());
    }
    Err(ReadError::NotRegular(if kind.is_dir() {
        "a folder"
    } else if kind.is_fifo() {
        "a pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }))
}

/// Reads bytes as UTF-8, or says what they are instead.
fn text(bytes: Vec<u8>) -> Result<String, ReadError> {
    let not_text = |what: String, line, column| ReadError::NotText { what, line, column };
    if bytes.starts_with(&[0xff, 0xfe]) {
        return Err(not_text(
            "is UTF-16 (it starts with FF FE), not UTF-8".to_owned(),
            1,
            1,
        ));
    }
    if bytes.starts_with(&[0xfe, 0xff]) {
        return Err(not_text(
            "is UTF-16 (it starts with FE FF), not UTF-8".to_owned(),
            1,
            1,
        ));
    }
    match String::from_utf8(bytes) {
        Ok(text) => match memchr::memchr(0, text.as_bytes()) {
            Some(at) => {
                let (line, column) = Places::new(&text).of(at);
                Err(not_text("holds a NUL byte".to_owned(), line, column))
            }
            None => Ok(text),
        },
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let bytes = error.into_bytes();
            let before = String::from_utf8_lossy(&bytes[..at]);
            let (line, column) = Places::new(&before).of(at);
            let what = format!(
                "is not UTF-8 (byte {:02X}; Latin-1 or Windows-1252?)",
                bytes[at]
            );
            Err(not_text(what, line, column))
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::Path;
    use std::time::Instant;

    use super::{MAX_BYTES, read_below, read_text};
    use crate::facts::FileProblem;

    fn problem(path: &Path) -> (String, Option<u32>, Option<u32>) {
        let problem = FileProblem::from(read_text(path).unwrap_err());
        (problem.message, problem.line, problem.column)
    }

    #[test]
    fn what_is_no_text_is_named_with_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        for (bytes, message, line, column) in [
            (
                &b"\xff\xfeA\0"[..],
                "is UTF-16 (it starts with FF FE), not UTF-8",
                1,
                1,
            ),
            (
                b"\xfe\xff\0A",
                "is UTF-16 (it starts with FE FF), not UTF-8",
                1,
                1,
            ),
            (
                b"a=1\r\nb=caf\xe9",
                "is not UTF-8 (byte E9; Latin-1 or Windows-1252?)",
                2,
                6,
            ),
            (b"a=1\nb=\0", "holds a NUL byte", 2, 3),
        ] {
            fs::write(&path, bytes).unwrap();
            assert_eq!(
                problem(&path),
                (message.to_owned(), Some(line), Some(column))
            );
        }
    }

    #[test]
    fn a_pipe_a_device_and_a_folder_do_not_block() {
        let started = Instant::now();
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("p.env");
        let status = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(status.unwrap().success());
        assert_eq!(problem(&pipe).0, "is a pipe, not a regular file");
        assert_eq!(
            problem(Path::new("/dev/zero")).0,
            "is a device, not a regular file"
        );
        assert_eq!(problem(folder.path()).0, "is a folder, not a regular file");
        assert!(started.elapsed().as_secs() < 2);
    }

    #[test]
    fn the_limit_is_on_the_read_and_a_hole_of_a_terabyte_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        let file = fs::File::create(&path).unwrap();
        file.set_len(1 << 40).unwrap();
        assert_eq!(problem(&path).0, "is larger than 4 MiB");
        file.set_len(MAX_BYTES + 1).unwrap();
        assert_eq!(problem(&path).0, "is larger than 4 MiB");
        fs::write(&path, "x".repeat(usize::try_from(MAX_BYTES).unwrap())).unwrap();
        assert!(read_text(&path).is_ok());
    }

    #[test]
    fn a_link_is_followed_inside_the_root_and_not_out_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let outside = folder.path().join("outside");
        fs::write(&outside, "secret").unwrap();
        let root = folder.path().join("root");
        fs::create_dir(&root).unwrap();
        let root = root.canonicalize().unwrap();
        fs::write(root.join("inside"), "fine").unwrap();
        symlink("inside", root.join("good")).unwrap();
        symlink("../outside", root.join("bad")).unwrap();
        symlink("/proc/self/environ", root.join("worse")).unwrap();
        symlink("loop", root.join("loop")).unwrap();
        assert_eq!(read_below(&root, &root.join("good")).unwrap(), "fine");
        let message = |name: &str| read_below(&root, &root.join(name)).unwrap_err().to_string();
        assert_eq!(message("bad"), "is a link that leads out of the project");
        assert_eq!(message("worse"), "is a link that leads out of the project");
        assert!(message("loop").starts_with("cannot be read: "));
        assert_eq!(message("absent"), "cannot be read: there is no such file");
    }
}
