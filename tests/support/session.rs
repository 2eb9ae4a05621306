//! A session that stays open: a real psql, fed line by line.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use super::installation::Installation;

/// A psql that is connected and waits for SQL.
///
/// ```ignore
/// let mut blocker = Session::open(&server.conninfo("app", "s3cret"));
/// blocker.run("begin; lock table t");
/// let mut waiter = Session::open(&server.conninfo("app", "s3cret"));
/// waiter.send("select * from t"); // does not wait for the answer
/// ```
#[derive(Debug)]
pub struct Session {
    psql: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Session {
    /// Connects with a conninfo string or URL, and waits until the session is there.
    ///
    /// The session has the `application_name` that the string sets, else `psql`.
    pub fn open(conninfo: &str) -> Self {
        Self::try_open(conninfo).expect("the session opens")
    }

    /// Connects as [`Session::open`] does; `None` where the server or psql refuses.
    pub fn try_open(conninfo: &str) -> Option<Self> {
        let mut psql = Command::new(Installation::newest().psql())
            .args(["-XAtq", "-v", "ON_ERROR_STOP=1", conninfo])
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("psql can be started");
        let input = psql.stdin.take().expect("the input is piped");
        let output = BufReader::new(psql.stdout.take().expect("the output is piped"));
        let mut session = Self {
            psql,
            input,
            output,
        };
        session.send("select 1");
        session.answer().is_some().then_some(session)
    }

    /// Runs SQL and returns the rows, one a line; panics where psql ends.
    pub fn run(&mut self, sql: &str) -> String {
        self.send(sql);
        self.answer().expect("psql goes on after the SQL")
    }

    /// Sends SQL without waiting for its end, for a statement that blocks or sleeps.
    pub fn send(&mut self, sql: &str) {
        let _ = writeln!(self.input, "{sql};\n\\echo -- done"); // A dead psql shows in the answer.
        let _ = self.input.flush();
    }

    fn answer(&mut self) -> Option<String> {
        let mut rows = Vec::new();
        loop {
            let mut line = String::new();
            if self.output.read_line(&mut line).ok()? == 0 {
                return None;
            }
            match line.trim_end() {
                "-- done" => return Some(rows.join("\n")),
                row => rows.push(row.to_owned()),
            }
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.psql.kill();
        let _ = self.psql.wait();
    }
}
