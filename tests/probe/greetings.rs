//! Something else than Postgres listens there, or nothing does.

use std::io::{self, Read as _};
use std::net::{Ipv4Addr, TcpListener};
use std::thread;
use std::time::Duration;

use dbharden::facts::StageName::{Auth, Tcp, Tls};

use crate::case::fails;
use crate::dial::{self, connect};
use crate::peer::{Conversation, Peer};

/// Reads what the client says first.
fn listen(conversation: &mut Conversation) -> io::Result<()> {
    conversation.stream().read(&mut [0; 512]).map(|_| ())
}

#[test]
fn each_other_protocol_is_named_in_every_sslmode() {
    let speaks_first: [(&'static [u8], _, _); 3] = [
        (
            b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n",
            Tls,
            "wrong-ssh",
        ),
        (
            b"\x4a\x00\x00\x00\x0a8.0.36\x00\x0b\x00\x00\x00abcdefgh\x00",
            Tcp,
            "wrong-mysql",
        ),
        (b"220 mx.test ESMTP ready\r\n", Tcp, "wrong-smtp"),
    ];
    // A greeting whose first byte is one of Postgres' own answers.
    let confusing: [(&'static [u8], _, _); 2] = [
        (
            b"\x53\x00\x00\x00\x0a8.0.36\x00\x0b\x00\x00\x00abcdefgh\x00",
            Tcp,
            "wrong-mysql",
        ),
        (
            b"\x4e\x00\x00\x00\x0a8.0.36\x00\x0b\x00\x00\x00abcdefgh\x00",
            Tcp,
            "wrong-mysql",
        ),
    ];
    let answers: [(&'static [u8], _, _); 2] = [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", Tcp, "wrong-http"),
        (b"-ERR unknown command\r\n", Tcp, "wrong-redis"),
    ];
    for mode in ["disable", "prefer", "require"] {
        let more = format!("sslmode={mode}");
        for (greeting, stage, cause) in speaks_first.into_iter().chain(confusing) {
            fails(&more, stage, &[cause], move |c| {
                c.say(greeting)?;
                c.hang()
            });
        }
        for (answer, stage, cause) in answers {
            fails(&more, stage, &[cause], move |c| {
                listen(c)?;
                c.say(answer)
            });
        }
    }
}

#[test]
fn an_echo_and_garbage_are_told_apart() {
    for mode in ["disable", "prefer", "require"] {
        fails(&format!("sslmode={mode}"), Tcp, &["wrong-echo"], |c| {
            let stream = c.stream().try_clone()?;
            io::copy(&mut &stream, c.stream()).map(|_| ())
        });
    }
    fails("sslmode=require", Tls, &["ssl-garbage"], |c| {
        listen(c)?;
        c.say(b"X")
    });
    fails("sslmode=disable", Auth, &["ssl-garbage"], |c| {
        listen(c)?;
        c.say(b"X!?\x00")
    });
}

#[test]
fn what_only_begins_as_a_known_protocol_is_not_named_as_one() {
    let answers: [&'static [u8]; 3] = [
        &[0; 12],
        b"\x0a\x01\0\0\xff\0\0\0\x01\0\0\0",
        b"RFB 003.008\n",
    ];
    for answer in answers {
        for (mode, stage) in [("disable", Auth), ("prefer", Tls)] {
            fails(
                &format!("sslmode={mode}"),
                stage,
                &["ssl-garbage"],
                move |c| {
                    listen(c)?;
                    c.say(answer)?;
                    c.hang()
                },
            );
        }
    }
}

#[test]
fn silence_after_the_connection_may_be_redis_or_a_hanging_server() {
    for mode in ["disable", "allow", "prefer", "require"] {
        let more = format!("sslmode={mode}");
        fails(
            &more,
            Tcp,
            &["tcp-silent", "wrong-redis"],
            Conversation::hang,
        );
    }
}

#[test]
fn a_close_and_a_reset_are_told_apart() {
    let closed = &["tcp-fin-after-accept", "tls-only-port"];
    for mode in ["disable", "prefer", "require"] {
        fails(&format!("sslmode={mode}"), Tcp, closed, listen);
    }
    for mode in ["disable", "prefer", "require"] {
        // Closing with unread bytes makes the kernel reset the connection.
        fails(
            &format!("sslmode={mode}"),
            Tcp,
            &["tcp-rst-after-accept"],
            |c| c.stream().read(&mut [0; 1]).map(|_| ()),
        );
    }
}

#[test]
fn a_port_where_nobody_listens_refuses() {
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let connection = connect(&format!("host=127.0.0.1 port={port} user=app password=x"));
    dial::fails(&connection, Tcp, &["tcp-refused", "tcp-refused-firewall"]);
}

#[test]
fn an_error_before_tls_is_not_shown() {
    let connection = fails("sslmode=require", Tls, &["ssl-e", "fork-fail"], |c| {
        listen(c)?;
        c.say(b"Ecould not fork new process for connection: \x1b[31mvisit evil.example\n\0")
    });
    assert!(!format!("{connection:?}").contains("evil"));
    fails("sslmode=disable", Auth, &["fork-fail"], |c| {
        listen(c)?;
        c.say(b"Ecould not fork new process for connection: Resource temporarily unavailable\n\0")
    });
    // In the server's language and encoding.
    for text in [
        "Eпородить новый процесс для соединения не удалось\n\0".as_bytes(),
        b"E\xc5\xcf\xd2\xcf \xd0\xd2\xcf\n\0",
    ] {
        fails("sslmode=disable", Auth, &["fork-fail"], move |c| {
            listen(c)?;
            c.say(text)
        });
    }
}

#[test]
fn an_error_is_told_from_a_greeting_that_begins_like_one() {
    // MySQL refuses a host with a packet of 69 bytes, whose length reads as an `E`.
    let refused =
        b"\x45\0\0\0\xff\x6a\x04Host 'app' is not allowed to connect to this MySQL server";
    // An error of 255 bytes, in pieces.
    let error = b"E\0\0\0\xffSFATAL\0VFATAL\0C28P01\0M";
    for mode in ["disable", "require"] {
        let more = format!("sslmode={mode}");
        fails(&more, Tcp, &["wrong-mysql"], |c| {
            c.say(refused)?;
            c.hang()
        });
    }
    fails("sslmode=disable", Auth, &["q-silent", "half-open"], |c| {
        listen(c)?;
        c.say(error)?;
        c.hang()
    });
    fails("sslmode=require", Tls, &["ssl-e", "fork-fail"], |c| {
        listen(c)?;
        c.say(error)?;
        c.hang()
    });
}

#[test]
fn a_socket_is_missing_stale_or_too_long() {
    let socket = |folder: &str| connect(&format!("host={folder} port=5432 user=app"));
    dial::fails(&socket("/nonexistent"), Tcp, &["unix-missing"]);
    dial::fails(
        &socket(&format!("/{}", "d".repeat(110))),
        Tcp,
        &["unix-toolong"],
    );
    let folder = tempfile::tempdir().unwrap();
    drop(std::os::unix::net::UnixListener::bind(folder.path().join(".s.PGSQL.5432")).unwrap());
    dial::fails(
        &socket(folder.path().to_str().unwrap()),
        Tcp,
        &["unix-stale"],
    );
}

#[test]
fn a_drip_of_one_byte_a_second_ends_in_time() {
    for mode in ["disable", "prefer", "require"] {
        let peer = Peer::start(|c| {
            listen(c)?;
            for byte in b"R\0\0\0\x08\0\0\0\x03" {
                c.say(&[*byte])?;
                thread::sleep(Duration::from_secs(1));
            }
            Ok(())
        });
        let connection = crate::case::probe(&peer, &format!("sslmode={mode}"));
        let causes = dial::failure(&connection).unwrap().1;
        // A first byte of `R` is an answer to the startup message, and none to a request for TLS.
        let expected = if mode == "disable" {
            "q-drip"
        } else {
            "ssl-garbage"
        };
        assert_eq!(causes, [expected], "{mode}");
    }
}
