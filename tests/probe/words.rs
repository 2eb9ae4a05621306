//! The words of poolers and proxies, for which nothing but the words decides.

use dbharden::facts::StageName::{Auth, Query};

use crate::case::{UPSTREAM, fails, refused};
use crate::dial::{failure, last, request};
use crate::peer::Peer;

#[test]
fn each_text_of_a_pooler_has_its_cause() {
    let cases: [(&'static str, &'static str, &[&str]); 19] = [
        (
            "58000",
            "No pool configured for database: \"app\", user: \"app\"",
            &["pgb-no-db", "pgb-no-user"],
        ),
        ("08P01", "client_login_timeout", &["auth-timeout"]),
        (
            "XX000",
            "The requested endpoint could not be found, or you don't have access to it.",
            &["neon-endpoint"],
        ),
        (
            "XX000",
            "no tenant identifier provided (external_id or sni_hostname required)",
            &["supabase-tenant"],
        ),
        (
            "08P01",
            "maximum of client connections exceeded",
            &["pgb-max-client"],
        ),
        (
            "08P01",
            "sorry, max client connections reached",
            &["pgb-max-client"],
        ),
        (
            "08P01",
            "timed out while waiting to acquire database connection",
            UPSTREAM,
        ),
        (
            "28000",
            "SSL connection is required. Please specify SSL options and retry.",
            &["hba-needs-tls"],
        ),
        (
            "08P01",
            "this endpoint requires clients to use TLS",
            &["hba-needs-tls"],
        ),
        ("08P01", "SSL required", &["hba-needs-tls"]),
        (
            "28000",
            "no pg_hba.conf entry for host \"10.0.0.1\", user \"app\", database \"app\"",
            &["hba-missing"],
        ),
        (
            "28000",
            "pg_hba.conf rejects connection for host \"10.0.0.1\"",
            &["hba-reject"],
        ),
        (
            "53300",
            "too many connections for role \"app\"",
            &["limit-role"],
        ),
        (
            "53300",
            "too many connections for database \"app\"",
            &["limit-db"],
        ),
        (
            "53300",
            "sorry, too many clients already",
            &["too-many-clients"],
        ),
        (
            "53300",
            "remaining connection slots are reserved for roles with the SUPERUSER attribute",
            &["too-many-reserved"],
        ),
        (
            "08P01",
            "bouncer config error: auth_query failed",
            &["pgb-auth_query"],
        ),
        (
            "08P01",
            "only database 'pgbouncer' has the admin console",
            &["pgb-admin"],
        ),
        (
            "3D000",
            "database \"app\" does not exist",
            &["db-missing", "db-case"],
        ),
    ];
    for (code, text, causes) in cases {
        refused("sslmode=disable", causes, (code, "", text));
    }
}

#[test]
fn the_console_of_a_pooler_is_known_by_its_words_alone() {
    fails("sslmode=disable", Query, &["pgb-admin"], |c| {
        c.startup()?;
        c.authentication_ok()?;
        c.send(b'K', &[0, 0, 0, 1, 0, 0, 0, 2])?;
        c.ready()?;
        c.message()?;
        c.error(
            "08P01",
            "",
            "invalid command 'BEGIN READ ONLY', use SHOW HELP;",
        )
    });
}

#[test]
fn the_console_of_a_pooler_is_known_by_its_version_whatever_it_says() {
    fails("sslmode=disable", Query, &["pgb-admin"], |c| {
        c.startup()?;
        c.authentication_ok()?;
        c.parameter("server_version", "1.25.0/bouncer")?;
        c.send(b'K', &[0, 0, 0, 1, 0, 0, 0, 2])?;
        c.ready()?;
        c.message()?;
        c.error("08P01", "", "something new")
    });
}

#[test]
fn a_password_in_clear_or_md5_may_have_been_refused_behind_the_pooler() {
    for code in [3_u32, 5] {
        let peer = Peer::start(move |c| {
            c.startup()?;
            let salt: &[u8] = if code == 5 { &[1, 2, 3, 4] } else { &[] };
            c.send(b'R', &[&code.to_be_bytes()[..], salt].concat())?;
            c.message()?;
            c.error(
                "28P01",
                "",
                "password authentication failed for user \"app\"",
            )
        });
        let mut request = request(&format!(
            "host=127.0.0.1 port={} user=app dbname=app password=x sslmode=disable",
            peer.port()
        ));
        request.allow_weak_auth = true;
        let (stage, causes) = failure(&last(&request)).unwrap();
        assert_eq!(stage, Auth);
        assert!(causes.contains(&"pw-wrong"), "{causes:?}");
        assert!(causes.contains(&"pgb-server-pw"), "{causes:?}");
    }
}
