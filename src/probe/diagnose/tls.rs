//! Why the stream is not encrypted as the sslmode asks.

use std::io;
use std::time::Duration;

use rustls::{AlertDescription, Error};

use super::{Broken, banner};
use crate::facts::StageName;
use crate::probe::pace::Heard;
use crate::probe::tls::Problem;

/// How a handshake died.
#[derive(Debug)]
pub(in crate::probe) struct Died<'a> {
    /// The error; `None` when the time was up.
    pub error: Option<&'a io::Error>,
    /// The first bytes that the peer sent in the handshake.
    pub first: &'a [u8],
    /// Why the server's certificate was refused, where it was.
    pub refused: Option<Problem>,
    /// Whether TLS began without Postgres' own request.
    pub direct: bool,
    /// Whether the string itself keeps TLS 1.3 out.
    pub stops_below_13: bool,
    /// Whether a certificate of our own was presented.
    pub presents: bool,
    /// How long it was waited.
    pub after: Duration,
    /// How bytes came in while it was.
    pub heard: Heard,
}

fn known(cause: &'static str, message: impl Into<String>) -> Broken {
    Broken::known(StageName::Tls, cause, message)
}

/// Says why a handshake died.
pub(in crate::probe) fn died(how: &Died<'_>) -> Broken {
    if let Some(refused) = &how.refused {
        return Broken::either(StageName::Tls, &refused.causes(), refused.message.clone());
    }
    let Some(error) = how.error else {
        return timed_out(how).late();
    };
    match error.get_ref().and_then(|e| e.downcast_ref::<Error>()) {
        Some(Error::AlertReceived(alert)) => alerted(*alert, how.presents, how.stops_below_13),
        Some(Error::PeerIncompatible(_)) => too_old(how.stops_below_13),
        Some(Error::NoApplicationProtocol) => no_alpn(),
        Some(Error::InvalidCertificate(_) | Error::PeerMisbehaved(_)) => known(
            "ssl-s-alert",
            "the server's handshake proves nothing: its certificate's key and signature do not fit",
        ),
        Some(_) => foreign(how.first),
        None => broke_off(how),
    }
}

/// Says what an alert of the server means.
pub(in crate::probe) fn alerted(
    alert: AlertDescription,
    presents: bool,
    stops_below_13: bool,
) -> Broken {
    use AlertDescription as A;
    match alert {
        A::UnrecognisedName => known(
            "ssl-s-sni-alert",
            "the server knows no database by this host name (alert unrecognized_name)",
        ),
        A::ProtocolVersion => too_old(stops_below_13),
        A::NoApplicationProtocol => no_alpn(),
        A::CertificateExpired if presents => known(
            "clientcert-expired",
            "the server refuses our own certificate: it has expired",
        ),
        A::UnknownCA
        | A::BadCertificate
        | A::CertificateUnknown
        | A::UnsupportedCertificate
        | A::DecryptError
            if presents =>
        {
            known(
                "clientcert-unknown-ca",
                "the server refuses our own certificate: it does not know who issued it",
            )
        }
        A::CertificateRequired => Broken::known(
            StageName::Tls,
            "clientcert-none",
            "the server demands a certificate of ours",
        ),
        other => known(
            "ssl-s-alert",
            format!(
                "the server broke off the handshake (alert {}, {other:?})",
                u8::from(other)
            ),
        ),
    }
}

fn too_old(stops_below_13: bool) -> Broken {
    if stops_below_13 {
        known(
            "tls-1.3-only-client12",
            "the string allows at most TLS 1.2, and the server wants a newer version",
        )
    } else {
        known(
            "tls-1.1-only",
            "the server speaks no version of TLS that is still safe (1.2 or newer)",
        )
    }
}

fn foreign(first: &[u8]) -> Broken {
    let after_s = [b"S", first].concat();
    if let Some(broken) = banner::recognise(&after_s).or_else(|| banner::recognise(first)) {
        return broken;
    }
    match first.first() {
        // A TLS record begins with its type, 20 to 23, and the version's 3.
        Some(20..=23) if first.get(1) == Some(&3) => {
            known("ssl-s-alert", "the peer's TLS handshake makes no sense")
        }
        Some(_) => injected(),
        None => known("ssl-s-close", "the server agreed to TLS and then broke off"),
    }
}

fn broke_off(how: &Died<'_>) -> Broken {
    if how.direct && how.first.is_empty() {
        return known(
            "direct-old-server",
            "the server hangs up on TLS without Postgres' request for it, as versions before 17 do",
        );
    }
    known(
        "ssl-s-close",
        "the server agreed to TLS and then broke off the connection",
    )
}

fn timed_out(how: &Died<'_>) -> Broken {
    let seconds = how.after.as_secs_f64();
    let silent = ["mtu-blackhole", "ssl-s-silent"];
    if how.first.is_empty() {
        let message = format!("the server agreed to TLS and then said nothing for {seconds:.1} s");
        return Broken::either(StageName::Tls, &silent, message);
    }
    let begun = format!("the TLS handshake was begun and not done after {seconds:.1} s");
    match how.heard {
        Heard::Drip => known(
            "ssl-slow-drip",
            format!("{begun}, though bytes kept coming"),
        ),
        Heard::Silence => Broken::either(StageName::Tls, &silent, begun),
        Heard::Either => {
            let all = [&silent[..], &["ssl-slow-drip"]].concat();
            Broken::either(StageName::Tls, &all, begun)
        }
    }
}

