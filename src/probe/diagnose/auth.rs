//! Why the server does not let the user in.

use std::io;
use std::time::Duration;

use rustls::Error as TlsError;

use super::{Broken, banner, pooler, tcp, tls};
use crate::facts::StageName;
use crate::probe::auth::breach::Breach;
use crate::probe::auth::notes::{Asked, Notes, ServerError};

/// What is known about the attempt beside what went by.
#[derive(Clone, Copy, Debug)]
pub(in crate::probe) struct Scene {
    /// Whether TLS protects the stream.
    pub encrypted: bool,
    /// Whether the server answered a request for TLS, so that it is a Postgres server.
    pub asked_tls: bool,
    /// Whether the peer is reached through a socket file.
    pub local: bool,
    /// Whether a certificate of our own was presented.
    pub presents: bool,
    /// Whether the server asked for one.
    pub asked_for_certificate: bool,
    /// Whether the string itself keeps TLS 1.3 out.
    pub stops_below_13: bool,
    /// Whether the string asks for a replication connection.
    pub replication: bool,
    /// Whether the password came from a password file.
    pub from_password_file: bool,
    /// How long it was waited.
    pub after: Duration,
}

fn known(cause: &'static str, message: impl Into<String>, fix: &str) -> Broken {
    Broken::known(StageName::Auth, cause, message, fix)
}

/// Says why no session was opened.
pub(in crate::probe) fn failed(
    scene: Scene,
    notes: &Notes,
    error: Option<&tokio_postgres::Error>,
) -> Broken {
    if let Some(breach) = notes.breach {
        return breached(notes, breach);
    }
    if let Some(said) = &notes.error {
        return refused(scene, notes, said);
    }
    let Some(error) = error else {
        return timed_out(scene, notes);
    };
    let io = io_error(error);
    if notes.messages == 0 {
        if let Some(TlsError::AlertReceived(alert)) = io.and_then(tls_error) {
            return tls::alerted(*alert, scene.presents, scene.stops_below_13);
        }
        return hung_up(scene, io);
    }
    if notes.proven && !notes.authenticated && io.is_none() && !error.is_closed() {
        return known(
            "rogue-bad-signature",
            "the server could not prove that it knows the password: it is an impostor",
            "do not try again; find out who answers at this address",
        );
    }
    if error.is_closed() || io.is_some() {
        return cut_off(scene);
    }
    Broken::either(
        StageName::Auth,
        &["q-type", "ssl-garbage"],
        "the peer broke the protocol: it is no Postgres server, or something garbles the stream",
        "check host and port; look for a proxy on the way",
    )
}

fn io_error(error: &tokio_postgres::Error) -> Option<&io::Error> {
    std::error::Error::source(error)?.downcast_ref()
}

fn tls_error(error: &io::Error) -> Option<&TlsError> {
    error.get_ref()?.downcast_ref()
}

fn hung_up(scene: Scene, error: Option<&io::Error>) -> Broken {
    let reset = error.is_some_and(|e| {
        matches!(
            e.kind(),
            io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted
        )
    });
    if scene.after >= Duration::from_secs(1) && !reset {
        return cut_off(scene);
    }
    if scene.encrypted {
        return Broken::known(
            StageName::Tls,
            "ssl-s-close",
            "the server closed the encrypted connection before it said anything",
            "a proxy without a backend, or one that refuses our certificate: see its log",
        );
    }
    match (scene.asked_tls, reset) {
        (true, _) => tls::refused_then_closed(),
        (false, true) => tcp::reset(),
        (false, false) => tcp::closed(None),
    }
}

fn cut_off(scene: Scene) -> Broken {
    let seconds = scene.after.as_secs_f64();
    if scene.after >= Duration::from_secs(1) {
        return known(
            "auth-timeout",
            format!("the server hung up after {seconds:.1} s, before the login was done"),
            "its authentication_timeout ran out: the network or the server is far too slow",
        );
    }
    Broken::either(
        StageName::Auth,
        &[
            "auth-timeout",
            "tcp-fin-after-accept",
            "tcp-rst-after-accept",
        ],
        "the server hung up in the middle of the login, without an error",
        "see the server's (or the proxy's) log at this moment",
    )
}

fn timed_out(scene: Scene, notes: &Notes) -> Broken {
    let seconds = scene.after.as_secs_f64();
    if notes.messages == 0 && !scene.asked_tls && !scene.local {
        return tcp::silent(scene.after);
    }
    let at = if notes.authenticated {
        "the login was done and the session did not open"
    } else {
        "the login was not done"
    };
    Broken::either(
        StageName::Auth,
        pooler::UPSTREAM,
        format!(
            "{at} within {seconds:.1} s: a pooler that waits for its server, or a server that hangs"
        ),
        "on the pooler: SHOW POOLS; on the server: its log, and whether other clients get in",
    )
}

