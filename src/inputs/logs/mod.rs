//! Reads an application's log: the pool settings that it really runs with, and known failures.
//!
//! A log of any size in constant memory, in any format: a line is looked at only where it holds a
//! literal that matters. Knows nothing of what the settings should be.

mod follow;
mod line;
mod scan;

pub use follow::Follower;

use std::io::{self, Read};
use std::sync::LazyLock;

use crate::causes;
use crate::facts::{LogError, LogFacts, LogSetting, Metric};
use crate::spec::MoreNames;
use line::Words;
use scan::Scan;

/// The longest piece of a line that is kept while its end is awaited.
const LONGEST_LINE: usize = 64 << 10;

/// How much of a long line is looked at around what was found.
const AROUND: usize = 8 << 10;

/// The most engines that are told apart, and the most failures.
const MOST: usize = 256;

/// How much is read at once.
const CHUNK: usize = 256 << 10;

/// How the formats begin in which logs are compressed, and the program that reads each.
const MAGIC: &[(&[u8], &str)] = &[
    (b"\x1f\x8b", "zcat"),
    (b"\x28\xb5\x2f\xfd", "zstdcat"),
    (b"\xfd7zXZ\0", "xzcat"),
    (b"BZh", "bzcat"),
];

/// How many bytes tell whether a log is compressed.
const LONGEST_MAGIC: usize = 6;

/// Every literal that makes a line worth a look.
static SCAN: LazyLock<Scan> = LazyLock::new(|| {
    let stated = line::literals().map(str::to_owned);
    Scan::new(stated.chain(causes::triggers()))
});

/// What is looked for in a log: the usual texts, and the project's own.
#[derive(Debug, Default)]
struct Search {
    words: Words,
    /// Where there are texts of the project's own.
    scan: Option<Scan>,
}

impl Search {
    fn new(more: &[MoreNames]) -> Self {
        let words = Words::new(more);
        let scan = words.iter().next().is_some().then(|| {
            let usual = line::literals().map(str::to_owned);
            let own = words.iter().map(str::to_owned);
            Scan::with_short(usual.chain(causes::triggers()).chain(own))
        });
        Self { words, scan }
    }

    fn next(&self, text: &[u8], from: usize) -> Option<usize> {
        self.scan.as_ref().unwrap_or(&SCAN).next(text, from)
    }
}

/// A setting as the last start stated it.
#[derive(Debug)]
struct Statement {
    speaker: String,
    run: u64,
    setting: LogSetting,
}

/// A log that is being read, piece by piece.
#[derive(Debug, Default)]
pub struct Log {
    facts: LogFacts,
    search: Search,
    statements: Vec<Statement>,
    /// Which start of the application speaks.
    run: u64,
    /// The beginning of a line whose end has not come yet.
    begun: Vec<u8>,
    /// Whether every second byte is zero: UTF-16, as some shells write it.
    wide: bool,
    /// Whether anything came yet.
    any: bool,
    /// The first bytes, by which a compressed log is known.
    head: Vec<u8>,
}

