//! A real `PgBouncer` between the drivers and the server: which startup parameters it refuses is what
//! the provider tables and `url-pooler-parameters` say of it.

use dbharden::driver::{Driver, Kind, RefusedBy, Variables, predict, startup_parameters};
use dbharden::provider::{PGBOUNCER_STARTUP, Startup};

use crate::expectation::Server;
use crate::judges::{Judge, Runtime};
use crate::lab::{Lab, prepare};
use crate::support::PgBouncer;

/// Each stands behind `postgresql://app:pw@localhost:5432/app?`.
#[rustfmt::skip]
const PARAMETERS: &[&str] = &[
    "", "application_name=web", "fallback_application_name=web", "client_encoding=utf8", "TimeZone=UTC", "timezone=Europe/Berlin",
    "DateStyle=ISO", "intervalstyle=iso_8601", "standard_conforming_strings=on", "options=-c%20statement_timeout%3D5s",
    "options=-c%20search_path%3Dpublic", "options=-c%20application_name%3Dweb", "statement_timeout=5000", "search_path=public", "extra_float_digits=3", "jit=off",
    "default_transaction_read_only=on", "connect_timeout=5", "target_session_attrs=any", "foo=bar", "pgbouncer=true",
    "lock_timeout=5000", "idle_in_transaction_session_timeout=5000", "statement_timeout=5000&application_name=web", "my.setting=1",
];

#[test]
fn a_pooler_refuses_the_startup_parameters_that_are_predicted() {
    let lab = Lab::new();
    let server = lab.start(Server::Plain);
    let strings: Vec<String> = PARAMETERS
        .iter()
        .map(|parameters| format!("postgresql://app:pw@localhost:5432/app?{parameters}"))
        .collect();
    let drivers = Kind::ALL.map(Driver::newest);
    prepare(&server, &drivers, &strings.iter().collect::<Vec<_>>());
    let pooler = PgBouncer::builder(&server).user("app", "pw").start();
    // Since 1.20 `options` is looked into, and IntervalStyle is tracked: the tables are of 1.25.
    let version = PgBouncer::version();
    let minor: u32 = version.split('.').nth(1).unwrap().parse().unwrap();
    let refuses = |name: &str| refuses(name) || (minor < 20 && name == "intervalstyle");
    let mut wrong = Vec::new();
    for runtime in Runtime::ALL {
        let log = lab.home().join(format!("{runtime:?}.log"));
        let nowhere = lab.home().join("no.socket");
        let mut judge = Judge::start(runtime, &lab, pooler.port(), &nowhere, &log);
        let own = drivers
            .iter()
            .filter(|driver| Runtime::of(driver) == runtime);
        for driver in own {
            for text in &strings {
                if predict(driver, text).refused_by == Some(RefusedBy::Driver) {
                    continue;
                }
                let sent = startup_parameters(driver, text, &Variables::default()).unwrap();
                let expected = sent.iter().any(|(name, value)| {
                    refuses(name) && (name != "options" || minor < 20 || inner_refused(value))
                });
                let answer = judge.ask(driver, text, None);
                let said = answer.error.contains("unsupported startup parameter");
                if expected != said || expected == answer.session.is_some() {
                    wrong.push(format!(
                        "{driver}, {text:?}: refused should be {expected}\n    {answer:?}"
                    ));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} disagreements with PgBouncer {version}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

fn refuses(name: &str) -> bool {
    Startup::RefusesAllBut(PGBOUNCER_STARTUP).refuses(name) == Some(true)
}

/// Is a setting among these of `-c name=value` refused?
fn inner_refused(options: &str) -> bool {
    options
        .split_whitespace()
        .filter_map(|word| word.split_once('='))
        .any(|(name, _)| refuses(name))
}
