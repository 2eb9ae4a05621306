//! The stream, encrypted or not.

use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::client::TlsStream;

use super::digest::Digest;
use crate::probe::socket::{Tap, Traffic};

/// The stream, encrypted or not.
#[derive(Debug)]
pub(in crate::probe) enum Wire {
    /// In clear.
    Plain(Tap),
    /// Inside TLS.
    Tls(Box<TlsStream<Tap>>),
}

/// A stream that is as encrypted as the sslmode asks.
#[derive(Debug)]
pub(in crate::probe) struct Encrypted {
    /// The stream.
    pub wire: Wire,
    /// The server certificate's digest, for channel binding.
    pub digest: Digest,
}

impl Encrypted {
    /// A stream that stays in clear.
    pub(in crate::probe) fn plain(tap: Tap) -> Self {
        Self {
            wire: Wire::Plain(tap),
            digest: Digest::Nothing,
        }
    }

    /// Returns the counters of the socket beneath.
    pub(in crate::probe) fn traffic(&self) -> Rc<RefCell<Traffic>> {
        match &self.wire {
            Wire::Plain(tap) => tap.traffic(),
            Wire::Tls(stream) => stream.get_ref().0.traffic(),
        }
    }

    /// Returns whether TLS protects it.
    pub(in crate::probe) fn is_tls(&self) -> bool {
        matches!(self.wire, Wire::Tls(_))
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Plain(tap) => Pin::new(tap).poll_read(cx, buf),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut *self {
            Self::Plain(tap) => Pin::new(tap).poll_write(cx, buf),
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Plain(tap) => Pin::new(tap).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Plain(tap) => Pin::new(tap).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
