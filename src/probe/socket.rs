//! The socket, and a tap on it that counts what passes beneath TLS and keeps the first bytes.

use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Instant;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;

use super::pace::Pace;

/// How many of the first bytes are kept: enough to recognise who speaks.
const FIRST: usize = 64;

/// A socket that reached its peer.
#[derive(Debug)]
pub(super) enum Socket {
    /// Over TCP.
    Tcp(TcpStream),
    /// Through a socket file.
    #[cfg(unix)]
    Unix(UnixStream),
}

/// What passed through a socket.
#[derive(Debug, Default)]
pub(super) struct Traffic {
    /// The first bytes that came in since [`Tap::mark`].
    pub first: Vec<u8>,
    /// How they came in, since that or since a question was asked.
    pub pace: Pace,
}

/// A socket whose traffic is counted.
#[derive(Debug)]
pub(super) struct Tap {
    socket: Socket,
    traffic: Rc<RefCell<Traffic>>,
}

impl Tap {
    /// Puts the tap on a socket.
    pub(super) fn new(socket: Socket) -> Self {
        Self {
            socket,
            traffic: Rc::default(),
        }
    }

    /// Returns the counters, which outlive the stream.
    pub(super) fn traffic(&self) -> Rc<RefCell<Traffic>> {
        Rc::clone(&self.traffic)
    }

    /// Starts counting anew.
    pub(super) fn mark(&self) {
        *self.traffic.borrow_mut() = Traffic::default();
    }

    /// Returns what has arrived and was not read yet, without taking it.
    pub(super) async fn peek(&self, into: &mut [u8]) -> io::Result<usize> {
        match &self.socket {
            Socket::Tcp(stream) => stream.peek(into).await,
            #[cfg(unix)]
            Socket::Unix(_) => Ok(0),
        }
    }
}

impl AsyncRead for Tap {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = match &mut self.socket {
            Socket::Tcp(stream) => Pin::new(stream).poll_read(cx, buf),
            #[cfg(unix)]
            Socket::Unix(stream) => Pin::new(stream).poll_read(cx, buf),
        };
        let new = &buf.filled()[before..];
        let mut traffic = self.traffic.borrow_mut();
        if !new.is_empty() {
            traffic.pace.note(new.len(), Instant::now());
        }
        let room = FIRST - traffic.first.len();
        traffic.first.extend_from_slice(&new[..new.len().min(room)]);
        polled
    }
}

impl AsyncWrite for Tap {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.socket {
            Socket::Tcp(stream) => Pin::new(stream).poll_write(cx, buf),
            #[cfg(unix)]
            Socket::Unix(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.socket {
            Socket::Tcp(stream) => Pin::new(stream).poll_flush(cx),
            #[cfg(unix)]
            Socket::Unix(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.socket {
            Socket::Tcp(stream) => Pin::new(stream).poll_shutdown(cx),
            #[cfg(unix)]
            Socket::Unix(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
