//! What the server tells about itself and its sessions.

use std::time::Duration;

use crate::dial::{connect, passes};
use crate::support::{Authority, PostgreSql, Role, Session};

#[test]
fn sessions_are_counted_by_name_with_their_states() {
    let authority = Authority::new("lab");
    let server = PostgreSql::builder()
        .tls(&authority.server().issue())
        .start();
    server.create(&Role::new("app").password("s3cret"));
    server.create(&Role::new("watcher").password("s3cret").monitor());
    server.sql("create table t (i int); grant all on t to app");
    let web = server.conninfo("app", "s3cret") + " application_name=web";
    let mut holder = Session::open(&web);
    holder.run("begin; lock table t");
    let mut waiter = Session::open(&(web.clone() + " sslmode=disable"));
    waiter.send("select * from t");
    let _idle = Session::open(&web);
    std::thread::sleep(Duration::from_millis(300));
    for user in ["watcher", "app"] {
        let connection = connect(&server.conninfo(user, "s3cret"));
        passes(&connection);
        let activity = connection.activity.unwrap();
        let row = activity
            .iter()
            .find(|row| row.application_name == "web")
            .unwrap();
        assert_eq!(row.total, Some(3));
        assert_eq!(row.active, Some(1));
        assert_eq!(row.idle, Some(1));
        assert_eq!(row.idle_in_transaction, Some(1));
        assert_eq!(row.waiting, Some(1));
        assert_eq!(row.unencrypted, Some(1));
        let old = |age: Option<Duration>| age.is_some_and(|age| age > Duration::from_millis(100));
        assert!(old(row.oldest_transaction), "{row:?}");
        assert!(old(row.longest_wait), "{row:?}");
        assert!(old(row.oldest_idle_in_transaction), "{row:?}");
        assert!(
            activity
                .iter()
                .all(|row| row.application_name != "dbharden")
        );
        let facts = connection.server.unwrap();
        assert_eq!(facts.sees_all, user == "watcher");
        assert_eq!(facts.client_backends, Some(3));
    }
}

#[test]
fn what_a_role_may_not_see_is_unknown_and_not_nothing() {
    let server = PostgreSql::start();
    server.create(&Role::new("app").password("s3cret"));
    server.create(&Role::new("other").password("s3cret"));
    let _theirs = Session::open(&(server.conninfo("other", "s3cret") + " application_name=jobs"));
    let connection = connect(&server.conninfo("app", "s3cret"));
    passes(&connection);
    let activity = connection.activity.unwrap();
    let row = activity
        .iter()
        .find(|row| row.application_name == "jobs")
        .unwrap();
    assert_eq!(row.total, Some(1));
    assert_eq!((row.active, row.idle, row.waiting), (None, None, None));
    assert_eq!((row.unencrypted, row.oldest_transaction), (None, None));
    assert_eq!(connection.server.unwrap().client_backends, Some(1));
}

#[test]
fn limits_and_settings_come_with_who_set_them() {
    let server = PostgreSql::start();
    server.create(&Role::new("app").password("s3cret").connection_limit(7));
    server.sql("alter database postgres connection limit 9");
    server.sql("alter role app set statement_timeout = '30s'");
    server.sql("alter database postgres set idle_in_transaction_session_timeout = '60s'");
    let connection = connect(&server.conninfo("app", "s3cret"));
    passes(&connection);
    let facts = connection.server.unwrap();
    assert_eq!((facts.role_limit, facts.database_limit), (Some(7), Some(9)));
    assert_eq!(facts.superuser, Some(false));
    let setting = |name: &str| {
        let found = facts.settings.iter().find(|s| s.name == name).unwrap();
        (found.value.as_str(), found.source.as_str())
    };
    assert_eq!(setting("statement_timeout"), ("30000", "user"));
    assert_eq!(
        setting("idle_in_transaction_session_timeout"),
        ("60000", "database")
    );
    assert_eq!(setting("lock_timeout"), ("0", "default"));
}

#[test]
fn a_standby_is_in_recovery() {
    let primary = PostgreSql::start();
    primary.create(&Role::new("app").password("s3cret"));
    let standby = primary.standby();
    let connection = connect(&standby.conninfo("app", "s3cret"));
    passes(&connection);
    assert!(connection.server.unwrap().in_recovery);
    assert!(
        !connect(&primary.conninfo("app", "s3cret"))
            .server
            .unwrap()
            .in_recovery
    );
}

#[test]
fn the_wanted_kind_of_server_is_found_among_several() {
    let primary = PostgreSql::start();
    primary.create(&Role::new("app").password("s3cret"));
    let standby = primary.standby();
    let ports = (primary.port(), standby.port());
    let to = |wanted: &str| {
        let text = format!(
            "host=127.0.0.1,127.0.0.1 port={},{} dbname=postgres user=app password=s3cret \
             target_session_attrs={wanted}",
            ports.0, ports.1
        );
        dbharden::probe::run(&crate::dial::request(&text))
    };
    for (wanted, port) in [
        ("any", primary.port()),
        ("read-write", primary.port()),
        ("primary", primary.port()),
        ("standby", standby.port()),
        ("read-only", standby.port()),
        ("prefer-standby", standby.port()),
    ] {
        let connections = to(wanted);
        let last = connections.last().unwrap();
        passes(last);
        assert_eq!(last.port, port, "{wanted}");
    }
    drop(standby);
    let connections = to("prefer-standby");
    assert_eq!(connections.len(), 2);
    passes(connections.last().unwrap());
    let connections = to("standby");
    let first = crate::dial::failure(&connections[0]);
    let expected = (dbharden::facts::StageName::Auth, vec!["tsa-mismatch"]);
    assert_eq!(first, Some(expected));
}
