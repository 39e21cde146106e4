//! What runs beside: retention, and the signals that end the program.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::steady::Steady;
use crate::clock::Clock;
use crate::limit;
use crate::stop::Stop;
use crate::store::{Retention, Store};
use crate::time::Timestamp;

/// How often old history is looked for.
const EVERY: Duration = Duration::from_secs(60);
/// Rest between two chunks, so that events go first.
const BETWEEN: Duration = Duration::from_millis(20);

/// How much history is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// Events, and deliveries that ended well, for so long.
    pub ended: Duration,
    /// Deliveries given up, for so long.
    pub dead: Duration,
    /// No more than so many bytes in all: the oldest of what ended goes first.
    pub bytes: u64,
}

impl Default for Keep {
    fn default() -> Self {
        Self { ended: limit::RETENTION, dead: limit::RETENTION_DEAD, bytes: limit::RETENTION_MAX_BYTES }
    }
}

impl Keep {
    /// What may go: by age at the `steady` moment, by size whatever ended by `now`.
    fn at(self, now: Timestamp, steady: Timestamp, used_bytes: u64) -> Retention {
        if used_bytes > self.bytes {
            return Retention { ended_before: now, dead_before: now };
        }
        Retention { ended_before: steady.minus(self.ended), dead_before: steady.minus(self.dead) }
    }
}

/// Removes old history, a chunk at a time, until `stop` turns true.
pub(super) async fn run(store: Arc<dyn Store>, clock: Arc<dyn Clock>, keep: Keep, mut stop: Stop) {
    let mut steady = Steady::new(clock.now(), Instant::now());
    loop {
        let used_bytes = store.usage().await.map_or(0, |usage| usage.used_bytes);
        let now = clock.now();
        let retention = keep.at(now, steady.now(now, Instant::now()), used_bytes);
        let rest = match store.prune(retention).await {
            Ok(0) => EVERY,
            Ok(_) => BETWEEN,
            Err(error) => {
                tracing::warn!(%error, "old history cannot be removed");
                EVERY
            }
        };
        tokio::select! {
            () = tokio::time::sleep(rest) => {}
            () = stop.asked() => return,
        }
    }
}

/// Waits for SIGTERM or SIGINT.
pub(super) async fn asked_to_stop() {
    let (mut term, mut interrupt) = (listen(SignalKind::terminate()), listen(SignalKind::interrupt()));
    tokio::select! {
        () = heard(&mut term) => {}
        () = heard(&mut interrupt) => {}
    }
}

/// Ends the program at once when asked a second time; what was accepted is in the store.
pub(super) async fn second_signal() {
    asked_to_stop().await;
    tracing::warn!("asked to stop twice: ending at once");
    std::process::exit(0);
}

/// Hears of signals that would end a program that does not know them, and does nothing about them.
pub(super) async fn ignore_others() {
    let kinds = [SignalKind::user_defined1(), SignalKind::user_defined2(), SignalKind::alarm()];
    let mut others = kinds.map(listen);
    let [first, second, alarm] = &mut others;
    loop {
        tokio::select! {
            () = heard(first) => {}
            () = heard(second) => {}
            () = heard(alarm) => {}
        }
        tracing::info!(
            "a signal that means nothing here: SIGHUP reads the rules again, SIGTERM ends the program"
        );
    }
}

/// Listens for a signal; `None`, with a word in the log, when the system does not let us.
pub(super) fn listen(kind: SignalKind) -> Option<Signal> {
    signal(kind).map_err(|error| tracing::warn!(%error, "cannot listen for a signal")).ok()
}

/// Waits for the signal; for ever when it cannot be heard.
pub(super) async fn heard(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => {
            signal.recv().await;
        }
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn size_overrules_age() {
        let keep = Keep { ended: Duration::from_secs(10), dead: Duration::from_secs(30), bytes: 100 };
        let now = Timestamp::from_millis(60_000);
        let steady = now.minus(Duration::from_secs(5));
        for (used, ended, dead) in [(0, 45, 25), (100, 45, 25), (101, 60, 60)] {
            let Retention { ended_before, dead_before } = keep.at(now, steady, used);
            assert_eq!((ended_before.seconds(), dead_before.seconds()), (ended, dead), "{used}");
        }
    }
}
