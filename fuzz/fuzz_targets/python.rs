//! Python sources: parsed, evaluated, and judged for engines.

#![no_main]

use dbharden::inputs::python::{ProjectSources, scan};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let project = scan(ProjectSources::from_texts([("app/database.py", text)]));
    let _ = project.engines(&[]);
});
