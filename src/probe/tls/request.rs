//! Postgres' own request for TLS: eight bytes out, one byte back, and nothing behind it.

use std::io;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::facts::StageName;
use crate::probe::deadline::Deadline;
use crate::probe::diagnose::{Broken, banner, tcp, tls};
use crate::probe::socket::Tap;

const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];
/// How long the rest of a greeting is awaited once its first byte told that it is none of ours.
const GREETING: Duration = Duration::from_millis(200);

/// What the server says to the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::probe) enum Answer {
    /// It speaks TLS.
    Yes,
    /// It does not.
    No,
}

/// Why there is no answer.
#[derive(Debug)]
pub(in crate::probe) enum NoAnswer {
    /// The peer closed the connection without a byte.
    Closed,
    /// The peer reset the connection without a byte.
    Reset,
    /// Anything else.
    Broken(Broken),
}

/// Asks for TLS.
pub(in crate::probe) async fn ask(tap: &mut Tap, deadline: Deadline) -> Result<Answer, NoAnswer> {
    let budget = deadline.left();
    let mut first = [0_u8; 1];
    let exchange = async {
        tap.write_all(&SSL_REQUEST).await?;
        tap.read(&mut first).await
    };
    match deadline.within(exchange).await {
        None => return Err(NoAnswer::Broken(tcp::silent(budget))),
        Some(Err(error)) => return Err(failed(&error)),
        Some(Ok(0)) => return Err(NoAnswer::Closed),
        Some(Ok(_)) => {}
    }
    // A Postgres server says one byte and waits. What follows it unasked is another protocol's
    // greeting, or plain text injected by someone on the way.
    let mut behind = [0_u8; 32];
    let waiting = match tap.peek(&mut behind).now_or_never() {
        Some(Ok(n)) => n,
        _ => 0,
    };
    match first[0] {
        b'S' | b'N' if waiting == 0 => Ok(if first[0] == b'S' {
            Answer::Yes
        } else {
            Answer::No
        }),
        b'S' | b'N' => {
            let all = [&first, &behind[..waiting]].concat();
            Err(NoAnswer::Broken(
                banner::recognise(&all).unwrap_or_else(tls::injected),
            ))
        }
        _ => Err(NoAnswer::Broken(greeting(tap, first[0], deadline).await)),
    }
}

fn failed(error: &io::Error) -> NoAnswer {
    match error.kind() {
        io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe => NoAnswer::Closed,
        _ => NoAnswer::Reset,
    }
}

async fn greeting(tap: &mut Tap, first: u8, deadline: Deadline) -> Broken {
    let mut all = vec![first];
    let mut more = [0_u8; 63];
    let rest = deadline.sooner(GREETING).within(tap.read(&mut more)).await;
    if let Some(Ok(n)) = rest {
        all.extend_from_slice(&more[..n]);
    }
    if let Some(broken) = banner::recognise(&all) {
        return broken;
    }
    // An alert: what answers speaks TLS, and did not understand the request.
    if all.starts_with(&[0x15, 3]) {
        return tcp::tls_only();
    }
    if first == b'E' {
        return tls::error_before_tls();
    }
    banner::garbage(StageName::Tls, &all)
}
