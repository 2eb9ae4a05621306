//! `PgBouncer` in between.

use std::time::Duration;

use dbharden::facts::StageName::{Auth, Query};

use crate::dial::{connect, fails, failure, last, passes, request};
use crate::support::{PgBouncer, PostgreSql, Role};

fn server() -> PostgreSql {
    let server = PostgreSql::start();
    server.create(&Role::new("app").password("s3cret"));
    server
}

/// Starts a pooler that has one connection for everybody.
pub(crate) fn pool_of_one(server: &PostgreSql) -> PgBouncer {
    PgBouncer::builder(server)
        .user("app", "s3cret")
        .setting("default_pool_size", "1")
        .start()
}

#[test]
fn a_pooler_in_each_mode_answers_every_question_and_is_recognised() {
    let server = server();
    for mode in ["session", "transaction"] {
        let pooler = PgBouncer::builder(&server)
            .user("app", "s3cret")
            .setting("pool_mode", mode)
            .start();
        for _ in 0..2 {
            let connection = connect(&pooler.url("app", "s3cret"));
            passes(&connection);
            let facts = connection.server.unwrap();
            assert_eq!(facts.pooler.as_deref(), Some("pgbouncer"), "{mode}");
            assert!(facts.version.starts_with('1'), "{}", facts.version);
        }
    }
}

#[test]
fn what_a_pooler_refuses_is_told_from_what_postgres_refuses() {
    let server = server();
    let pooler = PgBouncer::builder(&server)
        .user("app", "s3cret")
        .setting("max_client_conn", "1")
        .start();
    let known = &["pgb-bad-pw", "pgb-no-user"];
    fails(&connect(&pooler.url("app", "wrong")), Auth, known);
    let nobody = connect(&pooler.url("nobody_known", "x"));
    let (stage, causes) = failure(&nobody).unwrap();
    assert_eq!(stage, Auth);
    assert!(causes.contains(&"pgb-no-user"), "{causes:?}");
    let elsewhere = pooler.url("app", "s3cret").replace("/postgres", "/nosuch");
    fails(&connect(&elsewhere), Auth, &["db-missing", "db-case"]);
    let options = format!(
        "{}?options=-c%20statement_timeout%3D5s",
        pooler.url("app", "s3cret")
    );
    fails(&connect(&options), Auth, &["pgb-startup-param"]);
    let _only = crate::support::Session::open(&pooler.url("app", "s3cret"));
    fails(
        &connect(&pooler.url("app", "s3cret")),
        Auth,
        &["pgb-max-client"],
    );
}

#[test]
fn a_pool_that_is_full_is_told_from_a_server_that_hangs() {
    let server = server();
    let pooler = pool_of_one(&server);
    let url = pooler.url("app", "s3cret");
    let mut other = crate::support::Session::open(&url);
    other.run("begin");
    // It lets us in by itself, and would keep us waiting for two minutes.
    let mut request = request(&url);
    request.timeout = Duration::from_secs(1);
    let (stage, causes) = failure(&last(&request)).unwrap();
    assert_eq!(stage, Query);
    assert!(causes.contains(&"pgb-pool-full"), "{causes:?}");
    other.run("rollback");
    passes(&last(&request));
}

#[test]
fn the_admin_console_is_no_database() {
    let server = server();
    let pooler = PgBouncer::builder(&server)
        .user("app", "s3cret")
        .setting("admin_users", "app")
        .start();
    let console = pooler
        .url("app", "s3cret")
        .replace("/postgres", "/pgbouncer");
    fails(&connect(&console), Query, &["pgb-admin"]);
}

#[test]
fn a_pooler_whose_server_is_gone_ends_within_the_deadline() {
    let mut server = server();
    let pooler = PgBouncer::builder(&server)
        .user("app", "s3cret")
        .setting("query_wait_timeout", "2")
        .start();
    server.stop(crate::support::Signal::Interrupt);
    let mut request = request(&pooler.url("app", "s3cret"));
    request.timeout = Duration::from_secs(6);
    let began = std::time::Instant::now();
    let connection = last(&request);
    assert!(began.elapsed() < Duration::from_millis(6500));
    let upstream = [
        "pgb-upstream-down",
        "pgb-upstream-nx",
        "pgb-paused",
        "pgb-auth_query",
        "pgb-pool-full",
    ];
    fails(&connection, Auth, &upstream);
}
