//! The gate: a password never passes, however the text around it is spelled.

#![no_main]

use dbharden::report::Gate;
use dbharden::value::Secret;
use libfuzzer_sys::fuzz_target;

const SECRET: &str = "s3cr3t/P@ss w0rd";

fuzz_target!(|input: (&str, &str)| {
    let (before, after) = input;
    let gate = Gate::new([Secret::new(SECRET)]);
    let text = format!("{before}{SECRET}{after}");
    let sealed = gate.seal(&text);
    assert!(!sealed.as_str().contains(SECRET), "{text:?}");
    let again = gate.seal(sealed.as_str());
    assert_eq!(sealed, again);
});
