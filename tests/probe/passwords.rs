//! Servers that want the password in a way they must not get it, or prove nothing in return.

use std::io;
use std::sync::{Arc, Mutex};

use dbharden::facts::StageName::Auth;

use crate::case::{PASSWORD, fails, probe};
use crate::dial::{failure, observed};
use crate::peer::{Conversation, Peer};
use crate::scram;

/// Opens a session that answers nothing.
fn session(c: &mut Conversation) -> io::Result<()> {
    c.authentication_ok()?;
    c.parameter("server_version", "16.4")?;
    c.send(b'K', &[0, 0, 0, 1, 0, 0, 0, 2])?;
    c.ready()
}

/// Reads the client's nonce from its first SCRAM message.
fn nonce(c: &mut Conversation) -> io::Result<String> {
    let (_, body) = c.message()?;
    let text = String::from_utf8_lossy(&body).into_owned();
    let (_, nonce) = text.split_once("n=,r=").unwrap();
    Ok(nonce.to_owned())
}

fn challenge(c: &mut Conversation, text: &str) -> io::Result<()> {
    c.send(b'R', &[&11_u32.to_be_bytes()[..], text.as_bytes()].concat())
}

fn offers(c: &mut Conversation) -> io::Result<String> {
    c.startup()?;
    c.offer_sasl(&["SCRAM-SHA-256"])?;
    nonce(c)
}

#[test]
fn the_password_is_not_sent_in_clear_nor_as_md5() {
    for (code, cause) in [(3_u32, "rogue-cleartext"), (5, "rogue-md5")] {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let ears = Arc::clone(&heard);
        fails("sslmode=prefer", Auth, &[cause], move |c| {
            c.startup()?;
            c.send(b'R', &[&code.to_be_bytes()[..], &[1, 2, 3, 4]].concat())?;
            let mut all = Vec::new();
            io::copy(c.stream(), &mut all)?;
            ears.lock().unwrap().extend(all);
            Ok(())
        });
        assert!(
            heard.lock().unwrap().is_empty(),
            "{cause}: something was sent"
        );
    }
}

#[test]
fn what_require_auth_forbids_is_named_by_what_was_asked() {
    for (code, allowed, cause) in [
        (3_u32, "scram-sha-256", "rogue-cleartext"),
        (5, "scram-sha-256", "rogue-md5"),
        (5, "!md5", "rogue-md5"),
    ] {
        fails(
            &format!("sslmode=disable require_auth={allowed}"),
            Auth,
            &[cause],
            move |c| {
                c.startup()?;
                c.send(b'R', &[&code.to_be_bytes()[..], &[1, 2, 3, 4]].concat())?;
                c.hang()
            },
        );
    }
    fails(
        "sslmode=disable require_auth=md5",
        Auth,
        &["sasl-unknown"],
        |c| {
            offers(c)?;
            c.hang()
        },
    );
}

#[test]
fn channel_binding_that_is_demanded_has_a_name_for_each_way_in_which_it_fails() {
    let demanded = "sslmode=disable channel_binding=require";
    fails(demanded, Auth, &["cb-no-tls"], |c| {
        offers(c)?;
        c.hang()
    });
    fails(demanded, Auth, &["cb-trust"], |c| {
        c.startup()?;
        session(c)?;
        c.hang()
    });
    for code in [3_u32, 5] {
        fails(demanded, Auth, &["cb-md5"], move |c| {
            c.startup()?;
            c.send(b'R', &[&code.to_be_bytes()[..], &[1, 2, 3, 4]].concat())?;
            c.hang()
        });
    }
}

#[test]
fn no_password_is_missing() {
    for code in [3_u32, 5, 10] {
        fails(
            "sslmode=disable password=''",
            Auth,
            &["password-missing"],
            move |c| {
                c.startup()?;
                let offer: &[u8] = if code == 10 {
                    b"SCRAM-SHA-256\0\0"
                } else {
                    &[1, 2, 3, 4]
                };
                c.send(b'R', &[&code.to_be_bytes()[..], offer].concat())?;
                c.hang()
            },
        );
    }
}

