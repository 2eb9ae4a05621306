//! Peers that let us in and then go wrong.

use std::io;
use std::thread;
use std::time::Duration;

use dbharden::facts::StageName::{Auth, Query};

use crate::case::fails;
use crate::peer::Conversation;

/// One column of text.
const COLUMN: &[u8] = b"\0\x01name\0\0\0\0\0\0\0\0\0\0\x19\xff\xff\xff\xff\xff\xff\0\0";

/// Lets the client in and reads its first question.
fn session(c: &mut Conversation) -> io::Result<()> {
    c.startup()?;
    c.authentication_ok()?;
    c.parameter("server_version", "16.4")?;
    c.send(b'K', &[0, 0, 0, 1, 0, 0, 0, 2])?;
    c.ready()?;
    c.message().map(|_| ())
}

fn in_query(
    causes: &[&str],
    script: impl Fn(&mut Conversation) -> io::Result<()> + Send + Sync + 'static,
) {
    fails("sslmode=disable", Query, causes, move |c| {
        session(c)?;
        script(c)
    });
}

#[test]
fn floods_are_cut_off() {
    let forever = |c: &mut Conversation, kind: u8, body: &[u8]| loop {
        c.send(kind, body)?;
    };
    fails("sslmode=disable", Auth, &["param-flood"], move |c| {
        c.startup()?;
        c.authentication_ok()?;
        forever(
            c,
            b'S',
            &[b"name\0".as_slice(), &vec![b'v'; 60_000], b"\0"].concat(),
        )
    });
    fails("sslmode=disable", Auth, &["q-notice-flood"], move |c| {
        c.startup()?;
        c.authentication_ok()?;
        forever(c, b'N', b"SNOTICE\0C00000\0Mhello\0\0")
    });
    in_query(&["q-notice-flood"], move |c| {
        forever(c, b'N', b"SNOTICE\0C00000\0Mhello\0\0")
    });
    in_query(&["param-flood"], move |c| {
        forever(c, b'S', b"name\0value\0")
    });
    in_query(&["q-row-flood"], move |c| {
        c.send(b'T', COLUMN)?;
        forever(c, b'D', &[&[0, 1, 0, 0, 4, 0][..], &[b'x'; 1024]].concat())
    });
}

#[test]
fn absurd_lengths_are_refused() {
    for length in [0_u32, 3, u32::MAX] {
        fails("sslmode=disable", Auth, &["q-absurd-length"], move |c| {
            c.startup()?;
            c.say(&[&b"R"[..], &length.to_be_bytes(), &[0; 8]].concat())?;
            c.hang()
        });
        in_query(&["q-absurd-length"], move |c| {
            c.say(&[&b"D"[..], &length.to_be_bytes(), &[0; 8]].concat())?;
            c.hang()
        });
    }
}

