//! Who is let in, and why not.

use std::time::Duration;

use dbharden::facts::StageName::Auth;

use crate::dial::{connect, fails, last, observed, passes, request};
use crate::support::{PostgreSql, Role, Session, Signal};

const PASSWORD: &[&str] = &[
    "role-missing",
    "pw-wrong",
    "pw-none",
    "pw-expired",
    "md5-hash-vs-scram",
];

#[test]
fn behind_a_refused_password_are_five_reasons_and_none_is_picked() {
    let server = PostgreSql::start();
    server.create(&Role::new("app").password("s3cret"));
    server.create(&Role::new("empty"));
    server.create(
        &Role::new("old")
            .password("s3cret")
            .valid_until("2020-01-01"),
    );
    server.create(&Role::new("hash").password("s3cret").md5());
    for (user, password) in [
        ("app", "wrong"),
        ("nobody_known", "x"),
        ("empty", "x"),
        ("old", "s3cret"),
        ("hash", "s3cret"),
    ] {
        fails(&connect(&server.conninfo(user, password)), Auth, PASSWORD);
    }
}

#[test]
fn the_right_password_gets_further_and_the_next_hurdle_is_named() {
    let server = PostgreSql::start();
    server.create(&Role::new("app").password("s3cret"));
    server.create(&Role::new("barred").password("s3cret").no_login());
    server.create(&Role::new("few").password("s3cret").connection_limit(1));
    server.sql("create database locked; revoke connect on database locked from public");
    server.sql("create database small connection limit 0");
    server.sql("create database shut allow_connections false");
    let to = |user: &str, database: &str| {
        server
            .conninfo(user, "s3cret")
            .replace("dbname=postgres", &format!("dbname={database}"))
    };
    fails(&connect(&to("barred", "postgres")), Auth, &["role-nologin"]);
    fails(
        &connect(&to("app", "Postgres")),
        Auth,
        &["db-missing", "db-case"],
    );
    fails(&connect(&to("app", "locked")), Auth, &["connect-revoked"]);
    fails(&connect(&to("app", "small")), Auth, &["limit-db"]);
    fails(&connect(&to("app", "shut")), Auth, &["db-noallow"]);
    let _first = Session::open(&to("few", "postgres"));
    fails(&connect(&to("few", "postgres")), Auth, &["limit-role"]);
}

#[test]
fn a_full_server_says_so_before_and_after_the_login() {
    let server = PostgreSql::builder().max_connections(5).start();
    server.create(&Role::new("app").password("s3cret"));
    let _ordinary: Vec<Session> = (0..2)
        .map(|_| Session::open(&server.conninfo("app", "s3cret")))
        .collect();
    fails(
        &connect(&server.conninfo("app", "s3cret")),
        Auth,
        &["too-many-reserved"],
    );
    server.create(&Role::new("admin").password("s3cret").superuser());
    let _reserved: Vec<Session> = (0..3)
        .map(|_| Session::open(&server.conninfo("admin", "s3cret")))
        .collect();
    fails(
        &connect(&server.conninfo("app", "s3cret")),
        Auth,
        &["too-many-clients"],
    );
}

#[test]
fn no_password_is_missing_and_not_wrong() {
    let server = PostgreSql::start();
    server.create(&Role::new("app").password("s3cret"));
    let conninfo = server.conninfo("app", "x").replace("password=x", "");
    fails(&connect(&conninfo), Auth, &["password-missing"]);
    // Nor is it missing where it lies in a file that others may read, which libpq leaves aside.
    let folder = crate::support::Folder::new();
    let ours = folder.write("pgpass", "127.0.0.1:*:*:app:s3cret\n");
    let open = format!("{conninfo} passfile={}", ours.display());
    fails(&connect(&open), Auth, &["pgpass-perms"]);
    let theirs = folder.write("pgpass", "elsewhere:*:*:app:s3cret\n");
    let other = format!("{conninfo} passfile={}", theirs.display());
    fails(&connect(&other), Auth, &["password-missing"]);
}

