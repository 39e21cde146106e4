//! Events judged on all processors: one thread reads pieces, the others judge them; few pieces wait at any time.

use std::io::{IsTerminal, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
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
/// Columns of the bar.
const BAR_COLUMNS: u64 = 20;
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
    let found = spread(feed, &|piece, found| judge_piece(comparison, piece, found))?;
    let mut all = Found::default();
    for one in found {
        all.tally.merge(one.tally, comparison.samples_max);
        all.complaints.extend(one.complaints);
    }
    all.complaints.sort();
    for complaint in all.complaints.iter().take(COMPLAINTS_MAX) {
        tell(&format!("not judged: {complaint}"));
    }
    Ok(all.tally)
}

/// Spreads the pieces over threads; what each of them found.
fn spread(feed: Feed, work: &(impl Fn(Piece, &mut Found) + Sync)) -> Result<Vec<Found>, End> {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(THREADS_MAX);
    let (pieces, waiting) = sync_channel(threads * PIECES_WAITING);
    let waiting = Arc::new(Mutex::new(waiting));
    let (read, found) = thread::scope(|scope| {
        let shared = |_| {
            let waiting = Arc::clone(&waiting);
            scope.spawn(move || judged(&waiting, work))
        };
        let judges: Vec<_> = (0..threads).map(shared).collect();
        // With the last judge the receiving end goes: whoever hands out then notices that nobody takes any more.
        drop(waiting);
        let read = hand_out(feed, pieces);
        (read, judges.into_iter().map(thread::ScopedJoinHandle::join).collect::<Vec<_>>())
    });
    read?;
    let ended =
        || End::CouldNot("an event could not be judged: doorbell itself failed, which is a bug".to_owned());
    found.into_iter().map(|one| one.map_err(|_| ended())).collect()
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

fn judged(waiting: &Mutex<Receiver<Piece>>, work: &impl Fn(Piece, &mut Found)) -> Found {
    let mut found = Found::default();
    loop {
        // Only one thread waits at a time; the others judge or stand in line for the lock.
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(piece) = next else { return found };
        work(piece, &mut found);
    }
}

fn judge_piece(comparison: &Comparison, piece: Piece, found: &mut Found) {
    let kept = piece.kept();
    piece.read(&mut |event| match event {
        Ok(event) => comparison.judge(&event, kept, &mut found.tally),
        Err(why) => {
            found.tally.unknown += 1;
            if found.complaints.len() < COMPLAINTS_MAX {
                found.complaints.push(why);
            }
        }
    });
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
            let bar = self.all.map(|all| bar(self.done, all)).unwrap_or_default();
            let rate = u128::from(self.done) * 1000 / self.began.elapsed().as_millis().max(1);
            let rate = grouped(u64::try_from(rate).unwrap_or(u64::MAX));
            let _ = write!(
                std::io::stderr(),
                "\r\u{1b}[K{bar}{}{of} events, {rate} a second",
                grouped(self.done)
            );
        }
    }

    /// Takes the line away.
    fn end(&self) {
        if self.is_shown {
            let _ = write!(std::io::stderr(), "\r\u{1b}[K");
        }
    }
}

/// `[=======>            ]  35 %  `
fn bar(done: u64, all: u64) -> String {
    let part = |of: u64| done.min(all).saturating_mul(of) / all.max(1);
    let full = usize::try_from(part(BAR_COLUMNS)).unwrap_or(0);
    let rest = usize::try_from(BAR_COLUMNS).unwrap_or(0).saturating_sub(full);
    let (full, rest) = ("=".repeat(full), " ".repeat(rest));
    format!("[{full}>{rest}] {:>3} %  ", part(100))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::{File, load};

    #[test]
    fn a_bar_is_as_long_at_the_end_as_at_the_start() {
        for (done, all, wanted) in [
            (0, 0, "[>                    ]   0 %  "),
            (0, 7, "[>                    ]   0 %  "),
            (5, 10, "[==========>          ]  50 %  "),
            (11, 10, "[====================>] 100 %  "),
        ] {
            assert_eq!(bar(done, all), wanted);
        }
    }

    #[test]
    fn judges_that_all_fail_are_an_error_and_nobody_waits_for_them() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("events.jsonl");
        std::fs::write(&file, "{\"source\":\"s\",\"payload\":{}}\n".repeat(20_000)).expect("written");
        let text = "sources: { s: { verify: none } }\nrules: [{ name: r, do: [{ log: hi }] }]\n".to_owned();
        let set = load(&[File { name: "r.yaml".to_owned(), text }]).set.expect("rules");
        let feed = Feed::file(&file, Arc::clone(&set), set).expect("a feed");
        let (tell, told) = sync_channel(1);
        thread::spawn(move || {
            let found = spread(feed, &|_, _| panic!("as a bug would"));
            let _ = tell.send(matches!(found, Err(End::CouldNot(why)) if why.contains("a bug")));
        });
        assert_eq!(told.recv_timeout(Duration::from_secs(60)), Ok(true));
    }
}