fn breached(notes: &Notes, breach: Breach) -> Broken {
    match breach {
        Breach::NotPostgres => banner::recognise(&notes.first)
            .unwrap_or_else(|| banner::garbage(StageName::Auth, &notes.first)),
        Breach::Length { tag, length } => absurd(notes, tag, length),
        Breach::TooMuch | Breach::Parameters => known(
            "param-flood",
            "the server floods the client with parameters: it is no honest Postgres server",
            "check host and port",
        ),
        Breach::Notices => known(
            "q-notice-flood",
            "the server floods the client with notices",
            "check host and port",
        ),
        Breach::Rows => known(
            "q-row-flood",
            "the server floods the client with rows",
            "check host and port",
        ),
        Breach::OutOfPlace { tag } => known(
            "q-type",
            format!("the server sent a message that has no place in a login (type 0x{tag:02x})"),
            "check host and port; look for a proxy on the way",
        ),
        Breach::NoPassword => known(
            "password-missing",
            "the server asks for a password, and none is given",
            "put the password into the string, PGPASSWORD or the password file",
        ),
        Breach::Cleartext => rogue_cleartext(),
        Breach::Md5 => rogue_md5(),
        Breach::Method { code } => method(code),
        Breach::Sasl => known(
            "sasl-unknown",
            "the server offers no SASL mechanism that is spoken here (SCRAM-SHA-256)",
            "give the role a SCRAM password, or change the method in pg_hba.conf (OAuth is not spoken)",
        ),
        Breach::RequiredAuthOther => match notes.asked {
            Some(Asked::Cleartext) => rogue_cleartext(),
            Some(Asked::Md5) => rogue_md5(),
            _ => known(
                "sasl-unknown",
                "the server asks for SCRAM, which require_auth forbids",
                "correct require_auth",
            ),
        },
        Breach::RequiredAuthSkipped => known(
            "rogue-no-auth",
            "the server let us in without any proof, which require_auth forbids",
            "a trust line in pg_hba.conf, or an impostor: find out which",
        ),
        Breach::BindingWithoutTls
        | Breach::BindingOtherMethod
        | Breach::BindingSkipped
        | Breach::BindingNotOffered
        | Breach::PlusWithoutTls => unbound(breach),
        Breach::Iterations => known(
            "scram-iter-huge",
            "the server asks for more than 100,000 rounds of SCRAM, to keep the client busy",
            "check host and port; an honest server asks for 4,096 (scram_iterations)",
        ),
        Breach::Nonce => known(
            "rogue-bad-nonce",
            "the server's SCRAM challenge is not an answer to ours: it is an impostor",
            "do not try again; find out who answers at this address",
        ),
        Breach::SkippedFinal => known(
            "rogue-skip-final",
            "the server let us in without proving that it knows the password: it is an impostor",
            "do not try again; find out who answers at this address",
        ),
    }
}

fn absurd(notes: &Notes, tag: u8, length: usize) -> Broken {
    if notes.messages == 0 {
        if let Some(broken) = banner::recognise(&notes.first) {
            return broken;
        }
        // An error of protocol 2 has no length: text follows at once. The postmaster speaks it
        // where it cannot start a process.
        if tag == b'E' && notes.first.get(1).is_some_and(|b| (0x20..0x7f).contains(b)) {
            return known(
                "fork-fail",
                "the server cannot start a process for the session",
                "it is out of processes or memory: see its log and the system's limits",
            );
        }
    }
    if tag == b'E' && length > 4 {
        return oversized(length);
    }
    known(
        "q-absurd-length",
        format!("the server sent a message that claims {length} bytes"),
        "it is no honest Postgres server, or something garbles the stream",
    )
}

fn oversized(bytes: usize) -> Broken {
    known(
        "err-empty",
        format!("the server refuses, with an error of {bytes} bytes that libpq would not show"),
        "see the server's log: the error is there in full",
    )
}

fn rogue_cleartext() -> Broken {
    known(
        "rogue-cleartext",
        "the server asks for the password in clear, and nothing proves who it is; it was not sent",
        "use sslmode=verify-full and scram-sha-256; else --allow-weak-auth, if this is meant",
    )
}

fn rogue_md5() -> Broken {
    known(
        "rogue-md5",
        "the server asks for an md5 answer in clear, which can be cracked; it was not sent",
        "use TLS, and scram-sha-256 in pg_hba.conf; else --allow-weak-auth, if this is meant",
    )
}