#[test]
fn broken_answers_have_their_names() {
    in_query(&["q-type"], |c| {
        c.say(b"!\0\0\0\x04")?;
        c.hang()
    });
    in_query(&["q-copy"], |c| {
        c.send(b'G', &[0, 0, 0])?;
        c.hang()
    });
    in_query(&["q-drop", "q-fin"], |_| Ok(()));
    for (code, cause) in [
        ("57014", "q-stmt-timeout"),
        ("55P03", "q-lock-timeout"),
        ("25P03", "q-idle-txn"),
        ("57P05", "q-idle-session"),
        ("57P01", "q-terminated"),
        ("42P05", "pgb-prepared"),
        ("42501", "q-privileges"),
        ("25006", "standby-read-only"),
        ("26000", "pgb-prepared"),
        ("57P02", "q-drop"),
    ] {
        in_query(&[cause], move |c| {
            c.error(code, "ProcessInterrupts", "отменено")?;
            c.hang()
        });
    }
    // Two columns where one was announced.
    in_query(&["q-columns"], |c| {
        c.send(b'T', COLUMN)?;
        c.send(b'D', &[0, 2, 0, 0, 0, 1, b'x', 0, 0])?;
        c.hang()
    });
    // The column that was announced, cut short.
    in_query(&["q-columns"], |c| {
        c.send(b'T', COLUMN)?;
        c.send(b'D', &[0, 1, 0, 0, 0, 9, b'x'])?;
        c.hang()
    });
    // A row of which nobody said what it has.
    in_query(&["q-type"], |c| {
        c.send(b'D', &[0, 1, 0, 0, 0, 1, b'x'])?;
        c.hang()
    });
    in_query(&["q-privileges", "q-schema-perm"], |c| {
        c.error("42501", "aclcheck_error", "отказано")?;
        c.hang()
    });
    // Once the settings are answered, the limit that is hit is the questions' own.
    in_query(&["q-lock-wait"], |c| {
        c.send(b'T', COLUMN)?;
        c.send(b'D', &[0, 1, 0, 0, 0, 1, b'x'])?;
        c.error("55P03", "ProcessInterrupts", "отменено")?;
        c.hang()
    });
    in_query(&[], |c| c.error("XX000", "some_function", "nobody knows"));
    let poolers: [(&'static str, &[&str]); 6] = [
        ("query timeout", &["pgb-query-timeout"]),
        ("query_timeout", &["pgb-query-timeout"]),
        ("transaction timeout", &["pgb-query-timeout"]),
        ("idle transaction timeout", &["q-idle-txn"]),
        ("client_idle_timeout", &["q-idle-session"]),
        ("server conn crashed?", &["q-drop", "q-fin"]),
    ];
    for (text, causes) in poolers {
        in_query(causes, move |c| c.error("08P01", "", text));
    }
}

#[test]
fn a_message_that_cannot_be_read_is_no_lost_connection() {
    // A notice without a SQLSTATE.
    in_query(&["q-type"], |c| {
        c.send(b'N', b"SNOTICE\0Mx\0\0")?;
        c.hang()
    });
    // One that ends within a number.
    in_query(&["q-type"], |c| {
        c.send(b'T', &[0])?;
        c.hang()
    });
}

#[test]
fn notices_before_the_login_have_no_place() {
    fails(
        "sslmode=disable",
        Auth,
        &["q-type", "q-notice-flood"],
        |c| {
            c.startup()?;
            c.send(b'N', b"SNOTICE\0C00000\0Mx\0\0")?;
            c.hang()
        },
    );
}

#[test]
fn silence_and_a_drip_in_an_answer_are_told_apart() {
    in_query(&["q-silent", "half-open"], Conversation::hang);
    // What began and then fell silent, however close to the deadline, did not drip.
    in_query(&["q-silent", "half-open"], |c| {
        thread::sleep(Duration::from_secs(1));
        c.say(b"T\0\0\0\x20\0\x01name")?;
        c.hang()
    });
    in_query(&["q-drip"], |c| {
        for byte in b"T\0\0\0" {
            c.say(&[*byte])?;
            thread::sleep(Duration::from_millis(900));
        }
        Ok(())
    });
    in_query(&["q-drip"], |c| {
        for byte in b"T\0\0\0\x20\0\x01name" {
            c.say(&[*byte])?;
            thread::sleep(Duration::from_millis(400));
        }
        Ok(())
    });
}

#[test]
fn silence_and_a_drip_in_a_login_are_told_apart() {
    fails("sslmode=disable", Auth, &["q-silent", "half-open"], |c| {
        c.startup()?;
        c.say(b"R\0\0\0")?;
        c.hang()
    });
    fails("sslmode=disable", Auth, &["q-drip"], |c| {
        c.startup()?;
        for byte in b"R\0\0\0\x17\0\0\0\x0a" {
            c.say(&[*byte])?;
            thread::sleep(Duration::from_millis(400));
        }
        Ok(())
    });
    // Whole messages, one after the other.
    fails("sslmode=disable", Auth, &["q-drip"], |c| {
        c.startup()?;
        c.authentication_ok()?;
        for _ in 0..9 {
            c.parameter("TimeZone", "UTC")?;
            thread::sleep(Duration::from_millis(400));
        }
        Ok(())
    });
}

#[test]
fn a_server_that_hangs_up_late_ran_out_of_patience() {
    fails("sslmode=disable", Auth, &["auth-timeout"], |c| {
        c.startup()?;
        c.offer_sasl(&["SCRAM-SHA-256"])?;
        thread::sleep(Duration::from_millis(1200));
        Ok(())
    });
    fails("sslmode=disable", Auth, &["auth-timeout"], |c| {
        c.startup()?;
        thread::sleep(Duration::from_millis(1200));
        Ok(())
    });
    // Early, it may be anything.
    let anything = &[
        "auth-timeout",
        "tcp-fin-after-accept",
        "tcp-rst-after-accept",
    ];
    fails("sslmode=disable", Auth, anything, |c| {
        c.startup()?;
        c.offer_sasl(&["SCRAM-SHA-256"])?;
        c.message().map(|_| ())
    });
}

/// Lets the client in and goes on in the same breath, before it has asked anything.
fn in_one_breath(c: &mut Conversation, more: &[u8]) -> io::Result<()> {
    c.startup()?;
    c.say(
        &[
            &b"R\0\0\0\x08\0\0\0\0K\0\0\0\x0c\0\0\0\x01\0\0\0\x02Z\0\0\0\x05I"[..],
            more,
        ]
        .concat(),
    )?;
    c.hang()
}

#[test]
fn rows_that_come_with_the_login_must_fit_as_well() {
    let announced = [&[b'T', 0, 0, 0, 29][..], COLUMN].concat();
    let two = [&announced[..], b"D\0\0\0\x06\0\x02"].concat();
    fails("sslmode=disable", Auth, &["q-columns"], move |c| {
        in_one_breath(c, &two)
    });
}

#[test]
fn a_login_that_makes_no_sense_is_garbled_or_hostile() {
    let garbled = &["q-type", "ssl-garbage"];
    fails("sslmode=disable", Auth, garbled, |c| {
        c.startup()?;
        c.authentication_ok()?;
        c.send(b'K', &[0, 0])?;
        c.hang()
    });
    fails("sslmode=disable", Auth, &["q-type"], |c| {
        c.startup()?;
        c.authentication_ok()?;
        c.send(b'D', &[0, 0])?;
        c.hang()
    });
}
