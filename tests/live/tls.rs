//! Certificates, good and bad.

use std::fs;

use dbharden::facts::StageName::{Auth, Tls};

use crate::dial::{connect, fails, observed, passes};
use crate::support::{Authority, Certificate, Folder, Installation, PostgreSql, Role};

fn server(certificate: &Certificate) -> PostgreSql {
    let server = PostgreSql::builder().tls(certificate).start();
    server.create(&Role::new("app").password("s3cret"));
    server
}

/// A conninfo string that verifies by an authority.
fn verifying(server: &PostgreSql, mode: &str, roots: &std::path::Path) -> String {
    format!(
        "{} sslmode={mode} sslrootcert={}",
        server.conninfo("app", "s3cret"),
        roots.display()
    )
}

#[test]
fn each_fault_of_a_certificate_has_its_own_name() {
    let folder = Folder::new();
    let authority = Authority::new("Lab Root A");
    let other = Authority::new("Lab Root B");
    let between = authority.intermediate("Lab Intermediate A1");
    let roots = folder.write("root.pem", authority.pem());
    let cases = [
        ("good", authority.server().issue(), None),
        ("chain", between.server().issue(), None),
        (
            "expired",
            authority.server().expired().issue(),
            Some("tls-expired"),
        ),
        (
            "early",
            authority.server().not_yet_valid().issue(),
            Some("tls-not-yet"),
        ),
        (
            "host",
            authority.server().wrong_host().issue(),
            Some("tls-ip"),
        ),
        (
            "self",
            Certificate::self_signed().issue(),
            Some("tls-self-signed"),
        ),
        (
            "signed by a stranger's intermediate",
            other.intermediate("Lab CA B1").server().issue(),
            Some("tls-unknown-ca"),
        ),
        (
            "usage",
            authority
                .client("localhost")
                .names(["localhost", "127.0.0.1"])
                .issue(),
            Some("tls-bad-eku"),
        ),
        (
            "authority",
            authority.server().marked_as_authority().issue(),
            None,
        ),
    ];
    for (name, certificate, cause) in cases {
        let server = server(&certificate);
        let connection = connect(&verifying(&server, "verify-full", &roots));
        match cause {
            None => passes(&connection),
            Some(cause) => fails(&connection, Tls, &[cause]),
        }
        // Without a demand each of them is taken, and the report says what verification would do.
        let bare = connect(&format!(
            "{} sslmode=require",
            server.conninfo("app", "s3cret")
        ));
        passes(&bare);
        let facts = bare.tls.expect(name);
        assert!(!facts.chain_verified, "{name}: the system trusts no lab");
    }
}

#[test]
fn an_issuer_that_is_neither_sent_nor_trusted_may_be_a_root_or_an_intermediate() {
    let folder = Folder::new();
    let authority = Authority::new("Lab Root A");
    let roots = folder.write("root.pem", authority.pem());
    let either = &["tls-missing-intermediate", "tls-unknown-ca"];
    let middle = authority.intermediate("Lab Intermediate A1");
    let stranger = Authority::new("Lab Root B");
    for certificate in [
        middle.server().without_chain().issue(),
        stranger.server().issue(),
    ] {
        let server = server(&certificate);
        fails(
            &connect(&verifying(&server, "verify-ca", &roots)),
            Tls,
            either,
        );
    }
    // Of the same name, and yet another one: the name is trusted, the signature is not its own.
    let namesake = server(&Authority::new("Lab Root A").server().issue());
    fails(
        &connect(&verifying(&namesake, "verify-ca", &roots)),
        Tls,
        &["tls-unknown-ca"],
    );
}

