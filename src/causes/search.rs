//! Finds the failures behind a pasted text.

use std::collections::HashMap;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use super::normal::Normal;
use super::pattern::Pattern;
use super::translated::TRANSLATED;
use super::translated_network::NETWORK;
use super::{Cause, Stage, all};

/// A failure that fits a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Match {
    /// The page's id.
    pub id: &'static str,
    /// The page's title.
    pub title: &'static str,
    /// How well it fits, above 0 and below 1: the more of the text is literally known, and the
    /// fewer other failures share it, the higher.
    pub score: f64,
    /// The page.
    pub cause: &'static Cause,
}

impl PartialEq for Cause {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

/// Marks of other products: a network or TLS failure on their line is theirs.
const FOREIGN: &[&str] = &[
    "redis",
    "pymysql",
    "mysql",
    "mongo",
    "amqp",
    "kombu",
    "rabbitmq",
    "kafka",
    "celery.backends",
    "httpsconnectionpool",
    "httpconnectionpool",
    "requests.exceptions",
    "aiohttp",
    "httpx",
    "urllib",
    "botocore",
    "boto3",
    "smtplib",
    "elasticsearch",
    "memcache",
    "npm err",
    "npm error",
    "pip install",
    "pypi",
    "fetch failed",
    "axioserror",
    "error sending request",
    "reqwest",
    "curl:",
    "docker:",
    "kubectl",
    "git clone",
    "fatal: unable to access",
    "ldap_",
    "grpc",
    "rpc error: code",
    "etcd",
    "cassandra",
    "clickhouse",
    "http://",
    "https://",
    "npmjs",
];

/// Marks of Postgres and its drivers, which outweigh another product's name.
const OURS: &[&str] = &[
    "postgres",
    "psycopg",
    "asyncpg",
    "pg8000",
    "libpq",
    "pgbouncer",
    "pg_",
    "connection to server",
    "could not translate host name",
    "sqlalche",
    "pris.ly",
    "prisma",
    "5432",
    "6432",
    "6543",
    "ssl negotiation",
];

/// Everything that is looked for, with one automaton over the anchors of all texts.
struct Index {
    automaton: AhoCorasick,
    /// For each anchor: the texts that are looked for by it.
    texts: Vec<Vec<Text>>,
}

struct Text {
    pattern: Pattern,
    /// The pages that share the text, by their place among all pages.
    pages: Vec<usize>,
}

struct Hit {
    page: usize,
    start: usize,
    end: usize,
    weight: usize,
    shared: usize,
}

static INDEX: LazyLock<Index> = LazyLock::new(Index::new);

/// Finds the failures behind a text: one message, a traceback, or many lines of a log. The best
/// fit is first; a text that no page knows finds nothing.
pub fn search(text: &[u8]) -> Vec<Match> {
    let text = Normal::new(text);
    let hits = INDEX.hits(&text);
    let pages: Vec<&'static Cause> = all().collect();
    let mut best: Vec<(usize, f64)> = Vec::new();
    for hit in &hits {
        if is_foreign(&text, hit, pages[hit.page].stage) {
            continue;
        }
        let score = hit.score(&hits);
        match best.iter_mut().find(|(page, _)| *page == hit.page) {
            Some((_, known)) => *known = known.max(score),
            None => best.push((hit.page, score)),
        }
    }
    put_language_last(&mut best, &pages);
    best.sort_by(|(left_page, left), (right_page, right)| {
        right.total_cmp(left).then(left_page.cmp(right_page))
    });
    best.into_iter()
        .map(|(page, score)| Match {
            id: pages[page].id,
            title: pages[page].title,
            score,
            cause: pages[page],
        })
        .collect()
}

/// Ranks the page that says why a text is in another language below the page of the text itself.
fn put_language_last(best: &mut [(usize, f64)], pages: &[&Cause]) {
    let is_language = |page: usize| pages[page].id == LOCALIZED;
    let exact = best
        .iter()
        .filter(|(page, _)| !is_language(*page))
        .map(|(_, score)| *score)
        .max_by(f64::total_cmp);
    let Some(exact) = exact else { return };
    for (page, score) in best {
        if is_language(*page) {
            *score = score.min((exact * 950.0).round() / 1000.0);
        }
    }
}

/// The page that says why a text is in another language.
const LOCALIZED: &str = "err-localized";

/// The fewest bytes that a trigger has.
pub const TRIGGER: usize = 9;

/// Returns literal pieces of text, each of at least [`TRIGGER`] bytes, of which each line that
/// [`search`] knows holds one, in the case in which drivers and servers write them: a quick way to
/// leave lines out.
pub fn triggers() -> Vec<String> {
    let own = all().flat_map(|cause| cause.texts.iter().copied());
    let mut triggers: Vec<String> = own
        .chain(translated().map(|(_, text)| text))
        .flat_map(triggers_of)
        .collect();
    triggers.sort_unstable();
    triggers.dedup();
    triggers
}

/// Returns the longest piece of a text that reads the same in every form of a log: without
/// quotes, which JSON escapes, without gaps, and without the severity, after which some write two
/// spaces. Where that is too short, the quotes stay, in each form that they take.
fn triggers_of(text: &str) -> Vec<String> {
    let pieces = |between: &[char]| {
        text.split(between)
            .flat_map(|piece| piece.split("FATAL: "))
            .flat_map(|piece| piece.split("ERROR: "))
            .map(str::trim)
            .max_by_key(|piece| piece.len())
            .unwrap_or_default()
            .to_owned()
    };
    let plain = pieces(&['"', '\'', '\\', '{', '}', '\n', '\r']);
    if plain.len() >= TRIGGER {
        return vec![plain];
    }
    let quoted = pieces(&['{', '}', '\n', '\r']);
    ["\"", "'", "`", "\\\"", "\\'"]
        .iter()
        .map(|quote| quoted.replace('"', quote))
        .filter(|piece| piece.len() >= TRIGGER)
        .collect()
}

/// Iterates over the texts in other languages, each with the id of a page that it is on.
fn translated() -> impl Iterator<Item = (&'static str, &'static str)> {
    TRANSLATED.iter().chain(NETWORK).flat_map(|message| {
        let pages = message.pages.iter().chain(std::iter::once(&LOCALIZED));
        pages.flat_map(|&page| message.texts.iter().map(move |&text| (page, text)))
    })
}

impl Index {
    fn new() -> Self {
        let mut by_text: HashMap<&str, usize> = HashMap::new();
        let mut texts: Vec<Text> = Vec::new();
        let pages: Vec<&str> = all().map(|cause| cause.id).collect();
        let own = all().flat_map(|cause| cause.texts.iter().map(|&text| (cause.id, text)));
        for (id, text) in own.chain(translated()) {
            if let Some(page) = pages.iter().position(|known| *known == id) {
                let index = *by_text.entry(text).or_insert_with(|| {
                    texts.push(Text {
                        pattern: Pattern::new(text),
                        pages: Vec::new(),
                    });
                    texts.len() - 1
                });
                if !texts[index].pages.contains(&page) {
                    texts[index].pages.push(page);
                }
            }
        }
        Self::by_anchor(texts)
    }

