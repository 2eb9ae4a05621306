//! What a server says when it refuses, in any language.

use dbharden::facts::StageName::Auth;

use crate::case::{self, UPSTREAM, fails, refused};
use crate::scram;

const PASSWORD: &[&str] = &[
    "role-missing",
    "pw-wrong",
    "pw-none",
    "pw-expired",
    "md5-hash-vs-scram",
];

#[test]
fn sqlstate_and_routine_decide_and_not_the_language() {
    let cases: [(&'static str, &'static str, &[&str]); 31] = [
        ("28P01", "auth_failed", PASSWORD),
        (
            "28000",
            "ClientAuthentication",
            &["hba-missing", "hba-reject"],
        ),
        ("28000", "auth_failed", &["method-ident"]),
        (
            "28000",
            "InitializeSessionUserId",
            &["role-nologin", "role-missing"],
        ),
        ("3D000", "InitPostgres", &["db-missing", "db-case"]),
        ("42501", "CheckMyDatabase", &["connect-revoked"]),
        ("42501", "InitPostgres", &["replication-conn"]),
        ("42501", "set_config_option_ext", &["options-super"]),
        ("55000", "CheckMyDatabase", &["db-noallow"]),
        ("53300", "InitProcess", &["too-many-clients"]),
        ("53300", "InitPostgres", &["too-many-reserved"]),
        ("53300", "CheckMyDatabase", &["limit-db"]),
        ("53300", "InitializeSessionUserId", &["limit-role"]),
        ("53300", "BackendInitialize", &["too-many-clients"]),
        (
            "57P03",
            "ProcessStartupPacket",
            &["starting-up", "shutting-down", "recovery-mode"],
        ),
        ("57P01", "ProcessInterrupts", &["shutting-down"]),
        ("0A000", "ProcessStartupPacket", &["proto-unsupported"]),
        ("F0000", "ClientAuthentication", &["server-no-client-ca"]),
        ("42704", "find_option", &["options-bad"]),
        ("22023", "parse_and_validate_value", &["options-badval"]),
        ("22023", "call_string_check_hook", &["options-badval"]),
        ("0A000", "InitializeClientEncoding", &["client-encoding"]),
        ("42601", "process_postgres_switches", &["options-bad"]),
        ("55P02", "set_config_option_ext", &["options-super"]),
        ("57014", "ProcessInterrupts", &["auth-timeout"]),
        ("57P02", "quickdie", &["recovery-mode"]),
        ("57P04", "CheckMyDatabase", &["db-missing"]),
        // A proxy hands on the code alone.
        ("28P01", "", PASSWORD),
        (
            "53300",
            "",
            &[
                "limit-db",
                "limit-role",
                "too-many-reserved",
                "too-many-clients",
            ],
        ),
        (
            "42501",
            "",
            &["connect-revoked", "replication-conn", "options-super"],
        ),
        ("3D000", "", &["db-missing", "db-case"]),
    ];
    for text in ["zurückgewiesen", "отказано", "接続できません", "refused"] {
        for (code, routine, causes) in cases {
            refused("sslmode=disable", causes, (code, routine, text));
        }
    }
}

#[test]
fn a_pooler_is_known_by_its_words_and_its_missing_routine() {
    let cases: [(&'static str, &'static str, &[&str]); 12] = [
        (
            "08P01",
            "SASL authentication failed",
            &["pgb-bad-pw", "pgb-no-user"],
        ),
        ("08P01", "no such user", &["pgb-no-user"]),
        ("08P01", "no such database: nosuch", &["pgb-no-db"]),
        (
            "08P01",
            "database \"paused\" is disabled",
            &["pgb-disabled"],
        ),
        (
            "08P01",
            "no more connections allowed (max_client_conn)",
            &["pgb-max-client"],
        ),
        (
            "08P01",
            "password authentication failed for user \"app\"",
            &["pgb-server-pw"],
        ),
        ("08P01", "query_wait_timeout", UPSTREAM),
        (
            "08P01",
            "server login has been failing, try again later (server_login_retry)",
            UPSTREAM,
        ),
        (
            "08P01",
            "unsupported startup parameter: options",
            &["pgb-startup-param"],
        ),
        ("XX000", "Tenant or user not found", &["supabase-tenant"]),
        (
            "XX000",
            "Endpoint ID is not specified. Either …",
            &["neon-endpoint"],
        ),
        ("08P01", "bouncer config error", &[]),
    ];
    for (code, text, causes) in cases {
        refused("sslmode=disable", causes, (code, "", text));
    }
}

