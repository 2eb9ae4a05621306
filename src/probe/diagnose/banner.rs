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
    // A MySQL packet: three bytes of length, sequence 0, protocol 10 (or 255 for an error).
    if first.len() >= 5 && first[2] == 0 && first[3] == 0 && matches!(first[4], 0x0a | 0xff) {
        return wrong(StageName::Tcp, "wrong-mysql", "a MySQL or MariaDB server");
    }
    if first.starts_with(b"220 ") || first.starts_with(b"220-") {
        return wrong(StageName::Tcp, "wrong-smtp", "a mail or FTP server");
    }
    if first.starts_with(b"-ERR ") || first.starts_with(b"-NOAUTH") || first.starts_with(b"-DENIED")
    {
        return wrong(StageName::Tcp, "wrong-redis", "a Redis server");
    }
    if first.starts_with(&[0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]) || first.starts_with(&[0, 0, 0]) {
        return wrong(
            StageName::Tcp,
            "wrong-echo",
            "a service that sends our own bytes back",
        );
    }
    None
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
            cause(b"\x15\x00\x00\x00\xffHost is blocked"),
            Some("wrong-mysql")
        );
        // The echo of a startup message.
        assert_eq!(cause(&[0, 0, 0, 40, 0, 3, 0, 0]), Some("wrong-echo"));
        assert_eq!(cause(b"-ERR unknown command"), Some("wrong-redis"));
        assert_eq!(cause(&[0, 0, 0, 8, 4, 210, 22, 47]), Some("wrong-echo"));
        assert_eq!(cause(b"R\x00\x00\x00\x08\x00\x00\x00\x00"), None);
    }
}
