//! What is translated is read back as the same by the other driver.

use std::collections::BTreeMap;

use proptest::prelude::{Just, ProptestConfig, Strategy, prop_oneof, proptest};
use proptest::{prop_assert, prop_assert_eq};

use super::super::server::assignments;
use super::super::{Driver, Kind, Parts, Tls, Variables, parts, predict, startup_parameters};
use super::{Translation, fix, translate};
use crate::value::Secret;

#[expect(dead_code, reason = "its passwords are the lab's")]
#[path = "../../../tests/drivers/corpus.rs"]
mod corpus;

fn url(text: &str, to: &str) -> String {
    let to: Driver = to.parse().unwrap_or_else(|_| panic!("{to} is a driver"));
    translate(text, None, &to)
        .unwrap_or_else(|_| panic!("{text} is translated"))
        .url
        .expose()
        .to_owned()
}

#[test]
fn each_driver_gets_its_own_spelling() {
    let text =
        "postgres://app:p%40ss@h:5433/db?sslmode=require&application_name=web&connect_timeout=5";
    for (to, expected) in [
        (
            "libpq",
            "postgresql://app:p%40ss@h:5433/db?sslmode=require&application_name=web&connect_timeout=5",
        ),
        (
            "sqlalchemy+psycopg2",
            "postgresql+psycopg2://app:p%40ss@h:5433/db?sslmode=require&application_name=web&connect_timeout=5",
        ),
        (
            "asyncpg",
            "postgresql://app:p%40ss@h:5433/db?sslmode=require&application_name=web",
        ),
        (
            "sqlalchemy+asyncpg",
            "postgresql+asyncpg://app:p%40ss@h:5433/db?ssl=require",
        ),
        (
            "sqlalchemy+pg8000",
            "postgresql+pg8000://app:p%40ss@h:5433/db?application_name=web",
        ),
        (
            "node-postgres",
            "postgresql://app:p%40ss@h:5433/db?uselibpqcompat=true&sslmode=require&application_name=web",
        ),
        (
            "postgres.js",
            "postgresql://app:p%40ss@h:5433/db?sslmode=require&application_name=web&connect_timeout=5",
        ),
        (
            "tokio-postgres",
            "postgresql://app:p%40ss@h:5433/db?sslmode=require&application_name=web&connect_timeout=5",
        ),
    ] {
        assert_eq!(url(text, to), expected, "{to}");
    }
}

#[test]
fn what_a_string_cannot_say_becomes_code() {
    let text = "postgres://u@h/db?sslmode=verify-full&sslrootcert=/ca.pem&application_name=web&connect_timeout=5";
    let to = Driver::newest(Kind::SqlalchemyAsyncpg);
    let translation = translate(text, None, &to).unwrap_or_else(|_| panic!("is translated"));
    assert_eq!(translation.url.expose(), "postgresql+asyncpg://u@h:5432/db");
    assert_eq!(
        translation.connect_args.as_deref(),
        Some(
            "import ssl\ntls = ssl.create_default_context(cafile=\"/ca.pem\")\nconnect_args = {\"ssl\": tls, \"timeout\": 5, \"server_settings\": {\"application_name\": \"web\"}}"
        )
    );
}

#[test]
fn what_is_lost_is_named_and_never_shown() {
    let text = "postgres://u@h/db?pgbouncer=true&connection_limit=5&sslmode=require";
    let to = Driver::newest(Kind::SqlalchemyPsycopg);
    let translation = translate(text, None, &to).unwrap_or_else(|_| panic!("is translated"));
    assert_eq!(
        translation.url.expose(),
        "postgresql+psycopg://u@h:5432/db?sslmode=require"
    );
    assert_eq!(
        translation.lost,
        [
            "pgbouncer: a parameter of Prisma",
            "connection_limit: a parameter of Prisma"
        ]
    );
}

