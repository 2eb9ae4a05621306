//! The lab holds what it promises: each kind of server starts, answers, and is gone afterwards.

#![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

#[path = "../support/mod.rs"]
mod support;

use std::io::Read;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use support::{
    Authority, Certificate, DelayProxy, Folder, Installation, Peer, PgBouncer, PostgreSql, Role,
    Session, Signal,
};

#[test]
fn a_plain_server_asks_for_scram_and_refuses_a_wrong_password() {
    let server = PostgreSql::start();
    server.create(&Role::new("app").password("s3cret"));
    assert_eq!(
        server.psql(
            &server.url("app", "s3cret"),
            "select current_user, current_setting('ssl')"
        ),
        "app|off"
    );
    assert!(Session::try_open(&server.conninfo("app", "wrong")).is_none());
    assert!(server.log().contains("password authentication failed"));
}

#[test]
fn a_dropped_server_is_gone_with_its_folder() {
    let server = PostgreSql::start();
    let address = server.address();
    let folder = server.socket_folder().to_owned();
    assert!(TcpStream::connect(address).is_ok());
    drop(server);
    assert!(TcpStream::connect(address).is_err());
    assert!(!folder.exists());
}

#[test]
fn a_stopped_server_refuses_and_comes_back_on_its_port() {
    let mut server = PostgreSql::start();
    server.sql("create table kept (id int)");
    server.stop(Signal::Interrupt);
    assert!(TcpStream::connect(server.address()).is_err());
    server.restart();
    assert_eq!(server.sql("select count(*) from kept"), "0");
}

#[test]
fn tls_is_verified_in_full_by_libpq_where_the_certificate_is_right() {
    let authority = Authority::new("lab root");
    let middle = authority.intermediate("lab intermediate");
    for certificate in [authority.server().issue(), middle.server().issue()] {
        let server = PostgreSql::builder()
            .tls(&certificate)
            .hba("hostssl all all all scram-sha-256")
            .start();
        server.create(&Role::new("app").password("s3cret"));
        assert_eq!(verify_full(&server, authority.pem()).as_deref(), Some("t"));
    }
}

#[test]
fn tls_is_refused_by_libpq_where_the_certificate_is_wrong() {
    let authority = Authority::new("lab root");
    let middle = authority.intermediate("lab intermediate");
    for certificate in [
        authority.server().wrong_host().issue(),
        authority.server().expired().issue(),
        authority.server().not_yet_valid().issue(),
        middle.server().without_chain().issue(),
        Authority::new("another root").server().issue(),
        Certificate::self_signed().issue(),
    ] {
        let server = PostgreSql::builder().tls(&certificate).start();
        server.create(&Role::new("app").password("s3cret"));
        assert_eq!(verify_full(&server, authority.pem()), None);
        let require = server.conninfo("app", "s3cret") + " sslmode=require";
        assert!(Session::try_open(&require).is_some());
    }
}

/// Returns whether the session is encrypted, or `None` where psql refuses the server.
fn verify_full(server: &PostgreSql, root: &str) -> Option<String> {
    let folder = Folder::new();
    let root = folder.write("root.crt", root);
    let conninfo = format!(
        "{} sslmode=verify-full sslrootcert={}",
        server.conninfo("app", "s3cret"),
        root.display()
    );
    let mut session = Session::try_open(&conninfo)?;
    Some(session.run("select ssl from pg_stat_ssl where pid = pg_backend_pid()"))
}

#[test]
fn rules_decide_who_comes_in_and_can_be_replaced() {
    let server = PostgreSql::builder()
        .hba("host all trusted all trust")
        .hba("host all hashed all md5")
        .hba("host all all all reject")
        .start();
    server.create(&Role::new("trusted"));
    server.create(&Role::new("hashed").password("pw").md5());
    server.create(&Role::new("app").password("pw"));
    assert!(Session::try_open(&server.conninfo("trusted", "any")).is_some());
    assert!(Session::try_open(&server.conninfo("hashed", "pw")).is_some());
    assert!(Session::try_open(&server.conninfo("app", "pw")).is_none());
    server.set_hba(["host all all all password"]);
    assert!(Session::try_open(&server.conninfo("app", "pw")).is_some());
}

#[test]
fn roles_differ_in_what_they_may() {
    let server = PostgreSql::start();
    server.create(&Role::new("boss").password("pw").superuser());
    server.create(&Role::new("watcher").password("pw").monitor());
    server.create(&Role::new("app").password("pw").connection_limit(1));
    server.create(&Role::new("late").password("pw").valid_until("2020-01-01"));
    server.create(&Role::new("group").password("pw").no_login());
    let may = "select pg_has_role('pg_monitor', 'usage'), current_setting('is_superuser')";
    for (role, answer) in [("boss", "t|on"), ("watcher", "t|off"), ("app", "f|off")] {
        assert_eq!(server.psql(&server.url(role, "pw"), may), answer);
    }
    let _only = Session::open(&server.conninfo("app", "pw"));
    for role in ["app", "late", "group"] {
        assert!(Session::try_open(&server.conninfo(role, "pw")).is_none());
    }
}

