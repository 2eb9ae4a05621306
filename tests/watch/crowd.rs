//! Many idle sessions, for the price of a socket each.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

use crate::support::PostgreSql;

/// Opens so many sessions of `app` named `web` over the Unix socket, where the server trusts it.
pub(crate) fn open(server: &PostgreSql, count: usize) -> Vec<UnixStream> {
    let socket = format!(".s.PGSQL.{}", server.port());
    let path = server.socket_folder().join(socket);
    (0..count)
        .map(|_| {
            let mut stream = UnixStream::connect(&path).unwrap();
            greet(&mut stream);
            stream
        })
        .collect()
}

/// Sends a startup message and reads on until the server is ready.
fn greet(stream: &mut UnixStream) {
    let parameters = b"user\0app\0database\0postgres\0application_name\0web\0\0";
    let length = u32::try_from(parameters.len() + 8).unwrap();
    // Protocol 3.0.
    let head = [length.to_be_bytes(), 196_608_u32.to_be_bytes()].concat();
    stream
        .write_all(&[&head, &parameters[..]].concat())
        .unwrap();
    loop {
        let mut head = [0; 5];
        stream.read_exact(&mut head).unwrap();
        let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]);
        let mut body = vec![0; length as usize - 4];
        stream.read_exact(&mut body).unwrap();
        match head[0] {
            b'Z' => return,
            b'E' => panic!("{}", String::from_utf8_lossy(&body)),
            _ => {}
        }
    }
}
