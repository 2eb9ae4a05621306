//! Who answers where a Postgres server should: recognised by the first bytes.

use super::Broken;
use crate::facts::StageName;

/// Recognises another protocol by the first bytes that its server sends.
pub(in crate::probe) fn recognise(first: &[u8]) -> Option<Broken> {
    let wrong = |stage, cause, who: &str| {
        Some(Broken::known(
            stage,
            cause,
            format!("{who} answers on this port"),
        ))
    };
    if first.starts_with(b"SSH-") {
        return wrong(StageName::Tls, "wrong-ssh", "an SSH server");
    }
    if first.starts_with(b"HTTP/") {
        return wrong(StageName::Tcp, "wrong-http", "an HTTP server");
    }
    if is_mysql(first) {
        return wrong(StageName::Tcp, "wrong-mysql", "a MySQL or MariaDB server");
    }
    if first.starts_with(b"220 ") || first.starts_with(b"220-") {
        return wrong(StageName::Tcp, "wrong-smtp", "a mail or FTP server");
    }
    if first.starts_with(b"-ERR ") || first.starts_with(b"-NOAUTH") || first.starts_with(b"-DENIED")
    {
        return wrong(StageName::Tcp, "wrong-redis", "a Redis server");
    }
    if is_ours(first) {
        return wrong(
            StageName::Tcp,
            "wrong-echo",
            "a service that sends our own bytes back",
        );
    }
    None
}

/// Returns whether it is a packet of `MySQL`: three bytes of length, sequence 0, then protocol 10 and a
/// version, or 255 with a text.
fn is_mysql(first: &[u8]) -> bool {
    let text = |at: usize| first.get(at).is_none_or(|b| (0x20..0x7f).contains(b));
    match first {
        [_, _, 0, 0, 0x0a, ..] => first.get(5).is_none_or(u8::is_ascii_digit),
        // The numbers of its errors stay below 8,192; a message of ours of 255 bytes has a letter there.
        [_, _, 0, 0, 0xff, ..] => first.get(6).is_none_or(|b| *b < 0x20) && text(7) && text(8),
        _ => false,
    }
}

/// Returns whether it is what we say first: a request for TLS, a startup message of protocol 3.0.
fn is_ours(first: &[u8]) -> bool {
    let (head, code) = first.split_at(first.len().min(4));
    let is = |ours: &[u8]| !code.is_empty() && (code.starts_with(ours) || ours.starts_with(code));
    head.starts_with(&[0, 0]) && (is(&[0x04, 0xd2, 0x16, 0x2f]) || is(&[0, 3, 0, 0]))
}

/// Says that the peer answers in no protocol that is known here; shows the bytes in hexadecimal.
pub(in crate::probe) fn garbage(stage: StageName, first: &[u8]) -> Broken {
    let shown: Vec<String> = first.iter().take(8).map(|b| format!("{b:02x}")).collect();
    Broken::known(
        stage,
        "ssl-garbage",
        format!(
            "the peer does not speak Postgres: it answered with the bytes {}",
            shown.join(" ")
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::recognise;

    #[test]
    fn each_greeting_names_its_service() {
        let cause = |first: &[u8]| recognise(first).and_then(|b| b.failure.cause);
        assert_eq!(cause(b"SSH-2.0-OpenSSH_9.2"), Some("wrong-ssh"));
        assert_eq!(cause(b"HTTP/1.1 400 Bad Request"), Some("wrong-http"));
        assert_eq!(cause(b"\x53\x00\x00\x00\x0a8.0.36"), Some("wrong-mysql"));
        assert_eq!(cause(b"220 mx.test ESMTP"), Some("wrong-smtp"));
        assert_eq!(cause(b"220-mx.test ESMTP"), Some("wrong-smtp"));
        assert_eq!(
            cause(b"-NOAUTH Authentication required."),
            Some("wrong-redis")
        );
        assert_eq!(
            cause(b"-DENIED Redis is running in protected mode"),
            Some("wrong-redis")
        );
        assert_eq!(
            cause(b"\x15\x00\x00\x00\xff\x6a\x04Host is blocked"),
            Some("wrong-mysql")
        );
        // What only begins as one of them does is none.
        assert_eq!(cause(b"\x0a\x01\0\0\xff\0\0\0\x01\0\0\0"), None);
        assert_eq!(cause(b"\x53\0\0\0\x0a\0\0\0"), None);
        assert_eq!(cause(&[0; 12]), None);
        assert_eq!(cause(&[0, 0, 0]), None);
        assert_eq!(cause(b"\0\0\0\x08\x04\xd2\x16\x30"), None);
        // The echo of a startup message.
        assert_eq!(cause(&[0, 0, 0, 40, 0, 3, 0, 0]), Some("wrong-echo"));
        assert_eq!(cause(b"-ERR unknown command"), Some("wrong-redis"));
        assert_eq!(cause(&[0, 0, 0, 8, 4, 210, 22, 47]), Some("wrong-echo"));
        assert_eq!(cause(b"R\x00\x00\x00\x08\x00\x00\x00\x00"), None);
    }
}
