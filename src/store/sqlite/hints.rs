//! Hints: what commits made due, told to whoever dispatches. Bounded in number and memory; what does not fit is
//! dropped, and one empty list says that a rescan is due.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::sync::{Mutex, mpsc};

use crate::store::{Error, Ready};

/// Hints handed over at once.
const HINTS_AT_ONCE: usize = 256;
/// Events that hints hold in memory, by the estimate below.
const EVENTS_MAX_BYTES: usize = 64 * 1024 * 1024;
/// A JSON value takes some times the memory of its text.
const MEMORY_PER_BYTE: usize = 8;

#[derive(Debug, Default)]
struct Common {
    missed: AtomicBool,
    events_bytes: AtomicUsize,
}

/// The writer's end.
#[derive(Debug)]
pub(super) struct Sender {
    channel: mpsc::Sender<Ready>,
    common: Arc<Common>,
}

/// The dispatcher's end.
#[derive(Debug)]
pub(super) struct Receiver {
    channel: Mutex<mpsc::Receiver<Ready>>,
    common: Arc<Common>,
}

/// Both ends, with room for so many.
pub(super) fn channel(room: usize) -> (Sender, Receiver) {
    let (sender, receiver) = mpsc::channel(room.max(1));
    let common = Arc::new(Common::default());
    (
        Sender { channel: sender, common: Arc::clone(&common) },
        Receiver { channel: Mutex::new(receiver), common },
    )
}

impl Sender {
    /// Tells one; drops it, or only its event, when there is no room.
    pub(super) fn send(&self, mut ready: Ready) {
        let bytes = weight(&ready);
        if self.common.events_bytes.load(Ordering::Relaxed).saturating_add(bytes) > EVENTS_MAX_BYTES {
            ready.event = None;
        }
        let bytes = weight(&ready);
        self.common.events_bytes.fetch_add(bytes, Ordering::Relaxed);
        if self.channel.try_send(ready).is_err() {
            self.common.events_bytes.fetch_sub(bytes, Ordering::Relaxed);
            self.common.missed.store(true, Ordering::Release);
        }
    }
}

impl Receiver {
    /// Waits for some. `missed` is only set while the channel is full, so nobody sleeps over it.
    pub(super) async fn receive(&self) -> Result<Vec<Ready>, Error> {
        let mut channel = self.channel.lock().await;
        if self.common.missed.swap(false, Ordering::AcqRel) {
            return Ok(Vec::new());
        }
        let mut ready = Vec::new();
        if channel.recv_many(&mut ready, HINTS_AT_ONCE).await == 0 {
            return Err(Error::Closed);
        }
        let bytes = ready.iter().map(weight).sum();
        self.common.events_bytes.fetch_sub(bytes, Ordering::Relaxed);
        Ok(ready)
    }
}

fn weight(ready: &Ready) -> usize {
    ready.event.as_ref().map_or(0, |event| event.request.body.len().saturating_mul(MEMORY_PER_BYTE))
}