#[test]
fn a_broken_string_is_fixed_in_its_drivers_spelling() {
    let fixed = |text: &str, kind: Kind| {
        fix(text, &Driver::newest(kind)).map(|url| url.expose().to_owned())
    };
    for (text, kind, expected) in [
        (
            "postgres://u:p@h/db?sslmode=require",
            Kind::SqlalchemyAsyncpg,
            "postgresql+asyncpg://u:p@h:5432/db?ssl=require",
        ),
        (
            "postgres://u:p@ss@h/db",
            Kind::Libpq,
            "postgresql://u:p%40ss@h:5432/db",
        ),
        (
            "\"postgres://u:p@h/db?sslmode=REQUIRE\"\n",
            Kind::Psycopg2,
            "postgresql://u:p@h:5432/db?sslmode=require",
        ),
        (
            "DATABASE_URL=postgres://u:p/ss@h:5432/db&sslmode=require",
            Kind::SqlalchemyPsycopg2,
            "postgresql+psycopg2://u:p%2Fss@h:5432/db?sslmode=require",
        ),
        (
            "postgresql+asyncpg://u:p@h/db?ssl=true",
            Kind::SqlalchemyAsyncpg,
            "postgresql+asyncpg://u:p@h:5432/db?ssl=require",
        ),
    ] {
        assert_eq!(fixed(text, kind).as_deref(), Some(expected), "{text}");
    }
    assert_eq!(fixed("hello", Kind::Libpq), None);
}

#[test]
fn what_the_server_would_refuse_is_read_as_it_was_meant() {
    for (text, kind, url, code) in [
        (
            "postgres://u:p@h/db?connect_timeout=5",
            Kind::Asyncpg,
            "postgresql://u:p@h:5432/db",
            Some("connect_args = {\"timeout\": 5}"),
        ),
        (
            "postgres://u:p@h/db?sslmode=verify-full&sslrootcert=/ca.pem",
            Kind::PostgresJs,
            "postgresql://u:p@h:5432/db",
            Some("{ ssl: { ca: require('fs').readFileSync(\"/ca.pem\") } }"),
        ),
        (
            "postgres://u:p@h/db?pgbouncer=true&statement_timeout=x&jit=off",
            Kind::PostgresJs,
            "postgresql://u:p@h:5432/db?jit=off",
            None,
        ),
    ] {
        let driver = Driver::newest(kind);
        let translated = translate(text, Some(&driver), &driver);
        let translated = translated.unwrap_or_else(|_| panic!("{text} is translated"));
        assert_eq!(translated.url.expose(), url);
        assert_eq!(translated.connect_args.as_deref(), code, "{text}");
    }
}

#[test]
fn a_value_that_is_refused_is_left_out_and_named() {
    let libpq = Driver::newest(Kind::Libpq);
    for (text, url, lost) in [
        (
            "postgres://u:p@h/db?keepalives=yes&application_name=a&options=-c%20jit%3Dmaybe",
            "postgresql://u:p@h:5432/db?application_name=a",
            vec![
                "options: its value is refused",
                "keepalives: its value is refused",
            ],
        ),
        (
            "postgres://u:p@h/db?target_session_attrs=READ_WRITE",
            "postgresql://u:p@h:5432/db?target_session_attrs=read-write",
            vec![],
        ),
        (
            "postgres://u:p@h/db?options=endpoint%3Dep-x&connect_timeout=5",
            "postgresql://u:p@h:5432/db?options=endpoint%3Dep-x&connect_timeout=5",
            vec![],
        ),
        (
            "postgres://u:p@h/db?options=endpoint%3Dep-x&keepalives=yes&connect_timeout=5",
            "postgresql://u:p@h:5432/db?options=endpoint%3Dep-x&connect_timeout=5",
            vec!["keepalives: its value is refused"],
        ),
    ] {
        let translated = translate(text, Some(&libpq), &libpq);
        let translated = translated.unwrap_or_else(|_| panic!("{text} is translated"));
        assert_eq!(translated.url.expose(), url);
        assert_eq!(translated.lost, lost, "{text}");
    }
}

#[test]
fn a_socket_comes_back_from_the_driver_that_wants_its_file() {
    let (libpq, pg8000) = (
        Driver::newest(Kind::Libpq),
        Driver::newest(Kind::SqlalchemyPg8000),
    );
    let text = "postgresql://u:p@%2Ftmp:5433/db";
    let there = translate(text, Some(&libpq), &pg8000).unwrap_or_else(|_| panic!("is translated"));
    assert_eq!(
        there.url.expose(),
        "postgresql+pg8000://u:p@/db?unix_sock=/tmp/.s.PGSQL.5433"
    );
    let back = translate(there.url.expose(), Some(&pg8000), &libpq);
    assert_eq!(
        back.map(|back| back.url.expose().to_owned()),
        Ok(text.to_owned())
    );
}

