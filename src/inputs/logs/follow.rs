//! Follows a log that is still written: what is appended, and the file that takes its place.

use std::fs::{File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::{CHUNK, Log};
use crate::facts::LogFacts;
use crate::spec::MoreNames;

/// The most that is read in one look, so that the caller can act in between.
const LOOK: usize = 64 << 20;

/// A log file that is followed, as `tail -F` does: a file that is cut short or replaced is read
/// from its beginning.
#[derive(Debug)]
pub struct Follower {
    path: PathBuf,
    file: File,
    identity: (u64, u64),
    offset: u64,
    log: Log,
}

impl Follower {
    /// Opens the file; nothing is read yet.
    pub fn open(path: &Path, source: &str, more: &[MoreNames]) -> io::Result<Self> {
        let file = File::open(path)?;
        let identity = identity(&file.metadata()?);
        Ok(Self {
            path: path.to_owned(),
            file,
            identity,
            offset: 0,
            log: Log::new(source, more),
        })
    }

    /// Reads what came since the last look, and returns whether anything did.
    pub fn look(&mut self) -> io::Result<bool> {
        let mut read = self.read_on()?;
        if self.file.metadata()?.len() < self.offset {
            self.file.seek(SeekFrom::Start(0))?;
            self.offset = 0;
            read |= self.read_on()?;
        }
        // The old file is read to its end before the one that took its place.
        if !read && self.is_replaced() {
            self.file = File::open(&self.path)?;
            self.identity = identity(&self.file.metadata()?);
            self.offset = 0;
            read = self.read_on()?;
        }
        Ok(read)
    }

    /// Ends the log and returns what it says, its last line included where that has no end.
    pub fn finish(self) -> LogFacts {
        self.log.finish()
    }

    /// Returns what the log says so far.
    pub fn facts(&self) -> LogFacts {
        self.log.facts()
    }

    fn read_on(&mut self) -> io::Result<bool> {
        let mut chunk = vec![0; CHUNK];
        let mut any = 0;
        while any < LOOK {
            match self.file.read(&mut chunk) {
                Ok(0) => break,
                Ok(read) => {
                    self.log.push(&chunk[..read]);
                    self.offset += read as u64;
                    any += read;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(any > 0)
    }

    /// Returns whether another file has the name now; none at all is waited for.
    fn is_replaced(&self) -> bool {
        std::fs::metadata(&self.path).is_ok_and(|now| identity(&now) != self.identity)
    }
}

fn identity(metadata: &Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}
