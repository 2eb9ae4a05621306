//! Certificates as OpenSSL makes them: keys and signatures of every kind that libpq takes or refuses.

use std::fs;
use std::path::Path;
use std::process::Command;

use dbharden::facts::StageName::{Auth, Tls};

use crate::dial::{connect, fails, passes};
use crate::support::{Certificate, Folder, Installation, PostgreSql, Role};

/// Runs openssl in a folder.
fn openssl(folder: &Folder, arguments: &str) {
    let output = Command::new("openssl")
        .args(arguments.split(' '))
        .current_dir(folder.path())
        .output()
        .expect("openssl is installed");
    assert!(output.status.success(), "openssl {arguments}: {output:?}");
}

/// One kind of certificate: how the key of the authority and of the server is made, how both are
/// signed, and what the certificate has beside its name.
struct Kind {
    name: &'static str,
    authority: &'static str,
    server: &'static str,
    signed: &'static str,
    cause: Option<&'static str>,
}

const P521: &str = "-algorithm EC -pkeyopt ec_paramgen_curve:P-521";
const P256: &str = "-algorithm EC -pkeyopt ec_paramgen_curve:P-256";
const RSA: &str = "-algorithm RSA -pkeyopt rsa_keygen_bits:2048";
/// Its signatures have no digest, which libpq wants for binding the channel.
const ED25519: &str = "Ed25519";
const EXTENSIONS: &str = "-extfile names.cnf";

const KINDS: &[Kind] = &[
    Kind {
        name: "P-521 with SHA-512",
        authority: P521,
        server: P521,
        signed: "-sha512 -extfile names.cnf",
        cause: None,
    },
    Kind {
        name: "P-521 with SHA-256",
        authority: P521,
        server: P521,
        signed: "-sha256 -extfile names.cnf",
        cause: None,
    },
    Kind {
        name: "P-384",
        authority: P256,
        server: "-algorithm EC -pkeyopt ec_paramgen_curve:P-384",
        signed: EXTENSIONS,
        cause: None,
    },
    Kind {
        name: ED25519,
        authority: "-algorithm ED25519",
        server: "-algorithm ED25519",
        signed: EXTENSIONS,
        cause: None,
    },
    Kind {
        name: "signed by RSA-PSS",
        authority: RSA,
        server: RSA,
        signed: "-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest -extfile names.cnf",
        cause: None,
    },
    Kind {
        name: "a key for RSA-PSS alone",
        authority: RSA,
        server: "-algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048",
        signed: EXTENSIONS,
        cause: None,
    },
    Kind {
        name: "the first version of X.509",
        authority: RSA,
        server: RSA,
        signed: "-sha256",
        cause: None,
    },
    Kind {
        name: "signed with SHA-1",
        authority: RSA,
        server: RSA,
        signed: "-sha1 -extfile names.cnf",
        cause: Some("tls-sha1"),
    },
    Kind {
        name: "RSA of 1024 bits",
        authority: RSA,
        server: "-algorithm RSA -pkeyopt rsa_keygen_bits:1024",
        signed: EXTENSIONS,
        cause: Some("tls-rsa1024"),
    },
];

fn make(kind: &Kind) -> (Folder, Certificate) {
    let folder = Folder::new();
    folder.write("names.cnf", "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
    openssl(&folder, &format!("genpkey {} -out ca.key", kind.authority));
    openssl(
        &folder,
        "req -x509 -new -key ca.key -days 30 -subj /CN=lab -out ca.crt",
    );
    openssl(&folder, &format!("genpkey {} -out server.key", kind.server));
    openssl(
        &folder,
        "req -new -key server.key -subj /CN=localhost -out server.csr",
    );
    openssl(
        &folder,
        &format!(
            "x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 {} -out server.crt",
            kind.signed
        ),
    );
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    let certificate = Certificate::from_pem(read("server.crt"), read("server.key"));
    (folder, certificate)
}

/// Returns whether the real psql goes on.
fn psql(conninfo: &str) -> bool {
    let output = Command::new(Installation::newest().psql())
        .args(["-XAtc", "select 1", conninfo])
        .env_clear()
        .env("HOME", "/nonexistent")
        .output()
        .unwrap();
    output.status.success()
}

fn to(server: &PostgreSql, kind: &Kind, mode: &str, roots: &Path) -> String {
    let mut conninfo = server.conninfo("app", "s3cret");
    if kind.name == ED25519 {
        conninfo += " channel_binding=disable";
    }
    let conninfo = conninfo.replace("host=127.0.0.1", "host=localhost");
    match mode {
        "require" => format!("{conninfo} sslmode=require"),
        mode => format!("{conninfo} sslmode={mode} sslrootcert={}", roots.display()),
    }
}

#[test]
fn every_kind_of_key_and_signature_ends_as_with_psql() {
    let weak = Folder::new();
    let weak = weak.write(
        "openssl.cnf",
        "openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\n\
         CipherString = DEFAULT@SECLEVEL=0\n",
    );
    for kind in KINDS {
        let (folder, certificate) = make(kind);
        let roots = folder.path().join("ca.crt");
        let server = PostgreSql::builder()
            .tls(&certificate)
            .weak_certificates(&weak)
            .start();
        server.create(&Role::new("app").password("s3cret"));
        for mode in ["require", "verify-ca", "verify-full"] {
            let conninfo = to(&server, kind, mode, &roots);
            let cause = kind.cause.filter(|_| mode != "require");
            assert_eq!(
                psql(&conninfo),
                cause.is_none(),
                "psql, {}, {mode}",
                kind.name
            );
            let connection = connect(&conninfo);
            match cause {
                None => passes(&connection),
                Some(cause) => fails(&connection, Tls, &[cause]),
            }
        }
    }
}

#[test]
fn a_certificate_without_a_digest_lets_nobody_in_who_binds_the_channel() {
    let kind = KINDS.iter().find(|kind| kind.name == ED25519).unwrap();
    let (_folder, certificate) = make(kind);
    for installation in [
        Installation::newest(),
        Installation::from_env("DBHARDEN_PG18_BIN"),
    ] {
        let server = PostgreSql::builder()
            .installation(installation)
            .tls(&certificate)
            .start();
        server.create(&Role::new("app").password("s3cret"));
        let conninfo = format!("{} sslmode=require", server.conninfo("app", "s3cret"));
        for (binding, goes_on) in [("prefer", false), ("require", false), ("disable", true)] {
            let conninfo = format!("{conninfo} channel_binding={binding}");
            assert_eq!(psql(&conninfo), goes_on, "psql, {binding}");
            let connection = connect(&conninfo);
            if goes_on {
                passes(&connection);
                continue;
            }
            // No cause of the catalogue is this one: the message and the advice say what it is.
            fails(&connection, Auth, &[]);
            let said = format!("{connection:?}");
            assert!(said.contains("Ed25519"), "{said}");
            assert!(said.contains("channel_binding=disable"), "{said}");
        }
    }
}