fn method(code: u32) -> Broken {
    match code {
        7..=9 => known(
            "method-gss",
            "the server asks for Kerberos (GSSAPI or SSPI)",
            "get a ticket (kinit) and use a client that speaks it, or change pg_hba.conf",
        ),
        code => known(
            "method-unknown",
            format!("the server asks for a way to log in that nobody speaks (code {code})"),
            "an ancient, home-made or hostile server: check host and port",
        ),
    }
}

fn unbound(breach: Breach) -> Broken {
    match breach {
        Breach::BindingWithoutTls => known(
            "cb-no-tls",
            "channel_binding=require needs TLS, and the connection has none",
            "set sslmode=require or stronger",
        ),
        Breach::BindingOtherMethod => known(
            "cb-md5",
            "channel_binding=require, and the server asks for a password without it",
            "give the role a SCRAM password; someone may end TLS between you and Postgres",
        ),
        Breach::BindingSkipped => known(
            "cb-trust",
            "channel_binding=require, and the server let us in without any proof",
            "a trust line in pg_hba.conf, or an impostor: find out which",
        ),
        Breach::PlusWithoutTls => known(
            "plus-without-tls",
            "the server offers channel binding on a connection in clear: someone on the way strips TLS",
            "do not use this network; set sslmode=verify-full",
        ),
        _ => known(
            "cb-no-plus",
            "channel_binding=require, and the server does not offer it",
            "a pooler ends TLS before Postgres, or someone on the way: drop the demand only if you know which",
        ),
    }
}

/// One line of the table of refusals.
struct Row {
    code: &'static str,
    /// `None`: any, and none.
    routine: Option<&'static str>,
    causes: &'static [&'static str],
    message: &'static str,
    fix: &'static str,
}

/// Behind 28P01, which hides them on purpose.
const PASSWORD: &[&str] = &[
    "role-missing",
    "pw-wrong",
    "pw-none",
    "pw-expired",
    "md5-hash-vs-scram",
];

/// SQLSTATE and routine of PostgreSQL 13 to 18; first match wins.
static TABLE: &[Row] = &[
    Row {
        code: "28P01",
        routine: None,
        causes: PASSWORD,
        message: "the server refuses this user with this password, and hides why",
        fix: "the server's log says why, below \"password authentication failed\"; or as an \
              administrator: select rolcanlogin, rolvaliduntil, left(rolpassword, 5) from pg_authid",
    },
    Row {
        code: "3D000",
        routine: None,
        causes: &["db-missing", "db-case"],
        message: "user and password are right; there is no such database",
        fix: "check the database's name, upper and lower case included: `psql -l`",
    },
    Row {
        code: "42501",
        routine: Some("CheckMyDatabase"),
        causes: &["connect-revoked"],
        message: "the role may not connect to this database",
        fix: "as its owner: GRANT CONNECT ON DATABASE … TO the role",
    },
    Row {
        code: "55000",
        routine: Some("CheckMyDatabase"),
        causes: &["db-noallow"],
        message: "the database takes no connections",
        fix: "use another database, or ALTER DATABASE … ALLOW_CONNECTIONS true (template0: leave it)",
    },
    Row {
        code: "53300",
        routine: Some("CheckMyDatabase"),
        causes: &["limit-db"],
        message: "the database's own connection limit is reached",
        fix: "make the pools smaller, or ALTER DATABASE … CONNECTION LIMIT",
    },
    Row {
        code: "53300",
        routine: Some("InitializeSessionUserId"),
        causes: &["limit-role"],
        message: "the role's own connection limit is reached",
        fix: "make the pools smaller, or ALTER ROLE … CONNECTION LIMIT",
    },
    Row {
        code: "53300",
        routine: Some("InitPostgres"),
        causes: &["too-many-reserved"],
        message: "only the slots kept for superusers are free; user and password are right",
        fix: "make the pools smaller, end idle sessions, or raise max_connections",
    },
    Row {
        code: "53300",
        routine: None,
        causes: &["too-many-clients"],
        message: "the server has no free connection; the password was not tried",
        fix: "make the pools smaller, end idle sessions, or raise max_connections",
    },
    Row {
        code: "57P01",
        routine: None,
        causes: &["shutting-down"],
        message: "the server is being stopped",
        fix: "wait for it, or fail over",
    },
    Row {
        code: "0A000",
        routine: None,
        causes: &["proto-unsupported"],
        message: "the server does not speak this version of the protocol",
        fix: "upgrade the server, or use an older client",
    },
    Row {
        code: "F0000",
        routine: None,
        causes: &["server-no-client-ca"],
        message: "the server demands client certificates and has nothing to check them by",
        fix: "its administrator must set ssl_ca_file",
    },
    Row {
        code: "42704",
        routine: None,
        causes: &["options-bad"],
        message: "the string sets a parameter that this server does not have",
        fix: "correct options= in the string, and PGOPTIONS",
    },
    Row {
        code: "22023",
        routine: None,
        causes: &["options-badval"],
        message: "the string sets a parameter to a value that it does not take",
        fix: "correct options= in the string, and PGOPTIONS",
    },
    Row {
        code: "42501",
        routine: Some("InitPostgres"),
        causes: &["replication-conn"],
        message: "the role may not replicate",
        fix: "drop replication= from the string, or grant REPLICATION",
    },
    Row {
        code: "42501",
        routine: None,
        causes: &["options-super"],
        message: "the string sets a parameter that only a superuser may set",
        fix: "drop it from options= in the string, and from PGOPTIONS",
    },
];

