//! Error texts of any bytes.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for found in dbharden::causes::search(bytes) {
        assert!(found.score > 0.0 && found.score <= 1.0);
    }
});
