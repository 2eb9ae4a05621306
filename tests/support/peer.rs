//! A scripted server: it says what the test wants, on a real socket.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

/// A listener on 127.0.0.1 that plays a script with each client.
///
/// ```ignore
/// let peer = Peer::start(|conversation| {
///     conversation.ssl_request()?;
///     conversation.say(b"N")?;
///     conversation.startup()?;
///     conversation.error("53300", "InitProcess", "sorry, too many clients already")
/// });
/// ```
///
/// When the script ends, the connection is closed. An `Err` of the script, where the client leaves
/// early, closes it as well.
#[derive(Debug)]
pub struct Peer {
    address: SocketAddr,
    connections: Arc<AtomicU32>,
}

/// One client's connection, from the server's side.
#[derive(Debug)]
pub struct Conversation {
    stream: TcpStream,
    number: u32,
}

impl Peer {
    /// Starts listening; the script runs once for each client, each in a thread of its own.
    pub fn start(
        script: impl Fn(&mut Conversation) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a port");
        let address = listener.local_addr().expect("it is bound");
        let connections = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&connections);
        let script = Arc::new(script);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let number = counter.fetch_add(1, Ordering::SeqCst) + 1;
                let script = Arc::clone(&script);
                thread::spawn(move || script(&mut Conversation { stream, number }));
            }
        });
        Self {
            address,
            connections,
        }
    }

    /// Starts a peer that accepts and says nothing.
    pub fn silent() -> Self {
        Self::start(Conversation::hang)
    }

    /// Starts a peer that says some bytes at once and closes.
    pub fn saying(bytes: impl AsRef<[u8]> + Send + Sync + 'static) -> Self {
        Self::start(move |conversation| conversation.say(bytes.as_ref()))
    }

    /// Returns where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the port where it listens; the host is 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Returns how many clients have come.
    pub fn connections(&self) -> u32 {
        self.connections.load(Ordering::SeqCst)
    }
}

impl Conversation {
    /// Returns which client this is, from 1.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Returns the socket, to read, write, or hand to a TLS library.
    pub fn stream(&mut self) -> &mut TcpStream {
        &mut self.stream
    }

    /// Sends bytes as they are.
    pub fn say(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// Waits until the client leaves.
    pub fn hang(&mut self) -> io::Result<()> {
        io::copy(&mut self.stream, &mut io::sink()).map(|_| ())
    }

    /// Reads an `SSLRequest`; an error where the client says something else.
    pub fn ssl_request(&mut self) -> io::Result<()> {
        let (code, _) = self.untyped()?;
        if code == 80_877_103 {
            Ok(())
        } else {
            Err(io::Error::other(format!("not an SSLRequest: {code}")))
        }
    }

    /// Reads the startup message and returns its parameters; answers `N` to an `SSLRequest` before it.
    pub fn startup(&mut self) -> io::Result<Vec<(String, String)>> {
        loop {
            let (code, body) = self.untyped()?;
            match code {
                80_877_103 | 80_877_104 => self.say(b"N")?,
                196_608.. => return Ok(parameters(&body)),
                _ => return Err(io::Error::other(format!("not a startup message: {code}"))),
            }
        }
    }

    /// Reads a typed message: its letter and its body.
    pub fn message(&mut self) -> io::Result<(u8, Vec<u8>)> {
        let mut kind = [0];
        self.stream.read_exact(&mut kind)?;
        Ok((kind[0], self.body()?))
    }

    /// Sends a typed message with its right length.
    pub fn send(&mut self, kind: u8, body: &[u8]) -> io::Result<()> {
        let length = u32::try_from(body.len() + 4).map_err(io::Error::other)?;
        let message = [&[kind][..], &length.to_be_bytes(), body].concat();
        self.say(&message)
    }

    /// Sends `AuthenticationOk`.
    pub fn authentication_ok(&mut self) -> io::Result<()> {
        self.send(b'R', &0_u32.to_be_bytes())
    }

    /// Asks for the password in clear.
    pub fn ask_clear_text_password(&mut self) -> io::Result<()> {
        self.send(b'R', &3_u32.to_be_bytes())
    }

    /// Asks for an md5 answer.
    pub fn ask_md5_password(&mut self, salt: [u8; 4]) -> io::Result<()> {
        self.send(b'R', &[&5_u32.to_be_bytes()[..], &salt].concat())
    }

    /// Offers SASL mechanisms, as `["SCRAM-SHA-256"]`.
    pub fn offer_sasl(&mut self, mechanisms: &[&str]) -> io::Result<()> {
        let names = mechanisms.join("\0");
        self.send(
            b'R',
            &[&10_u32.to_be_bytes()[..], names.as_bytes(), &[0, 0]].concat(),
        )
    }

    /// Sends a `ParameterStatus`.
    pub fn parameter(&mut self, name: &str, value: &str) -> io::Result<()> {
        self.send(b'S', format!("{name}\0{value}\0").as_bytes())
    }

    /// Sends `ReadyForQuery`, idle.
    pub fn ready(&mut self) -> io::Result<()> {
        self.send(b'Z', b"I")
    }

    /// Sends a fatal error as PostgreSQL does; an empty routine leaves the field out, as poolers do.
    pub fn error(&mut self, sqlstate: &str, routine: &str, message: &str) -> io::Result<()> {
        let place = if routine.is_empty() {
            String::new()
        } else {
            format!("Flab.c\0L1\0R{routine}\0")
        };
        let body = format!("SFATAL\0VFATAL\0C{sqlstate}\0M{message}\0{place}\0");
        self.send(b'E', body.as_bytes())
    }

    /// Reads a message of the time before the startup: its code and what follows.
    fn untyped(&mut self) -> io::Result<(u32, Vec<u8>)> {
        let body = self.body()?;
        let (code, rest) = body
            .split_first_chunk()
            .ok_or_else(|| io::Error::other("a message of less than eight bytes"))?;
        Ok((u32::from_be_bytes(*code), rest.to_vec()))
    }

    fn body(&mut self) -> io::Result<Vec<u8>> {
        let mut length = [0; 4];
        self.stream.read_exact(&mut length)?;
        let length = u32::from_be_bytes(length) as usize;
        if !(4..=1_000_000).contains(&length) {
            return Err(io::Error::other(format!("a message of {length} bytes")));
        }
        let mut body = vec![0; length - 4];
        self.stream.read_exact(&mut body)?;
        Ok(body)
    }
}

fn parameters(body: &[u8]) -> Vec<(String, String)> {
    let texts: Vec<String> = body
        .split(|byte| *byte == 0)
        .map(|text| String::from_utf8_lossy(text).into_owned())
        .collect();
    texts
        .chunks_exact(2)
        .take_while(|pair| !pair[0].is_empty())
        .map(|pair| (pair[0].clone(), pair[1].clone()))
        .collect()
}
