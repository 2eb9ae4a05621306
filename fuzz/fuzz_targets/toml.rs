//! dbharden.toml.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = dbharden::spec::Spec::load("dbharden.toml", text, None, &["pool-size"]);
});
