//! Peers that go wrong on the way to TLS or inside it.

use std::io::{self, Read as _, Write as _};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use dbharden::facts::StageName::{Auth, Tls};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::case::fails;
use crate::dial::{failure, observed};
use crate::peer::{Conversation, Peer};

/// A server's half of TLS, with a certificate made here.
fn config(protocols: &[&[u8]]) -> Arc<ServerConfig> {
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let made = rcgen::generate_simple_self_signed(names).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![CertificateDer::from(made.cert.der().to_vec())], key)
        .unwrap();
    config.alpn_protocols = protocols.iter().map(|p| p.to_vec()).collect();
    Arc::new(config)
}

/// Ends the client's TLS on this side.
fn encrypted(
    c: &mut Conversation,
    config: &Arc<ServerConfig>,
) -> io::Result<StreamOwned<ServerConnection, std::net::TcpStream>> {
    let session = ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
    let mut stream = StreamOwned::new(session, c.stream().try_clone()?);
    stream.flush()?;
    while stream.conn.is_handshaking() {
        stream.conn.complete_io(&mut stream.sock)?;
    }
    Ok(stream)
}

fn says_yes(c: &mut Conversation) -> io::Result<()> {
    c.ssl_request()?;
    c.say(b"S")
}

#[test]
fn a_server_without_tls_is_refused_or_pointed_out() {
    for mode in ["require", "verify-ca", "verify-full"] {
        let peer = Peer::start(|c| {
            c.ssl_request()?;
            c.say(b"N")?;
            c.hang()
        });
        // Verification needs roots before it needs a server.
        let more = match mode {
            "require" => "sslmode=require".to_owned(),
            mode => format!("sslmode={mode} sslrootcert=tests/probe/root.pem"),
        };
        let connection = crate::case::probe(&peer, &more);
        let (stage, causes) = failure(&connection).unwrap();
        assert_eq!((stage, causes), (Tls, vec!["ssl-n-required"]), "{mode}");
    }
    let connection = fails("sslmode=prefer", Auth, &["too-many-clients"], |c| {
        c.startup()?;
        c.error("53300", "InitProcess", "zu viele Verbindungen")
    });
    assert_eq!(observed(&connection), ["ssl-n-prefer"]);
    fails("sslmode=prefer", Tls, &["ssl-n-close"], |c| {
        c.startup().map(|_| ())
    });
}

#[test]
fn plain_text_slipped_in_before_tls_is_an_attack() {
    fails("sslmode=require", Tls, &["ssl-inject"], |c| {
        c.ssl_request()?;
        c.say(b"SR\0\0\0\x08\0\0\0\0")?;
        c.hang()
    });
    // Later than the answer, and instead of a handshake.
    fails("sslmode=require", Tls, &["ssl-inject"], |c| {
        says_yes(c)?;
        c.stream().read_exact(&mut [0; 5])?;
        c.say(b"R\0\0\0\x08\0\0\0\0")?;
        c.hang()
    });
}