#[test]
fn a_full_server_lets_nobody_else_in() {
    let server = PostgreSql::builder()
        .max_connections(6)
        .setting("superuser_reserved_connections", "2")
        .setting("max_wal_senders", "0")
        .start();
    server.create(&Role::new("app").password("pw"));
    let conninfo = server.conninfo("app", "pw");
    let _sessions: Vec<Session> = (0..4).map(|_| Session::open(&conninfo)).collect();
    assert!(Session::try_open(&conninfo).is_none());
}

#[test]
fn sessions_stay_and_can_wait_for_each_other() {
    let server = PostgreSql::start();
    server.create(&Role::new("app").password("pw"));
    server.sql("create table t (id int); grant all on t to app");
    let conninfo = server.conninfo("app", "pw") + " application_name=shop";
    let mut blocker = Session::open(&conninfo);
    blocker.run("begin; lock table t");
    let mut waiter = Session::open(&conninfo);
    waiter.send("select count(*) from t");
    let states = "select state, wait_event_type = 'Lock' from pg_stat_activity
                  where application_name = 'shop' order by backend_start";
    let deadline = Instant::now() + Duration::from_secs(30);
    while server.sql(states) != "idle in transaction|f\nactive|t" {
        assert!(Instant::now() < deadline, "{}", server.sql(states));
    }
}

#[test]
fn a_standby_is_in_recovery_and_follows() {
    let primary = PostgreSql::start();
    primary.create(&Role::new("app").password("pw"));
    let standby = primary.standby();
    assert_eq!(
        standby.psql(&standby.url("app", "pw"), "select pg_is_in_recovery()"),
        "t"
    );
    assert_eq!(primary.sql("select pg_is_in_recovery()"), "f");
}

#[test]
fn client_certificates_open_the_door_without_a_password() {
    let authority = Authority::new("lab root");
    let client = authority.client("app").issue();
    let server = PostgreSql::builder()
        .tls(&authority.server().issue())
        .client_authority(authority.pem())
        .hba("hostssl all all all cert")
        .start();
    server.create(&Role::new("app"));
    let folder = Folder::new();
    let certificate = folder.write("client.crt", &client.chain);
    let key = folder.write_private("client.key", &client.key);
    let conninfo = server.conninfo("app", "none") + " sslmode=require";
    assert!(Session::try_open(&conninfo).is_none());
    let conninfo = format!(
        "{conninfo} sslcert={} sslkey={}",
        certificate.display(),
        key.display()
    );
    assert!(Session::try_open(&conninfo).is_some());
}

#[test]
fn a_pooler_stands_before_a_server() {
    let server = PostgreSql::start();
    server.create(&Role::new("app").password("pw"));
    let pooler = PgBouncer::builder(&server)
        .user("app", "pw")
        .tls(&Authority::new("lab root").server().issue())
        .start();
    for parameters in ["", "?sslmode=require"] {
        let url = pooler.url("app", "pw") + parameters;
        assert_eq!(server.psql(&url, "select current_user"), "app");
    }
}

#[test]
fn the_newest_major_starts_from_its_own_programs() {
    let installation = Installation::from_env("DBHARDEN_PG18_BIN");
    assert_eq!(installation.major(), 18);
    let server = PostgreSql::builder()
        .installation(installation)
        .tls(&Authority::new("lab root").server().issue())
        .start();
    server.create(&Role::new("app").password("pw"));
    let url = server.url("app", "pw") + "?sslmode=require";
    assert!(server.psql(&url, "show server_version").starts_with("18."));
}

#[test]
fn the_proxy_counts_the_round_trips_of_psql() {
    let server = PostgreSql::start();
    server.create(&Role::new("app").password("pw"));
    let each_way = Duration::from_millis(40);
    let proxy = DelayProxy::start(server.address(), each_way);
    let conninfo = format!(
        "host=127.0.0.1 port={} dbname=postgres user=app password=pw sslmode=disable",
        proxy.port()
    );
    let start = Instant::now();
    assert_eq!(server.psql(&conninfo, "select 1"), "1");
    // TCP, startup, two for SCRAM, the query.
    assert_eq!((proxy.connections(), proxy.round_trips()), (1, 5));
    assert!(start.elapsed() >= 8 * each_way); // The proxy cannot slow the TCP handshake.
}

#[test]
fn a_scripted_peer_says_what_it_is_told() {
    let server = PostgreSql::start();
    let peer = Peer::start(|conversation| {
        conversation.ssl_request()?;
        conversation.say(b"N")?;
        let parameters = conversation.startup()?;
        assert!(parameters.contains(&("user".to_owned(), "app".to_owned())));
        conversation.error("53300", "InitProcess", "sorry, too many clients already")
    });
    let url = format!("postgresql://app@127.0.0.1:{}/x", peer.port());
    let refused = std::panic::catch_unwind(|| server.psql(&url, "select 1")).unwrap_err();
    let text = refused.downcast_ref::<String>().unwrap();
    assert!(text.contains("sorry, too many clients already"), "{text}");
    assert_eq!(peer.connections(), 1);

    let mut greeting = String::new();
    TcpStream::connect(Peer::saying("SSH-2.0-lab\r\n").address())
        .and_then(|mut stream| stream.read_to_string(&mut greeting))
        .unwrap();
    assert_eq!(greeting, "SSH-2.0-lab\r\n");
}
