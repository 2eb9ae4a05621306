//! The texts that real drivers and servers print are explained by the right page.
//!
//! Each failure is provoked, not typed in: `provoke.py` runs the driver, the lab the servers.

#![expect(clippy::unwrap_used, reason = "a panic is the test's failure")]

mod batch;
mod console;
mod more;
mod nowhere;

#[path = "../support/mod.rs"]
mod support;

use std::path::Path;
use std::process::Command;

use batch::{Batch, clean};
use dbharden::causes::search;
use support::{Authority, Certificate, Peer, PgBouncer, PostgreSql, Role, Session, free_port};

const DRIVERS: [&str; 3] = ["psycopg2", "psycopg", "asyncpg"];

/// Runs `provoke.py` with a clean environment and returns what a user would see.
fn provoke(arguments: &[&str]) -> String {
    provoke_with(&[], arguments)
}

fn provoke_with(environment: &[(&str, &str)], arguments: &[&str]) -> String {
    let python = std::env::var("DBHARDEN_PYTHON")
        .unwrap_or_else(|_| panic!("set DBHARDEN_PYTHON to a Python with the drivers"));
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/explain/provoke.py");
    let output = clean(&mut Command::new(python))
        .arg(script)
        .args(arguments)
        .envs(environment.iter().copied())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!text.is_empty(), "{arguments:?} did not fail");
    text
}

/// Asserts that a page is among the best fits of a text.
fn assert_explains(text: &str, page: &str) {
    if let Err(found) = fits(text, page) {
        panic!("{found}");
    }
}

/// Returns what was found instead, where a page is not among the best fits of a text.
fn fits(text: &str, page: &str) -> Result<(), String> {
    let fits: Vec<(&str, f64)> = search(text.as_bytes())
        .iter()
        .map(|fit| (fit.id, fit.score))
        .collect();
    let best = fits.first().map_or(0.0, |fit| fit.1);
    let found = fits.iter().find(|(id, _)| *id == page);
    if found.is_some_and(|(_, score)| *score >= best * 0.65) {
        return Ok(());
    }
    Err(format!("{page} is not what explains\n{text}\n{fits:?}"))
}

fn explains(page: &str, arguments: &[&str]) {
    assert_explains(&provoke(arguments), page);
}

#[test]
fn a_login_that_is_refused() {
    let mut batch = Batch::default();
    let server = PostgreSql::builder()
        .hba("host all nohba 127.0.0.1/32 reject")
        .hba("host postgres all 127.0.0.1/32 scram-sha-256")
        .hba("host nosuch all 127.0.0.1/32 scram-sha-256")
        .hba("host template0 all 127.0.0.1/32 scram-sha-256")
        .hba("host locked all 127.0.0.1/32 scram-sha-256")
        .start();
    server.create(&Role::new("app").password("s3cret"));
    server.create(&Role::new("nologin").password("s3cret").no_login());
    server.create(&Role::new("lim").password("s3cret").connection_limit(0));
    server.create(
        &Role::new("old")
            .password("s3cret")
            .valid_until("2000-01-01"),
    );
    server.sql("create database locked");
    server.sql("revoke connect on database locked from public");
    let good = server.url("app", "s3cret");
    let database = |name: &str| good.replace("/postgres", &format!("/{name}"));
    for driver in DRIVERS {
        batch.explains("pw-wrong", &[driver, &server.url("app", "wrong")]);
        batch.explains("role-missing", &[driver, &server.url("ghost", "s3cret")]);
        batch.explains("pw-expired", &[driver, &server.url("old", "s3cret")]);
        batch.explains("role-nologin", &[driver, &server.url("nologin", "s3cret")]);
        batch.explains("limit-role", &[driver, &server.url("lim", "s3cret")]);
        batch.explains("db-missing", &[driver, &database("nosuch")]);
        batch.explains("db-noallow", &[driver, &database("template0")]);
        batch.explains("connect-revoked", &[driver, &database("locked")]);
        batch.explains("hba-needs-tls", &[driver, &database("elsewhere")]);
        batch.explains("hba-reject", &[driver, &server.url("nohba", "s3cret")]);
    }
    let no_password = good.replace(":s3cret", "");
    for driver in ["psycopg2", "psycopg"] {
        batch.explains("password-missing", &[driver, &no_password]);
    }
    for (option, page) in [
        ("no_such_guc%3D1", "options-bad"),
        ("statement_timeout%3D5x", "options-badval"),
        ("log_min_messages%3Dwarning", "options-super"),
    ] {
        for driver in ["psycopg2", "psycopg"] {
            batch.explains(page, &[driver, &format!("{good}?options=-c%20{option}")]);
        }
    }
    batch.explains(
        "client-encoding",
        &["psycopg2", &format!("{good}?client_encoding=BOGUS")],
    );
    for driver in DRIVERS {
        batch.explains(
            "ssl-n-required",
            &[driver, &format!("{good}?sslmode=require")],
        );
    }
    batch.run();
}

