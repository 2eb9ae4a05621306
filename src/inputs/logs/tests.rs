#![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

use std::fs::OpenOptions;
use std::io::Write;

use proptest::prelude::*;

use super::{CHUNK, Follower, LONGEST_LINE, Log, metrics, read};
use crate::facts::LogFacts;
use crate::spec::MoreNames;

fn facts(text: &[u8]) -> LogFacts {
    read("-", &[], &mut &text[..]).unwrap()
}

fn stated(facts: &LogFacts) -> Vec<(&str, f64, u64)> {
    facts
        .settings
        .iter()
        .map(|setting| (setting.name, setting.value, setting.line))
        .collect()
}

/// The lines that the application behind the specification really writes.
const REAL: &str = "\
2026-01-02 03:04:05,678 - app.database - INFO - Initializing database engine\n\
2026-01-02 03:04:05,901 - app.database - INFO - Database engine initialized successfully: \
pool_size=5, max_overflow=10, connect_timeout=5s, pool_recycle=1800s\n\
2026-01-02 03:04:06,000 - uvicorn - INFO - GET /health 200\n";

#[test]
fn a_start_states_its_settings_with_their_line() {
    let facts = facts(REAL.as_bytes());
    assert_eq!(facts.lines, 3);
    assert_eq!(facts.engine_started, Some(2));
    assert_eq!(
        stated(&facts),
        [
            ("pool_size", 5.0, 2),
            ("max_overflow", 10.0, 2),
            ("pool_recycle", 1800.0, 2)
        ]
    );
    assert_eq!(facts.errors, []);
    assert_eq!(metrics(&facts)[2].source, "line 2");
}

#[test]
fn the_last_start_of_an_engine_counts_and_several_engines_are_told_apart() {
    let text = "\
a 1 Database engine: pool_size=9, pool_recycle=300s\n\
a 2 Replica engine: pool_size=3\n\
a 3 Database engine: pool_size=5, pool_recycle=1800s\n";
    let facts = facts(text.as_bytes());
    assert_eq!(
        stated(&facts),
        [
            ("pool_size", 3.0, 2),
            ("pool_size", 5.0, 3),
            ("pool_recycle", 1800.0, 3)
        ]
    );
}

#[test]
fn a_new_run_of_the_application_ends_what_an_earlier_one_stated() {
    let text = "\
Old wording: pool_recycle=300s\n\
[2026-01-01] [INFO] Starting gunicorn 23.0.0\n\
New wording: pool_recycle=1800s\n";
    assert_eq!(
        stated(&facts(text.as_bytes())),
        [("pool_recycle", 1800.0, 3)]
    );
    let only = "pool_recycle=300s\nStarting gunicorn 23.0.0\n";
    assert_eq!(
        stated(&facts(only.as_bytes())),
        [("pool_recycle", 300.0, 1)]
    );
}

#[test]
fn known_failures_are_counted_by_line() {
    let mut text = String::new();
    for _ in 0..1000 {
        text.push_str("INFO nothing happens here\n");
    }
    text.push_str("{\"msg\":\"FATAL:  sorry, too many clients already\"}\n");
    text.push_str("FATAL:  sorry, too many clients already\r\n");
    text.push_str("psycopg2.errors.InsufficientPrivilege: permission denied for schema public");
    let facts = facts(text.as_bytes());
    assert_eq!(facts.lines, 1003);
    let errors: Vec<(&str, u64, u64)> = facts
        .errors
        .iter()
        .map(|error| (error.id, error.first_line, error.count))
        .collect();
    assert_eq!(
        errors,
        [
            ("too-many-clients", 1001, 2),
            ("public-schema-create", 1003, 1)
        ]
    );
}

#[test]
fn how_the_bytes_arrive_does_not_matter() {
    let mut text = REAL.repeat(3);
    text.push_str("FATAL:  the database system is starting up\n");
    let whole = facts(text.as_bytes());
    for size in [1, 7, 64, 1000] {
        let mut log = Log::new("-", &[]);
        for piece in text.as_bytes().chunks(size) {
            log.push(piece);
        }
        assert_eq!(log.finish(), whole, "{size}");
    }
}

#[test]
fn a_line_without_end_is_read_in_constant_memory() {
    let mut log = Log::new("-", &[]);
    let filler = b"word ".repeat(20_000);
    for _ in 0..20 {
        log.push(&filler);
        assert!(log.begun.len() <= LONGEST_LINE + filler.len());
    }
    log.push(b"FATAL:  sorry, too many clients already ");
    log.push(&filler);
    let facts = log.finish();
    assert_eq!(facts.lines, 1);
    assert_eq!(facts.errors[0].first_line, 1);
}

#[test]
fn many_different_engines_and_failures_stay_within_bounds() {
    let letter = |n: usize| char::from(b'a' + u8::try_from(n % 26).unwrap());
    let mut text = String::new();
    for n in 0..5000 {
        text.extend([letter(n), letter(n / 26), letter(n / 676)]);
        text.push_str(" pool_size=5\n");
    }
    let facts = facts(text.as_bytes());
    assert_eq!(facts.lines, 5000);
    assert!(facts.settings.len() <= super::MOST);
}

