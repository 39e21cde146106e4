//! The destination of the deliveries: answers 200 and counts, on a thread of its own.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::to_bytes;
use axum::extract::Request;
use http::StatusCode;

use crate::bare::BODY_MAX_BYTES;
use crate::serve::{bind, serve};

/// Between two looks at the count.
const LOOK: Duration = Duration::from_millis(1);
/// No wait takes longer.
const PATIENCE: Duration = Duration::from_secs(300);

/// A listening destination; it lives as long as the benchmark.
pub(crate) struct Receiver {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    count: Arc<AtomicUsize>,
}

impl Receiver {
    /// Starts it.
    pub(crate) fn start() -> Self {
        let count = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&count);
        let handler = move |request: Request| {
            let counted = Arc::clone(&counted);
            async move {
                let read = to_bytes(request.into_body(), BODY_MAX_BYTES).await;
                counted.fetch_add(usize::from(read.is_ok()), Ordering::Relaxed);
                StatusCode::OK
            }
        };
        let (tell, told) = std::sync::mpsc::sync_channel(1);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let (listener, address) = bind().await;
                tell.send(address).unwrap();
                serve(listener, Router::new().fallback(handler)).await;
            });
        });
        Self { address: told.recv().unwrap(), count }
    }

    /// How many have come.
    pub(crate) fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// Waits until so many have come.
    pub(crate) fn wait(&self, count: usize) {
        let started = Instant::now();
        while self.count() < count {
            assert!(started.elapsed() < PATIENCE, "only {} of {count} deliveries came", self.count());
            std::thread::sleep(LOOK);
        }
    }
}