#[test]
fn a_server_that_is_full() {
    let server = PostgreSql::builder().max_connections(5).start();
    server.create(&Role::new("app").password("s3cret"));
    let url = server.url("app", "s3cret");
    let text = provoke(&["hold", &url, "9"]);
    assert_explains(&text, "too-many-reserved");
    assert_explains(&text, "connection-budget");
    server.create(&Role::new("boss").password("s3cret").superuser());
    for _ in 0..5 {
        let text = provoke(&["hold", &server.url("boss", "s3cret"), "9"]);
        assert_explains(&text, "too-many-clients");
    }
}

#[test]
fn a_host_that_does_not_answer() {
    let port = free_port();
    for driver in DRIVERS {
        explains(
            "tcp-refused",
            &[driver, &format!("postgresql://a:b@127.0.0.1:{port}/d")],
        );
        explains(
            "dns-nxdomain",
            &[driver, "postgresql://a:b@nosuch.invalid:5432/d"],
        );
    }
    explains(
        "tcp-refused",
        &[
            "sqlalchemy",
            &format!("postgresql+pg8000://a:b@127.0.0.1:{port}/d"),
        ],
    );
    explains(
        "unix-missing",
        &["psycopg2", "host=/nonexistent user=a dbname=d"],
    );
    let long = format!("host=/{} user=a dbname=d", "x".repeat(120));
    explains("unix-toolong", &["psycopg2", &long]);
    let silent = Peer::silent();
    let url = format!("postgresql://a:b@127.0.0.1:{}/d", silent.port());
    for driver in ["psycopg2", "psycopg"] {
        explains("tcp-silent", &[driver, &format!("{url}?connect_timeout=2")]);
    }
    explains("tcp-blackhole", &["asyncpg", &url]);
    let closing = Peer::start(support::Conversation::ssl_request);
    let url = format!("postgresql://a:b@127.0.0.1:{}/d", closing.port());
    for driver in DRIVERS {
        explains("tcp-fin-after-accept", &[driver, &url]);
    }
    let http = Peer::saying("HTTP/1.1 400 Bad Request\r\n\r\n");
    let url = format!("postgresql://a:b@127.0.0.1:{}/d", http.port());
    explains("wrong-http", &["psycopg2", &url]);
}

#[test]
fn certificates_that_do_not_hold() {
    let mut batch = Batch::default();
    let authority = Authority::new("Lab Root A");
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root.pem");
    std::fs::write(&root, authority.pem()).unwrap();
    let root = root.display().to_string();
    let serving = |certificate: &Certificate| {
        let server = PostgreSql::builder().tls(certificate).start();
        server.create(&Role::new("app").password("s3cret"));
        server
    };
    let verifying = |server: &PostgreSql| {
        format!(
            "{}?sslmode=verify-full&sslrootcert={root}",
            server.url("app", "s3cret")
        )
    };
    let expired = serving(&authority.server().expired().issue());
    let future = serving(&authority.server().not_yet_valid().issue());
    let other = serving(&authority.server().wrong_host().issue());
    let unknown = serving(&Authority::new("Lab Root B").server().issue());
    let own = serving(&Certificate::self_signed().issue());
    for driver in DRIVERS {
        batch.explains("tls-expired", &[driver, &verifying(&expired)]);
        batch.explains("tls-not-yet", &[driver, &verifying(&future)]);
        batch.explains("tls-unknown-ca", &[driver, &verifying(&unknown)]);
        batch.explains("tls-self-signed", &[driver, &verifying(&own)]);
    }
    for driver in ["psycopg2", "psycopg"] {
        batch.explains("tls-wrong-host", &[driver, &verifying(&other)]);
    }
    batch.explains("tls-ip", &["asyncpg", &verifying(&other)]);
    let good = serving(&authority.server().issue());
    let plain = good.url("app", "s3cret");
    batch.explains(
        "rootcert-default-missing",
        &["psycopg2", &format!("{plain}?sslmode=verify-full")],
    );
    let named = |file: &str| format!("{plain}?sslmode=verify-full&sslrootcert={file}");
    batch.explains("rootcert-missing", &["psycopg", &named("/nope/ca.pem")]);
    batch.explains(
        "rootcert-system",
        &[
            "psycopg",
            &format!("{plain}?sslmode=require&sslrootcert=system"),
        ],
    );
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "").unwrap();
    batch.explains(
        "rootcert-empty",
        &["psycopg2", &named(&empty.display().to_string())],
    );
    batch.explains(
        "direct-old-server",
        &[
            "psycopg",
            &format!("{plain}?sslmode=require&sslnegotiation=direct"),
        ],
    );
    batch.explains(
        "direct-weak",
        &[
            "psycopg",
            &format!("{plain}?sslnegotiation=direct&sslmode=prefer"),
        ],
    );
    batch.run();
}

