//! Runs the program in a folder and an environment of its own.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A project's folder and an environment in which the program runs.
pub(crate) struct Program {
    folder: TempDir,
    variables: BTreeMap<String, String>,
    input: Vec<u8>,
}

/// What the program said.
pub(crate) struct Said {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Program {
    /// An empty folder and an empty environment.
    pub(crate) fn new() -> Self {
        Self {
            folder: TempDir::new().unwrap(),
            variables: BTreeMap::new(),
            input: Vec::new(),
        }
    }

    /// Sets a variable of the process environment.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Writes a file of the project.
    pub(crate) fn file(self, path: &str, bytes: impl AsRef<[u8]>) -> Self {
        let path = self.folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
        self
    }

    /// Gives the program something on standard input.
    pub(crate) fn input(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.input = bytes.into();
        self
    }

    /// Returns the project's folder.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Returns the command, ready to run.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program());
        command
            .args(arguments)
            .current_dir(self.folder())
            .env_clear()
            .envs(&self.variables);
        command
    }

    /// Runs the program.
    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = self.input.clone();
        // The program may end without reading what it was given.
        let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        said(output)
    }

    /// Runs the program and returns its JSON report.
    pub(crate) fn json(&self, arguments: &[&str]) -> Report {
        let said = self.run(&[arguments, &["--format", "json"]].concat());
        let json = serde_json::from_str(&said.stdout).unwrap_or_else(|error| {
            panic!("{error}\nstdout: {}\nstderr: {}", said.stdout, said.stderr)
        });
        Report {
            status: said.status,
            json,
        }
    }
}

fn said(output: Output) -> Said {
    Said {
        status: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Returns the program's path.
fn program() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_dbharden"))
}

/// A JSON report with its exit status.
pub(crate) struct Report {
    pub(crate) status: i32,
    pub(crate) json: Value,
}

impl Report {
    /// Returns a rule's only entry.
    #[track_caller]
    pub(crate) fn entry<'a>(&'a self, rule: &'a str) -> &'a Value {
        let entries: Vec<_> = self.entries(rule).collect();
        assert_eq!(entries.len(), 1, "{rule}: {entries:#?}");
        entries[0]
    }

    /// Returns a rule's entries.
    pub(crate) fn entries<'a>(&'a self, rule: &'a str) -> impl Iterator<Item = &'a Value> {
        self.json["entries"]
            .as_array()
            .unwrap()
            .iter()
            .filter(move |entry| entry["rule"] == rule)
    }

    /// Returns the result of a rule's only entry.
    #[track_caller]
    pub(crate) fn result<'a>(&'a self, rule: &'a str) -> &'a str {
        self.entry(rule)["result"].as_str().unwrap()
    }

    /// Returns every rule that failed.
    pub(crate) fn failed(&self) -> Vec<&str> {
        let entries = self.json["entries"].as_array().unwrap();
        entries
            .iter()
            .filter(|entry| entry["result"] == "fail")
            .map(|entry| entry["rule"].as_str().unwrap())
            .collect()
    }
}
