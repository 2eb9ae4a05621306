//! A TCP proxy that makes the network slow and counts round trips.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// A proxy before a server: each byte takes a fixed time in each direction.
///
/// It counts as a person with a stop-watch would: one round trip for the TCP handshake, and one more
/// whenever the client, having said something, gets an answer. What the client says without waiting
/// belongs to the same round trip, as the delay is longer than the client's own pauses. A goodbye that
/// the client does not wait for is not counted.
#[derive(Debug)]
pub struct DelayProxy {
    address: SocketAddr,
    tally: Arc<Mutex<Tally>>,
}

#[derive(Debug, Default)]
struct Tally {
    connections: u32,
    round_trips: u32,
}

/// What one connection's two directions know of each other.
#[derive(Debug, Default)]
struct Turn {
    client_waits: bool,
    client_left: bool,
}

impl DelayProxy {
    /// Starts a proxy before `upstream` that holds each byte for `each_way`.
    ///
    /// For counting, 25 ms or more is right; its threads end with the test process.
    pub fn start(upstream: SocketAddr, each_way: Duration) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a port");
        let address = listener.local_addr().expect("it is bound");
        let tally = Arc::new(Mutex::new(Tally::default()));
        let counted = Arc::clone(&tally);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let tally = Arc::clone(&counted);
                {
                    let mut tally = lock(&tally);
                    tally.connections += 1;
                    tally.round_trips += 1;
                }
                thread::spawn(move || relay(&client, upstream, each_way, &tally));
            }
        });
        Self { address, tally }
    }

    /// Returns where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the port where it listens; the host is 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Returns the round trips so far, over all connections.
    pub fn round_trips(&self) -> u32 {
        lock(&self.tally).round_trips
    }

    /// Returns the connections so far.
    pub fn connections(&self) -> u32 {
        lock(&self.tally).connections
    }
}

fn relay(client: &TcpStream, upstream: SocketAddr, each_way: Duration, tally: &Mutex<Tally>) {
    let Ok(server) = TcpStream::connect(upstream) else {
        return; // Dropping the client's socket says it.
    };
    for socket in [client, &server] {
        socket.set_nodelay(true).expect("it is a TCP socket");
    }
    let server = &server;
    let turn = Mutex::new(Turn::default());
    thread::scope(|scope| {
        let (to_server, from_client) = channel();
        let (to_client, from_server) = channel();
        scope.spawn(|| {
            read(client, &to_server, |arrived| {
                let mut turn = lock(&turn);
                turn.client_waits = arrived;
                turn.client_left = !arrived;
            });
            drop(to_server);
        });
        scope.spawn(|| {
            read(server, &to_client, |_| {});
            drop(to_client);
        });
        scope.spawn(move || write(server, &from_client, each_way, || {}));
        write(client, &from_server, each_way, || {
            let mut turn = lock(&turn);
            if turn.client_waits && !turn.client_left {
                turn.client_waits = false;
                lock(tally).round_trips += 1;
            }
        });
    });
}

/// Reads to the end and stamps each piece; `seen` learns whether it was a piece or the end.
fn read(mut socket: &TcpStream, pieces: &Sender<(Instant, Vec<u8>)>, seen: impl Fn(bool)) {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let length = socket.read(&mut buffer).unwrap_or(0);
        seen(length > 0);
        let piece = buffer[..length].to_vec();
        if pieces.send((Instant::now(), piece)).is_err() || length == 0 {
            return;
        }
    }
}

/// Writes each piece when its time has come; an empty one is the end.
fn write(
    mut socket: &TcpStream,
    pieces: &Receiver<(Instant, Vec<u8>)>,
    each_way: Duration,
    mut delivered: impl FnMut(),
) {
    for (arrived, piece) in pieces {
        thread::sleep((arrived + each_way).saturating_duration_since(Instant::now()));
        if piece.is_empty() {
            break;
        }
        delivered(); // Before the write: the client may answer at once.
        if socket.write_all(&piece).is_err() {
            break;
        }
    }
    let _ = socket.shutdown(Shutdown::Write);
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
