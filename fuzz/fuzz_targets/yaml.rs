//! YAML, and the deploy files that are written in it.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = dbharden::inputs::yaml::parse(text);
    let _ = dbharden::inputs::render::parse("render.yaml", text);
    let _ = dbharden::inputs::kubernetes::parse("app.yaml", text);
});
