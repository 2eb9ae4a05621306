//! The processes in which the real drivers run.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use dbharden::driver::{Driver, Kind};
use serde_json::{Value, json};

use crate::lab::Lab;

/// What a driver did with a string on a server.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// Where it connected: user, database, application name, TLS.
    pub(crate) session: Option<Session>,
    /// Where it did not: the error's text.
    pub(crate) error: String,
    /// The error's class.
    pub(crate) class: String,
    /// What it asked of the network: `name HOST`, `tcp ADDRESS PORT`, `unix PATH`.
    pub(crate) asked: Vec<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) user: String,
    pub(crate) database: String,
    pub(crate) application_name: String,
    pub(crate) tls: bool,
}

/// Which process runs a driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Runtime {
    Python,
    PythonSa20,
    PythonSa14,
    Node,
    Tokio,
}

impl Runtime {
    pub(crate) const ALL: [Self; 5] = [
        Self::Python,
        Self::PythonSa20,
        Self::PythonSa14,
        Self::Node,
        Self::Tokio,
    ];

    pub(crate) fn of(driver: &Driver) -> Self {
        match (driver.kind, driver.version.as_deref()) {
            (Kind::NodePostgres | Kind::PostgresJs, _) => Self::Node,
            (Kind::TokioPostgres, _) => Self::Tokio,
            (_, Some("2.0")) => Self::PythonSa20,
            (_, Some("1.4")) => Self::PythonSa14,
            _ => Self::Python,
        }
    }

    fn command(self) -> Command {
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/drivers");
        let python = |variable: &str| {
            let mut command = Command::new(required(variable));
            command.arg(here.join("judge.py"));
            command
        };
        match self {
            Self::Python => python("DBHARDEN_PYTHON"),
            Self::PythonSa20 => python("DBHARDEN_PYTHON_SA20"),
            Self::PythonSa14 => python("DBHARDEN_PYTHON_SA14"),
            Self::Node => {
                let mut command = Command::new("node");
                command.arg(here.join("judge.js"));
                command
            }
            Self::Tokio => {
                let mut command = Command::new(std::env::current_exe().unwrap());
                command.args([
                    "--ignored",
                    "--exact",
                    "tokio_judge::tokio_postgres_answers",
                    "--nocapture",
                ]);
                command
            }
        }
    }
}

fn required(variable: &str) -> PathBuf {
    std::env::var_os(variable)
        .unwrap_or_else(|| panic!("{variable} is not set: run the tests with tests/run.sh"))
        .into()
}

/// A running process.
pub(crate) struct Judge {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Judge {
    /// Starts a process whose network leads to a server.
    pub(crate) fn start(runtime: Runtime, lab: &Lab, port: u16, socket: &Path, log: &Path) -> Self {
        let mut child = runtime
            .command()
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", lab.home())
            .env("USER", "root")
            .env("LOGNAME", "root")
            .env("LC_ALL", "C.UTF-8")
            .env("NODE_NO_WARNINGS", "1")
            .env("DBHARDEN_NODE_MODULES", required("DBHARDEN_NODE_MODULES"))
            .env("DBHARDEN_LIBPQ16", required("DBHARDEN_LIBPQ16"))
            // The wheel's library finds those beside it only so.
            .env(
                "LD_LIBRARY_PATH",
                required("DBHARDEN_LIBPQ16").parent().unwrap(),
            )
            .env("LD_PRELOAD", lab.route())
            .env("LAB_PORT", port.to_string())
            .env("LAB_SOCKET", socket)
            .env("LAB_LOG", log)
            .env("LAB_AUTHORITY", lab.authority())
            .current_dir(lab.home())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let questions = child.stdin.take().unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap());
        Self {
            child,
            questions,
            answers,
        }
    }

    /// Has a driver connect with a string, and with the code that goes with it.
    pub(crate) fn ask(&mut self, driver: &Driver, text: &str, code: Option<&str>) -> Answer {
        self.put(
            &json!({ "driver": driver.to_string(), "text": text, "code": code }),
            text,
        )
    }

    /// Has a driver connect with a string while its process has these variables as well.
    pub(crate) fn ask_with(
        &mut self,
        driver: &Driver,
        text: &str,
        variables: &[(&str, &str)],
    ) -> Answer {
        let variables: BTreeMap<_, _> = variables.iter().copied().collect();
        self.put(
            &json!({ "driver": driver.to_string(), "text": text, "variables": variables }),
            text,
        )
    }

    fn put(&mut self, question: &Value, text: &str) -> Answer {
        writeln!(self.questions, "{question}").unwrap();
        let mut line = String::new();
        while !line.starts_with('{') {
            line.clear();
            let read = self.answers.read_line(&mut line).unwrap();
            assert!(read > 0, "the process died on {text:?}: {question}");
        }
        let answer: Value = serde_json::from_str(&line).unwrap();
        let word = |key: &str| answer[key].as_str().unwrap_or_default().to_owned();
        Answer {
            session: answer["user"].is_string().then(|| Session {
                user: word("user"),
                database: word("database"),
                application_name: word("application_name"),
                tls: answer["tls"].as_bool().unwrap_or_default(),
            }),
            error: word("error"),
            class: word("class"),
            asked: answer["asked"]
                .as_array()
                .unwrap()
                .iter()
                .map(|line| line.as_str().unwrap().replace('\x0b', "\n"))
                .collect(),
        }
    }
}

impl Drop for Judge {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
