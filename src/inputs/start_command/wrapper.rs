//! Commands that run another one: `exec`, `poetry run`, `ddtrace-run`.

use super::shell::Word;

/// Commands in front of another one, with the options of theirs that take a value.
pub(super) const WRAPPERS: [(&str, &[&str]); 17] = [
    ("exec", &["-a"]),
    ("env", &["-u", "--unset", "-C", "--chdir"]),
    ("nohup", &[]),
    ("time", &[]),
    ("nice", &["-n"]),
    ("tini", &["-e", "-p"]),
    ("dumb-init", &["--rewrite"]),
    ("sudo", &["-u", "-g"]),
    ("gosu", &[]),
    ("ddtrace-run", &[]),
    (
        "opentelemetry-instrument",
        &[
            "--service_name",
            "--traces_exporter",
            "--metrics_exporter",
            "--exporter_otlp_endpoint",
        ],
    ),
    ("timeout", &["-s", "-k", "--signal", "--kill-after"]),
    ("stdbuf", &["-i", "-o", "-e"]),
    ("doppler", &["-p", "-c"]),
    ("honcho", &["-e", "-f"]),
    ("watchmedo", &["-d", "-p"]),
    ("dotenv", &["-f", "--file"]),
];

/// `poetry run`, `uv run` and their like, with the options that take a value.
pub(super) const RUNNERS: [(&str, &[&str]); 6] = [
    ("poetry", &["-C", "--directory", "-P", "--project"]),
    (
        "uv",
        &[
            "--directory",
            "--project",
            "--extra",
            "--group",
            "--with",
            "-p",
            "--python",
            "--env-file",
            "--package",
        ],
    ),
    ("pipenv", &[]),
    ("pdm", &["-p", "--project"]),
    ("hatch", &["-e", "--env"]),
    ("rye", &[]),
];

/// Returns the command inside a wrapper.
pub(super) fn unwrapped<'w>(name: &str, rest: &'w [Word]) -> Option<&'w [Word]> {
    if let Some((_, valued)) = RUNNERS.iter().find(|(runner, _)| *runner == name) {
        let at = rest.iter().position(|word| word.text == "run")?;
        return Some(after_options(&rest[at + 1..], valued));
    }
    if matches!(name, "newrelic-admin") && rest.first()?.text == "run-program" {
        return Some(&rest[1..]);
    }
    let (_, valued) = WRAPPERS.iter().find(|(wrapper, _)| *wrapper == name)?;
    let inner = after_options(rest, valued);
    Some(match name {
        // A duration, a user or a subcommand stands before the command.
        "timeout" | "gosu" => inner.get(1..).unwrap_or_default(),
        "doppler" | "honcho" | "dotenv" | "watchmedo" => {
            let inner = inner.get(1..).unwrap_or_default();
            after_options(inner, valued)
        }
        _ => inner,
    })
}

/// Skips options, and the values of those that take one.
pub(super) fn after_options<'w>(mut words: &'w [Word], valued: &[&str]) -> &'w [Word] {
    while let Some(word) = words.first() {
        if word.text == "--" {
            return &words[1..];
        }
        if !word.text.starts_with('-') {
            break;
        }
        let skip = if valued.contains(&word.text.as_str()) {
            2
        } else {
            1
        };
        words = words.get(skip..).unwrap_or_default();
    }
    words
}