#[test]
fn a_server_that_does_not_prove_itself_is_an_impostor() {
    fails("sslmode=prefer", Auth, &["rogue-skip-final"], |c| {
        let nonce = offers(c)?;
        challenge(c, &format!("r={nonce}abc,s=c2FsdHNhbHQ=,i=4096"))?;
        c.message()?;
        session(c)
    });
    fails("sslmode=prefer", Auth, &["rogue-skip-final"], |c| {
        offers(c)?;
        session(c)
    });
    fails("sslmode=prefer", Auth, &["rogue-bad-signature"], |c| {
        let nonce = offers(c)?;
        challenge(c, &format!("r={nonce}abc,s=c2FsdHNhbHQ=,i=4096"))?;
        c.message()?;
        let proof = "v=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        c.send(
            b'R',
            &[&12_u32.to_be_bytes()[..], proof.as_bytes()].concat(),
        )?;
        session(c)
    });
    let senseless = &["rogue-bad-nonce", "rogue-bad-signature"];
    fails("sslmode=prefer", Auth, senseless, |c| {
        let nonce = offers(c)?;
        challenge(c, &format!("r={nonce}abc,s=!!!,i=4096"))?;
        c.hang()
    });
    for text in ["r=mine,s=c2FsdHNhbHQ=,i=4096", "\u{fffd},,,=r", ""] {
        fails("sslmode=prefer", Auth, &["rogue-bad-nonce"], move |c| {
            offers(c)?;
            challenge(c, text)?;
            c.hang()
        });
    }
}

#[test]
fn absurd_rounds_of_scram_cost_nothing() {
    for rounds in ["100001", "10000000", "2147483647", "100000000000000000000"] {
        fails("sslmode=prefer", Auth, &["scram-iter-huge"], move |c| {
            let nonce = offers(c)?;
            challenge(c, &format!("r={nonce}abc,s=c2FsdHNhbHQ=,i={rounds}"))?;
            c.hang()
        });
    }
}

#[test]
fn few_rounds_of_scram_are_pointed_out() {
    let peer = Peer::start(|c| {
        scram::accept(c, PASSWORD)?;
        session(c)?;
        c.message()?;
        c.error("57P01", "ProcessInterrupts", "terminating")
    });
    let connection = probe(&peer, "sslmode=disable");
    assert_eq!(observed(&connection), ["scram-iter-tiny"]);
}

#[test]
fn a_server_that_asks_for_nothing_is_pointed_out() {
    let peer = Peer::start(|c| {
        c.startup()?;
        session(c)?;
        c.message()?;
        c.error("57P01", "ProcessInterrupts", "terminating")
    });
    let connection = probe(&peer, "sslmode=disable");
    assert_eq!(observed(&connection), ["rogue-no-auth"]);
    let causes = failure(&connection).unwrap().1;
    assert_eq!(causes, ["q-terminated"]);
    fails(
        "sslmode=disable require_auth=scram-sha-256",
        Auth,
        &["rogue-no-auth"],
        |c| {
            c.startup()?;
            session(c)
        },
    );
}

#[test]
fn other_methods_are_named_by_their_codes() {
    for (code, cause) in [
        (2_u32, "method-unknown"),
        (7, "method-gss"),
        (99, "method-unknown"),
    ] {
        fails("sslmode=disable", Auth, &[cause], move |c| {
            c.startup()?;
            c.send(b'R', &code.to_be_bytes())?;
            c.hang()
        });
    }
    fails("sslmode=disable", Auth, &["sasl-unknown"], |c| {
        c.startup()?;
        c.offer_sasl(&["OAUTHBEARER"])?;
        c.hang()
    });
    fails("sslmode=disable", Auth, &["plus-without-tls"], |c| {
        c.startup()?;
        c.offer_sasl(&["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"])?;
        c.hang()
    });
}

#[test]
fn a_password_that_comes_back_is_not_shown() {
    let connection = fails("sslmode=disable", Auth, &[], |c| {
        c.startup()?;
        c.error("XX000", "secret", &format!("your password is {PASSWORD}"))
    });
    let shown = format!("{connection:?}");
    assert!(shown.contains("your password is ***"), "{shown}");
}
