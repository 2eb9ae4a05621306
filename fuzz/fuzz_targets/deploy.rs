//! Deploy files that are not Render's or Kubernetes': Compose, Fly, Heroku, GitHub, Vercel.

#![no_main]

use dbharden::inputs::compose::Around;
use dbharden::inputs::{compose, fly, github, heroku, vercel};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let env_file = |_: &str| Ok(dbharden::inputs::dotenv::parse("app.env", text));
    let around = Around {
        dotenv: &[],
        env_file: &env_file,
    };
    let _ = compose::parse("compose.yaml", text, around);
    let _ = fly::parse("fly.toml", text);
    let _ = heroku::parse("app.json", text, Some(("Procfile", text)));
    let _ = heroku::parse_procfile("Procfile", text);
    let _ = github::parse(".github/workflows/ci.yml", text);
    let _ = vercel::parse("vercel.json", text);
});