#[test]
fn a_name_that_a_url_would_lose_is_not_put_into_it() {
    let text = "postgresql://u@h/..";
    let pg = translate(text, None, &Driver::newest(Kind::NodePostgres));
    assert!(pg.is_ok_and(|translation| translation.lost.len() == 1));
    let js = translate(text, None, &Driver::newest(Kind::PostgresJs));
    assert!(js.is_ok_and(|translation| {
        translation.connect_args.as_deref() == Some("{ database: \"..\" }")
    }));
}

/// What a string says once its driver has read it, and nothing that it left open.
#[derive(Debug, PartialEq)]
struct Said {
    parts: Option<Parts>,
    settings: BTreeMap<String, String>,
}

impl Said {
    /// Returns whether a host has no name, or one with a space (encoded or not), or port 0: nobody is reached there.
    fn leads_nowhere(&self) -> bool {
        let mut hosts = self.parts.iter().flat_map(|parts| &parts.hosts);
        hosts.any(|(host, port)| {
            let name = host.expose();
            *port == 0 || name.is_empty() || name.contains([' ', '%'])
        })
    }
}

fn said(driver: &Driver, text: &str) -> Said {
    let mut settings = BTreeMap::new();
    let sent = startup_parameters(driver, text, &Variables::default()).unwrap_or_default();
    for (name, value) in sent {
        let assigned = (name == "options").then(|| assignments(&value)).flatten();
        let pairs = assigned.unwrap_or_else(|| vec![(name, value)]);
        settings.extend(
            pairs
                .into_iter()
                .map(|(name, value)| (name.to_ascii_lowercase(), value)),
        );
    }
    for name in ["user", "database"] {
        settings.remove(name);
    }
    // Each of these is what a driver asks for anyway.
    settings.retain(|name, value| {
        let own = ["UTF8", "UTF-8", "postgres.js"];
        name == "application_name" && value != "postgres.js"
            || !own.iter().any(|one| one.eq_ignore_ascii_case(value))
    });
    let filled = |secret: &Secret| !secret.expose().is_empty();
    let parts = parts(driver, text).map(|parts| Parts {
        password: parts.password.filter(filled),
        ..parts
    });
    Said { parts, settings }
}