#[test]
fn a_string_that_the_driver_does_not_take() {
    let mut batch = Batch::default();
    let mut sqlalchemy = |kind: &str, dialect: &str, query: &str, page: &str| {
        batch.explains(
            page,
            &[
                kind,
                &format!("postgresql+{dialect}://a:b@127.0.0.1:5432/d{query}"),
            ],
        );
    };
    sqlalchemy(
        "sqlalchemy_async",
        "asyncpg",
        "?sslmode=require",
        "asyncpg-sslmode",
    );
    sqlalchemy(
        "sqlalchemy_async",
        "asyncpg",
        "?channel_binding=require",
        "channel-binding-refused",
    );
    sqlalchemy(
        "sqlalchemy_async",
        "asyncpg",
        "?application_name=x",
        "application-name-refused",
    );
    sqlalchemy(
        "sqlalchemy_async",
        "asyncpg",
        "?connect_timeout=5",
        "no-connect-timeout",
    );
    sqlalchemy("sqlalchemy_async", "asyncpg", "?ssl=true", "asyncpg-values");
    sqlalchemy(
        "sqlalchemy_async",
        "asyncpg",
        "?timeout=5",
        "asyncpg-values",
    );
    sqlalchemy(
        "sqlalchemy_async",
        "asyncpg",
        "?pgbouncer=true",
        "foreign-parameter",
    );
    sqlalchemy("sqlalchemy_async", "psycopg2", "", "default-driver");
    sqlalchemy(
        "sqlalchemy",
        "psycopg2",
        "?pgbouncer=true",
        "foreign-parameter",
    );
    sqlalchemy(
        "sqlalchemy",
        "psycopg",
        "?schema=public",
        "foreign-parameter",
    );
    sqlalchemy(
        "sqlalchemy",
        "psycopg2",
        "?sslmode=required",
        "url-bad-sslmode",
    );
    batch.run();
}

#[test]
fn a_string_that_nobody_can_read() {
    let mut batch = Batch::default();
    let url = "postgresql://a:b@127.0.0.1:5432/d";
    batch.explains(
        "postgres-scheme",
        &["sqlalchemy", "postgres://a:b@127.0.0.1:5432/d"],
    );
    batch.explains(
        "url-scheme-unknown",
        &["sqlalchemy", "ostgresql://a:b@127.0.0.1:5432/d"],
    );
    for mangled in [
        "",
        "\"postgresql://a:b@h/d\"",
        "psql 'postgresql://a:b@h/d'",
        "${DATABASE_URL}",
    ] {
        batch.explains("mangled-url", &["sqlalchemy", mangled]);
    }
    batch.explains("mangled-url", &["sqlalchemy", "postgresql://a:b@h:5432x/d"]);
    batch.explains(
        "url-bad-percent",
        &["psycopg2", "postgresql://a:b%zz@127.0.0.1:5432/d"],
    );
    batch.explains(
        "url-port",
        &["psycopg2", "postgresql://a:b@127.0.0.1:99999/d"],
    );
    batch.explains(
        "url-number",
        &["psycopg2", &format!("{url}?connect_timeout=5s")],
    );
    batch.explains(
        "url-unknown-param",
        &["psycopg2", &format!("{url}?schema=public")],
    );
    batch.explains(
        "url-bad-choice",
        &["psycopg2", &format!("{url}?target_session_attrs=master")],
    );
    batch.explains("url-ipv6", &["psycopg2", "postgresql://a:b@[::1:5432/d"]);
    batch.explains(
        "dns-host-shape",
        &["psycopg2", "postgresql://a:p@ss@127.0.0.1:5432/d"],
    );
    batch.explains(
        "password-special-characters",
        &["asyncpg", "postgresql://a:p/ss@127.0.0.1:5432/d"],
    );
    batch.explains(
        "password-special-characters",
        &["asyncpg", "postgresql://a:p[ss@127.0.0.1:5432/d"],
    );
    batch.explains(
        "alembic-percent",
        &["configparser_percent", "postgresql://a:p%40ss@h/d"],
    );
    let service = provoke_with(&[("PGSERVICE", "nosuch")], &["psycopg2", "dbname=d"]);
    assert_explains(&service, "env-pgservice-missing");
    batch.run();
}

