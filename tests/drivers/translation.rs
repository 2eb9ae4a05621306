//! Translated strings, proven: what libpq reaches with the original, the other driver reaches with
//! the translation, over at least the same TLS.

use dbharden::driver::{Driver, Kind, parts, predict, translate};
use dbharden::value::Secret;

use crate::expectation::{Expectation, Server, Subject};
use crate::judges::{Answer, Judge, Runtime};
use crate::lab::{Lab, prepare};

/// The originals, as libpq reads them.
#[rustfmt::skip]
const ORIGINALS: &[&str] = &[
    "postgresql://app:pw@localhost:5432/appdb",
    "postgresql://app:pw@db.example.com:6543/appdb?application_name=web",
    "postgresql://at:p%40ss@localhost/app%20db?application_name=a%20b&connect_timeout=5",
    "postgresql://umlaut:p%C3%A4@127.0.0.1:5433/app%2Fdb?sslmode=disable",
    "postgresql://a%40b:pw@localhost/a%25b?sslmode=require",
    "postgresql://app:pw@[::1]:5433/appdb?application_name=six",
    "postgresql://app:pw@localhost/appdb?sslmode=require&sslrootcert={ca}",
    "postgresql://app:pw@localhost/appdb?sslmode=verify-ca&sslrootcert={ca}&application_name=web",
    "postgresql://app:pw@localhost/appdb?sslmode=verify-full&sslrootcert={ca}&connect_timeout=5",
    "postgresql://app:pw@db.example.com/appdb?sslmode=verify-full&sslrootcert={ca}&options=-c%20statement_timeout%3D5s",
    "postgresql://app:pw@localhost/appdb?sslmode=verify-full&sslrootcert=system",
    "postgresql://app:pw@localhost/appdb?sslmode=allow",
    "postgresql://app:pw@/appdb?host=/tmp&application_name=socket",
    "postgresql://app:pw@localhost/appdb?options=-c%20statement_timeout%3D5s%20-c%20search_path%3D%22a%5C%20b%22",
    "postgresql://app:pw@localhost/appdb?options=-c%20application_name%3Dx&target_session_attrs=read-write",
    "host=localhost user=app password=pw dbname=appdb sslmode=require application_name='two words'",
];

#[test]
fn translated_strings_reach_the_same_place_over_the_same_tls() {
    let lab = Lab::new();
    let authority = lab.authority().display().to_string();
    let originals: Vec<String> = ORIGINALS
        .iter()
        .map(|text| text.replace("{ca}", &authority))
        .collect();
    let listed: Vec<&String> = originals.iter().collect();
    let libpq = Driver::newest(Kind::Libpq);
    let mut wrong = Vec::new();
    let mut proven = 0;
    for server in [
        Server::Plain,
        Server::Tls,
        Server::WrongHost,
        Server::SelfSigned,
        Server::TlsOnly,
    ] {
        let running = lab.start(server);
        prepare(&running, std::slice::from_ref(&libpq), &listed);
        let port = running.port();
        let socket = running.socket_folder().join(format!(".s.PGSQL.{port}"));
        for runtime in Runtime::ALL {
            let log = lab.home().join(format!("{runtime:?}.log"));
            let mut judge = Judge::start(runtime, &lab, port, &socket, &log);
            let own = crate::drivers()
                .into_iter()
                .filter(|driver| Runtime::of(driver) == runtime);
            for driver in own.filter(|driver| !driver.to_string().ends_with("1.4+psycopg")) {
                for text in &originals {
                    let translation = translate(text, Some(&libpq), &driver).unwrap();
                    let code = translation.connect_args.as_deref();
                    let answer = judge.ask(&driver, translation.url.expose(), code);
                    proven += 1;
                    if let Some(why) = compare(&lab, text, &driver, server, &answer) {
                        wrong.push(format!(
                            "{driver} on {server:?}, {text:?}: {why}\n    {} {:?} {:?}\n    {answer:?}",
                            translation.url.expose(), translation.connect_args, translation.lost,
                        ));
                    }
                }
            }
        }
    }
    println!("{proven} translations were tried");
    assert!(
        wrong.is_empty(),
        "{} translations are wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

fn compare(lab: &Lab, text: &str, to: &Driver, server: Server, answer: &Answer) -> Option<String> {
    let (libpq, folder, authority) = (Driver::newest(Kind::Libpq), lab.home(), lab.authority());
    let original = Subject {
        driver: &libpq,
        text,
        prediction: predict(&libpq, text),
        parts: parts(&libpq, text),
        folder: &folder,
        authority: &authority,
    };
    let expected = Expectation::of(&original, server);
    let Some(session) = &answer.session else {
        // A driver may ask for more TLS than libpq did, never for less.
        let stricter =
            to.kind == Kind::NodePostgres && text.contains("/appdb") && server == Server::Plain;
        // What tokio-postgres verifies is its connector's choice, and the lab's verifies all.
        let connector = to.kind == Kind::TokioPostgres;
        return match expected {
            Expectation::Connects { tls: true } if connector => None,
            Expectation::Connects { tls: true } => Some("should connect over TLS".to_owned()),
            Expectation::Connects { tls: false }
                if !stricter && !connector && !falls_back(text, server) =>
            {
                Some("should connect".to_owned())
            }
            _ => None,
        };
    };
    let Expectation::Connects { tls } = expected else {
        if to.kind == Kind::TokioPostgres {
            return None;
        }
        return Some(format!("libpq does not connect: {expected:?}"));
    };
    if tls && !session.tls {
        return Some("libpq connects over TLS".to_owned());
    }
    let wanted = original.parts.as_ref().unwrap();
    let user = wanted.user.as_ref().map_or("root", Secret::expose);
    let database = wanted.dbname.as_ref().map_or(user, Secret::expose);
    let default = if to.kind == Kind::PostgresJs {
        "postgres.js"
    } else {
        ""
    };
    let name = original
        .prediction
        .application_name
        .as_deref()
        .unwrap_or(default);
    (session.user != user || session.database != database || session.application_name != name)
        .then(|| format!("should be {user:?}, {database:?}, {name:?}"))
}

/// Does libpq fall back to clear text here? Others may refuse that.
fn falls_back(text: &str, server: Server) -> bool {
    server != Server::Plain && !text.contains("sslmode=disable") && !text.contains("host=/")
        || (server == Server::Plain && !text.contains("sslmode"))
}
