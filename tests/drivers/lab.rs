//! The servers, and the run of every string through every driver on each of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::Duration;

use dbharden::driver::{Driver, Parts, parts, predict};

use crate::corpus::PASSWORDS;
use crate::expectation::{Expectation, Server, Subject};
use crate::judges::{Judge, Runtime};
use crate::support::{Authority, Certificate, Folder, Installation, PostgreSql};

/// What all servers share.
pub(crate) struct Lab {
    folder: Folder,
    authority: Authority,
}

impl Lab {
    pub(crate) fn new() -> Self {
        let lab = Self {
            folder: Folder::new(),
            authority: Authority::new("lab root"),
        };
        lab.folder.write("ca.pem", lab.authority.pem());
        fs::create_dir(lab.home()).unwrap();
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/drivers/route.c");
        let status = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .arg(lab.route())
            .args([source, "-ldl"])
            .status()
            .unwrap();
        assert!(status.success(), "{source} does not compile");
        lab
    }

    /// Returns an empty home folder.
    pub(crate) fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// Returns the library that route.c becomes.
    pub(crate) fn route(&self) -> PathBuf {
        self.folder.path().join("route.so")
    }

    /// Returns the file of the private authority.
    pub(crate) fn authority(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    pub(crate) fn start(&self, server: Server) -> PostgreSql {
        let builder = PostgreSql::builder()
            .installation(Installation::from_env("DBHARDEN_PG18_BIN"))
            .setting("log_connections", "off");
        let issued = || {
            self.authority
                .server()
                .names(["localhost", "127.0.0.1", "db.example.com"])
        };
        let certificate: Option<Certificate> = match server {
            Server::Plain => None,
            Server::Tls | Server::TlsOnly => Some(issued().issue()),
            Server::WrongHost => Some(self.authority.server().wrong_host().issue()),
            Server::Expired => Some(issued().expired().issue()),
            Server::SelfSigned => Some(Certificate::self_signed().issue()),
        };
        let builder = match &certificate {
            Some(certificate) => builder.tls(certificate),
            None => builder,
        };
        let host = if server == Server::TlsOnly {
            "hostssl"
        } else {
            "host"
        };
        builder
            .hba("local all root,nopassword trust")
            .hba("local all all scram-sha-256")
            .hba(&format!("{host} all root,nopassword all trust"))
            .hba(&format!("{host} all all all scram-sha-256"))
            .hba(&format!("{host} replication all all scram-sha-256"))
            .hba("local replication all scram-sha-256")
            .start()
    }
}

/// The disagreements of a run, by driver.
pub(crate) struct Outcome {
    asked: BTreeMap<String, (usize, usize)>,
    disagreements: Vec<String>,
}

impl Outcome {
    /// Prints the agreement per driver; panics where there is a disagreement.
    pub(crate) fn check(&self, what: &str) {
        let mut table = format!("agreement on {what}:\n");
        for (driver, (agreed, asked)) in &self.asked {
            #[expect(clippy::cast_precision_loss, reason = "counts are small")]
            let share = *agreed as f64 * 100.0 / *asked as f64;
            let _ = writeln!(
                table,
                "  {driver:<26}{agreed:>6} of {asked:>6}  {share:6.2} %"
            );
        }
        println!("{table}");
        assert!(
            self.disagreements.is_empty(),
            "{} disagreements:\n{}",
            self.disagreements.len(),
            self.disagreements.join("\n")
        );
    }
}

/// Runs every string through every driver on every server.
pub(crate) fn judge(drivers: &[Driver], strings: &[String]) -> Outcome {
    let lab = Lab::new();
    let authority = lab.authority().display().to_string();
    let strings: Vec<String> = strings
        .iter()
        .map(|text| text.replace("{ca}", &authority))
        .collect();
    let mut outcome = Outcome {
        asked: BTreeMap::new(),
        disagreements: Vec::new(),
    };
    for server in Server::ALL {
        let judged: Vec<&String> = strings.iter().filter(|text| server.is_for(text)).collect();
        let running = lab.start(server);
        prepare(&running, drivers, &judged);
        for (driver, disagreement) in run(&lab, server, &running, drivers, &judged) {
            let (agreed, asked) = outcome.asked.entry(driver).or_default();
            *asked += 1;
            match disagreement {
                None => *agreed += 1,
                Some(text) => outcome.disagreements.push(text),
            }
        }
    }
    outcome
}

/// Creates the roles and databases that the drivers are predicted to ask for.
pub(crate) fn prepare(server: &PostgreSql, drivers: &[Driver], strings: &[&String]) {
    let mut names = Names::default();
    for text in strings {
        for parts in drivers.iter().filter_map(|driver| parts(driver, text)) {
            names.add(parts);
        }
    }
    names.create(server);
}

/// Roles and databases.
#[derive(Default)]
pub(crate) struct Names {
    users: BTreeSet<String>,
    databases: BTreeSet<String>,
}

impl Names {
    /// Adds those that a driver asks for.
    pub(crate) fn add(&mut self, parts: Parts) {
        self.users
            .extend(parts.user.map(|user| user.expose().to_owned()));
        // The server cuts a longer name.
        let cut = |name: &str| name.get(..63).unwrap_or(name).to_owned();
        self.databases
            .extend(parts.dbname.map(|name| cut(name.expose())));
    }

