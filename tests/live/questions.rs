//! Sessions that are open and whose questions are not answered, or whose answers do not fit.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use dbharden::facts::Stage;
use dbharden::facts::StageName::{Auth, Query};

use crate::dial::{connect, fails, last, observed, passes, request};
use crate::poolers::pool_of_one;
use crate::support::{PostgreSql, Role, Session};

fn server() -> PostgreSql {
    let server = PostgreSql::start();
    server.create(&Role::new("app").password("s3cret"));
    server.create(&Role::new("admin").password("s3cret").superuser());
    server
}

/// The advice of the stage that failed.
fn advice(connection: &dbharden::facts::Connection) -> &str {
    let mut failures = connection
        .stages
        .iter()
        .filter_map(|report| match &report.stage {
            Stage::Failed(failure) => Some(failure.fix.as_str()),
            _ => None,
        });
    failures.next().unwrap_or_default()
}

#[test]
fn a_lock_that_is_held_is_told_from_a_limit_of_the_role() {
    let server = server();
    let mut admin = Session::open(&server.conninfo("admin", "s3cret"));
    let mut request = request(&server.conninfo("app", "s3cret"));
    request.timeout = Duration::from_secs(4);
    // The roles are asked for after the questions have set their own limit.
    admin.run(
        "begin; set local allow_system_table_mods = on; \
         alter view pg_catalog.pg_roles set (security_barrier = false)",
    );
    let connection = last(&request);
    fails(&connection, Query, &["q-lock-wait"]);
    assert!(advice(&connection).contains("lock_timeout"));
    admin.run("rollback");
    passes(&last(&request));
    // The settings are asked for before, and who may see them depends on who is a member of what.
    server.sql("alter role app set lock_timeout = '200ms'");
    admin.run("begin; lock table pg_catalog.pg_auth_members in access exclusive mode");
    let connection = last(&request);
    fails(&connection, Query, &["q-lock-timeout"]);
    assert!(advice(&connection).contains("lock"));
    admin.run("rollback");
    passes(&last(&request));
}

#[test]
fn a_schema_that_may_not_be_used_is_a_right_that_is_missing() {
    let server = server();
    server.sql("revoke usage on schema pg_catalog from public");
    let connection = connect(&server.conninfo("app", "s3cret"));
    fails(&connection, Query, &["q-privileges", "q-schema-perm"]);
    assert!(
        advice(&connection).contains("\\dn+"),
        "{}",
        advice(&connection)
    );
}

#[test]
fn a_refusal_that_is_in_no_table_says_that_its_text_is_another_languages() {
    for (language, causes) in [("ru", &["err-localized"][..]), ("C", &[])] {
        let server = PostgreSql::builder().language(language).start();
        server.create(&Role::new("app").password("s3cret"));
        server.sql("alter role app set session_preload_libraries = 'no_such_library'");
        let connection = connect(&server.conninfo("app", "s3cret"));
        fails(&connection, Auth, causes);
    }
}

#[test]
fn what_another_client_has_set_through_a_pooler_is_told() {
    let server = server();
    let pooler = pool_of_one(&server);
    let url = pooler.url("app", "s3cret");
    assert!(!observed(&connect(&url)).contains(&"pgb-set-leak"));
    let mut other = Session::open(&url);
    other.run("set statement_timeout = '7654ms'");
    let connection = connect(&url);
    passes(&connection);
    let leak = connection
        .observations
        .iter()
        .find(|o| o.cause == "pgb-set-leak");
    let message = &leak.unwrap().message;
    assert!(message.contains("statement_timeout = 7654 ms"), "{message}");
    // On the direct host, a limit of the role is nobody's leak.
    server.sql("alter role app set statement_timeout = '7654ms'");
    let direct = connect(&server.conninfo("app", "s3cret"));
    assert!(!observed(&direct).contains(&"pgb-set-leak"));
}

/// Passes everything on, but for the version that the server announces at the login.
fn liar(upstream: SocketAddr) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            let mut server = TcpStream::connect(upstream).unwrap();
            let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            thread::spawn(move || std::io::copy(&mut from, &mut to));
            let mut bytes = [0; 16 * 1024];
            while let Ok(length @ 1..) = server.read(&mut bytes) {
                let name = b"server_version\0";
                if let Some(at) = bytes[..length].windows(name.len()).position(|w| w == name) {
                    bytes[at + name.len()..][..2].copy_from_slice(b"99");
                }
                if client.write_all(&bytes[..length]).is_err() {
                    break;
                }
            }
        }
    });
    port
}

#[test]
fn a_version_that_is_not_the_same_twice_is_told() {
    let server = server();
    let port = liar(server.address());
    let conninfo = server
        .conninfo("app", "s3cret")
        .replace(&format!("port={}", server.port()), &format!("port={port}"));
    let connection = connect(&conninfo);
    passes(&connection);
    let lie = connection
        .observations
        .iter()
        .find(|o| o.cause == "version-lie");
    assert!(lie.unwrap().message.contains("\"99."), "{lie:?}");
    assert!(!observed(&connect(&server.conninfo("app", "s3cret"))).contains(&"version-lie"));
}
