//! Files of variables.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = dbharden::inputs::dotenv::parse(".env", text);
});