#[test]
fn a_providers_proxy_is_known_by_its_words_too() {
    let cases: [(&'static str, &'static str, &[&str]); 12] = [
        (
            "XX000",
            "(ENOTFOUND) tenant/user postgres.x not found",
            &["supabase-tenant"],
        ),
        (
            "XX000",
            "(EMAXCONNSESSION) max clients reached in session mode",
            &["pgb-max-client"],
        ),
        (
            "XX000",
            "(ECHECKOUTTIMEOUT) unable to check out connection from the pool after 60000ms",
            UPSTREAM,
        ),
        (
            "XX000",
            "connection is insecure (try using `sslmode=require`)",
            &["hba-needs-tls"],
        ),
        ("28000", "SSL/TLS required", &["hba-needs-tls"]),
        (
            "XX000",
            "Inconsistent project name inferred from SNI ('a') and project option ('b').",
            &["neon-endpoint"],
        ),
        (
            "28000",
            "This RDS proxy has no credentials for the role app. Check the credentials for this role and try again.",
            &["pgb-no-user"],
        ),
        // Neon's own refusal of our password, which is nobody else's.
        (
            "28P01",
            "password authentication failed for user 'app'",
            PASSWORD,
        ),
        (
            "28P01",
            "password authentication failed",
            &["pgb-bad-pw", "pgb-no-user"],
        ),
        // What is no database is not called one.
        ("08P01", "role \"app\" does not exist", &[]),
        (
            "08P01",
            "database \"App\" does not exist",
            &["db-missing", "db-case"],
        ),
        ("08P01", "server closed the connection", &[]),
    ];
    for (code, text, causes) in cases {
        refused("sslmode=disable", causes, (code, "", text));
    }
}

#[test]
fn a_detail_tells_a_standby_without_hot_standby() {
    let refused = |detail: &'static str, causes: &[&str]| {
        fails("sslmode=disable", Auth, causes, move |c| {
            c.startup()?;
            let body =
                format!("SFATAL\0VFATAL\0C57P03\0Mnein\0D{detail}\0RProcessStartupPacket\0\0");
            c.send(b'E', body.as_bytes())
        });
    };
    for off in [
        "Hot standby mode is disabled.",
        "Hot-Standby-Modus ist deaktiviert.",
        "Le mode Hot Standby est désactivé",
    ] {
        refused(off, &["hot-standby-off"]);
    }
    let either = &["starting-up", "hot-standby-off"];
    refused("Режим горячего резерва отключён.", either);
    refused(
        "Согласованное состояние восстановления ещё не достигнуто.",
        either,
    );
    refused(
        "Konsistenter Wiederherstellungszustand wurde noch nicht erreicht.",
        &["starting-up"],
    );
    refused(
        "Recovery snapshot is not yet ready for hot standby.",
        &["starting-up"],
    );
    refused(
        "Consistent recovery state has not been yet reached.",
        &["starting-up"],
    );
}

#[test]
fn a_code_that_is_in_no_table_says_no_more_than_is_known() {
    let refused = |text: &'static str, causes: &[&str]| {
        refused(
            "sslmode=disable",
            causes,
            ("58P01", "internal_load_library", text),
        )
    };
    refused("could not access file \"größe\"", &[]);
    refused("нет доступа к файлу", &["err-localized"]);
}

#[test]
fn a_code_that_a_proxy_hands_on_keeps_its_meaning() {
    let missing = &["db-missing", "db-case"];
    let connection = refused("sslmode=disable", missing, ("3D000", "", "nichts"));
    let said = format!("{connection:?}");
    assert!(said.contains("there is no such database: nichts"), "{said}");
    let connection = refused("sslmode=disable", &[], ("XX001", "", "nichts"));
    let said = format!("{connection:?}");
    assert!(
        said.contains("the server refuses (SQLSTATE XX001)"),
        "{said}"
    );
}

