//! The wording of Node's and Rust's drivers, of psql, and of the newest server; and peers that break
//! the protocol.

use std::io::Read as _;

use crate::batch::Batch;
use crate::support::{
    Authority, Conversation, Installation, Peer, PgBouncer, PostgreSql, Role, Session, free_port,
};
use crate::{assert_explains, provoke_with};

/// What `tokio-postgres` says: as an application prints it, with its causes, and as a panic does.
fn tokio_postgres(url: &str, statements: &[&str]) -> [String; 2] {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let error = runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
        let driven = tokio::spawn(connection);
        for statement in statements {
            client.batch_execute(statement).await?;
        }
        drop(client);
        driven.await.unwrap()
    });
    let error = error.unwrap_err();
    let mut told = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        told = format!("{told}: {cause}");
        source = cause.source();
    }
    [told, format!("{error:?}")]
}

fn url_of(peer: &Peer) -> String {
    format!("postgresql://a:b@127.0.0.1:{}/d", peer.port())
}

#[test]
fn a_login_in_the_words_of_other_drivers_and_the_newest_server() {
    let mut batch = Batch::default();
    let newest = Installation::from_env("DBHARDEN_PG18_BIN");
    for installation in [Installation::newest(), newest] {
        let server = PostgreSql::builder()
            .installation(installation)
            .hba("host all nohba 127.0.0.1/32 reject")
            .hba("host all ident 127.0.0.1/32 ident")
            .hba("host postgres all 127.0.0.1/32 scram-sha-256")
            .hba("host nosuch all 127.0.0.1/32 scram-sha-256")
            .hba("host locked all 127.0.0.1/32 scram-sha-256")
            .start();
        for role in ["app", "lim", "gone", "ident"] {
            let role = Role::new(role).password("s3cret");
            server.create(&role);
        }
        server.sql("alter role lim connection limit 0");
        server.sql("alter role gone nologin");
        server.sql("create database locked");
        server.sql("revoke connect on database locked from public");
        let good = server.url("app", "s3cret");
        let of = |role: &str| server.url(role, "s3cret");
        let database = |name: &str| good.replace("/postgres", &format!("/{name}"));
        let cases = [
            ("pw-wrong", server.url("app", "wrong")),
            ("role-missing", of("ghost")),
            ("role-nologin", of("gone")),
            ("limit-role", of("lim")),
            ("db-missing", database("nosuch")),
            ("connect-revoked", database("locked")),
            ("hba-needs-tls", database("elsewhere")),
            ("hba-reject", of("nohba")),
            ("method-ident", of("ident")),
        ];
        for (page, url) in &cases {
            for driver in ["psql", "psycopg", "asyncpg", "pg", "postgres"] {
                batch.explains(page, &[driver, url]);
            }
            for text in tokio_postgres(url, &[]) {
                assert_explains(&text, page);
            }
        }
        let statements: [(&str, &[&str]); 5] = [
            (
                "q-stmt-timeout",
                &["set statement_timeout = '50ms'", "select pg_sleep(2)"],
            ),
            ("q-schema-perm", &["create table public.t ()"]),
            ("q-privileges", &["select * from pg_authid"]),
            ("settings-drift", &["set max_connections = 5"]),
            ("options-super", &["set log_min_messages = warning"]),
        ];
        for (page, run) in statements {
            for driver in ["settled", "asyncpg", "pg", "postgres"] {
                batch.explains(page, &[&[driver, good.as_str()][..], run].concat());
            }
            for text in tokio_postgres(&good, run) {
                assert_explains(&text, page);
            }
        }
        for option in [
            "idle_session_timeout",
            "idle_in_transaction_session_timeout",
        ] {
            let (page, begin) = match option {
                "idle_session_timeout" => ("q-idle-session", "select 1"),
                _ => ("q-idle-txn", "begin"),
            };
            let set = format!("set {option} = '50ms'");
            batch.explains(page, &["after_a_moment", &good, &set, begin]);
        }
        for driver in ["psql", "pg", "postgres"] {
            let required = format!("{good}?sslmode=require");
            batch.explains("ssl-n-required", &[driver, &required]);
        }
        batch.explains(
            "tsa-mismatch",
            &["psql", &format!("{good}?target_session_attrs=standby")],
        );
        batch.explains(
            "cb-no-tls",
            &["psql", &format!("{good}?channel_binding=require")],
        );
        batch.explains(
            "replication-conn",
            &["psql", &format!("{good}?replication=true")],
        );
        // The batch runs while this server does.
        std::mem::take(&mut batch).run();
    }
}