#[test]
fn a_chain_that_is_out_of_date_as_a_whole_may_be_the_clocks_fault() {
    let folder = Folder::new();
    let old = Authority::valid_for_days("Lab Root A", -30, -1);
    let early = Authority::valid_for_days("Lab Root A", 1, 30);
    let stale = Authority::new("Lab Root A");
    let between = stale.intermediate_valid_for_days("Lab Intermediate A1", -30, -1);
    for (authority, certificate, causes) in [
        (
            &old,
            old.server().expired().issue(),
            &["tls-expired", "clock-skew"][..],
        ),
        (
            &early,
            early.server().not_yet_valid().issue(),
            &["tls-not-yet", "clock-skew"],
        ),
        // The leaf is still good, and what is between it and the root is not, or the root.
        (&stale, between.server().issue(), &["tls-expired"]),
        (&old, old.server().issue(), &["tls-expired"]),
    ] {
        let roots = folder.write("root.pem", authority.pem());
        let server = server(&certificate);
        fails(
            &connect(&verifying(&server, "verify-ca", &roots)),
            Tls,
            causes,
        );
    }
}

#[test]
fn a_file_that_lies_around_makes_require_verify() {
    let home = Folder::new();
    let authority = Authority::new("lab");
    let server = server(&authority.server().issue());
    fs::create_dir(home.path().join(".postgresql")).unwrap();
    let write = |pem: &str| fs::write(home.path().join(".postgresql/root.crt"), pem).unwrap();
    write(Authority::new("stale").pem());
    let at_home = |mode: &str| {
        let text = format!("{} sslmode={mode}", server.conninfo("app", "s3cret"));
        let mut request = crate::dial::request(&text);
        request.home = Some(home.path().to_owned());
        crate::dial::last(&request)
    };
    fails(&at_home("require"), Tls, &["require-is-verify-ca"]);
    let either = &["tls-missing-intermediate", "tls-unknown-ca"];
    fails(&at_home("verify-ca"), Tls, either);
    let fallen = at_home("prefer");
    passes(&fallen);
    assert_eq!(observed(&fallen), ["require-is-verify-ca"]);
    write(authority.pem());
    passes(&at_home("require"));
}

#[test]
fn a_pinned_self_signed_certificate_is_trusted() {
    let folder = Folder::new();
    for certificate in [
        Certificate::self_signed().issue(),
        Certificate::self_signed().marked_as_authority().issue(),
        Certificate::self_signed().common_name_only().issue(),
    ] {
        let server = server(&certificate);
        let roots = folder.write("root.pem", &certificate.chain);
        passes(&connect(&verifying(&server, "verify-ca", &roots)));
    }
}

#[test]
fn a_name_in_the_common_name_alone_is_taken_and_pointed_out() {
    let folder = Folder::new();
    let authority = Authority::new("lab");
    let roots = folder.write("root.pem", authority.pem());
    let server = server(&authority.server().common_name_only().issue());
    let conninfo = verifying(&server, "verify-full", &roots).replace("127.0.0.1", "localhost");
    let connection = connect(&conninfo);
    passes(&connection);
    assert!(observed(&connection).contains(&"tls-cn-only"));
}

#[test]
fn a_name_that_the_certificate_does_not_have_is_wrong() {
    let folder = Folder::new();
    let authority = Authority::new("lab");
    let roots = folder.write("root.pem", authority.pem());
    let dotted = server(&authority.server().issue());
    let conninfo = verifying(&dotted, "verify-full", &roots)
        .replace("host=127.0.0.1", "host=localhost. hostaddr=127.0.0.1");
    fails(&connect(&conninfo), Tls, &["tls-trailing-dot"]);
    for (names, cause) in [
        (["elsewhere.example"], "tls-wrong-host"),
        (["*.localhost"], "tls-wildcard"),
    ] {
        let server = server(&authority.server().common_name("x").names(names).issue());
        let conninfo = verifying(&server, "verify-full", &roots).replace("127.0.0.1", "localhost");
        fails(&connect(&conninfo), Tls, &[cause]);
    }
}

