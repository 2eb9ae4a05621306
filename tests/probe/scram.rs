//! The server's half of SCRAM-SHA-256, enough to let the client of these tests in.

use std::io;

use sha2::{Digest as _, Sha256};

use crate::peer::Conversation;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Plays the exchange to its end, the server's own proof included, with one round of hashing.
pub(crate) fn accept(c: &mut Conversation, password: &str) -> io::Result<()> {
    c.startup()?;
    c.offer_sasl(&["SCRAM-SHA-256"])?;
    let (_, body) = c.message()?;
    let text = String::from_utf8_lossy(&body).into_owned();
    let bare = text.split_once("n,,").map_or("", |(_, bare)| bare);
    let nonce = bare.split_once("r=").map_or("", |(_, nonce)| nonce);
    let challenge = format!("r={nonce}abc,s=c2FsdHNhbHQ=,i=1");
    c.send(
        b'R',
        &[&11_u32.to_be_bytes()[..], challenge.as_bytes()].concat(),
    )?;
    let (_, body) = c.message()?;
    let answer = String::from_utf8_lossy(&body).into_owned();
    let without_proof = answer.split_once(",p=").map_or("", |(before, _)| before);
    // `Hi` with one round is one HMAC over the salt and a counter.
    let salted = hmac(password.as_bytes(), b"saltsalt\0\0\0\x01");
    let key = hmac(&salted, b"Server Key");
    let all = format!("{bare},{challenge},{without_proof}");
    let proof = format!("v={}", base64(&hmac(&key, all.as_bytes())));
    c.send(
        b'R',
        &[&12_u32.to_be_bytes()[..], proof.as_bytes()].concat(),
    )
}

fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut block = [0; 64];
    block[..key.len()].copy_from_slice(key);
    let inner = Sha256::new()
        .chain_update(block.map(|b| b ^ 0x36))
        .chain_update(message)
        .finalize();
    let outer = Sha256::new()
        .chain_update(block.map(|b| b ^ 0x5c))
        .chain_update(inner);
    outer.finalize().into()
}

fn base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let shift = 8 * (3 - chunk.len());
        let word = chunk.iter().fold(0_u32, |w, &b| (w << 8) | u32::from(b)) << shift;
        for i in 0..4 {
            let digit = char::from(ALPHABET[(word >> (18 - 6 * i)) as usize & 63]);
            text.push(if i <= chunk.len() { digit } else { '=' });
        }
    }
    text
}
