//! What happens, as it happens, for whoever looks on. Nobody waits for an onlooker: one that is too slow misses some.

use std::sync::Arc;

use tokio::sync::broadcast::error::RecvError;
use tokio::sync::broadcast::{Receiver, Sender, channel};

use crate::id::{DeliveryId, EventId, RejectionId};
use crate::time::Timestamp;

/// What an onlooker may be behind.
const NEWS_MAX: usize = 1024;

/// One thing that happened.
#[derive(Clone, Debug)]
pub enum News {
    /// A webhook came and was answered.
    Webhook {
        /// When.
        at: Timestamp,
        /// The event; of a duplicate, the first one.
        event: EventId,
        /// Its source.
        source: Arc<str>,
        /// Its type.
        kind: String,
        /// `accepted`, `duplicate`, `conflict` or `busy`.
        outcome: &'static str,
        /// How it was proved genuine.
        verified: String,
        /// The rules that matched.
        matched: Vec<Arc<str>>,
        /// When the answer was known.
        ended: Timestamp,
        /// The trace of its sender.
        traceparent: Option<String>,
    },
    /// A request was turned away.
    Refused {
        /// When.
        at: Timestamp,
        /// Its name in the list of refusals.
        id: RejectionId,
        /// Of which source.
        source: String,
        /// What it was answered.
        status: u16,
        /// Why, for the operator.
        cause: String,
    },
    /// An attempt ended, and its end is written down.
    Attempt {
        /// When.
        at: Timestamp,
        /// Whose attempt.
        delivery: DeliveryId,
        /// The event that owes it.
        event: EventId,
        /// The rule that matched.
        rule: Arc<str>,
        /// What was done.
        verb: Arc<str>,
        /// Its number, from 1.
        attempt: u32,
        /// Where the delivery stands now, by name.
        state: &'static str,
        /// What came back, in words.
        words: String,
        /// How long it took.
        took_ms: u64,
        /// The trace of the event's sender.
        traceparent: Option<String>,
    },
}

/// Where it is told. A clone tells the same onlookers.
#[derive(Clone, Debug)]
pub struct Feed(Sender<Arc<News>>);

impl Default for Feed {
    fn default() -> Self {
        Self(channel(NEWS_MAX).0)
    }
}

impl Feed {
    /// Whether anybody looks on: what nobody hears need not be made.
    pub fn is_watched(&self) -> bool {
        self.0.receiver_count() > 0
    }

    /// Tells everybody who looks on.
    pub fn tell(&self, news: impl FnOnce() -> News) {
        if self.is_watched() {
            // The last onlooker may have gone.
            let _ = self.0.send(Arc::new(news()));
        }
    }

    /// Looks on from now on.
    pub fn watch(&self) -> Onlooker {
        Onlooker(self.0.subscribe())
    }
}

/// Hears what happens.
#[derive(Debug)]
pub struct Onlooker(Receiver<Arc<News>>);

/// What an onlooker hears next.
#[derive(Clone, Debug)]
pub enum Heard {
    /// This happened.
    News(Arc<News>),
    /// So many things were missed.
    Missed(u64),
}

impl Onlooker {
    /// Waits for what happens next; `None` when nothing will.
    pub async fn next(&mut self) -> Option<Heard> {
        match self.0.recv().await {
            Ok(news) => Some(Heard::News(news)),
            Err(RecvError::Lagged(missed)) => Some(Heard::Missed(missed)),
            Err(RecvError::Closed) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16) -> News {
        News::Refused {
            at: Timestamp::from_millis(0),
            id: RejectionId::from_bytes([0; 16]),
            source: String::new(),
            status,
            cause: String::new(),
        }
    }

    #[tokio::test]
    async fn onlookers_hear_what_happens_from_then_on_and_what_they_missed() {
        let feed = Feed::default();
        feed.tell(|| panic!("nobody looks on"));
        let mut onlooker = feed.watch();
        for status in 0..=u16::try_from(NEWS_MAX).unwrap() {
            feed.tell(|| refused(status));
        }
        assert!(matches!(onlooker.next().await, Some(Heard::Missed(1))));
        let Some(Heard::News(news)) = onlooker.next().await else { panic!("news") };
        assert!(matches!(&*news, News::Refused { status: 1, .. }), "the oldest that is left");
        drop(feed);
        let mut count = 0;
        while onlooker.next().await.is_some() {
            count += 1;
        }
        assert_eq!(count, NEWS_MAX - 1);
    }
}
