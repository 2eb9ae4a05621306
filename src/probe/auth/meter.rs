//! A stream that reads along: it counts and caps what comes in, notes the authentication messages,
//! and cuts the connection before the client sees what it must not answer.

use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::tls::{ChannelBinding, TlsStream};

use super::breach::Breach;
use super::frames::Frames;
use super::notes::{Notes, ServerError};
use super::policy::Policy;
use super::scram;
use super::startup;
use crate::probe::tls::{Digest, Wire};

const MOST_PARAMETERS: usize = 64;
const MOST_NOTICES: u64 = 20;
const MOST_ROWS: u64 = 10_000;
/// How many of the first bytes are kept.
const FIRST: usize = 64;

/// The metered stream.
#[derive(Debug)]
pub(in crate::probe) struct Metered {
    wire: Wire,
    digest: Digest,
    frames: Frames,
    policy: Policy,
    notes: Rc<RefCell<Notes>>,
    start: Start,
}

/// Where the startup message stands.
#[derive(Debug)]
enum Start {
    /// It is still to come, and gets these parameters.
    Due(Vec<(&'static str, String)>),
    /// It is on its way in the place of one of so many bytes; so many of its own are written.
    Sending(Vec<u8>, usize, usize),
    /// It is gone.
    Done,
}

impl Metered {
    /// Meters a stream; `digest` is the server certificate's, for channel binding, and `parameters`
    /// complete the startup message.
    pub(super) fn new(
        wire: Wire,
        digest: Digest,
        policy: Policy,
        parameters: Vec<(&'static str, String)>,
    ) -> Self {
        let notes = Notes {
            encrypted: matches!(wire, Wire::Tls(_)),
            ..Notes::default()
        };
        Self {
            wire,
            digest,
            frames: Frames::default(),
            policy,
            notes: Rc::new(RefCell::new(notes)),
            start: if parameters.is_empty() {
                Start::Done
            } else {
                Start::Due(parameters)
            },
        }
    }

    /// Returns the notes, which outlive the stream.
    pub(super) fn notes(&self) -> Rc<RefCell<Notes>> {
        Rc::clone(&self.notes)
    }

    fn look(&mut self, bytes: &[u8]) -> Result<(), Breach> {
        let notes = Rc::clone(&self.notes);
        let policy = &self.policy;
        {
            let mut notes = notes.borrow_mut();
            if std::mem::take(&mut notes.new_round) {
                self.frames.open();
            }
            let fresh = notes.first.is_empty();
            let room = FIRST - notes.first.len();
            notes
                .first
                .extend_from_slice(&bytes[..bytes.len().min(room)]);
            if fresh && !matches!(bytes.first(), None | Some(b'R' | b'E' | b'N' | b'v')) {
                return Err(Breach::NotPostgres);
            }
        }
        self.frames.feed(bytes, |frames, tag, body| {
            let mut notes = notes.borrow_mut();
            message(&mut notes, policy, tag, body)?;
            if tag == b'Z' {
                if notes.ready {
                    return Ok(());
                }
                notes.ready = true;
                frames.open();
            }
            Ok(())
        })
    }

    /// Writes the completed startup message, and says that the one which it replaces is written.
    fn start_up(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let Start::Sending(message, written, stands_for) = &mut self.start else {
            return Poll::Ready(Ok(0));
        };
        while *written < message.len() {
            match Pin::new(&mut self.wire).poll_write(cx, &message[*written..]) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(n)) => *written += n,
                other => return other,
            }
        }
        let stands_for = *stands_for;
        self.start = Start::Done;
        Poll::Ready(Ok(stands_for))
    }

    fn wrote(&self, bytes: &[u8]) {
        let mut notes = self.notes.borrow_mut();
        if !notes.ready && notes.asked.is_some() && bytes.first() == Some(&b'p') {
            notes.answered = true;
            if notes.nonce.is_none() {
                notes.nonce = scram::our_nonce(bytes);
            }
        }
    }
}

fn message(notes: &mut Notes, policy: &Policy, tag: u8, body: &[u8]) -> Result<(), Breach> {
    notes.messages += 1;
    notes.last_tag = tag;
    match tag {
        b'R' if !notes.ready => policy.judge(notes, body),
        b'E' => {
            if notes.error.is_none() {
                notes.error = Some(ServerError::parse(body));
            }
            Ok(())
        }
        b'N' => {
            notes.notices += 1;
            cap(notes.notices <= MOST_NOTICES, Breach::Notices)
        }
        b'S' => {
            let mut texts = body.split(|&b| b == 0).map(String::from_utf8_lossy);
            if let (Some(name), Some(value)) = (texts.next(), texts.next()) {
                notes.parameters.push((name.into(), value.into()));
            }
            cap(
                notes.parameters.len() <= MOST_PARAMETERS,
                Breach::Parameters,
            )
        }
        b'K' if !notes.ready => {
            notes.backend_pid = body.first_chunk::<4>().map(|b| i32::from_be_bytes(*b));
            Ok(())
        }
        b'v' if !notes.ready => Ok(()),
        b'Z' if notes.ready || notes.authenticated => Ok(()),
        b'T' if notes.ready => {
            notes.columns = body.first_chunk().copied();
            cap(notes.columns.is_some(), Breach::OutOfPlace { tag })
        }
        b'D' if notes.ready => {
            let Some(columns) = notes.columns else {
                return Err(Breach::OutOfPlace { tag });
            };
            // The client would report it for this question alone, and go on to wait for the others.
            if !has_columns(body, columns) {
                return Err(Breach::Columns);
            }
            notes.rows += 1;
            cap(notes.rows <= MOST_ROWS, Breach::Rows)
        }
        b'C' | b'I' | b'1' | b'2' | b'3' | b'n' | b't' | b's' | b'A' if notes.ready => Ok(()),
        tag => Err(Breach::OutOfPlace { tag }),
    }
}

/// Returns whether a row has as many columns as were announced, each of them whole.
fn has_columns(body: &[u8], announced: [u8; 2]) -> bool {
    let Some((count, mut rest)) = body.split_first_chunk::<2>() else {
        return false;
    };
    for _ in 0..u16::from_be_bytes(*count) {
        let Some((length, behind)) = rest.split_first_chunk::<4>() else {
            return false;
        };
        // A length below zero is a null's.
        let length = usize::try_from(i32::from_be_bytes(*length)).unwrap_or(0);
        let Some(behind) = behind.get(length..) else {
            return false;
        };
        rest = behind;
    }
    *count == announced && rest.is_empty()
}

fn cap(within: bool, breach: Breach) -> Result<(), Breach> {
    if within { Ok(()) } else { Err(breach) }
}

impl AsyncRead for Metered {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.wire).poll_read(cx, buf);
        if let Poll::Ready(Ok(())) = polled {
            let looked = self.look(&buf.filled()[before..]);
            if let Err(breach) = looked {
                // What led to the breach is not handed on, or the client might answer it.
                buf.set_filled(before);
                self.notes.borrow_mut().breach = Some(breach);
                return Poll::Ready(Err(io::Error::other(breach)));
            }
        }
        polled
    }
}

impl AsyncWrite for Metered {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        if let Start::Due(parameters) = &self.start {
            self.start = match startup::with(buf, parameters) {
                Some(message) => Start::Sending(message, 0, buf.len()),
                None => Start::Done,
            };
        }
        if !matches!(self.start, Start::Done) {
            return self.start_up(cx);
        }
        let polled = Pin::new(&mut self.wire).poll_write(cx, buf);
        if let Poll::Ready(Ok(_)) = polled {
            self.wrote(buf);
        }
        polled
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_shutdown(cx)
    }
}

impl TlsStream for Metered {
    fn channel_binding(&self) -> ChannelBinding {
        match &self.digest {
            Digest::Known(digest) => ChannelBinding::tls_server_end_point(digest.clone()),
            Digest::Nothing | Digest::Undefined => ChannelBinding::none(),
        }
    }
}
