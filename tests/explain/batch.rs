//! Many provocations in one process of each driver's language: a start costs more than a failure.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::fits;
use crate::support::Installation;

/// Failures to provoke, each with the page that explains it.
#[derive(Default)]
pub(crate) struct Batch {
    python: Vec<(String, Vec<String>)>,
    node: Vec<(String, Vec<String>)>,
    psql: Vec<(String, Vec<String>)>,
}

impl Batch {
    /// Adds a failure; the first argument is a kind of `provoke.py`, one of Node's drivers
    /// (`pg`, `postgres`), or `psql`.
    pub(crate) fn explains(&mut self, page: &str, arguments: &[&str]) {
        let arguments: Vec<String> = arguments.iter().map(|&text| text.to_owned()).collect();
        let case = (page.to_owned(), arguments);
        match case.1[0].as_str() {
            "pg" | "postgres" => self.node.push(case),
            "psql" => self.psql.push(case),
            _ => self.python.push(case),
        }
    }

    /// Provokes them all, and asserts that the page is among the best fits of each text.
    pub(crate) fn run(self) {
        let python = std::env::var("DBHARDEN_PYTHON")
            .unwrap_or_else(|_| panic!("set DBHARDEN_PYTHON to a Python with the drivers"));
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/explain");
        let mut command = Command::new(python);
        clean(command.arg(folder.join("provoke.py")).arg("-"));
        check(&self.python, &texts(command, &self.python));
        let mut command = Command::new("node");
        command.arg("--no-warnings").arg(folder.join("provoke.js"));
        clean(&mut command).env("DBHARDEN_NODE_MODULES", modules());
        check(&self.node, &texts(command, &self.node));
        let psql: Vec<String> = self.psql.iter().map(|(_, case)| psql(case)).collect();
        check(&self.psql, &psql);
    }
}

/// Takes away what of this machine's environment changes the words of a driver or a program.
pub(crate) fn clean(command: &mut Command) -> &mut Command {
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("HOME", "/nonexistent")
        .env("LC_ALL", "C.UTF-8")
}

fn modules() -> String {
    std::env::var("DBHARDEN_NODE_MODULES")
        .unwrap_or_else(|_| panic!("set DBHARDEN_NODE_MODULES to a folder with the drivers"))
}

fn check(cases: &[(String, Vec<String>)], texts: &[String]) {
    assert_eq!(cases.len(), texts.len());
    let wrong = cases
        .iter()
        .zip(texts)
        .filter_map(|((page, arguments), text)| {
            let found = match text.as_str() {
                "" => Err(format!("{page} did not happen")),
                text => fits(text, page),
            };
            Some(format!("{arguments:?}: {}", found.err()?))
        });
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Runs a script that takes all cases at once.
fn texts(mut command: Command, cases: &[(String, Vec<String>)]) -> Vec<String> {
    if cases.is_empty() {
        return Vec::new();
    }
    let arguments: Vec<&Vec<String>> = cases.iter().map(|(_, arguments)| arguments).collect();
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let json = serde_json::to_vec(&arguments).unwrap();
    child.stdin.take().unwrap().write_all(&json).unwrap();
    let output = child.wait_with_output().unwrap();
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stdout)))
}

/// Runs psql of the newest installed server; `-w` keeps it from asking for a password.
fn psql(case: &[String]) -> String {
    let output = clean(&mut Command::new(Installation::newest().psql()))
        .args(["-X", "-w", "-c"])
        .arg(case.get(2).map_or("select 1", String::as_str))
        .arg(&case[1])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stderr).into_owned()
}
