//! Keys that senders show at URLs: opened when a webhook needs them, by one request for all that wait, and kept for a
//! while. How many are kept, opened at once and opened in a minute is bounded, as strangers may ask for them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{Semaphore, watch};

use crate::limit;
use crate::perform::{Fetch, Unfetched};
use crate::provider::{Fetched, Wanted};
use crate::time::Timestamp;

/// A key is opened again when it was opened longer ago.
const FRESH_FOR: Duration = Duration::from_secs(60 * 60);
/// A key that cannot be opened again is good for so long.
const STALE_FOR: Duration = Duration::from_secs(24 * 60 * 60);
/// A URL is not opened more often than this, whatever comes of it.
const AGAIN_AFTER: Duration = Duration::from_secs(30);
/// URLs that are remembered.
const KEPT_MAX: usize = 64;
/// URLs that are opened in one minute: senders have few, and strangers name many.
const OPENED_PER_MINUTE_MAX: u32 = 60;
/// Looks at what is known until whoever opens it is done: once, and again when that one was cut off.
const LOOKS_MAX: usize = 4;

/// What is known of the URLs.
pub(super) struct Keys {
    fetch: Arc<dyn Fetch>,
    slots: Semaphore,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    entries: HashMap<String, Entry>,
    /// The minute that runs, and how many were opened in it.
    minute: (i64, u32),
}

#[derive(Default)]
struct Entry {
    good: Option<(Bytes, Timestamp)>,
    bad: Option<(Unfetched, Timestamp)>,
    /// Tells when whoever opens it is done; closed without a word when that one was cut off.
    opening: Option<watch::Receiver<bool>>,
}

/// What to do about a URL.
enum Step {
    Done(Result<Fetched, Unfetched>),
    Wait(watch::Receiver<bool>),
    Open(watch::Sender<bool>),
}

impl Keys {
    /// Nothing is known yet.
    pub(super) fn new(fetch: Arc<dyn Fetch>) -> Self {
        Self { fetch, slots: Semaphore::new(limit::FETCHES_IN_FLIGHT_MAX), known: Mutex::default() }
    }

    /// Opens a URL, within bounds and without keeping what is there.
    pub(super) async fn open(&self, url: &str) -> Result<Bytes, Unfetched> {
        let Ok(_slot) = self.slots.try_acquire() else { return Err(busy()) };
        match tokio::time::timeout(limit::FETCH_TIMEOUT, self.fetch.fetch(url)).await {
            Ok(found) => found,
            Err(_) => Err(Unfetched::Failed(format!("`{url}` takes too long"))),
        }
    }

    /// What is at the URL of a key.
    pub(super) async fn get(&self, wanted: &Wanted, now: Timestamp) -> Result<Fetched, Unfetched> {
        for _ in 0..LOOKS_MAX {
            match self.step(wanted, now) {
                Step::Done(found) => return found,
                Step::Wait(mut opening) => {
                    // Cut off or done: the next look tells.
                    let _ = opening.wait_for(|done| *done).await;
                }
                Step::Open(done) => {
                    let found = self.open(&wanted.url).await;
                    self.keep(&wanted.url, &found, now);
                    let _ = done.send(true);
                    return found.map(|bytes| fetched(&wanted.url, bytes, true));
                }
            }
        }
        Err(busy())
    }

    fn step(&self, wanted: &Wanted, now: Timestamp) -> Step {
        let mut known = self.known();
        let entry = known.entries.get(&wanted.url);
        let good = entry.and_then(|entry| entry.good.as_ref());
        let age = good.map_or(Duration::MAX, |(_, at)| now.since(*at));
        let is_latest = age < AGAIN_AFTER;
        let use_good = |is_latest: bool| {
            good.filter(|_| age < STALE_FOR).map(|(bytes, _)| fetched(&wanted.url, bytes.clone(), is_latest))
        };
        if let Some(found) = use_good(is_latest).filter(|_| is_latest || (age < FRESH_FOR && !wanted.newer)) {
            return Step::Done(Ok(found));
        }
        let bad = entry.and_then(|entry| entry.bad.as_ref()).filter(|(_, at)| now.since(*at) < AGAIN_AFTER);
        if let Some((why, _)) = bad {
            return Step::Done(use_good(true).ok_or_else(|| why.clone()));
        }
        let opening = entry.and_then(|entry| entry.opening.clone());
        if let Some(opening) = opening.filter(|opening| opening.has_changed().is_ok()) {
            return Step::Wait(opening);
        }
        if !known.may_open(now) {
            return Step::Done(use_good_of(&known, wanted, age).ok_or_else(busy));
        }
        let (done, opening) = watch::channel(false);
        known.entries.entry(wanted.url.clone()).or_default().opening = Some(opening);
        Step::Open(done)
    }

    fn keep(&self, url: &str, found: &Result<Bytes, Unfetched>, now: Timestamp) {
        let mut known = self.known();
        let entry = known.entries.entry(url.to_owned()).or_default();
        entry.opening = None;
        match found {
            Ok(bytes) => {
                entry.good = Some((bytes.clone(), now));
                entry.bad = None;
            }
            Err(why) => entry.bad = Some((why.clone(), now)),
        }
        known.forget(url);
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn may_open(&mut self, now: Timestamp) -> bool {
        let minute = now.seconds().div_euclid(60);
        if self.minute.0 != minute {
            self.minute = (minute, 0);
        }
        self.minute.1 = self.minute.1.saturating_add(1);
        self.minute.1 <= OPENED_PER_MINUTE_MAX
    }

    /// Lets the oldest go when there are too many: first those at which nothing was found.
    fn forget(&mut self, but: &str) {
        while self.entries.len() > KEPT_MAX {
            let others = self.entries.iter().filter(|(url, _)| url.as_str() != but);
            let oldest = others.min_by_key(|(_, entry)| entry.good.as_ref().map(|(_, at)| at.millis()));
            let Some(url) = oldest.map(|(url, _)| url.clone()) else { return };
            self.entries.remove(&url);
        }
    }
}

/// What is at hand, though not fresh.
fn use_good_of(known: &Known, wanted: &Wanted, age: Duration) -> Option<Fetched> {
    let (bytes, _) = known.entries.get(&wanted.url)?.good.as_ref().filter(|_| age < STALE_FOR)?;
    Some(fetched(&wanted.url, bytes.clone(), true))
}

fn fetched(url: &str, bytes: Bytes, is_latest: bool) -> Fetched {
    Fetched { url: url.to_owned(), bytes, is_latest }
}

fn busy() -> Unfetched {
    Unfetched::Failed("too many keys are being opened".to_owned())
}
