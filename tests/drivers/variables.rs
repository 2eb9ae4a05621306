//! The `PG*` variables of a process, as each driver reads them beside its connection string.

use std::thread;

use dbharden::driver::{Driver, Variables, predict_in};
use dbharden::value::Secret;

use crate::expectation::{Expectation, Server, Subject};
use crate::judges::{Judge, Runtime};
use crate::lab::{Lab, Names};

/// Variables, and the strings that are read beside them.
type Case = (
    &'static [(&'static str, &'static str)],
    &'static [&'static str],
);

/// Variables, and the strings that are read beside them. `{ca}` is the file of the authority.
#[rustfmt::skip]
const CASES: &[Case] = &[
    (&[("PGHOST", "db.example.com"), ("PGPORT", "6543"), ("PGUSER", "app"), ("PGPASSWORD", "pw"), ("PGDATABASE", "appdb")],
     &["", "postgresql://", "postgresql:///", "postgresql:///other", "postgresql://localhost/", "postgresql://app@localhost:5432", "postgresql://app:pw@/x", "dbname=x"]),
    (&[("PGHOST", "h1,h2"), ("PGPORT", "5433,5434"), ("PGUSER", "app"), ("PGPASSWORD", "pw")], &["", "postgresql:///appdb", "postgresql://h3/appdb"]),
    (&[("PGHOST", "/tmp"), ("PGUSER", "app"), ("PGPASSWORD", "pw")], &["", "postgresql:///appdb", "postgresql://localhost/appdb"]),
    (&[("PGHOST", ""), ("PGPORT", ""), ("PGUSER", ""), ("PGPASSWORD", ""), ("PGDATABASE", ""), ("PGAPPNAME", ""), ("PGOPTIONS", "")],
     &["postgresql://app:pw@localhost/appdb", "postgresql://nopassword@localhost"]),
    (&[("PGPORT", "abc")], &["postgresql://app:pw@localhost/appdb", "postgresql://app:pw@localhost:5432/appdb"]),
    (&[("PGPORT", "0")], &["postgresql://app:pw@localhost/appdb"]),
    (&[("PGHOSTADDR", "127.0.0.1")], &["postgresql://app:pw@db.example.com/appdb"]),
    (&[("PGUSERNAME", "a"), ("PGUSER", "app"), ("PGPASSWORD", "pw")], &["postgresql://localhost/appdb"]),
    (&[("PGAPPNAME", "web")], &["postgresql://app:pw@localhost/appdb", "postgresql://app:pw@localhost/appdb?application_name=own", "postgresql://app:pw@localhost/appdb?fallback_application_name=fb",
        "postgresql://app:pw@localhost/appdb?application_name="]),
    (&[("PGOPTIONS", "-c application_name=o")], &["postgresql://app:pw@localhost/appdb", "postgresql://app:pw@localhost/appdb?options=-c%20jit%3Doff"]),
    (&[("PGOPTIONS", "-c foo=1")], &["postgresql://app:pw@localhost/appdb"]),
    (&[("PGTZ", "Nowhere")], &["postgresql://app:pw@localhost/appdb"]),
    (&[("PGTZ", "default"), ("PGDATESTYLE", "ISO"), ("PGGEQO", "off")], &["postgresql://app:pw@localhost/appdb"]),
    (&[("PGDATESTYLE", "bogus")], &["postgresql://app:pw@localhost/appdb"]),
    (&[("PGCLIENTENCODING", "bogus"), ("PGCLIENT_ENCODING", "bogus")], &["postgresql://app:pw@localhost/appdb", "postgresql://app:pw@localhost/appdb?client_encoding=utf8"]),
    (&[("PGREPLICATION", "true")], &["postgresql://app:pw@localhost/appdb"]),
    (&[("PGCONNECT_TIMEOUT", "abc")], &["postgresql://app:pw@localhost/appdb"]),
    (&[("PGCONNECT_TIMEOUT", "-1")], &["postgresql://app:pw@localhost/appdb"]),
    (&[("PGTARGETSESSIONATTRS", "primary")], &["postgresql://app:pw@localhost/appdb"]),
    (&[("PGTARGETSESSIONATTRS", "bogus")], &["postgresql://app:pw@localhost/appdb"]),
    (&[("PGGSSLIB", "x"), ("PGKRBSRVNAME", "x")], &["postgresql://app:pw@localhost/appdb"]),
    (&[("PGSERVICE", "nosuch")], &["postgresql://app:pw@localhost/appdb"]),
    (&[("PGREQUIREAUTH", "none")], &["postgresql://app:pw@localhost/appdb"]),
    (&[("PGCHANNELBINDING", "bogus")], &["postgresql://app:pw@localhost/appdb"]),
    (&[("PGMAXPROTOCOLVERSION", "bogus")], &["postgresql://app:pw@localhost/appdb"]),
    (&[("PGLOADBALANCEHOSTS", "bogus")], &["postgresql://app:pw@localhost/appdb"]),
    (&[("PGGSSENCMODE", "require")], &["postgresql://app:pw@localhost/appdb"]),
    // TLS.
    (&[("PGSSLMODE", "disable")], SSL), (&[("PGSSLMODE", "allow")], SSL), (&[("PGSSLMODE", "prefer")], SSL), (&[("PGSSLMODE", "require")], SSL),
    (&[("PGSSLMODE", "verify-full")], SSL), (&[("PGSSLMODE", "no-verify")], SSL), (&[("PGSSLMODE", "bogus")], SSL), (&[("PGSSLMODE", "")], SSL),
    (&[("PGSSLMODE", "require"), ("PGSSLROOTCERT", "{ca}")], SSL), (&[("PGSSLMODE", "verify-full"), ("PGSSLROOTCERT", "{ca}")], SSL), (&[("PGSSLROOTCERT", "/nowhere")], SSL),
    (&[("PGSSLMODE", "verify-ca"), ("PGSSLROOTCERT", "/nowhere")], SSL), (&[("PGSSLROOTCERT", "system")], SSL), (&[("PGREQUIRESSL", "1")], SSL),
    (&[("PGSSLMODE", "require"), ("PGSSLNEGOTIATION", "direct")], NEGOTIATION), (&[("PGSSLNEGOTIATION", "direct")], NEGOTIATION), (&[("PGSSL", "require")], SSL), (&[("PGSSL", "disable")], SSL),
    (&[("PGSSLMINPROTOCOLVERSION", "bogus")], SSL), (&[("PGSSLCERT", "/nowhere"), ("PGSSLKEY", "/nowhere")], SSL),
];