#[test]
fn a_pool_that_is_wrong_or_exhausted() {
    let server = PostgreSql::start();
    server.create(&Role::new("app").password("s3cret"));
    server.create(&Role::new("boss").password("s3cret").superuser());
    let url = |dialect: &str| {
        server
            .url("app", "s3cret")
            .replace("postgresql://", &format!("postgresql+{dialect}://"))
    };
    explains("pool-exhausted", &["pool_exhausted", &url("psycopg2")]);
    explains("pool-variable-text", &["pool_size_text", &url("psycopg2")]);
    explains(
        "pool-variable-text",
        &["max_overflow_text", &url("psycopg2")],
    );
    explains("pool-class-arguments", &["null_pool", &url("psycopg2")]);
    explains(
        "pool-class-arguments",
        &["async_queue_pool", &url("asyncpg")],
    );
    let boss = server
        .url("boss", "s3cret")
        .replace("postgresql://", "postgresql+psycopg://");
    for dialect in ["psycopg2", "psycopg"] {
        explains("stale-connection", &["stale", &url(dialect), &boss]);
    }
}

#[test]
fn a_session_that_breaks_off() {
    let server = PostgreSql::builder()
        .setting("idle_in_transaction_session_timeout", "200ms")
        .start();
    server.create(&Role::new("app").password("s3cret"));
    let url = server.url("app", "s3cret");
    for driver in DRIVERS {
        let run = |page: &str, statements: &[&str]| {
            explains(page, &[&[driver, url.as_str()][..], statements].concat());
        };
        run(
            "q-stmt-timeout",
            &["set statement_timeout = '50ms'", "select pg_sleep(1)"],
        );
        run(
            "standby-read-only",
            &[
                "set default_transaction_read_only = on",
                "commit",
                "create table t ()",
            ],
        );
        run("q-schema-perm", &["create table public.t ()"]);
        run("public-schema-create", &["create table public.t ()"]);
        // psycopg2 hides the reason that the server gave.
        let page = match driver {
            "psycopg2" => "stale-connection",
            _ => "q-terminated",
        };
        run(page, &["select pg_terminate_backend(pg_backend_pid())"]);
        run("q-privileges", &["select * from pg_authid"]);
    }
    let mut lock = Session::open(&server.conninfo("app", "s3cret"));
    lock.run("select pg_advisory_lock(1)");
    for driver in DRIVERS {
        explains(
            "q-lock-timeout",
            &[
                driver,
                &url,
                "set lock_timeout = '50ms'",
                "select pg_advisory_lock(1)",
            ],
        );
    }
}

#[test]
fn a_pooler_that_refuses() {
    let server = PostgreSql::start();
    server.create(&Role::new("app").password("s3cret"));
    server.create(&Role::new("wrong").password("other"));
    let pooler = PgBouncer::builder(&server)
        .user("app", "s3cret")
        .user("wrong", "s3cret")
        .setting("query_wait_timeout", "1")
        .setting("default_pool_size", "1")
        .start();
    let url = pooler.url("app", "s3cret");
    for driver in ["psycopg2", "psycopg"] {
        explains("pgb-bad-pw", &[driver, &pooler.url("app", "bad")]);
        explains("pgb-no-user", &[driver, &pooler.url("ghost", "bad")]);
        explains(
            "pgb-startup-param",
            &[driver, &format!("{url}?options=-c%20jit%3Doff")],
        );
    }
    // Only the first login hears it; later ones wait for the pooler's next attempt.
    explains(
        "pgb-server-pw",
        &["psycopg2", &pooler.url("wrong", "s3cret")],
    );
    explains("pooler-prepared-statements", &["prepared_twice", &url]);
    let mut holder = Session::open(&format!(
        "host=127.0.0.1 port={} user=app password=s3cret dbname=postgres",
        pooler.port()
    ));
    holder.run("begin");
    for driver in ["psycopg", "asyncpg"] {
        explains("pgb-pool-full", &[driver, &url, "select 1"]);
    }
}
