//! What a server says when it refuses, in any language.

use dbharden::facts::StageName::Auth;

use crate::case::fails;

const PASSWORD: &[&str] = &[
    "role-missing",
    "pw-wrong",
    "pw-none",
    "pw-expired",
    "md5-hash-vs-scram",
];

#[test]
fn sqlstate_and_routine_decide_and_not_the_language() {
    let cases: [(&'static str, &'static str, &[&str]); 22] = [
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
        ("28P01", "", PASSWORD),
        ("53300", "", &["too-many-clients"]),
    ];
    for text in ["zurückgewiesen", "отказано", "接続できません", "refused"] {
        for (code, routine, causes) in cases {
            fails("sslmode=disable", Auth, causes, move |c| {
                c.startup()?;
                c.error(code, routine, text)
            });
        }
    }
}

#[test]
fn a_pooler_is_known_by_its_words_and_its_missing_routine() {
    let upstream: &[&str] = &[
        "pgb-upstream-down",
        "pgb-upstream-nx",
        "pgb-paused",
        "pgb-auth_query",
        "pgb-pool-full",
    ];
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
        ("08P01", "query_wait_timeout", upstream),
        (
            "08P01",
            "server login has been failing, try again later (server_login_retry)",
            upstream,
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
        fails("sslmode=disable", Auth, causes, move |c| {
            c.startup()?;
            c.error(code, "", text)
        });
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
    refused("Hot standby mode is disabled.", &["hot-standby-off"]);
    refused(
        "Consistent recovery state has not been yet reached.",
        &["starting-up"],
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
