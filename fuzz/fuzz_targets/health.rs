//! Answers of health endpoints: JSON, Prometheus' text, `SQLAlchemy`'s status line.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let (path, body) = match bytes.iter().position(|&byte| byte == b'\n') {
        Some(end) => (std::str::from_utf8(&bytes[..end]).ok(), &bytes[end + 1..]),
        None => (None, bytes),
    };
    for path in [None, path] {
        if let Ok(answer) = dbharden::probe::health::read_answer(body, path, &[]) {
            for metric in answer.pools.iter().flat_map(|pool| &pool.metrics) {
                assert!(metric.value.is_finite(), "{}", metric.name);
            }
        }
    }
});