    /// Creates them, and those of whom no password is asked.
    pub(crate) fn create(mut self, server: &PostgreSql) {
        for name in ["root", "nopassword"] {
            self.users.insert(name.to_owned());
            self.databases.insert(name.to_owned());
        }
        let creatable = |name: &&String| {
            !name.is_empty()
                && name.len() < 64
                && !name.contains('\0')
                && !name.contains('\u{fffd}')
                && !matches!(
                    name.as_str(),
                    "postgres" | "template0" | "template1" | "public" | "none"
                )
                && !name.starts_with("pg_")
        };
        let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
        let mut sql = String::new();
        for user in self.users.iter().filter(creatable) {
            let password = password_of(user).replace('\'', "''");
            let _ = writeln!(
                sql,
                "create role {} login password '{password}';",
                quoted(user)
            );
        }
        for database in self.databases.iter().filter(creatable) {
            let _ = writeln!(
                sql,
                "create database {} strategy file_copy;",
                quoted(database)
            );
        }
        server.sql(&sql);
    }
}

/// Returns the password that a role of the lab has.
pub(crate) fn password_of(user: &str) -> &str {
    PASSWORDS
        .iter()
        .find(|(known, _)| *known == user)
        .map_or("pw", |(_, password)| password)
}

/// Returns whether a driver that is tried here is older than a fix in its own series: the wheel's
/// libpq 16.2 reads `keepalives` with words of its own, and takes an empty one, where later ones, and
/// 15.18, no longer do.
fn is_mended(driver: &Driver, text: &str) -> bool {
    let value = text.split("keepalives=").nth(1).map(|rest| {
        let end = rest.find(['&', ' ', '#']).unwrap_or(rest.len());
        &rest[..end]
    });
    driver.to_string() == "libpq@16" && value.is_some_and(|value| value.parse::<i32>().is_err())
}

fn run(
    lab: &Lab,
    server: Server,
    running: &PostgreSql,
    drivers: &[Driver],
    strings: &[&String],
) -> Vec<(String, Option<String>)> {
    let port = running.port();
    let socket = running.socket_folder().join(format!(".s.PGSQL.{port}"));
    let (folder, authority) = (lab.home(), lab.authority());
    let (folder, authority) = (folder.as_path(), authority.as_path());
    thread::scope(|scope| {
        let threads: Vec<_> = Runtime::ALL
            .into_iter()
            .map(|runtime| {
                let socket = &socket;
                scope.spawn(move || {
                    let log = lab.home().join(format!("{runtime:?}.log"));
                    let mut judge = Judge::start(runtime, lab, port, socket, &log);
                    let own = drivers.iter().filter(|driver| {
                        Runtime::of(driver) == runtime && server.is_for_version(driver)
                    });
                    let mut results = Vec::new();
                    for driver in own {
                        for text in strings.iter().filter(|text| !is_mended(driver, text)) {
                            let subject = Subject {
                                driver,
                                text,
                                prediction: predict(driver, text),
                                parts: parts(driver, text),
                                folder,
                                authority,
                            };
                            let mut ask = || {
                                let answer = judge.ask(driver, text, None);
                                Expectation::of(&subject, server)
                                    .compare(&subject, server, &answer)
                                    .map(|why| {
                                        format!(
                                            "{driver} on {server:?}, {text:?}: {why}\n    {answer:?}"
                                        )
                                    })
                            };
                            // node goes on looking up the names of a string that has failed, and the
                            // log notes them under the next one: a true disagreement stays.
                            let disagreement = ask().and_then(|_| {
                                thread::sleep(Duration::from_millis(200));
                                ask()
                            });
                            results.push((driver.to_string(), disagreement));
                        }
                    }
                    results
                })
            })
            .collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    })
}