#[test]
fn the_roots_are_read_as_libpq_reads_them() {
    let folder = Folder::new();
    let authority = Authority::new("lab");
    let server = server(&authority.server().issue());
    let nowhere = folder.path().join("nowhere.pem");
    let bad = folder.write(
        "bad.pem",
        "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n",
    );
    let empty = folder.write("empty.pem", "");
    fails(
        &connect(&verifying(&server, "verify-ca", &nowhere)),
        Tls,
        &["rootcert-missing"],
    );
    fails(
        &connect(&verifying(&server, "verify-ca", &bad)),
        Tls,
        &["rootcert-bad"],
    );
    fails(
        &connect(&verifying(&server, "verify-ca", &empty)),
        Tls,
        &["rootcert-empty"],
    );
    let bare = format!("{} sslmode=verify-full", server.conninfo("app", "s3cret"));
    fails(&connect(&bare), Tls, &["rootcert-default-missing"]);
    let connection = connect(&verifying(&server, "require", &nowhere));
    passes(&connection);
    assert!(observed(&connection).contains(&"rootcert-missing"));
    let system = format!(
        "{} sslmode=verify-full sslrootcert=system",
        server.conninfo("app", "s3cret")
    );
    let either = &["tls-missing-intermediate", "tls-unknown-ca"];
    fails(&connect(&system), Tls, either);
}

#[test]
fn a_revoked_certificate_is_refused_and_an_unusable_list_is_said() {
    let folder = Folder::new();
    let authority = Authority::new("lab");
    let certificate = authority.server().issue();
    let server = server(&certificate);
    let roots = folder.write("root.pem", authority.pem());
    let with = |list: &std::path::Path| {
        connect(&format!(
            "{} sslcrl={}",
            verifying(&server, "verify-ca", &roots),
            list.display()
        ))
    };
    let revoked = folder.write("revoked.pem", authority.revoke(&[&certificate]));
    fails(&with(&revoked), Tls, &["tls-revoked"]);
    let clean = folder.write("clean.pem", authority.revoke(&[]));
    passes(&with(&clean));
    let bad = folder.write("bad.pem", "no list");
    let missing = folder.path().join("nowhere.pem");
    for (list, cause) in [(&bad, "tls-crl-bad"), (&missing, "tls-crl-missing")] {
        let connection = with(list);
        passes(&connection);
        assert!(observed(&connection).contains(&cause), "{cause}");
    }
    // A folder of lists, by the names that OpenSSL gives them.
    let in_folder = |list: &str, name: &str| {
        let lists = Folder::new();
        lists.write(name, list);
        connect(&format!(
            "{} sslcrldir={}",
            verifying(&server, "verify-ca", &roots),
            lists.path().display()
        ))
    };
    let list = authority.revoke(&[&certificate]);
    fails(&in_folder(&list, "0a1b2c3d.r0"), Tls, &["tls-revoked"]);
    passes(&in_folder(&authority.revoke(&[]), "0a1b2c3d.r0"));
    for (list, name) in [(list.as_str(), "list.pem"), ("no list", "0a1b2c3d.r0")] {
        let connection = in_folder(list, name);
        passes(&connection);
        assert_eq!(observed(&connection), ["tls-crl-bad"], "{name}");
    }
    let nowhere = connect(&format!(
        "{} sslcrldir=/nonexistent",
        verifying(&server, "verify-ca", &roots)
    ));
    passes(&nowhere);
    assert_eq!(observed(&nowhere), ["tls-crl-missing"]);
}