#[test]
fn bytes_that_are_no_text_and_wide_text_are_read_too() {
    let mut bytes = vec![0xff, 0x00, 0x80, b'\n'];
    bytes.extend_from_slice(b"\xc3\x28 FATAL:  sorry, too many clients already\xff\n");
    assert_eq!(facts(&bytes).errors[0].first_line, 2);
    let mut wide = vec![0xff, 0xfe];
    for byte in REAL.bytes() {
        wide.extend_from_slice(&[byte, 0]);
    }
    assert_eq!(facts(&wide).engine_started, Some(2));
    assert_eq!(
        facts(b""),
        LogFacts {
            source: "-".to_owned(),
            ..LogFacts::default()
        }
    );
}

#[test]
fn settings_at_the_edge_of_a_chunk_are_found() {
    for pad in CHUNK - 80..CHUNK + 10 {
        let mut text = vec![b'x'; pad - 1];
        text.push(b'\n');
        text.extend_from_slice(b"Database engine initialized: pool_size=5\n");
        assert_eq!(stated(&facts(&text)), [("pool_size", 5.0, 2)], "{pad}");
    }
}

#[test]
fn a_followed_log_is_read_on_cut_short_and_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.log");
    std::fs::write(&path, "Database engine: pool_size=9\n").unwrap();
    let mut follower = Follower::open(&path, "app.log", &[]).unwrap();
    assert!(follower.look().unwrap());
    assert!(!follower.look().unwrap());
    assert_eq!(stated(&follower.facts()), [("pool_size", 9.0, 1)]);

    let mut file = OpenOptions::new().append(true).open(&path).unwrap();
    file.write_all(b"Database engine: pool_si").unwrap();
    assert!(follower.look().unwrap());
    file.write_all(b"ze=5\n").unwrap();
    assert!(follower.look().unwrap());
    assert_eq!(stated(&follower.facts()), [("pool_size", 5.0, 2)]);

    std::fs::write(&path, "pool_size=4\n").unwrap();
    assert!(follower.look().unwrap());
    assert!(
        follower
            .facts()
            .settings
            .iter()
            .any(|setting| (setting.value - 4.0).abs() < f64::EPSILON)
    );

    std::fs::rename(&path, folder.path().join("app.log.1")).unwrap();
    assert!(!follower.look().unwrap());
    std::fs::write(&path, "FATAL:  sorry, too many clients already\n").unwrap();
    assert!(follower.look().unwrap());
    assert_eq!(follower.facts().errors.len(), 1);
}

#[test]
fn a_log_that_is_copied_and_cut_short_is_read_on_from_its_beginning() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.log");
    std::fs::write(&path, "one\ntwo\npool_size=9\n").unwrap();
    let mut follower = Follower::open(&path, "app.log", &[]).unwrap();
    assert!(follower.look().unwrap());
    std::fs::copy(&path, folder.path().join("app.log.1")).unwrap();
    std::fs::write(&path, "").unwrap();
    assert!(!follower.look().unwrap());
    std::fs::write(&path, "pool_size=5\n").unwrap();
    assert!(follower.look().unwrap());
    let values: Vec<f64> = stated(&follower.facts()).iter().map(|one| one.1).collect();
    assert_eq!(values, [5.0]);
}

#[test]
fn a_compressed_log_is_known_also_byte_by_byte() {
    let mut log = Log::new("-", &[]);
    for byte in b"\x1f\x8b\x08\0\n" {
        log.push(&[*byte]);
    }
    assert_eq!(log.finish().compressed, Some("zcat"));
    assert_eq!(facts(b"BZ is no bzip2\n").compressed, None);
}

#[test]
fn the_last_line_of_a_file_counts_without_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.log");
    std::fs::write(&path, "pool_recycle=1800s").unwrap();
    let mut follower = Follower::open(&path, "app.log", &[]).unwrap();
    assert!(follower.look().unwrap());
    assert_eq!(stated(&follower.facts()), []);
    assert_eq!(stated(&follower.finish()), [("pool_recycle", 1800.0, 1)]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_in_any_pieces_read_alike(
        pieces in prop::collection::vec(
            prop_oneof![
                any::<Vec<u8>>(),
                Just(b"pool_size=5\n".to_vec()),
                Just(b" max_overflow: ".to_vec()),
                Just(b"FATAL:  sorry, too many clients already".to_vec()),
                Just(b"\n".to_vec()),
            ],
            0..12,
        ),
        size in 1..40_usize,
    ) {
        let text = pieces.concat();
        let mut log = Log::new("-", &[]);
        for piece in text.chunks(size) {
            log.push(piece);
        }
        // How wide a text is, is told by its first two bytes together.
        if size > 1 {
            prop_assert_eq!(log.finish(), facts(&text));
        }
    }
}

#[test]
fn a_project_s_own_texts_count_also_short_ones() {
    let own = |name, text: &str| MoreNames {
        name,
        names: vec![text.to_owned()],
    };
    let more = [
        own("engine_started", "Database pool is up and ready"),
        own("process_started", "Booting"),
        own("pool_size", "conns"),
    ];
    let log = b"Booting\nDatabase pool is up and ready conns=7\nBooting\n\
        Database pool is up and ready conns=5 too many clients\nFATAL:  sorry, too many clients already\n";
    let facts = read("-", &more, &mut &log[..]).unwrap();
    assert_eq!(facts.engine_started, Some(4));
    let stated: Vec<f64> = facts.stated("pool_size").map(|one| one.value).collect();
    assert_eq!(stated, [5.0]);
    assert_eq!(facts.errors.len(), 1);
    let facts = read("-", &[], &mut &log[..]).unwrap();
    assert_eq!((facts.engine_started, facts.settings.len()), (None, 0));
}
