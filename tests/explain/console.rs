//! What a pooler says: its console, the errors that it makes itself, and its own log.

use crate::assert_explains;
use crate::batch::{Batch, clean};
use crate::support::{PgBouncer, PostgreSql, Role, Session, Signal};

/// The drivers that are asked.
const DRIVERS: [&str; 6] = ["psql", "psycopg2", "psycopg", "asyncpg", "pg", "postgres"];

/// The drivers that tell what a pooler says before it hangs up: psycopg2 does not.
const TELLING: [&str; 5] = ["psql", "psycopg", "asyncpg", "pg", "postgres"];

fn server() -> PostgreSql {
    let server = PostgreSql::start();
    server.create(&Role::new("app").password("s3cret"));
    server
}

/// A URL of the pooler's own console.
fn console(pooler: &PgBouncer, user: &str) -> String {
    pooler
        .url(user, "s3cret")
        .replace("/postgres", "/pgbouncer")
}

#[test]
fn a_pooler_that_does_not_let_one_in() {
    let server = server();
    let pooler = PgBouncer::builder(&server)
        .user("app", "s3cret")
        .user("boss", "s3cret")
        .setting("admin_users", "boss")
        .start();
    let good = pooler.url("app", "s3cret");
    let mut batch = Batch::default();
    for driver in DRIVERS {
        batch.explains("pgb-bad-pw", &[driver, &pooler.url("app", "wrong")]);
        batch.explains("pgb-no-user", &[driver, &pooler.url("nobody", "s3cret")]);
        batch.explains("pgb-admin", &[driver, &console(&pooler, "app")]);
    }
    for driver in ["psql", "psycopg2", "psycopg"] {
        let url = format!("{good}?options=-c%20statement_timeout%3D5s");
        batch.explains("pgb-startup-param", &[driver, &url]);
        batch.explains("pooler-startup-parameters", &[driver, &url]);
    }
    let boss = console(&pooler, "boss");
    for driver in ["psql", "psycopg2"] {
        batch.explains("pgb-admin", &[driver, &boss, "select * from users"]);
    }
    std::mem::take(&mut batch).run();
    // The other way round: the console's words, said to a database.
    for driver in DRIVERS {
        batch.explains("pgb-admin", &[driver, &good, "show pools"]);
    }
    batch.run();
    for (line, page) in [
        ("password authentication failed", "pgb-bad-pw"),
        ("no such user", "pgb-no-user"),
        ("not allowed", "pgb-admin"),
        ("unsupported startup parameter", "pgb-startup-param"),
    ] {
        let log = pooler.log();
        let found = log.lines().find(|text| text.contains(line));
        let found = found.unwrap_or_else(|| panic!("{line} is not in\n{log}"));
        assert_explains(found, page);
    }
}

#[test]
fn a_pooler_that_is_told_to_wait() {
    let server = server();
    let pooler = PgBouncer::builder(&server)
        .user("app", "s3cret")
        .user("boss", "s3cret")
        .setting("admin_users", "boss")
        .setting("query_wait_timeout", "1")
        .setting("default_pool_size", "1")
        .start();
    let url = pooler.url("app", "s3cret");
    // The console answers the simple protocol alone, which psql speaks.
    let tell = |command: &str| {
        let mut psql = std::process::Command::new(crate::support::Installation::newest().psql());
        let output = clean(&mut psql)
            .args(["-X", "-w", "-c", command, &console(&pooler, "boss")])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{command}: {said}");
    };
    let mut batch = Batch::default();
    let mut all = |page: &str| {
        for driver in TELLING {
            batch.explains(page, &[driver, &url, "select 1"]);
        }
        std::mem::take(&mut batch).run();
    };
    // A database is known to the pooler once somebody has used it.
    let mut holder = Session::open(&url);
    holder.run("begin");
    all("pgb-pool-full");
    holder.run("rollback");
    drop(holder);
    tell("PAUSE postgres");
    all("pgb-paused");
    tell("RESUME postgres");
    tell("DISABLE postgres");
    all("pgb-disabled");
    tell("ENABLE postgres");
}

#[test]
fn a_pooler_without_its_server() {
    let mut server = server();
    let elsewhere = PgBouncer::builder(&server)
        .user("app", "other")
        .setting("server_login_retry", "1")
        .setting("query_wait_timeout", "2")
        .start();
    let mut batch = Batch::default();
    // The pooler takes this password, and the server does not.
    for driver in ["psql", "psycopg", "asyncpg", "pg"] {
        let url = elsewhere.url("app", "other");
        batch.explains("pgb-server-pw", &[driver, &url, "select 1"]);
    }
    std::mem::take(&mut batch).run();
    let slow = PgBouncer::builder(&server)
        .user("app", "s3cret")
        .setting("query_timeout", "1")
        .start();
    for driver in TELLING {
        let url = slow.url("app", "s3cret");
        // Where the pooler hangs up in an answer, postgres.js tells that alone.
        let page = match driver {
            "postgres" => "q-drop",
            _ => "pgb-query-timeout",
        };
        batch.explains(page, &[driver, &url, "select pg_sleep(20)"]);
    }
    std::mem::take(&mut batch).run();
    server.stop(Signal::Quit);
    assert_explains(&elsewhere.log(), "pgb-server-pw");
}