#[test]
fn an_oversized_error_is_named_and_not_kept() {
    for bytes in [40_000, 65_600, 1 << 30] {
        fails("sslmode=disable", Auth, &["err-empty"], move |c| {
            c.startup()?;
            let length = u32::try_from(bytes + 4).unwrap();
            c.say(&[&b"E"[..], &length.to_be_bytes()].concat())?;
            let text = format!("SFATAL\0C28P01\0M{}", "x".repeat(39_921));
            c.say(text.as_bytes())?;
            c.say(&[0; 64])?;
            c.hang()
        });
    }
}

#[test]
fn whose_password_a_pooler_refuses_is_told_by_whether_it_took_ours() {
    // It accepts our proof, proves itself, and hands on what its server said.
    fails("sslmode=disable", Auth, &["pgb-server-pw"], |c| {
        scram::accept(c, case::PASSWORD)?;
        c.error("28P01", "", "Passwort-Authentifizierung fehlgeschlagen")
    });
    fails("sslmode=disable", Auth, PASSWORD, |c| {
        c.startup()?;
        c.offer_sasl(&["SCRAM-SHA-256"])?;
        c.message()?;
        c.error("28P01", "", "password authentication failed for user 'app'")
    });
    // It lets us in unasked, and its own login may have been refused.
    let either = [PASSWORD, &["pgb-server-pw"]].concat();
    let text = "password authentication failed for user \"app\"";
    refused("sslmode=disable", &either, ("28P01", "", text));
}

#[test]
fn a_refusal_after_both_proofs_is_about_the_certificate() {
    fails("sslmode=disable", Auth, &["clientcert-wrong-cn"], |c| {
        scram::accept(c, case::PASSWORD)?;
        c.error("28P01", "auth_failed", "nein")
    });
}

#[test]
fn a_password_is_refused_with_the_code_of_old_servers_too() {
    fails("sslmode=disable", Auth, PASSWORD, |c| {
        c.startup()?;
        c.offer_sasl(&["SCRAM-SHA-256"])?;
        c.message()?;
        c.error("28000", "auth_failed", "nein")
    });
}

#[test]
fn what_a_login_proves_is_said_of_a_missing_database_only_after_it() {
    let said = |connection| format!("{connection:?}").contains("user and password are right");
    let missing = &["db-missing", "db-case"];
    let text = ("3D000", "InitPostgres", "nein");
    assert!(said(refused("sslmode=disable", missing, text)));
    let text = ("3D000", "", "nein");
    assert!(!said(refused("sslmode=disable", missing, text)));
    let asked = fails("sslmode=disable", Auth, missing, |c| {
        scram::accept(c, case::PASSWORD)?;
        c.error("3D000", "", "nein")
    });
    assert!(said(asked));
}

#[test]
fn an_encoding_that_is_unknown_is_named_in_any_language() {
    for more in [
        "client_encoding=BOGUS",
        "options='-c client_encoding=BOGUS'",
    ] {
        fails(
            &format!("sslmode=disable {more}"),
            Auth,
            &["client-encoding"],
            |c| {
                c.startup()?;
                let said = "ungültiger Wert für Parameter »client_encoding«: »BOGUS«";
                c.error("22023", "call_string_check_hook", said)
            },
        );
    }
}

#[test]
fn an_encoding_that_is_another_parameters_value_is_not_named() {
    let text = "ungültiger Wert für Parameter »application_name«: »client_encoding«";
    let said = ("22023", "parse_and_validate_value", text);
    refused("sslmode=disable", &["options-badval"], said);
}

#[test]
fn the_startup_message_says_what_libpq_would_say() {
    fails(
        "sslmode=disable client_encoding=LATIN1 replication=database options=-crole=x",
        Auth,
        &["replication-conn"],
        |c| {
            let said = c.startup()?;
            let has = |name: &str, value: &str| {
                assert!(
                    said.contains(&(name.to_owned(), value.to_owned())),
                    "{said:?}"
                );
            };
            has("user", "app");
            has("database", "app");
            has("application_name", "dbharden");
            has("client_encoding", "LATIN1");
            has("replication", "database");
            has("options", "-crole=x");
            assert_eq!(said.len(), 6, "{said:?}");
            c.error("28000", "ClientAuthentication", "nein")
        },
    );
}
