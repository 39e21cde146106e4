//! What runs beside: retention, and the signals that end the program.

use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::clock::Clock;
use crate::limit;
use crate::stop::Stop;
use crate::store::{Retention, Store};

/// How often old history is looked for.
const EVERY: Duration = Duration::from_secs(60);
/// Rest between two chunks, so that events go first.
const BETWEEN: Duration = Duration::from_millis(20);

/// Removes old history, a chunk at a time, until `stop` turns true.
pub(super) async fn run(store: Arc<dyn Store>, clock: Arc<dyn Clock>, mut stop: Stop) {
    loop {
        let now = clock.now();
        let retention = Retention {
            ended_before: now.minus(limit::RETENTION),
            dead_before: now.minus(limit::RETENTION_DEAD),
        };
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