#[test]
fn a_password_from_a_file_may_be_the_files_fault() {
    let server = PostgreSql::start();
    server.create(&Role::new("app").password("s3cret"));
    let text = server
        .conninfo("app", "x")
        .replace("password=x", "passfile=/etc/our.passwords");
    let parsed = dbharden::conninfo::parse(&text).unwrap();
    let ambient = dbharden::conninfo::Ambient {
        password_file: Some((
            "/etc/our.passwords".to_owned(),
            dbharden::value::Secret::new("*:*:*:app:stale\n".to_owned()),
        )),
        ..dbharden::conninfo::Ambient::default()
    };
    let origin = dbharden::value::Origin::flag("URL");
    let mut request = request(&text);
    request.conninfo = dbharden::conninfo::resolve(&parsed, &origin, &ambient).unwrap();
    let causes = [PASSWORD, &["pgpass-wrong"]].concat();
    fails(&last(&request), Auth, &causes);
}

#[test]
fn the_encoding_of_the_string_is_asked_for_and_what_is_read_stays_readable() {
    let server = PostgreSql::start();
    server.create(&Role::new("app").password("s3cret"));
    server.sql("create database \"größe\"");
    let with = |more: &str| connect(&format!("{} {more}", server.conninfo("app", "s3cret")));
    fails(&with("client_encoding=BOGUS"), Auth, &["client-encoding"]);
    fails(
        &with("client_encoding=MULE_INTERNAL"),
        Auth,
        &["client-encoding"],
    );
    let text = server
        .conninfo("app", "s3cret")
        .replace("dbname=postgres", "dbname=größe");
    for encoding in ["LATIN1", "utf8", "auto"] {
        let connection = connect(&format!("{text} client_encoding={encoding}"));
        passes(&connection);
        assert_eq!(connection.server.unwrap().database, "größe", "{encoding}");
    }
}

#[test]
fn a_replication_connection_is_opened_as_such() {
    let server = PostgreSql::builder()
        .hba("host replication app all scram-sha-256")
        .hba("host all app all scram-sha-256")
        .start();
    server.create(&Role::new("app").password("s3cret"));
    let with = |more: &str| connect(&format!("{} {more}", server.conninfo("app", "s3cret")));
    fails(&with("replication=true"), Auth, &["replication-conn"]);
    passes(&with("replication=false"));
    server.sql("alter role app replication");
    for mode in ["true", "database"] {
        let connection = with(&format!("replication={mode}"));
        passes(&connection);
        let facts = connection.server.unwrap();
        assert!(facts.version.starts_with('1'), "{facts:?}");
    }
    server.set_hba(["host all app all scram-sha-256"]);
    fails(&with("replication=true"), Auth, &["replication-conn"]);
}

/// Debian's server speaks every language that it was translated to, whichever locales there are.
#[test]
fn the_servers_language_changes_nothing() {
    for language in ["de", "ja", "ru", "fr"] {
        let server = PostgreSql::builder().language(language).start();
        server.create(&Role::new("app").password("s3cret"));
        server.create(&Role::new("barred").password("s3cret").no_login());
        server.create(&Role::new("few").password("s3cret").connection_limit(0));
        let conninfo = server.conninfo("app", "s3cret");
        let log = server.log();
        assert!(
            !log.contains("database system is ready"),
            "the server speaks English: {log}"
        );
        let to = |from: &str, to: &str| connect(&conninfo.replace(from, to));
        fails(&to("s3cret", "wrong"), Auth, PASSWORD);
        fails(&to("user=app", "user=barred"), Auth, &["role-nologin"]);
        fails(&to("user=app", "user=few"), Auth, &["limit-role"]);
        let elsewhere = to("dbname=postgres", "dbname=nosuch");
        fails(&elsewhere, Auth, &["db-missing", "db-case"]);
        let template = to("dbname=postgres", "dbname=template0");
        fails(&template, Auth, &["db-noallow"]);
        let more = |more: &str| connect(&format!("{conninfo} {more}"));
        let bogus = more("client_encoding=BOGUS");
        fails(&bogus, Auth, &["client-encoding"]);
        let options = more("options='-c no_such_setting=1'");
        fails(&options, Auth, &["options-bad"]);
        server.set_hba(["host all nobody all reject"]);
        let rules = &["hba-missing", "hba-reject"];
        fails(&more("sslmode=disable"), Auth, rules);
    }
}