/// Says that plain text was slipped in before the handshake.
pub(in crate::probe) fn injected() -> Broken {
    known(
        "ssl-inject",
        "plain text was slipped in before TLS began: someone on the way tampers with the connection",
    )
}

/// Says that an error came before TLS; its text is not trustworthy and not shown.
pub(in crate::probe) fn error_before_tls() -> Broken {
    Broken::either(
        StageName::Tls,
        &["ssl-e", "fork-fail"],
        "the server answered the request for TLS with an error, whose text cannot be trusted",
    )
}

/// Says that TLS was demanded and refused.
pub(in crate::probe) fn refused() -> Broken {
    known(
        "ssl-n-required",
        "the server does not offer TLS, and the sslmode demands it",
    )
}

/// Says that the peer dropped the connection after it refused TLS.
pub(in crate::probe) fn refused_then_closed() -> Broken {
    known(
        "ssl-n-close",
        "the server refused TLS and then dropped the connection in clear",
    )
}

/// Says that TLS works and the peer does not know Postgres.
pub(in crate::probe) fn no_alpn() -> Broken {
    known(
        "direct-no-alpn",
        "TLS works, and the peer does not say that it speaks Postgres (no ALPN)",
    )
}

/// Says that the string leaves no version of TLS.
pub(in crate::probe) fn no_version() -> Broken {
    known(
        "tls-1.3-only-client12",
        "the string leaves no version of TLS that can be spoken",
    )
}

/// Says that no roots are given and the default file is not there.
pub(in crate::probe) fn no_default_roots() -> Broken {
    known(
        "rootcert-default-missing",
        "the sslmode verifies the server, and there is no ~/.postgresql/root.crt to verify it by",
    )
}

/// Says that the file with the roots is not there.
pub(in crate::probe) fn roots_missing(path: &str) -> Broken {
    known(
        "rootcert-missing",
        format!("sslrootcert {path} does not exist"),
    )
}

/// Says that the file with the roots cannot be used.
pub(in crate::probe) fn roots_unusable(cause: &'static str, path: &str) -> Broken {
    let what = if cause == "rootcert-empty" {
        "is empty"
    } else {
        "holds no certificates in PEM"
    };
    known(cause, format!("sslrootcert {path} {what}"))
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::time::Duration;

    use rustls::{AlertDescription, CertificateError, Error, PeerMisbehaved};

    use super::{Died, Heard, alerted, died};
    use crate::probe::diagnose::Broken;

    fn cause(broken: &Broken) -> Option<&'static str> {
        broken.failure.cause
    }

    fn of(error: Option<&io::Error>, first: &[u8], direct: bool) -> Broken {
        died(&Died {
            error,
            first,
            refused: None,
            direct,
            stops_below_13: false,
            presents: false,
            after: Duration::from_secs(1),
            heard: Heard::Silence,
        })
    }

    #[test]
    fn each_error_of_a_handshake_has_its_cause() {
        for (error, name) in [
            (Error::NoApplicationProtocol, "direct-no-alpn"),
            (
                Error::InvalidCertificate(CertificateError::BadSignature),
                "ssl-s-alert",
            ),
            (
                PeerMisbehaved::IllegalMiddleboxChangeCipherSpec.into(),
                "ssl-s-alert",
            ),
            (
                Error::AlertReceived(AlertDescription::HandshakeFailure),
                "ssl-s-alert",
            ),
        ] {
            let broken = of(Some(&io::Error::other(error)), b"\x16\x03\x03", false);
            assert_eq!(cause(&broken), Some(name), "{broken:?}");
        }
    }

    #[test]
    fn what_is_no_tls_is_told_by_its_first_bytes() {
        let content = io::Error::other(Error::InvalidMessage(
            rustls::InvalidMessage::InvalidContentType,
        ));
        for (first, name) in [
            (&b"\x16\x03\x03\0\x05garbage"[..], "ssl-s-alert"),
            (b"SH-2.0-OpenSSH_9.2", "wrong-ssh"),
            (b"HTTP/1.1 400", "wrong-http"),
            (b"\x16\x01\x03", "ssl-inject"),
            (b"E\0\0\0\x08", "ssl-inject"),
            (b"", "ssl-s-close"),
        ] {
            let broken = of(Some(&content), first, false);
            assert_eq!(cause(&broken), Some(name), "{first:?}");
        }
        let cut = io::Error::from(io::ErrorKind::UnexpectedEof);
        assert_eq!(cause(&of(Some(&cut), b"", true)), Some("direct-old-server"));
        assert_eq!(cause(&of(Some(&cut), b"\x16", true)), Some("ssl-s-close"));
        assert_eq!(cause(&of(Some(&cut), b"", false)), Some("ssl-s-close"));
    }

    #[test]
    fn an_alert_is_about_our_certificate_only_where_we_gave_one() {
        use AlertDescription as A;
        for alert in [
            A::UnknownCA,
            A::BadCertificate,
            A::CertificateUnknown,
            A::UnsupportedCertificate,
            A::DecryptError,
        ] {
            let given = alerted(alert, true, false);
            assert_eq!(cause(&given), Some("clientcert-unknown-ca"), "{alert:?}");
            assert_eq!(cause(&alerted(alert, false, false)), Some("ssl-s-alert"));
        }
        let expired = |given| alerted(A::CertificateExpired, given, false);
        assert_eq!(cause(&expired(true)), Some("clientcert-expired"));
        assert_eq!(cause(&expired(false)), Some("ssl-s-alert"));
    }
}