#[test]
fn each_end_of_a_handshake_has_its_name() {
    let cases: [(&'static [u8], &[&str]); 4] = [
        (b"\x15\x03\x03\0\x02\x02\x28", &["ssl-s-alert"]),
        (b"\x15\x03\x03\0\x02\x02\x70", &["ssl-s-sni-alert"]),
        (b"\x15\x03\x03\0\x02\x02\x46", &["tls-1.1-only"]),
        (b"", &["ssl-s-close"]),
    ];
    for (answer, causes) in cases {
        fails("sslmode=require", Tls, causes, move |c| {
            says_yes(c)?;
            let mut header = [0; 5];
            c.stream().read_exact(&mut header)?;
            let length = usize::from(u16::from_be_bytes([header[3], header[4]]));
            c.stream().read_exact(&mut vec![0; length])?;
            c.say(answer)
        });
    }
    fails(
        "sslmode=require ssl_max_protocol_version=TLSv1.2",
        Tls,
        &["tls-1.3-only-client12"],
        |c| {
            says_yes(c)?;
            let _hello = c.stream().read(&mut [0; 2048])?;
            c.say(b"\x15\x03\x03\0\x02\x02\x46")
        },
    );
    // A reset: unread bytes are left.
    fails("sslmode=require", Tls, &["ssl-s-close"], |c| {
        says_yes(c)?;
        c.stream().read_exact(&mut [0; 5])
    });
}

#[test]
fn silence_and_a_drip_inside_the_handshake_are_told_apart() {
    fails(
        "sslmode=require",
        Tls,
        &["mtu-blackhole", "ssl-s-silent"],
        |c| {
            says_yes(c)?;
            c.hang()
        },
    );
    fails(
        "sslmode=require",
        Tls,
        &["mtu-blackhole", "ssl-s-silent"],
        |c| {
            says_yes(c)?;
            let _hello = c.stream().read(&mut [0; 2048])?;
            c.say(b"\x16\x03\x03\x00\x7a\x02\x00\x00")?;
            c.hang()
        },
    );
    fails("sslmode=require", Tls, &["ssl-slow-drip"], |c| {
        says_yes(c)?;
        let _hello = c.stream().read(&mut [0; 2048])?;
        for byte in b"\x16\x03\x03\x00\x7a\x02\x00\x00" {
            c.say(&[*byte])?;
            thread::sleep(Duration::from_millis(700));
        }
        Ok(())
    });
}

#[test]
fn a_port_that_wants_tls_at_once_is_recognised() {
    let config = config(&[]);
    fails("sslmode=require", Tls, &["tls-only-port"], move |c| {
        let mut first = [0; 1];
        c.stream().peek(&mut first)?;
        if first[0] != 0x16 {
            return Ok(());
        }
        encrypted(c, &config)?.read(&mut [0; 1]).map(|_| ())
    });
}

#[test]
fn an_alert_to_the_request_is_an_answer_in_tls() {
    fails("sslmode=require", Tls, &["tls-only-port"], |c| {
        c.ssl_request()?;
        c.say(b"\x15\x03\x01\0\x02\x02\x0a")
    });
}

#[test]
fn direct_tls_needs_the_protocol_to_be_named() {
    let silent = config(&[]);
    fails(
        "sslmode=require sslnegotiation=direct",
        Tls,
        &["direct-no-alpn"],
        move |c| encrypted(c, &silent)?.read(&mut [0; 1]).map(|_| ()),
    );
    let other = config(&[b"http/1.1"]);
    fails(
        "sslmode=require sslnegotiation=direct",
        Tls,
        &["direct-no-alpn"],
        move |c| encrypted(c, &other)?.read(&mut [0; 1]).map(|_| ()),
    );
    fails(
        "sslmode=require sslnegotiation=direct",
        Tls,
        &["direct-old-server"],
        |c| c.stream().read(&mut [0; 2048]).map(|_| ()),
    );
}

#[test]
fn what_comes_before_the_first_answer_inside_tls_is_still_the_stage_of_tls() {
    let config = config(&[]);
    fails("sslmode=require", Tls, &["ssl-s-close"], move |c| {
        says_yes(c)?;
        let mut stream = encrypted(c, &config)?;
        let _hello = stream.read(&mut [0; 1024])?;
        stream.conn.send_close_notify();
        stream.flush()
    });
}

#[test]
fn channel_binding_that_is_not_offered_is_missed() {
    let config = config(&[]);
    fails(
        "sslmode=require channel_binding=require",
        Auth,
        &["cb-no-plus"],
        move |c| {
            says_yes(c)?;
            let mut stream = encrypted(c, &config)?;
            let _startup = stream.read(&mut [0; 1024])?;
            stream.write_all(b"R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0")?;
            stream.flush()?;
            stream.read(&mut [0; 1]).map(|_| ())
        },
    );
}

#[test]
fn an_old_version_in_the_servers_hello_is_too_old() {
    // A hello of TLS 1.1: version, random, no session, a cipher, no compression.
    let hello = [&[3, 2][..], &[7; 32], &[0, 0xc0, 0x13, 0]].concat();
    let length = u8::try_from(hello.len()).unwrap();
    let record = [&[0x16, 3, 2, 0, length + 4, 2, 0, 0, length][..], &hello].concat();
    fails("sslmode=require", Tls, &["tls-1.1-only"], move |c| {
        says_yes(c)?;
        let _hello = c.stream().read(&mut [0; 2048])?;
        c.say(&record)?;
        c.hang()
    });
}

#[test]
fn a_certificate_of_ours_that_is_demanded_is_missed() {
    let authority = rcgen::generate_simple_self_signed(vec!["lab".to_owned()]).unwrap();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(authority.cert.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = rustls::server::WebPkiClientVerifier::builder_with_provider(
        Arc::new(roots),
        Arc::clone(&provider),
    );
    let names = vec!["localhost".to_owned()];
    let made = rcgen::generate_simple_self_signed(names).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let demanding = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier.build().unwrap())
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let demanding = Arc::new(demanding);
    fails("sslmode=require", Tls, &["clientcert-none"], move |c| {
        says_yes(c)?;
        let mut stream = encrypted(c, &demanding)?;
        stream.read(&mut [0; 1]).map(|_| ())
    });
}

#[test]
fn silence_inside_tls_is_no_silence_of_the_port() {
    let config = config(&[]);
    let upstream = [
        "pgb-upstream-down",
        "pgb-upstream-nx",
        "pgb-paused",
        "pgb-auth_query",
        "pgb-pool-full",
    ];
    fails("sslmode=require", Auth, &upstream, move |c| {
        says_yes(c)?;
        let mut stream = encrypted(c, &config)?;
        io::copy(&mut stream, &mut io::sink()).map(|_| ())
    });
}
