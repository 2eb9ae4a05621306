//! The thread that asks the server, and what it tells.

use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};
use std::thread;
use std::time::Duration;

use crate::facts::{ActivityRow, Connection, Stage};
use crate::probe::{Request, Tick, Watch};

/// The longest pause before the next attempt to open a session.
const LONGEST: Duration = Duration::from_secs(30);
/// How long the goodbye may take.
const GOODBYE: Duration = Duration::from_millis(100);

/// What the thread tells.
#[derive(Debug)]
pub(super) enum News {
    /// The sessions; whether the session was just opened.
    Sessions(Vec<ActivityRow>, bool),
    /// No session: why, and in how many seconds it is tried again.
    Lost(String, Duration),
    /// No first session could be opened: what was tried.
    Refused(Vec<Connection>),
    /// The thread is gone.
    Gone,
}

/// The server, asked again and again until this is dropped.
pub(super) struct Feed {
    news: Receiver<News>,
    stop: Sender<()>,
    stopped: Receiver<()>,
}

impl Feed {
    /// Starts asking.
    pub(super) fn start(request: Request, pause: Duration) -> io::Result<Self> {
        let (tell, news) = channel();
        let (stop, stopping) = channel();
        let (done, stopped) = channel();
        thread::Builder::new().spawn(move || {
            if let Ok(mut watch) = Watch::new(request) {
                ask(&mut watch, pause, &tell, &stopping);
                watch.close();
            }
            let _ = done.send(());
        })?;
        Ok(Self {
            news,
            stop,
            stopped,
        })
    }

    /// Waits for the next news.
    pub(super) fn wait(&self) -> News {
        self.news.recv().unwrap_or(News::Gone)
    }

    /// Returns the news that came in, if any did.
    pub(super) fn news(&self) -> Option<News> {
        match self.news.try_recv() {
            Ok(news) => Some(news),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => Some(News::Gone),
        }
    }

    /// Lets the thread close its session, and waits a moment for it.
    pub(super) fn end(self) {
        drop(self.stop);
        let _ = self.stopped.recv_timeout(GOODBYE);
    }
}

fn ask(watch: &mut Watch, pause: Duration, tell: &Sender<News>, stopping: &Receiver<()>) {
    let mut opened = false;
    let mut retry = pause.max(Duration::from_secs(1));
    loop {
        let (news, wait) = match watch.look() {
            Tick::Refused(connections) if !opened => {
                let _ = tell.send(News::Refused(connections));
                return;
            }
            Tick::Opened(rows) => {
                let anew = std::mem::replace(&mut opened, true);
                retry = pause.max(Duration::from_secs(1));
                (News::Sessions(rows, anew), pause)
            }
            Tick::Seen(rows) => (News::Sessions(rows, false), pause),
            Tick::Lost(why) => (News::Lost(why, retry), retry),
            Tick::Refused(connections) => {
                // A server that refuses is left alone for longer and longer.
                retry = (retry * 2).min(LONGEST).max(pause);
                (News::Lost(why(&connections), retry), retry)
            }
        };
        let told = tell.send(news).is_ok();
        if !told || stopping.recv_timeout(wait) != Err(RecvTimeoutError::Timeout) {
            return;
        }
    }
}

/// Returns why no session could be opened.
fn why(connections: &[Connection]) -> String {
    let stages = connections.iter().rev().flat_map(|one| &one.stages);
    let failed = stages.into_iter().find_map(|report| match &report.stage {
        Stage::Failed(failure) => Some(failure.message.clone()),
        Stage::NotRun | Stage::Done(()) => None,
    });
    failed.unwrap_or_else(|| "no session could be opened".to_owned())
}
