//! Baselines: what is read is written again as it was.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(baseline) = dbharden::report::Baseline::parse(text) {
        let again = dbharden::report::Baseline::parse(&baseline.to_text());
        assert_eq!(again.ok(), Some(baseline));
    }
});
