//! `dbharden activity --watch`: the sessions again and again, full screen on a terminal and as
//! plain lines elsewhere.
//!
//! The server is asked by a thread of its own, so that a key or Ctrl-C is answered while a server
//! is silent.

mod feed;
mod keys;
mod lines;
mod screen;
mod terminal;
mod view;

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use self::feed::{Feed, News};
use self::keys::Key;
use self::terminal::Terminal;
use self::view::View;
use super::args::{ActivityArgs, ByArg, ConnectArgs};
use super::failure::Failure;
use super::output::{colored, quietly_closed};
use super::plan::Plan;
use super::{activity, connect, gather, process};
use crate::facts::{Connection, Facts};
use crate::report::{ExitStatus, Style};

/// How long a key may wait for its answer.
const PATIENCE: Duration = Duration::from_millis(50);

/// Watches until somebody ends it. Where no first session can be opened, reports why as
/// `dbharden activity` does.
pub(super) fn run(
    pause: Duration,
    args: &ActivityArgs,
    plan: &Plan<'_>,
) -> Result<ExitStatus, Failure> {
    let started = Instant::now();
    let by = args.by.map(ByArg::key);
    let args = &args.connect;
    let app = args.checking.spec.app.clone();
    let environment = gather::local_environment(plan)?;
    let url = gather::url_of(args.url.url.as_deref(), &environment, plan)?;
    let refused = match connect::request(&url, &environment, &args.network) {
        Ok(mut request) => {
            request.sessions.by = by;
            // A name can be typed away where names are shown; elsewhere the server must filter.
            let (asked, typed) = match by {
                Some(_) => (app, None),
                None => (None, app),
            };
            request.sessions.only = asked;
            let feed = Feed::start(request, pause).map_err(Failure::from)?;
            let view = View::new(by, typed);
            match show(feed, view, args, plan)? {
                Ended::By(status) => return Ok(status),
                Ended::Refused(connections) => connections,
            }
        }
        Err(connections) => connections,
    };
    let facts = Facts {
        urls: vec![url],
        environments: vec![environment],
        connections: refused,
        ..Facts::default()
    };
    plan.conclude("activity", activity::RULES, &facts, started)
}

/// How watching ended.
enum Ended {
    /// Somebody ended it.
    By(ExitStatus),
    /// No first session could be opened.
    Refused(Vec<Connection>),
}

fn show(feed: Feed, view: View, args: &ConnectArgs, plan: &Plan<'_>) -> Result<Ended, Failure> {
    // Until the first session is open, Ctrl-C ends the process on the spot.
    let first = match feed.wait() {
        News::Refused(connections) => return Ok(Ended::Refused(connections)),
        news => news,
    };
    let surroundings = plan.surroundings;
    let is_terminal = surroundings.stdout_is_terminal && terminal::is_input();
    let status = if is_terminal {
        let style = if colored(args.checking.output.color, true, surroundings) {
            Style::ansi()
        } else {
            Style::default()
        };
        full_screen(&feed, view, first, style)?
    } else {
        let written = lines::run(&feed, &view, first);
        quietly_closed(written)?;
        ExitStatus::Pass
    };
    feed.end();
    Ok(Ended::By(status))
}

fn full_screen(
    feed: &Feed,
    mut view: View,
    first: News,
    style: Style,
) -> Result<ExitStatus, Failure> {
    let interrupted = process::notice_interrupts()?;
    let terminal = Terminal::enter()?;
    view.take(first);
    let mut drawn = None;
    loop {
        if interrupted.load(Ordering::SeqCst) {
            return Ok(ExitStatus::Interrupted);
        }
        if let Some(news) = feed.news() {
            view.take(news);
            drawn = None;
        }
        let size = terminal.size();
        if drawn != Some(size) {
            terminal.draw(&screen::draw(&view, size, style))?;
            drawn = Some(size);
        }
        for key in terminal.keys(PATIENCE)? {
            match key {
                Key::Interrupt => return Ok(ExitStatus::Interrupted),
                Key::Text('q') if !view.is_filtering() => return Ok(ExitStatus::Pass),
                Key::End => return Ok(ExitStatus::Pass),
                key => view.press(key),
            }
            drawn = None;
        }
    }
}