    fn by_anchor(texts: Vec<Text>) -> Self {
        let mut anchors: Vec<Vec<u8>> = Vec::new();
        let mut grouped: Vec<Vec<Text>> = Vec::new();
        for text in texts {
            let anchor = text.pattern.anchor().to_vec();
            if let Some(index) = anchors.iter().position(|known| *known == anchor) {
                grouped[index].push(text);
            } else {
                anchors.push(anchor);
                grouped.push(vec![text]);
            }
        }
        #[expect(
            clippy::expect_used,
            reason = "some hundred short literals are far below the automaton's limits"
        )]
        let automaton = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(&anchors)
            .expect("the anchors fit an automaton");
        Self {
            automaton,
            texts: grouped,
        }
    }

    fn hits(&self, text: &Normal) -> Vec<Hit> {
        let mut hits = Vec::new();
        for found in self.automaton.find_overlapping_iter(&text.flat) {
            for known in &self.texts[found.pattern().as_usize()] {
                let Some((start, end)) = known.pattern.around(text, found.start()) else {
                    continue;
                };
                hits.extend(known.pages.iter().map(|&page| Hit {
                    page,
                    start,
                    end,
                    weight: known.pattern.weight(),
                    shared: known.pages.len(),
                }));
            }
        }
        hits
    }
}

impl Hit {
    /// Returns how well the page fits: the more literal text the better, less where several pages
    /// share the text, and where a longer known text covers this one.
    #[expect(
        clippy::cast_precision_loss,
        reason = "weights and counts are far below 2^52"
    )]
    fn score(&self, all: &[Self]) -> f64 {
        let weight = self.weight as f64;
        let specific = weight / (weight + 10.0);
        let shared = 0.8 + 0.2 / self.shared as f64;
        let covered = all.iter().any(|other| {
            other.page != self.page
                && other.weight > self.weight
                && other.start <= self.start
                && other.end >= self.end
        });
        let score = specific * shared * if covered { 0.85 } else { 1.0 };
        (score * 1000.0).round() / 1000.0
    }
}

/// Returns whether another product's name stands on the line of a network or TLS failure.
fn is_foreign(text: &Normal, hit: &Hit, stage: Stage) -> bool {
    if !matches!(stage, Stage::Dns | Stage::Tcp | Stage::Tls | Stage::Driver) {
        return false;
    }
    let (start, end) = text.line_around(hit.start, hit.end);
    let line = &text.flat[start..end];
    let holds = |marks: &[&str]| {
        marks
            .iter()
            .any(|mark| memchr::memmem::find(line, mark.as_bytes()).is_some())
    };
    follows_a_request(&line[..hit.start.saturating_sub(start)]) || (holds(FOREIGN) && !holds(OURS))
}

/// Returns whether a request that failed is named before a failure, as Go does: `Get "https://…": `.
fn follows_a_request(before: &[u8]) -> bool {
    memchr::memmem::find_iter(before, b"\"http").any(|at| {
        let url = &before[at + 1..];
        memchr::memchr(b'"', url).is_some_and(|end| url[end..].starts_with(b"\": "))
    })
}