#[test]
fn trust_lets_in_and_is_pointed_out() {
    let server = PostgreSql::builder().hba("host all all all trust").start();
    server.create(&Role::new("app").password("s3cret"));
    let connection = connect(&server.conninfo("app", "whatever"));
    passes(&connection);
    assert!(observed(&connection).contains(&"rogue-no-auth"));
}

#[test]
fn a_password_in_clear_is_not_sent_without_verified_tls() {
    let server = PostgreSql::builder()
        .hba("host all all all password")
        .start();
    server.create(&Role::new("app").password("s3cret"));
    fails(
        &connect(&server.conninfo("app", "s3cret")),
        Auth,
        &["rogue-cleartext"],
    );
    assert!(!server.log().contains("password authentication failed"));
    let mut weak = request(&server.conninfo("app", "s3cret"));
    weak.allow_weak_auth = true;
    let connection = last(&weak);
    passes(&connection);
    assert!(observed(&connection).contains(&"rogue-cleartext"));
}

#[test]
fn an_md5_answer_is_not_sent_in_clear() {
    let server = PostgreSql::builder().hba("host all all all md5").start();
    server.create(&Role::new("app").password("s3cret").md5());
    fails(
        &connect(&server.conninfo("app", "s3cret")),
        Auth,
        &["rogue-md5"],
    );
    let mut weak = request(&server.conninfo("app", "s3cret"));
    weak.allow_weak_auth = true;
    let connection = last(&weak);
    passes(&connection);
    assert!(observed(&connection).contains(&"rogue-md5"));
}

#[test]
fn a_refusal_by_the_rules_for_hosts_names_those_that_fit() {
    let server = PostgreSql::builder().hba("host all all all reject").start();
    server.create(&Role::new("app").password("s3cret"));
    let plain = connect(&format!(
        "{} sslmode=disable",
        server.conninfo("app", "s3cret")
    ));
    fails(&plain, Auth, &["hba-missing", "hba-reject"]);
}

#[test]
fn a_socket_is_reached_and_peer_is_told_from_the_rest() {
    let server = PostgreSql::builder().hba("local all all peer").start();
    server.create(&Role::new("app").password("s3cret"));
    let conninfo = format!(
        "host={} port={} dbname=postgres user=app password=s3cret",
        server.socket_folder().display(),
        server.port()
    );
    fails(&connect(&conninfo), Auth, &["method-peer"]);
    server.set_hba(["local all all scram-sha-256"]);
    passes(&connect(&conninfo));
    // A directory that is down, or does not know the user: the password went there over the socket.
    let outside = &["method-ldap", "method-pam", "method-radius"];
    server.set_hba(["local all all ldap ldapserver=127.0.0.1 ldapport=1 ldapprefix=cn="]);
    fails(&connect(&conninfo), Auth, outside);
    server.set_hba(["local all all radius radiusservers=127.0.0.1 radiusports=1 radiussecrets=x"]);
    fails(&connect(&conninfo), Auth, outside);
}

#[test]
fn options_of_the_string_are_what_the_server_refuses() {
    let server = PostgreSql::start();
    server.create(&Role::new("app").password("s3cret"));
    let with = |options: &str| {
        connect(&format!(
            "{} options='{options}'",
            server.conninfo("app", "s3cret")
        ))
    };
    fails(&with("-c no_such_setting=1"), Auth, &["options-bad"]);
    fails(&with("-c statement_timeout=5x"), Auth, &["options-badval"]);
    fails(
        &with("-c log_min_messages=debug1"),
        Auth,
        &["options-super"],
    );
    passes(&with("-c statement_timeout=5s"));
}

#[test]
fn a_stopped_server_refuses_and_a_stopping_one_says_so() {
    let mut server = PostgreSql::start();
    server.create(&Role::new("app").password("s3cret"));
    let conninfo = server.conninfo("app", "s3cret");
    server.stop(Signal::Interrupt);
    let mut request = request(&conninfo);
    request.timeout = Duration::from_secs(3);
    fails(
        &last(&request),
        dbharden::facts::StageName::Tcp,
        &["tcp-refused", "tcp-refused-firewall"],
    );
}