/// These are tried on servers with TLS as well.
const SSL: &[&str] = &[
    "postgresql://app:pw@localhost/appdb",
    "postgresql://app:pw@localhost/appdb?sslmode=disable",
    "postgresql://app:pw@localhost/appdb?sslmode=require",
    "postgresql://app:pw@db.example.com/appdb?ssl=require",
];

/// A case as a process sees it.
struct Process {
    given: Vec<(&'static str, String)>,
    variables: Variables,
    strings: &'static [&'static str],
}

impl Process {
    fn all(lab: &Lab) -> Vec<Self> {
        let authority = lab.authority().display().to_string();
        let process = |(given, strings): &Case| {
            let secrets: Vec<(&str, Secret)> = given
                .iter()
                .map(|(name, value)| (*name, Secret::new(value.replace("{ca}", &authority))))
                .collect();
            Self {
                given: secrets
                    .iter()
                    .map(|(name, value)| (*name, value.expose().to_owned()))
                    .collect(),
                variables: Variables::of(secrets.iter().map(|(name, value)| (*name, value))),
                strings,
            }
        };
        CASES.iter().map(process).collect()
    }
}

/// What node-postgres says to `ssl=require` depends on the server, and on who speaks first.
const NEGOTIATION: &[&str] = &[
    "postgresql://app:pw@localhost/appdb",
    "postgresql://app:pw@localhost/appdb?sslmode=require",
];

#[test]
fn variables_do_what_is_predicted() {
    let lab = Lab::new();
    let drivers: Vec<_> = crate::drivers()
        .into_iter()
        .filter(|driver| Server::Tls.is_for_version(driver))
        .collect();
    let processes = Process::all(&lab);
    let mut wrong = Vec::new();
    for server in [Server::Plain, Server::Tls, Server::WrongHost] {
        let running = lab.start(server);
        let mut names = Names::default();
        for process in &processes {
            for (driver, text) in drivers
                .iter()
                .flat_map(|driver| process.strings.iter().map(move |text| (driver, text)))
            {
                if let Some(parts) = predict_in(driver, text, &process.variables, &[]).parts {
                    names.add(parts);
                }
            }
        }
        names.create(&running);
        let port = running.port();
        let socket = running.socket_folder().join(format!(".s.PGSQL.{port}"));
        thread::scope(|scope| {
            let threads: Vec<_> = Runtime::ALL
                .map(|runtime| {
                    let (lab, drivers, processes, socket) = (&lab, &drivers, &processes, &socket);
                    scope.spawn(move || {
                        let log = lab.home().join(format!("{runtime:?}.log"));
                        let mut judge = Judge::start(runtime, lab, port, socket, &log);
                        let own: Vec<_> = drivers
                            .iter()
                            .filter(|driver| Runtime::of(driver) == runtime)
                            .collect();
                        disagreements(lab, server, &mut judge, &own, processes)
                    })
                })
                .into_iter()
                .collect();
            wrong.extend(
                threads
                    .into_iter()
                    .flat_map(|thread| thread.join().unwrap()),
            );
        });
    }
    assert!(
        wrong.is_empty(),
        "{} disagreements:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

fn disagreements(
    lab: &Lab,
    server: Server,
    judge: &mut Judge,
    drivers: &[&Driver],
    processes: &[Process],
) -> Vec<String> {
    let (folder, authority) = (lab.home(), lab.authority());
    let mut wrong = Vec::new();
    for process in processes.iter().filter(|process| {
        let of_tls = |(name, _): &(&str, String)| name.contains("SSL");
        server == Server::Plain || process.given.iter().any(of_tls)
    }) {
        let given: Vec<(&str, &str)> = process
            .given
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        for (driver, text) in drivers
            .iter()
            .flat_map(|driver| process.strings.iter().map(move |text| (*driver, *text)))
        {
            let prediction = predict_in(driver, text, &process.variables, &[]);
            let subject = Subject {
                driver,
                text,
                parts: prediction.parts.clone(),
                prediction,
                folder: &folder,
                authority: &authority,
            };
            let answer = judge.ask_with(driver, text, &given);
            let expected = Expectation::of(&subject, server);
            if let Some(why) = expected.compare(&subject, server, &answer) {
                wrong.push(format!(
                    "{driver} on {server:?}, {text:?} with {given:?}: {why}\n    {answer:?}"
                ));
            }
        }
    }
    wrong
}
