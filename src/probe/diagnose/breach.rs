//! What the metered stream cut the connection for, while the session was being opened.

use super::server::PASSWORD;
use super::{Broken, banner};
use crate::facts::StageName;
use crate::probe::auth::breach::Breach;
use crate::probe::auth::notes::{Asked, Notes};

fn known(cause: &'static str, message: impl Into<String>) -> Broken {
    Broken::known(StageName::Auth, cause, message)
}

/// Says what a breach means.
pub(super) fn breached(notes: &Notes, breach: Breach) -> Broken {
    // Another protocol's greeting may look like a message of ours at first.
    let shapeless = matches!(
        breach,
        Breach::NotPostgres | Breach::Length { .. } | Breach::OutOfPlace { .. }
    );
    if shapeless
        && notes.asked.is_none()
        && let Some(broken) = banner::recognise(&notes.first)
    {
        return broken;
    }
    match breach {
        Breach::NotPostgres => banner::garbage(StageName::Auth, &notes.first),
        Breach::Length { tag, length } => absurd(notes, tag, length),
        Breach::TooMuch | Breach::Parameters => known(
            "param-flood",
            "the server floods the client with parameters: it is no honest Postgres server",
        ),
        Breach::Notices => known(
            "q-notice-flood",
            "the server floods the client with notices",
        ),
        Breach::Columns => known(
            "q-columns",
            "the server's rows do not have the columns that it announced",
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
        | Breach::BindingUndefined
        | Breach::BindingUnchecked
        | Breach::PlusWithoutTls => unbound(breach),
        Breach::Iterations => known(
            "scram-iter-huge",
            "the server asks for more than 100,000 rounds of SCRAM, to keep the client busy",
        ),
        Breach::Nonce => known(
            "rogue-bad-nonce",
            "the server's SCRAM challenge is not an answer to ours: it is an impostor",
        ),
        Breach::Challenge => Broken::either(
            StageName::Auth,
            &["rogue-bad-nonce", "rogue-bad-signature"],
            "the server's SCRAM challenge makes no sense: it is an impostor, or the stream is garbled",
        ),
        Breach::Disproved => Broken::either(
            StageName::Auth,
            PASSWORD,
            "the server refuses the proof that we know the password",
        ),
        Breach::SkippedFinal => known(
            "rogue-skip-final",
            "the server let us in without proving that it knows the password: it is an impostor",
        ),
    }
}

fn absurd(notes: &Notes, tag: u8, length: usize) -> Broken {
    // An error of protocol 2 has no length: text follows at once. The postmaster speaks it where it
    // cannot start a process, in its own language and encoding.
    let text = |bytes: &[u8]| {
        bytes
            .iter()
            .all(|b| *b >= 0x20 && !matches!(b, 0x7f | 0xff))
    };
    if notes.messages == 0 && notes.first.get(1..5).is_some_and(text) {
        if tag != b'E' {
            return banner::garbage(StageName::Auth, &notes.first);
        }
        return known(
            "fork-fail",
            "the server cannot start a process for the session",
        );
    }
    if tag == b'E' && length > 4 {
        return oversized(length);
    }
    known(
        "q-absurd-length",
        format!("the server sent a message that claims {length} bytes"),
    )
}

/// Says that an error is too long to be shown.
pub(super) fn oversized(bytes: usize) -> Broken {
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
        Breach::BindingUndefined => Broken::either(
            StageName::Auth,
            &[],
            "the server's certificate is signed with Ed25519 or Ed448, which has no digest to bind \
             the channel by: libpq (psql, psycopg) takes the server's offer and breaks off there",
        )
        .fix(
            "give the server a certificate that is signed with RSA or ECDSA; until then set \
             channel_binding=disable in the string, and verify the server with sslmode=verify-full",
        ),
        Breach::BindingUnchecked => Broken::either(
            StageName::Auth,
            &[],
            "channel_binding=require, and dbharden cannot bind to the server's certificate (its key, as \
             RSA under 2,048 bits, or its signature is of a kind that is not checked here): libpq may",
        )
        .fix(
            "try the same string with psql; give the server a certificate with an RSA key of 2,048 \
             bits or more, or an ECDSA key, signed with SHA-256 or better",
        ),
        _ => known(
            "cb-no-plus",
            "channel_binding=require, and the server does not offer it",
        ),
    }
}