#[test]
fn a_client_certificate_is_presented_and_its_key_held_to_the_rules() {
    let folder = Folder::new();
    let authority = Authority::new("lab");
    let stranger = Authority::new("stranger");
    let server = PostgreSql::builder()
        .tls(&authority.server().issue())
        .client_authority(authority.pem())
        .hba("hostssl all all all cert")
        .start();
    server.create(&Role::new("app"));
    let present = |name: &str, certificate: &Certificate, key: &str, mode: u32| {
        let path = folder.write(&format!("{name}.crt"), &certificate.chain);
        let key = folder.write(&format!("{name}.key"), key);
        let permissions = std::os::unix::fs::PermissionsExt::from_mode(mode);
        fs::set_permissions(&key, permissions).unwrap();
        connect(&format!(
            "{} sslmode=require sslcert={} sslkey={}",
            server.conninfo("app", "x"),
            path.display(),
            key.display()
        ))
    };
    let mine = authority.client("app").issue();
    passes(&present("mine", &mine, &mine.key, 0o600));
    fails(
        &present("open", &mine, &mine.key, 0o644),
        Tls,
        &["clientkey-mode"],
    );
    let other = authority.client("app").issue();
    fails(
        &present("other", &mine, &other.key, 0o600),
        Tls,
        &["clientkey-mismatch"],
    );
    let locked =
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAA==\n-----END ENCRYPTED PRIVATE KEY-----\n";
    fails(
        &present("locked", &mine, locked, 0o600),
        Tls,
        &["clientkey-enc"],
    );
    let with_key = |key: &str| {
        let path = folder.path().join("mine.crt");
        connect(&format!(
            "{} sslmode=require sslcert={} sslkey={key}",
            server.conninfo("app", "x"),
            path.display()
        ))
    };
    fails(&with_key("/nonexistent"), Tls, &["clientkey-missing"]);
    fails(&with_key("/tmp"), Tls, &["clientkey-dir"]);
    let expired = authority.client("app").expired().issue();
    fails(
        &present("old", &expired, &expired.key, 0o600),
        Tls,
        &["clientcert-expired"],
    );
    let foreign = stranger.client("app").issue();
    fails(
        &present("foreign", &foreign, &foreign.key, 0o600),
        Tls,
        &["clientcert-unknown-ca"],
    );
    let mallory = authority.client("mallory").issue();
    fails(
        &present("mallory", &mallory, &mallory.key, 0o600),
        Auth,
        &["method-ident", "clientcert-wrong-cn"],
    );
    let without = connect(&format!("{} sslmode=require", server.conninfo("app", "x")));
    fails(
        &without,
        Auth,
        &[
            "hba-missing",
            "hba-reject",
            "hba-forbids-tls",
            "clientcert-none",
        ],
    );
}

#[test]
fn direct_tls_needs_a_server_of_17_and_newer() {
    let authority = Authority::new("lab");
    let old = server(&authority.server().issue());
    let direct = |server: &PostgreSql| {
        connect(&format!(
            "{} sslmode=require sslnegotiation=direct",
            server.conninfo("app", "s3cret")
        ))
    };
    if old.installation().major() < 17 {
        fails(&direct(&old), Tls, &["direct-old-server"]);
    }
    let new = PostgreSql::builder()
        .installation(Installation::from_env("DBHARDEN_PG18_BIN"))
        .tls(&authority.server().issue())
        .start();
    new.create(&Role::new("app").password("s3cret"));
    let connection = direct(&new);
    passes(&connection);
    assert_eq!(connection.tls.unwrap().alpn.as_deref(), Some("postgresql"));
}

#[test]
fn channel_binding_holds_where_it_is_demanded() {
    let authority = Authority::new("lab");
    let server = server(&authority.server().issue());
    let with = |more: &str| {
        connect(&format!(
            "{} channel_binding=require {more}",
            server.conninfo("app", "s3cret")
        ))
    };
    passes(&with("sslmode=require"));
    fails(&with("sslmode=disable"), Auth, &["cb-no-tls"]);
    server.set_hba(["host all all all trust"]);
    fails(&with("sslmode=require"), Auth, &["cb-trust"]);
    server.set_hba(["host all all all md5"]);
    server.create(&Role::new("hash").password("s3cret").md5());
    let hash = format!(
        "{} channel_binding=require sslmode=require",
        server.conninfo("hash", "s3cret")
    );
    fails(&connect(&hash), Auth, &["cb-md5"]);
}
