//! Interim answers (1xx): only so many are waited through. hyper reads them in a loop of its own that gives nobody else a
//! turn, neither a timeout nor another delivery, for as long as more of them are there to be read.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use tokio::sync::Notify;
use tokio::task::coop;

use crate::limit;

/// More than any task may do in one turn, by tokio's count.
const TURN_MAX: usize = 256;

/// The interim answers to one request.
pub(super) struct Interim(Arc<State>);

#[derive(Default)]
struct State {
    seen: AtomicUsize,
    too_many: Notify,
}

impl Interim {
    /// What is said of too many.
    pub(super) const WORDS: &str = "it sends interim answers (1xx) without end";

    /// Counts those to this request.
    pub(super) fn count<B>(request: &mut http::Request<B>) -> Self {
        let state = Arc::new(State::default());
        let counting = Arc::clone(&state);
        hyper::ext::on_informational(request, move |_| counting.one_more());
        Self(state)
    }

    /// Comes when there were too many.
    pub(super) async fn too_many(&self) {
        self.0.too_many.notified().await;
    }
}

impl State {
    fn one_more(&self) {
        if self.seen.fetch_add(1, Ordering::Relaxed) >= limit::INTERIM_ANSWERS_MAX {
            self.too_many.notify_one();
            end_turn();
        }
    }
}

/// Uses up what the task that reads may do in this turn: its next read waits until the others had theirs, and finds that
/// nobody wants the answer any more.
fn end_turn() {
    let mut nobody = Context::from_waker(Waker::noop());
    for _ in 0..TURN_MAX {
        if !coop::has_budget_remaining() {
            return;
        }
        if let Poll::Ready(step) = coop::poll_proceed(&mut nobody) {
            step.made_progress();
        }
    }
}