#[test]
fn a_host_that_does_not_answer_in_the_words_of_other_drivers() {
    let mut batch = Batch::default();
    let refused = format!("postgresql://a:b@127.0.0.1:{}/d", free_port());
    let unknown = "postgresql://a:b@nosuch.invalid:5432/d";
    let silent = Peer::silent();
    let closing = Peer::start(Conversation::ssl_request);
    let cases = [
        ("tcp-refused", refused.as_str()),
        ("dns-nxdomain", unknown),
        ("tcp-blackhole", &url_of(&silent)),
        ("tcp-fin-after-accept", &url_of(&closing)),
    ];
    for (page, url) in cases {
        let limited = format!("{url}?connect_timeout=2");
        batch.explains(page, &["psql", &limited]);
        // postgres.js tries again for ever where a peer hangs up.
        let drivers = match page {
            "tcp-fin-after-accept" => &["pg"][..],
            _ => &["pg", "postgres"],
        };
        for driver in drivers {
            let url = match page {
                // Node's drivers ask for TLS only where they are told to.
                "tcp-fin-after-accept" => format!("{url}?sslmode=require"),
                _ => url.to_owned(),
            };
            batch.explains(page, &[driver, &url]);
        }
    }
    for (page, url) in [("tcp-refused", refused.as_str()), ("dns-nxdomain", unknown)] {
        for text in tokio_postgres(url, &[]) {
            assert_explains(&text, page);
        }
    }
    batch.explains(
        "default-driver",
        &["without", "psycopg2", "postgresql+psycopg2://a:b@h/d"],
    );
    batch.explains(
        "default-driver",
        &["without", "asyncpg", "postgresql+asyncpg://a:b@h/d"],
    );
    batch.explains(
        "default-driver",
        &["without", "psycopg", "postgresql+psycopg://a:b@h/d"],
    );
    batch.run();
}

#[test]
fn a_peer_that_is_no_server_or_a_rogue_one() {
    let mut batch = Batch::default();
    let with = |answer: &'static [u8]| {
        Peer::start(move |conversation| {
            conversation.ssl_request()?;
            conversation.say(answer)?;
            conversation.hang()
        })
    };
    let asking = |method: u32| {
        Peer::start(move |conversation| {
            conversation.startup()?;
            conversation.send(b'R', &method.to_be_bytes())?;
            conversation.hang()
        })
    };
    let mechanism = |name: &'static str| {
        Peer::start(move |conversation| {
            conversation.startup()?;
            conversation.offer_sasl(&[name])?;
            conversation.hang()
        })
    };
    let trusting = Peer::start(|conversation| {
        conversation.startup()?;
        conversation.authentication_ok()?;
        conversation.ready()?;
        conversation.hang()
    });
    let early = with(b"E\0\0\0\x10SFATAL\0Mno fork\0\0");
    let (garbage, refusing) = (with(b"X"), with(b"N"));
    let echo = Peer::start(|conversation| {
        let mut bytes = [0; 8];
        conversation.stream().read_exact(&mut bytes)?;
        conversation.say(&bytes)
    });
    let (mysql, smtp) = (
        Peer::saying(b"J\0\0\0\x0a8.0.36\0"),
        Peer::saying(b"220 mail ESMTP\r\n"),
    );
    let clear = asking(3);
    let (md5, odd) = (asking(5), asking(99));
    let (plus, foreign) = (mechanism("SCRAM-SHA-256-PLUS"), mechanism("FOO-1"));
    let query = |peer: &Peer, query: &str| format!("{}?connect_timeout=3&{query}", url_of(peer));
    for driver in ["psql", "psycopg"] {
        for (page, peer, parameters) in [
            ("ssl-e", &early, "sslmode=require"),
            ("ssl-garbage", &garbage, "sslmode=require"),
            ("ssl-n-required", &refusing, "sslmode=require"),
            ("wrong-echo", &echo, "sslmode=require"),
            ("wrong-mysql", &mysql, "sslmode=require"),
            ("wrong-smtp", &smtp, "sslmode=require"),
            ("method-unknown", &odd, "sslmode=disable"),
            ("sasl-unknown", &foreign, "sslmode=disable"),
            ("plus-without-tls", &plus, "sslmode=disable"),
            ("cb-md5", &md5, "sslmode=disable&channel_binding=require"),
        ] {
            batch.explains(page, &[driver, &query(peer, parameters)]);
        }
    }
    // Only libpq 16 and newer can be told which methods are good.
    for (page, peer) in [("rogue-cleartext", &clear), ("rogue-no-auth", &trusting)] {
        let url = query(peer, "sslmode=disable&require_auth=scram-sha-256");
        batch.explains(page, &["psycopg", &url]);
    }
    batch.run();
}

