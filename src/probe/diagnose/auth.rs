//! Why the server does not let the user in.

use std::io;
use std::time::Duration;

use rustls::Error as TlsError;

use super::{Broken, banner, pooler, tcp, tls};
use crate::facts::StageName;
use crate::probe::auth::breach::Breach;
use crate::probe::auth::notes::{Asked, Notes, ServerError};

/// What is known about the attempt beside what went by.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one thing that is known or not"
)]
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

fn known(cause: &'static str, message: impl Into<String>) -> Broken {
    Broken::known(StageName::Auth, cause, message)
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
        );
    }
    if error.is_closed() || io.is_some() {
        return cut_off(scene);
    }
    Broken::either(
        StageName::Auth,
        &["q-type", "ssl-garbage"],
        "the peer broke the protocol: it is no Postgres server, or something garbles the stream",
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
        ),
        Breach::Notices => known(
            "q-notice-flood",
            "the server floods the client with notices",
        ),
        Breach::Rows => known("q-row-flood", "the server floods the client with rows"),
        Breach::OutOfPlace { tag } => known(
            "q-type",
            format!("the server sent a message that has no place in a login (type 0x{tag:02x})"),
        ),
        Breach::NoPassword => known(
            "password-missing",
            "the server asks for a password, and none is given",
        ),
        Breach::Cleartext => rogue_cleartext(),
        Breach::Md5 => rogue_md5(),
        Breach::Method { code } => method(code),
        Breach::Sasl => known(
            "sasl-unknown",
            "the server offers no SASL mechanism that is spoken here (SCRAM-SHA-256)",
        ),
        Breach::RequiredAuthOther => match notes.asked {
            Some(Asked::Cleartext) => rogue_cleartext(),
            Some(Asked::Md5) => rogue_md5(),
            _ => known(
                "sasl-unknown",
                "the server asks for SCRAM, which require_auth forbids",
            ),
        },
        Breach::RequiredAuthSkipped => known(
            "rogue-no-auth",
            "the server let us in without any proof, which require_auth forbids",
        ),
        Breach::BindingWithoutTls
        | Breach::BindingOtherMethod
        | Breach::BindingSkipped
        | Breach::BindingNotOffered
        | Breach::PlusWithoutTls => unbound(breach),
        Breach::Iterations => known(
            "scram-iter-huge",
            "the server asks for more than 100,000 rounds of SCRAM, to keep the client busy",
        ),
        Breach::Nonce => known(
            "rogue-bad-nonce",
            "the server's SCRAM challenge is not an answer to ours: it is an impostor",
        ),
        Breach::SkippedFinal => known(
            "rogue-skip-final",
            "the server let us in without proving that it knows the password: it is an impostor",
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
            );
        }
    }
    if tag == b'E' && length > 4 {
        return oversized(length);
    }
    known(
        "q-absurd-length",
        format!("the server sent a message that claims {length} bytes"),
    )
}

fn oversized(bytes: usize) -> Broken {
    known(
        "err-empty",
        format!("the server refuses, with an error of {bytes} bytes that libpq would not show"),
    )
}

fn rogue_cleartext() -> Broken {
    known(
        "rogue-cleartext",
        "the server asks for the password in clear, and nothing proves who it is; it was not sent",
    )
}

fn rogue_md5() -> Broken {
    known(
        "rogue-md5",
        "the server asks for an md5 answer in clear, which can be cracked; it was not sent",
    )
}

fn method(code: u32) -> Broken {
    match code {
        7..=9 => known(
            "method-gss",
            "the server asks for Kerberos (GSSAPI or SSPI)",
        ),
        code => known(
            "method-unknown",
            format!("the server asks for a way to log in that nobody speaks (code {code})"),
        ),
    }
}