/// Each string of the suite, from each driver to each other one and back: a seventh of them for each
/// pair, another one for the next pair. Left aside is what is mended when it is written anew for its own
/// driver, and what leads nowhere.
#[test]
fn there_and_back_between_any_two_drivers_loses_nothing() {
    let strings = corpus::strings();
    let (mut returned, mut wrong) = (0, Vec::new());
    for (pair, (from, to)) in Kind::ALL
        .iter()
        .flat_map(|from| Kind::ALL.iter().map(move |to| (*from, *to)))
        .filter(|(from, to)| from != to)
        .enumerate()
    {
        let (from, to) = (Driver::newest(from), Driver::newest(to));
        for text in strings.iter().skip(pair % 7).step_by(7) {
            let before = predict(&from, text);
            let said_before = said(&from, text);
            let same = translate(text, Some(&from), &from)
                .is_ok_and(|same| said(&from, same.url.expose()) == said_before);
            if !same || said_before.leads_nowhere() {
                continue;
            }
            let Some(there) = translate(text, Some(&from), &to)
                .ok()
                .filter(|there| before.accepts && there.says_all())
            else {
                continue;
            };
            let Some(back) = translate(there.url.expose(), Some(&to), &from)
                .ok()
                .filter(Translation::says_all)
            else {
                continue;
            };
            returned += 1;
            let after = predict(&from, back.url.expose());
            // Where the clear text is another way, whoever stands in between takes that one.
            let verified = before.tls == Some(Tls::Required) && to.kind != Kind::TokioPostgres;
            let weaker = after.tls < before.tls || (verified && after.verifies < before.verifies);
            let said_after = said(&from, back.url.expose());
            if weaker || said_before != said_after {
                wrong.push(format!(
                    "{text:?} from {from} to {to}: {} and back: {}\n  {said_before:?}\n  {said_after:?}",
                    there.url.expose(),
                    back.url.expose()
                ));
            }
        }
    }
    assert!(returned > 1000, "{returned}");
    assert!(
        wrong.is_empty(),
        "{} of {returned}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

impl Translation {
    /// Returns whether the string alone carries everything over.
    fn says_all(&self) -> bool {
        self.connect_args.is_none() && self.lost.is_empty()
    }
}

fn strings() -> impl Strategy<Value = String> {
    let mode = prop_oneof![
        Just(""),
        Just("sslmode=disable"),
        Just("sslmode=require"),
        Just("sslmode=verify-ca&sslrootcert=/ca.pem"),
        Just("sslmode=verify-full&sslrootcert=/ca.pem"),
        Just("sslmode=verify-full&sslrootcert=system"),
    ];
    let (user, password) = ("[a-z0-9]{1,8}", "[ -~äß]{1,10}");
    let (database, name) = ("[ -~äß]{1,10}", "[a-z0-9]{1,8}");
    let host = prop_oneof![
        Just("h"),
        Just("127.0.0.1"),
        Just("[::1]"),
        Just("db.example.com:6543")
    ];
    (user, password, host, database, mode, name).prop_map(
        |(user, password, host, database, mode, name)| {
            let part = super::url::part;
            format!(
                "postgresql://{user}:{}@{host}/{}?application_name={name}&{mode}",
                part(&password),
                part(&database)
            )
            .trim_end_matches('&')
            .to_owned()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn another_driver_reads_the_same_parts(text in strings(), index in 0..Kind::ALL.len()) {
        let to = Driver::newest(Kind::ALL[index]);
        let translation = translate(&text, None, &to).unwrap_or_else(|_| panic!("is translated"));
        let coded = translation.connect_args.clone().unwrap_or_default();
        let from = parts(&Driver::newest(Kind::Libpq), &text).unwrap_or_else(|| panic!("is taken"));
        let there = parts(&to, translation.url.expose()).unwrap_or_else(|| panic!("is taken: {}", translation.url.expose()));
        if !coded.contains("host") {
            prop_assert_eq!(&there.hosts, &from.hosts);
        }
        prop_assert_eq!(&there.user, &from.user);
        prop_assert_eq!(&there.password, &from.password);
        if !coded.contains("database") && translation.lost.is_empty() {
            prop_assert_eq!(&there.dbname, &from.dbname);
        }
        let before = predict(&Driver::newest(Kind::Libpq), &text);
        let after = predict(&to, translation.url.expose());
        if coded.is_empty() && before.tls == Some(Tls::Required) {
            prop_assert_eq!(after.tls, Some(Tls::Required));
            prop_assert!(after.verifies.is_none_or(|verifies| Some(verifies) >= before.verifies));
        }
    }

    #[test]
    fn there_and_back_loses_nothing(text in strings(), index in 0..Kind::ALL.len()) {
        let to = Driver::newest(Kind::ALL[index]);
        let libpq = Driver::newest(Kind::Libpq);
        let there = translate(&text, None, &to).unwrap_or_else(|_| panic!("is translated"));
        if there.connect_args.is_none() && there.lost.is_empty() {
            let back = translate(there.url.expose(), Some(&to), &libpq).unwrap_or_else(|_| panic!("is translated"));
            prop_assert_eq!(parts(&libpq, back.url.expose()), parts(&libpq, &text));
            let (before, after) = (predict(&libpq, &text), predict(&libpq, back.url.expose()));
            prop_assert_eq!(&before.application_name, &after.application_name);
            prop_assert!(after.tls >= before.tls);
            prop_assert!(after.verifies >= before.verifies || after.tls != before.tls || to.kind == Kind::TokioPostgres);
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,60}", index in 0..Kind::ALL.len()) {
        let driver = Driver::newest(Kind::ALL[index]);
        drop(translate(&text, None, &driver));
        drop(fix(&format!("postgres://{text}"), &driver));
        drop(predict(&driver, &text));
        drop(predict(&driver, &format!("postgresql://{text}")));
    }
}