#[test]
fn keys_and_certificates_of_the_client() {
    let authority = Authority::new("Lab Root");
    let other = Authority::new("Other Root");
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str, mode: u32| {
        use std::os::unix::fs::PermissionsExt as _;
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        path.display().to_string()
    };
    let root = file("root.pem", authority.pem(), 0o644);
    let server = PostgreSql::builder()
        .tls(&authority.server().issue())
        .client_authority(authority.pem())
        .hba("hostssl all all 127.0.0.1/32 cert")
        .start();
    server.create(&Role::new("alice").password("s3cret"));
    let issued = |name: &str, certificate: crate::support::Certificate| {
        let chain = file(&format!("{name}.crt"), &certificate.chain, 0o644);
        let key = file(&format!("{name}.key"), &certificate.key, 0o600);
        (chain, key)
    };
    let (chain, key) = issued("alice", authority.client("alice").issue());
    let (mallory, mallory_key) = issued("mallory", authority.client("mallory").issue());
    let (foreign, foreign_key) = issued("foreign", other.client("alice").issue());
    let open = file("open.key", &std::fs::read_to_string(&key).unwrap(), 0o644);
    let bad = file(
        "bad.pem",
        "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n",
        0o644,
    );
    let url = server.url("alice", "s3cret");
    let with = |chain: &str, key: &str| {
        format!("{url}?sslmode=require&sslrootcert={root}&sslcert={chain}&sslkey={key}")
    };
    let mut batch = Batch::default();
    for driver in ["psql", "psycopg", "psycopg2"] {
        for (page, url) in [
            ("clientcert-none", format!("{url}?sslmode=require")),
            ("clientcert-wrong-cn", with(&mallory, &mallory_key)),
            ("clientcert-unknown-ca", with(&foreign, &foreign_key)),
            ("clientkey-mode", with(&chain, &open)),
            ("clientkey-mismatch", with(&chain, &mallory_key)),
            ("clientkey-missing", with(&chain, "/nonexistent/key")),
            ("clientkey-dir", with(&chain, "/tmp")),
            (
                "rootcert-bad",
                format!("{url}?sslmode=verify-full&sslrootcert={bad}"),
            ),
        ] {
            batch.explains(page, &[driver, &url]);
        }
    }
    batch.run();
}

#[test]
fn a_pooler_and_a_standby_in_the_words_of_every_driver() {
    let mut server = PostgreSql::start();
    server.create(&Role::new("app").password("s3cret"));
    let pooler = PgBouncer::builder(&server)
        .user("app", "s3cret")
        .setting("max_client_conn", "3")
        .setting("query_wait_timeout", "1")
        .setting("server_login_retry", "1")
        .start();
    let url = pooler.url("app", "s3cret");
    let standby = server.standby();
    let mut batch = Batch::default();
    for driver in ["psql", "psycopg", "asyncpg", "pg", "postgres"] {
        let write = [driver, &standby.url("app", "s3cret"), "create table t ()"];
        batch.explains("standby-read-only", &write);
    }
    std::mem::take(&mut batch).run();
    let conninfo = format!(
        "host=127.0.0.1 port={} user=app password=s3cret dbname=postgres",
        pooler.port()
    );
    let full: Vec<Session> = (0..3).map(|_| Session::open(&conninfo)).collect();
    for driver in ["psql", "psycopg", "asyncpg", "pg", "postgres"] {
        batch.explains("pgb-max-client", &[driver, &url]);
    }
    std::mem::take(&mut batch).run();
    drop(full);
    server.stop(crate::support::Signal::Quit);
    for driver in ["psql", "asyncpg", "pg"] {
        batch.explains("pgb-upstream-down", &[driver, &url, "select 1"]);
    }
    batch.run();
}

#[test]
fn a_password_that_a_directory_or_a_socket_checks() {
    let server = PostgreSql::builder()
        .hba("host all ldap 127.0.0.1/32 ldap ldapserver=127.0.0.1 ldapport=1 ldapprefix=\"cn=\"")
        .hba("host all pam 127.0.0.1/32 pam")
        .hba("local all app peer")
        .start();
    let mut batch = Batch::default();
    for method in ["ldap", "pam"] {
        server.create(&Role::new(method).password("s3cret"));
        let url = server.url(method, "s3cret");
        // PAM thinks for two seconds, longer than Node's drivers wait here.
        for driver in ["psql", "psycopg", "asyncpg"] {
            batch.explains(&format!("method-{method}"), &[driver, &url]);
        }
    }
    server.create(&Role::new("app").password("s3cret"));
    let folder = server.socket_folder().display();
    let socket = format!(
        "host={folder} port={} user=app dbname=postgres",
        server.port()
    );
    for driver in ["psql", "psycopg"] {
        batch.explains("method-peer", &[driver, &socket]);
    }
    batch.run();
}

#[test]
fn a_password_file_that_is_wrong_or_open() {
    use std::os::unix::fs::PermissionsExt as _;
    let server = PostgreSql::start();
    server.create(&Role::new("app").password("s3cret"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pgpass");
    std::fs::write(&path, "*:*:*:*:wrong\n").unwrap();
    let file = path.display().to_string();
    let dsn = server.url("app", "s3cret").replace(":s3cret", "");
    for (mode, pages) in [
        (0o600, ["pgpass-wrong", "pw-wrong"]),
        (0o644, ["password-missing", "password-missing"]),
    ] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        for driver in ["psycopg2", "psycopg"] {
            let text = provoke_with(&[("PGPASSFILE", &file)], &[driver, &dsn]);
            for page in pages {
                assert_explains(&text, page);
            }
        }
    }
}
