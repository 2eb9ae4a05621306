//! Connection strings: no panic, and no secret in what is shown.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = dbharden::conninfo::parse(text);
    let _ = dbharden::conninfo::parse_parts(text);
    let shown = dbharden::conninfo::redact(text).text;
    let gate = dbharden::report::Gate::new(dbharden::conninfo::secrets(text));
    let _ = gate.seal(&shown);
});