fn refused(scene: Scene, notes: &Notes, said: &ServerError) -> Broken {
    if said.bytes > 30_000 {
        return oversized(said.bytes);
    }
    let (code, routine) = said.key();
    if routine.is_none() {
        if let Some(broken) = pooler::failed(StageName::Auth, said) {
            return broken;
        }
    }
    match (code, routine) {
        ("28000", Some("InitializeSessionUserId")) => {
            // Where a proof was asked for and given, the role exists.
            let causes: &[&str] = if notes.asked.is_some() {
                &["role-nologin"]
            } else {
                &["role-nologin", "role-missing"]
            };
            said_so(
                causes,
                "the role may not log in",
                "ALTER ROLE … LOGIN, or use another role",
                said,
            )
        }
        ("28000", Some("auth_failed")) => other_method(scene, notes, said),
        ("28000", _) => host_rules(scene, said),
        ("57P03", _) => not_ready(said),
        ("28P01", _) if scene.from_password_file => {
            let causes: Vec<&str> = PASSWORD.iter().copied().chain(["pgpass-wrong"]).collect();
            said_so(&causes, TABLE[0].message, TABLE[0].fix, said)
        }
        _ => {
            let fits =
                |row: &&Row| row.code == code && (row.routine.is_none() || row.routine == routine);
            match TABLE.iter().find(fits) {
                Some(row) => said_so(row.causes, row.message, row.fix, said),
                None => unlisted(said),
            }
        }
    }
}

fn unlisted(said: &ServerError) -> Broken {
    Broken {
        stage: StageName::Auth,
        failure: crate::facts::Failure {
            cause: None,
            candidates: Vec::new(),
            message: format!(
                "the server refuses (SQLSTATE {}): {}",
                said.code, said.message
            ),
            fix: "see the server's log".to_owned(),
        },
    }
}

fn said_so(causes: &[&'static str], message: &str, fix: &str, said: &ServerError) -> Broken {
    Broken::either(
        StageName::Auth,
        causes,
        format!("{message}: {} (SQLSTATE {})", said.message, said.code),
        fix,
    )
}

fn other_method(scene: Scene, notes: &Notes, said: &ServerError) -> Broken {
    let causes: &[&str] = if notes.asked == Some(Asked::Cleartext) {
        &["method-ldap", "method-pam", "method-radius"]
    } else if scene.local {
        &["method-peer"]
    } else if scene.presents {
        &["method-ident", "clientcert-wrong-cn"]
    } else {
        &["method-ident"]
    };
    said_so(
        causes,
        "the server checks users by something other than a password of its own",
        "the server's log says what did not match; see the line in pg_hba.conf (and pg_ident.conf)",
        said,
    )
}

/// The rules for hosts in `pg_hba.conf`: which of them, the text alone would say.
fn host_rules(scene: Scene, said: &ServerError) -> Broken {
    let mut causes = vec!["hba-missing", "hba-reject"];
    causes.push(if scene.encrypted {
        "hba-forbids-tls"
    } else {
        "hba-needs-tls"
    });
    if scene.encrypted && scene.asked_for_certificate && !scene.presents {
        causes.push("clientcert-none");
    }
    if scene.local {
        causes.retain(|c| *c != "hba-needs-tls");
    }
    said_so(
        &causes,
        "no line of pg_hba.conf lets this client in",
        "compare pg_hba.conf with the address, user, database and encryption in the server's words: \
         the first line that fits decides",
        said,
    )
}

fn not_ready(said: &ServerError) -> Broken {
    let causes: &[&str] = match said.detail.as_deref() {
        None => &["starting-up", "shutting-down", "recovery-mode"],
        Some(detail) if detail.contains("onsistent recovery state") => &["starting-up"],
        Some(_) => &["hot-standby-off"],
    };
    said_so(
        causes,
        "the server takes no sessions at the moment",
        "try again in a few seconds; a standby without hot_standby never will: use the primary",
        said,
    )
}