fn unbound(breach: Breach) -> Broken {
    match breach {
        Breach::BindingWithoutTls => known(
            "cb-no-tls",
            "channel_binding=require needs TLS, and the connection has none",
        ),
        Breach::BindingOtherMethod => known(
            "cb-md5",
            "channel_binding=require, and the server asks for a password without it",
        ),
        Breach::BindingSkipped => known(
            "cb-trust",
            "channel_binding=require, and the server let us in without any proof",
        ),
        Breach::PlusWithoutTls => known(
            "plus-without-tls",
            "the server offers channel binding on a connection in clear: someone on the way strips TLS",
        ),
        _ => known(
            "cb-no-plus",
            "channel_binding=require, and the server does not offer it",
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
    },
    Row {
        code: "3D000",
        routine: None,
        causes: &["db-missing", "db-case"],
        message: "user and password are right; there is no such database",
    },
    Row {
        code: "42501",
        routine: Some("CheckMyDatabase"),
        causes: &["connect-revoked"],
        message: "the role may not connect to this database",
    },
    Row {
        code: "55000",
        routine: Some("CheckMyDatabase"),
        causes: &["db-noallow"],
        message: "the database takes no connections",
    },
    Row {
        code: "53300",
        routine: Some("CheckMyDatabase"),
        causes: &["limit-db"],
        message: "the database's own connection limit is reached",
    },
    Row {
        code: "53300",
        routine: Some("InitializeSessionUserId"),
        causes: &["limit-role"],
        message: "the role's own connection limit is reached",
    },
    Row {
        code: "53300",
        routine: Some("InitPostgres"),
        causes: &["too-many-reserved"],
        message: "only the slots kept for superusers are free; user and password are right",
    },
    Row {
        code: "53300",
        routine: None,
        causes: &["too-many-clients"],
        message: "the server has no free connection; the password was not tried",
    },
    Row {
        code: "57P01",
        routine: None,
        causes: &["shutting-down"],
        message: "the server is being stopped",
    },
    Row {
        code: "0A000",
        routine: None,
        causes: &["proto-unsupported"],
        message: "the server does not speak this version of the protocol",
    },
    Row {
        code: "F0000",
        routine: None,
        causes: &["server-no-client-ca"],
        message: "the server demands client certificates and has nothing to check them by",
    },
    Row {
        code: "42704",
        routine: None,
        causes: &["options-bad"],
        message: "the string sets a parameter that this server does not have",
    },
    Row {
        code: "22023",
        routine: None,
        causes: &["options-badval"],
        message: "the string sets a parameter to a value that it does not take",
    },
    Row {
        code: "42501",
        routine: Some("InitPostgres"),
        causes: &["replication-conn"],
        message: "the role may not replicate",
    },
    Row {
        code: "42501",
        routine: None,
        causes: &["options-super"],
        message: "the string sets a parameter that only a superuser may set",
    },
];

fn refused(scene: Scene, notes: &Notes, said: &ServerError) -> Broken {
    if said.bytes > 30_000 {
        return oversized(said.bytes);
    }
    let (code, routine) = said.key();
    if routine.is_none()
        && let Some(broken) = pooler::failed(StageName::Auth, said)
    {
        return broken;
    }
    match (code, routine) {
        ("28000", Some("InitializeSessionUserId")) => {
            // Where a proof was asked for and given, the role exists.
            let causes: &[&str] = if notes.asked.is_some() {
                &["role-nologin"]
            } else {
                &["role-nologin", "role-missing"]
            };
            said_so(causes, "the role may not log in", said)
        }
        ("28000", Some("auth_failed")) => other_method(scene, notes, said),
        ("28000", _) if scene.replication => said_so(
            &["replication-conn"],
            "no line of pg_hba.conf lets this client replicate",
            said,
        ),
        ("28000", _) => host_rules(scene, said),
        ("57P03", _) => not_ready(said),
        ("28P01", _) if scene.from_password_file => {
            let causes: Vec<&str> = PASSWORD.iter().copied().chain(["pgpass-wrong"]).collect();
            said_so(&causes, TABLE[0].message, said)
        }
        _ => {
            let fits =
                |row: &&Row| row.code == code && (row.routine.is_none() || row.routine == routine);
            match TABLE.iter().find(fits) {
                Some(row) => said_so(row.causes, row.message, said),
                None => unlisted(said),
            }
        }
    }
}

fn unlisted(said: &ServerError) -> Broken {
    Broken::either(
        StageName::Auth,
        &[],
        format!(
            "the server refuses (SQLSTATE {}): {}",
            said.code, said.message
        ),
    )
}

fn said_so(causes: &[&'static str], message: &str, said: &ServerError) -> Broken {
    Broken::either(
        StageName::Auth,
        causes,
        format!("{message}: {} (SQLSTATE {})", said.message, said.code),
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
    said_so(&causes, "no line of pg_hba.conf lets this client in", said)
}

fn not_ready(said: &ServerError) -> Broken {
    let causes: &[&str] = match said.detail.as_deref() {
        None => &["starting-up", "shutting-down", "recovery-mode"],
        Some(detail) if detail.contains("onsistent recovery state") => &["starting-up"],
        Some(_) => &["hot-standby-off"],
    };
    said_so(causes, "the server takes no sessions at the moment", said)
}
