//! Hints: what commits made due, told to whoever dispatches. Bounded in number and memory; what does not fit is
//! dropped, and one empty list says that a rescan is due, as it does when a commit asks for one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::sync::{Mutex, Notify, mpsc};

use crate::id::DeliveryId;
use crate::store::{Error, Ready};

/// Hints handed over at once.
const HINTS_AT_ONCE: usize = 256;
/// What is made ahead and waits here in memory.
const MADE_MAX_BYTES: usize = 16 * 1024 * 1024;

#[derive(Debug, Default)]
struct Common {
    missed: AtomicBool,
    /// A commit asks for a rescan.
    asked: Notify,
    made_bytes: AtomicUsize,
}

/// The writer's end.
#[derive(Debug)]
pub(super) struct Sender {
    channel: mpsc::Sender<Ready>,
    stops: mpsc::Sender<DeliveryId>,
    common: Arc<Common>,
}

/// The dispatcher's end.
#[derive(Debug)]
pub(super) struct Receiver {
    channel: Mutex<Channel>,
    stops: Mutex<mpsc::Receiver<DeliveryId>>,
    common: Arc<Common>,
}

#[derive(Debug)]
struct Channel {
    receiver: mpsc::Receiver<Ready>,
    /// Empty between two calls; it keeps its room.
    taken: Vec<Ready>,
}

/// Both ends, with room for so many.
pub(super) fn channel(room: usize) -> (Sender, Receiver) {
    let (sender, receiver) = mpsc::channel(room.max(1));
    let (stop, stops) = mpsc::channel(room.max(1));
    let common = Arc::new(Common::default());
    (
        Sender { channel: sender, stops: stop, common: Arc::clone(&common) },
        Receiver {
            channel: Mutex::new(Channel { receiver, taken: Vec::new() }),
            stops: Mutex::new(stops),
            common,
        },
    )
}

impl Sender {
    /// Tells one; drops it, or only what was made of it, when there is no room.
    pub(super) fn send(&self, mut ready: Ready) {
        let bytes = weight(&ready);
        if self.common.made_bytes.load(Ordering::Relaxed).saturating_add(bytes) > MADE_MAX_BYTES {
            ready.made = None;
        }
        let bytes = weight(&ready);
        self.common.made_bytes.fetch_add(bytes, Ordering::Relaxed);
        if self.channel.try_send(ready).is_err() {
            self.common.made_bytes.fetch_sub(bytes, Ordering::Relaxed);
            self.common.missed.store(true, Ordering::Release);
        }
    }

    /// Tells that one has ended that may be under way; nobody hears it when there is no room.
    pub(super) fn stop(&self, id: DeliveryId) {
        let _full = self.stops.try_send(id);
    }

    /// Asks for a rescan; it is heard before what is sent later.
    pub(super) fn ask_rescan(&self) {
        self.common.asked.notify_one();
    }
}

impl Receiver {
    /// Waits for some that have ended.
    pub(super) async fn stops(&self) -> Result<Vec<DeliveryId>, Error> {
        let mut taken = Vec::new();
        if self.stops.lock().await.recv_many(&mut taken, HINTS_AT_ONCE).await == 0 {
            // That the store is closed is told by the hints.
            std::future::pending::<()>().await;
        }
        Ok(taken)
    }

    /// Waits for some. `missed` is only set while the channel is full, so nobody sleeps over it.
    pub(super) async fn receive(&self) -> Result<Vec<Ready>, Error> {
        let mut channel = self.channel.lock().await;
        if self.common.missed.swap(false, Ordering::AcqRel) {
            return Ok(Vec::new());
        }
        let Channel { receiver, taken } = &mut *channel;
        let count = tokio::select! {
            biased;
            () = self.common.asked.notified() => return Ok(Vec::new()),
            count = receiver.recv_many(taken, HINTS_AT_ONCE) => count,
        };
        if count == 0 {
            return Err(Error::Closed);
        }
        let bytes = taken.iter().map(weight).sum();
        self.common.made_bytes.fetch_sub(bytes, Ordering::Relaxed);
        let mut ready = Vec::with_capacity(taken.len());
        ready.append(taken);
        Ok(ready)
    }
}

fn weight(ready: &Ready) -> usize {
    ready.made.as_ref().map_or(0, |made| made.bytes())
}
