//! What the server sees of us.

use std::time::Duration;

use dbharden::facts::StageName::Auth;

use crate::dial::{connect, fails, failure, passes};
use crate::support::{Authority, DelayProxy, Installation, PostgreSql, Role};

fn watched(builder: crate::support::Builder) -> PostgreSql {
    let server = builder
        .setting("log_connections", "on")
        .setting("log_disconnections", "on")
        .setting("log_statement", "all")
        .start();
    server.create(&Role::new("app").password("s3cret"));
    server
}

fn through(server: &PostgreSql, proxy: &DelayProxy, more: &str) -> String {
    let port = format!("port={}", server.port());
    let conninfo = server.conninfo("app", "s3cret");
    format!(
        "{} {more}",
        conninfo.replace(&port, &format!("port={}", proxy.port()))
    )
}

#[test]
fn everything_takes_seven_round_trips_and_six_with_direct_tls() {
    let authority = Authority::new("lab");
    let server = watched(PostgreSql::builder().tls(&authority.server().issue()));
    let proxy = DelayProxy::start(server.address(), Duration::from_millis(50));
    passes(&connect(&through(&server, &proxy, "sslmode=require")));
    assert_eq!((proxy.round_trips(), proxy.connections()), (7, 1));

    let new = PostgreSql::builder()
        .installation(Installation::from_env("DBHARDEN_PG18_BIN"))
        .tls(&authority.server().issue());
    let new = watched(new);
    let proxy = DelayProxy::start(new.address(), Duration::from_millis(50));
    passes(&connect(&through(&new, &proxy, "sslmode=require")));
    assert_eq!((proxy.round_trips(), proxy.connections()), (7, 1));
    let proxy = DelayProxy::start(new.address(), Duration::from_millis(50));
    passes(&connect(&through(
        &new,
        &proxy,
        "sslmode=require sslnegotiation=direct",
    )));
    assert_eq!((proxy.round_trips(), proxy.connections()), (6, 1));
}

#[test]
fn one_session_reads_in_a_read_only_transaction_and_says_goodbye() {
    let server = watched(PostgreSql::builder());
    passes(&connect(&server.conninfo("app", "s3cret")));
    let ended = crate::support::wait_for(|| {
        let log = server.log();
        log.contains("disconnection: session time").then_some(log)
    });
    let log = ended.expect("the session ends");
    assert_eq!(log.matches("connection authorized: user=app").count(), 1);
    assert!(log.contains("application_name=dbharden"), "{log}");
    assert!(log.contains("BEGIN READ ONLY"));
    assert!(
        !log.contains("unexpected EOF on client connection"),
        "{log}"
    );
    let locks = log.matches("SET LOCAL").count();
    assert!(locks > 0);
}

#[test]
fn a_refused_login_is_tried_once_in_every_sslmode() {
    let authority = Authority::new("lab");
    for mode in ["disable", "allow", "prefer", "require"] {
        let server = watched(PostgreSql::builder().tls(&authority.server().issue()));
        let connection = connect(&format!(
            "{} sslmode={mode}",
            server.conninfo("app", "wrong")
        ));
        assert_eq!(failure(&connection).map(|(stage, _)| stage), Some(Auth));
        let log = server.log();
        assert_eq!(
            log.matches("password authentication failed").count(),
            1,
            "{mode}: {log}"
        );
        let app = log.matches("connection received").count();
        assert!(
            app <= 4,
            "{mode}: {app} connections, one of them the lab's own\n{log}"
        );
    }
}

#[test]
fn a_server_that_wants_tls_is_found_out_without_a_second_login() {
    let authority = Authority::new("lab");
    let server = watched(
        PostgreSql::builder()
            .tls(&authority.server().issue())
            .hba("hostssl all all all scram-sha-256"),
    );
    let connection = connect(&format!(
        "{} sslmode=disable",
        server.conninfo("app", "s3cret")
    ));
    fails(&connection, Auth, &["hba-needs-tls"]);
    assert!(!server.log().contains("connection authorized: user=app"));
    assert!(!server.log().contains("authentication failed"));
}

#[test]
fn no_lock_is_taken_beyond_the_one_that_reading_takes() {
    let server = PostgreSql::start();
    server.create(&Role::new("app").password("s3cret"));
    server.create(&Role::new("admin").password("s3cret").superuser());
    let mut admin = crate::support::Session::open(&server.conninfo("admin", "s3cret"));
    // An exclusive lock lets nothing pass but the lock of a plain SELECT.
    let tables = "select string_agg(oid::regclass::text, ', ') from pg_class \
                  where relkind = 'r' and relnamespace = 'pg_catalog'::regnamespace";
    let tables = server.sql(tables);
    admin.run(&format!(
        "begin; lock table {} in exclusive mode",
        tables.trim()
    ));
    passes(&connect(&server.conninfo("app", "s3cret")));
}

#[test]
fn a_look_writes_nothing() {
    let server = PostgreSql::start();
    server.create(&Role::new("app").password("s3cret"));
    let state = || {
        server.sql("select pg_snapshot_xmax(pg_current_snapshot()), pg_current_wal_insert_lsn()")
    };
    server.sql("checkpoint");
    // The server writes a little by itself now and then; once it must have been still.
    let still = (0..20).any(|_| {
        let before = state();
        passes(&connect(&server.conninfo("app", "s3cret")));
        before == state()
    });
    assert!(still, "a transaction id or WAL is used each time");
}
