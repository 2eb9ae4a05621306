//! Can the password be sent in clear? A peer that has no TLS asks for it, and notes whether it came.

use std::sync::{Arc, Mutex};

use dbharden::driver::{RefusedBy, parts, predict};

use crate::judges::{Judge, Runtime};
use crate::lab::Lab;
use crate::support::Peer;

/// Each stands behind `postgresql://app:pw@localhost:5432/appdb?`.
#[rustfmt::skip]
const PARAMETERS: &[&str] = &[
    "", "application_name=web", "sslmode=disable", "sslmode=allow", "sslmode=prefer", "sslmode=require", "sslmode=verify-full", "sslmode=no-verify", "sslmode=",
    "sslmode=prefer&sslrootcert={ca}", "sslmode=require&sslrootcert={ca}", "sslmode=verify-ca&sslrootcert={ca}", "sslmode=verify-full&sslrootcert={ca}", "sslrootcert={ca}", "sslrootcert=system",
    "ssl=true", "ssl=disable", "ssl=allow", "ssl=prefer", "ssl=require", "ssl=no-verify", "requiressl=1", "requiressl=0", "uselibpqcompat=true&sslmode=prefer", "uselibpqcompat=true&sslmode=require",
    "channel_binding=require", "channel_binding=prefer", "channel_binding=disable", "sslmode=disable&channel_binding=disable", "sslmode=require&channel_binding=require",
    "require_auth=scram-sha-256", "require_auth=password", "require_auth=!password", "require_auth=none", "require_auth=password,scram-sha-256", "require_auth=!none", "require_auth=!md5,!password",
    "sslnegotiation=direct", "sslmode=require&sslnegotiation=direct", "ssl=prefer&sslnegotiation=direct", "gssencmode=disable", "sslmode=allow&channel_binding=require",
    "ssl_max_protocol_version=TLSv1.1", "target_session_attrs=read-write", "connect_timeout=5", "replication=false", "options=-c%20jit%3Doff",
];

#[test]
fn a_password_goes_out_in_clear_where_it_is_predicted() {
    let lab = Lab::new();
    let authority = lab.authority().display().to_string();
    let passwords = Arc::new(Mutex::new(Vec::new()));
    let arrived = Arc::clone(&passwords);
    let peer = Peer::start(move |conversation| {
        conversation.startup()?;
        conversation.ask_clear_text_password()?;
        let (kind, body) = conversation.message()?;
        arrived.lock().unwrap().push((kind, body));
        conversation.error("28P01", "auth_failed", "the lab has no such password")
    });
    let strings: Vec<String> = PARAMETERS
        .iter()
        .map(|parameters| {
            let parameters = parameters.replace("{ca}", &authority);
            format!("postgresql://app:pw@localhost:5432/appdb?{parameters}")
        })
        .collect();
    let (mut wrong, mut judged) = (Vec::new(), 0);
    for runtime in Runtime::ALL {
        let log = lab.home().join(format!("{runtime:?}.log"));
        let nowhere = lab.home().join("no.socket");
        let mut judge = Judge::start(runtime, &lab, peer.port(), &nowhere, &log);
        let own = crate::drivers()
            .into_iter()
            .filter(|driver| Runtime::of(driver) == runtime);
        for driver in own {
            for text in &strings {
                let prediction = predict(&driver, text);
                if prediction.refused_by == Some(RefusedBy::Driver) {
                    assert_eq!(prediction.plaintext_password, None);
                    continue;
                }
                passwords.lock().unwrap().clear();
                let answer = judge.ask(&driver, text, None);
                let parts = parts(&driver, text).unwrap();
                let sent = [parts.password.unwrap().expose().as_bytes(), b"\0"].concat();
                let came = passwords.lock().unwrap().contains(&(b'p', sent));
                judged += 1;
                if prediction.plaintext_password != Some(came) {
                    wrong.push(format!(
                        "{driver}, {text:?}: {came}, predicted {:?}\n    {answer:?}",
                        prediction.plaintext_password
                    ));
                }
            }
        }
    }
    assert!(judged > 400, "{judged} strings were judged");
    assert!(
        wrong.is_empty(),
        "{} of {judged} disagree:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
