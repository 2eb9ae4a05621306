//! Opens so many sessions on a PostgreSQL's Unix socket, as a role that it trusts, and keeps them
//! idle until standard input ends: `crowd SOCKET ROLE COUNT`.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, socket, role, count] = &arguments[..] else {
        return ExitCode::FAILURE;
    };
    let Ok(count) = count.parse::<u32>() else {
        return ExitCode::FAILURE;
    };
    let opened: io::Result<Vec<UnixStream>> = (0..count).map(|n| open(socket, role, n)).collect();
    let Ok(_sessions) = opened else {
        return ExitCode::FAILURE;
    };
    if writeln!(io::stdout(), "{count} sessions are open").is_err() {
        return ExitCode::FAILURE;
    }
    let _ = io::stdin().read_to_end(&mut Vec::new());
    ExitCode::SUCCESS
}

/// Opens one session, under one of twenty names.
fn open(socket: &str, role: &str, n: u32) -> io::Result<UnixStream> {
    let parameters = format!(
        "user\0{role}\0database\0postgres\0application_name\0web-{}\0\0",
        n % 20
    );
    let length = u32::try_from(parameters.len() + 8).map_err(io::Error::other)?;
    let mut stream = UnixStream::connect(socket)?;
    // Protocol 3.0.
    stream.write_all(&length.to_be_bytes())?;
    stream.write_all(&196_608_u32.to_be_bytes())?;
    stream.write_all(parameters.as_bytes())?;
    loop {
        let mut head = [0; 5];
        stream.read_exact(&mut head)?;
        let [kind, length @ ..] = head;
        let mut body = vec![0; u32::from_be_bytes(length).saturating_sub(4) as usize];
        stream.read_exact(&mut body)?;
        match kind {
            b'Z' => return Ok(stream),
            b'E' => return Err(io::Error::other("the server refuses the session")),
            _ => {}
        }
    }
}
