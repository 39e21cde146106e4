//! Events judged on all processors: one thread reads pieces, the others judge them; few pieces wait at any time.

use std::io::{IsTerminal, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::feed::{Feed, Piece};
use super::grouped;
use crate::backtest::{Comparison, Tally};
use crate::cli::{End, tell};

/// Pieces that wait for each thread.
const PIECES_WAITING: usize = 2;
/// Threads at the most.
const THREADS_MAX: usize = 16;
/// Time between two words about how far it is.
const TELL_EVERY: Duration = Duration::from_millis(200);
/// Unreadable events that are told about.
const COMPLAINTS_MAX: usize = 5;

/// What one thread found.
#[derive(Default)]
struct Found {
    tally: Tally,
    complaints: Vec<String>,
}

/// Judges all events.
pub(super) fn judge(comparison: &Comparison, feed: Feed) -> Result<Tally, End> {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(THREADS_MAX);
    let (pieces, waiting) = sync_channel(threads * PIECES_WAITING);
    let waiting = Mutex::new(waiting);
    let (read, found) = thread::scope(|scope| {
        let judges: Vec<_> = (0..threads).map(|_| scope.spawn(|| judged(comparison, &waiting))).collect();
        let read = hand_out(feed, pieces);
        (read, judges.into_iter().map(thread::ScopedJoinHandle::join).collect::<Vec<_>>())
    });
    read?;
    let mut all = Found::default();
    for one in found {
        let one = one.map_err(|_| End::CouldNot("a thread ended before its work".to_owned()))?;
        all.tally.merge(one.tally, comparison.samples_max);
        all.complaints.extend(one.complaints);
    }
    all.complaints.sort();
    for complaint in all.complaints.iter().take(COMPLAINTS_MAX) {
        tell(&format!("not judged: {complaint}"));
    }
    Ok(all.tally)
}

/// Hands out pieces until there are no more.
fn hand_out(mut feed: Feed, pieces: SyncSender<Piece>) -> Result<(), End> {
    let mut progress = Progress::new(feed.all());
    while let Some(piece) = feed.next()? {
        progress.tell(piece.len());
        if pieces.send(piece).is_err() {
            break;
        }
    }
    // Without more to come the judges end.
    drop(pieces);
    progress.end();
    Ok(())
}

fn judged(comparison: &Comparison, waiting: &Mutex<Receiver<Piece>>) -> Found {
    let mut found = Found::default();
    loop {
        // Only one thread waits at a time; the others judge or stand in line for the lock.
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(piece) = next else { return found };
        piece.read(&mut |event| match event {
            Ok(event) => comparison.judge(&event, &mut found.tally),
            Err(why) => {
                found.tally.unknown += 1;
                if found.complaints.len() < COMPLAINTS_MAX {
                    found.complaints.push(why);
                }
            }
        });
    }
}

/// How far it is, on a terminal.
struct Progress {
    all: Option<u64>,
    done: u64,
    began: Instant,
    told: Instant,
    is_shown: bool,
}

impl Progress {
    fn new(all: Option<u64>) -> Self {
        let now = Instant::now();
        Self { all, done: 0, began: now, told: now, is_shown: std::io::stderr().is_terminal() }
    }

    fn tell(&mut self, events: usize) {
        self.done += u64::try_from(events).unwrap_or(0);
        if self.is_shown && self.told.elapsed() >= TELL_EVERY {
            self.told = Instant::now();
            let of = self.all.map(|all| format!(" of {}", grouped(all))).unwrap_or_default();
            let rate = u128::from(self.done) * 1000 / self.began.elapsed().as_millis().max(1);
            let rate = grouped(u64::try_from(rate).unwrap_or(u64::MAX));
            let _ = write!(std::io::stderr(), "\r\u{1b}[K{}{of} events, {rate} a second", grouped(self.done));
        }
    }

    /// Takes the line away.
    fn end(&self) {
        if self.is_shown {
            let _ = write!(std::io::stderr(), "\r\u{1b}[K");
        }
    }
}