/// Reads a whole log.
pub fn read(source: &str, more: &[MoreNames], input: &mut dyn Read) -> io::Result<LogFacts> {
    let mut log = Log::new(source, more);
    let mut chunk = vec![0; CHUNK];
    loop {
        match input.read(&mut chunk) {
            Ok(0) => return Ok(log.finish()),
            Ok(read) => log.push(&chunk[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Returns the program that reads a log which begins with these bytes, where it is compressed.
fn compression(head: &[u8]) -> Option<&'static str> {
    let known = MAGIC.iter().find(|(magic, _)| head.starts_with(magic));
    known.map(|(_, program)| *program)
}

/// Returns what a log states as metrics.
pub fn metrics(facts: &LogFacts) -> Vec<Metric> {
    facts
        .settings
        .iter()
        .map(|stated| Metric {
            name: stated.name,
            value: stated.value,
            source: format!("line {}", stated.line),
        })
        .collect()
}

impl Log {
    /// Begins a log that is called `source` in reports; `more` are the project's own texts.
    pub fn new(source: &str, more: &[MoreNames]) -> Self {
        Self {
            search: Search::new(more),
            facts: LogFacts {
                source: source.to_owned(),
                ..LogFacts::default()
            },
            ..Self::default()
        }
    }

    /// Takes the next bytes, which may end anywhere.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.head.len() < LONGEST_MAGIC {
            let wanted = LONGEST_MAGIC - self.head.len();
            self.head.extend(&bytes[..bytes.len().min(wanted)]);
            self.facts.compressed = compression(&self.head);
        }
        if !self.any && !bytes.is_empty() {
            self.any = true;
            self.wide = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
        }
        if self.wide {
            let narrow: Vec<u8> = bytes.iter().copied().filter(|&byte| byte != 0).collect();
            self.take(&narrow);
        } else {
            self.take(bytes);
        }
    }

    /// Returns what the log says so far; a line whose end has not come yet does not count.
    pub fn facts(&self) -> LogFacts {
        let mut facts = self.facts.clone();
        let last = self.statements.iter().map(|stated| stated.run).max();
        facts.settings = self
            .statements
            .iter()
            .filter(|stated| Some(stated.run) == last)
            .map(|stated| stated.setting.clone())
            .collect();
        facts.settings.sort_by_key(|setting| setting.line);
        facts
    }

    /// Ends the log and returns what it says.
    pub fn finish(mut self) -> LogFacts {
        let rest = std::mem::take(&mut self.begun);
        if !rest.is_empty() {
            self.lines(&rest);
            self.facts.lines += 1;
        }
        self.facts()
    }

    fn take(&mut self, mut bytes: &[u8]) {
        if !self.begun.is_empty() {
            let end = memchr::memchr(b'\n', bytes).map_or(bytes.len(), |at| at + 1);
            let mut begun = std::mem::take(&mut self.begun);
            begun.extend_from_slice(&bytes[..end]);
            bytes = &bytes[end..];
            self.take_begun(begun);
        }
        let whole = memchr::memrchr(b'\n', bytes).map_or(0, |at| at + 1);
        self.lines(&bytes[..whole]);
        let tail = &bytes[whole..];
        if !tail.is_empty() {
            self.take_begun(tail.to_vec());
        }
    }

    /// Takes a line that may not be whole: one that grows too long is looked at as it stands.
    fn take_begun(&mut self, mut begun: Vec<u8>) {
        if begun.ends_with(b"\n") {
            self.lines(&begun);
            return;
        }
        if begun.len() > LONGEST_LINE {
            let cut = memchr::memrchr(b' ', &begun).filter(|&at| at > LONGEST_LINE / 2);
            let rest = begun.split_off(cut.unwrap_or(begun.len()));
            self.lines(&begun);
            begun = rest;
        }
        self.begun = begun;
    }

    /// Looks through whole lines.
    fn lines(&mut self, text: &[u8]) {
        let mut counted = 0;
        let mut from = 0;
        while let Some(at) = self.search.next(text, from) {
            let start = memchr::memrchr(b'\n', &text[from..at]).map_or(from, |end| from + end + 1);
            let end = memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |end| at + end);
            self.facts.lines += newlines(&text[counted..start]);
            counted = start;
            from = end.min(at + AROUND);
            self.line(&text[start.max(at.saturating_sub(AROUND))..from]);
        }
        self.facts.lines += newlines(&text[counted..]);
    }

    /// Looks at one line, whose number is one more than the lines that ended before it.
    fn line(&mut self, text: &[u8]) {
        let number = self.facts.lines + 1;
        if line::starts_process(text, &self.search.words) {
            self.run += 1;
        }
        if line::starts_engine(text, &self.search.words) {
            self.facts.engine_started = Some(number);
        }
        for stated in line::settings(text, &self.search.words) {
            self.state(stated, number);
        }
        self.known(text, number);
    }

    fn state(&mut self, stated: line::Stated, line: u64) {
        let statement = Statement {
            speaker: stated.speaker,
            run: self.run,
            setting: LogSetting {
                name: stated.name,
                value: stated.value,
                line,
            },
        };
        let earlier = self.statements.iter().position(|earlier| {
            earlier.setting.name == statement.setting.name && earlier.speaker == statement.speaker
        });
        match earlier {
            Some(earlier) => self.statements[earlier] = statement,
            None if self.statements.len() < MOST => self.statements.push(statement),
            None => {}
        }
    }

    fn known(&mut self, text: &[u8], line: u64) {
        let fits = causes::search(text);
        let Some(best) = fits.first() else {
            return;
        };
        let errors = &mut self.facts.errors;
        if let Some(known) = errors.iter_mut().find(|known| known.id == best.id) {
            if known.last_line != line {
                known.count += 1;
                known.last_line = line;
            }
        } else if errors.len() < MOST {
            errors.push(LogError {
                id: best.id,
                title: best.title,
                fix: best.cause.fix,
                others: fits.len() - 1,
                first_line: line,
                last_line: line,
                count: 1,
            });
        }
    }
}

fn newlines(text: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', text).count() as u64
}

#[cfg(test)]
mod tests;
