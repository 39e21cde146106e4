//! The protocol of a store, carried out: each call goes to the writer's queue or to a reader.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::accept::Acceptances;
use super::moment::Moment;
use super::notes::{CAUSE, EXAMINED, Flush, Probe, Revision};
use super::pause::{self, Pausing, Resuming};
use super::person::{Again, Anew, GiveUp};
use super::prune::{self, Pruning};
use super::queue::Queue;
use super::readers::{Purpose, damaged};
use super::saying::{self, Remark};
use super::settle::{Beginning, Settlement};
use super::throttle::{self, Rates};
use super::{FIRST_EVENT, Sqlite, connect, deliveries, due, events, sealed};
use crate::delivery::Digest;
use crate::event::Event;
use crate::id::{DeliveryId, EventId, RejectionId};
use crate::store::seal::{Keys, Whose};
use crate::store::{
    Accept, Accepted, AttemptRow, Changed, Counts, DeliveryFilter, DeliveryRow, Error, EventFilter, EventRow,
    Page, Pause, Ready, Rejection, Replay, Reply, Retention, Saying, Settle, Settled, Store, Usage,
};
use crate::time::Timestamp;

/// A body longer than this is hashed and compressed on a thread that may take its time.
const PREPARE_ASIDE_BYTES: usize = 256 * 1024;

impl Sqlite {
    fn queue(&self) -> Result<&Queue, Error> {
        self.queue.as_ref().ok_or(Error::Closed)
    }

    async fn prune_chunk(&self, retention: Retention) -> Result<usize, Error> {
        loop {
            let after = self.prune_after();
            let events = self
                .readers
                .read(Purpose::List, move |connection| prune::candidates(connection, retention, after))
                .await?;
            let last_candidate = events.last().copied();
            let now = Timestamp::from_millis(self.shared.now.load(Ordering::Relaxed));
            let pruned = self.queue()?.ask(Pruning { events, retention, now }).await?;
            self.set_prune_after(match last_candidate {
                None => FIRST_EVENT,
                Some(_) => pruned.last.unwrap_or(after),
            });
            // Nothing removed of some candidates: a person was faster; look behind them.
            if pruned.rows > 0 || last_candidate.is_none() {
                return Ok(pruned.rows);
            }
        }
    }
}

async fn aside<T: Send + 'static>(
    is_long: bool,
    prepare: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Error> {
    if !is_long {
        return Ok(prepare());
    }
    tokio::task::spawn_blocking(prepare).await.map_err(|error| Error::Unwritable(error.to_string()))
}

impl Store for Sqlite {
    fn accept_all(&self, accepts: Vec<Accept>, now: Timestamp) -> Reply<'_, Vec<Accepted>> {
        self.shared.tell(now);
        Box::pin(async move {
            self.guard.pass()?;
            let bytes: usize = accepts.iter().map(|accept| accept.event.request.body.len()).sum();
            let keys = self.keys.clone();
            let prepare = move || Acceptances::prepare(accepts, &keys, now);
            let acceptances = aside(bytes > PREPARE_ASIDE_BYTES, prepare).await??;
            self.queue()?.try_ask(acceptances).await
        })
    }

    fn hints(&self) -> Reply<'_, Vec<Ready>> {
        Box::pin(self.hints.receive())
    }

    fn stops(&self) -> Reply<'_, Vec<DeliveryId>> {
        Box::pin(self.hints.stops())
    }

    fn keep_rates(&self, marks: Vec<(Arc<str>, i64)>) -> Reply<'_, ()> {
        Box::pin(async move { self.queue()?.ask(Rates { marks }).await })
    }

    fn rates(&self) -> Reply<'_, Vec<(Arc<str>, i64)>> {
        Box::pin(self.readers.read(Purpose::Work, throttle::rates))
    }

    fn due(
        &self,
        shard: u16,
        until: Timestamp,
        except: Vec<DeliveryId>,
        limit: usize,
    ) -> Reply<'_, Vec<Ready>> {
        let wanted = due::Wanted { shard, until, except: except.into_iter().collect(), limit };
        let keys = self.keys.clone();
        Box::pin(self.readers.read(Purpose::Work, move |connection| due::due(connection, &keys, &wanted)))
    }

    fn due_shards(&self) -> Reply<'_, Vec<(u16, Timestamp)>> {
        Box::pin(self.readers.read(Purpose::Work, due::shards))
    }

    fn start(&self, delivery: DeliveryId, attempt: u32, now: Timestamp) -> Reply<'_, Settled> {
        self.shared.tell(now);
        Box::pin(async move { self.queue()?.ask(Beginning { delivery, attempt }).await })
    }

    fn say(&self, saying: Saying) -> Reply<'_, Settled> {
        self.shared.tell(saying.at);
        Box::pin(async move {
            self.guard.pass()?;
            self.queue()?.try_ask(Remark::prepare(saying, &self.keys)?).await
        })
    }

    fn settle(&self, settle: Settle) -> Reply<'_, Settled> {
        self.shared.tell(settle.now);
        Box::pin(async move { self.queue()?.ask(Settlement::prepare(settle, &self.keys)?).await })
    }

    fn event(&self, id: EventId) -> Reply<'_, Option<Arc<Event>>> {
        let keys = self.keys.clone();
        Box::pin(self.readers.read(Purpose::Work, move |connection| due::event(connection, &keys, id)))
    }

    fn event_row(&self, id: EventId) -> Reply<'_, Option<EventRow>> {
        Box::pin(self.readers.read(Purpose::List, move |connection| events::one(connection, id)))
    }

    fn events(&self, filter: EventFilter) -> Reply<'_, Page<EventRow, EventId>> {
        let (looks, keys) = (self.looks, self.keys.clone());
        let list = move |connection: &rusqlite::Connection| events::list(connection, &keys, &filter, looks);
        Box::pin(self.readers.read(Purpose::List, list))
    }

    fn delivery(&self, id: DeliveryId) -> Reply<'_, Option<(DeliveryRow, Vec<AttemptRow>)>> {
        let keys = self.keys.clone();
        Box::pin(self.readers.read(Purpose::List, move |connection| deliveries::one(connection, &keys, id)))
    }

    fn running(&self, id: DeliveryId) -> Reply<'_, Option<Saying>> {
        let keys = self.keys.clone();
        Box::pin(self.readers.read(Purpose::List, move |connection| saying::running(connection, &keys, id)))
    }

    fn deliveries(&self, filter: DeliveryFilter) -> Reply<'_, Page<DeliveryRow, DeliveryId>> {
        let (looks, keys) = (self.looks, self.keys.clone());
        let list =
            move |connection: &rusqlite::Connection| deliveries::list(connection, &keys, &filter, looks);
        Box::pin(self.readers.read(Purpose::List, list))
    }

    fn retry(&self, id: DeliveryId, now: Timestamp) -> Reply<'_, Changed> {
        Box::pin(async move { self.queue()?.ask(Again { delivery: id, now }).await })
    }

    fn drop_delivery(&self, id: DeliveryId, now: Timestamp) -> Reply<'_, Changed> {
        Box::pin(async move { self.queue()?.ask(GiveUp { delivery: id, now }).await })
    }

    fn replay(&self, replay: Replay, now: Timestamp) -> Reply<'_, Changed> {
        Box::pin(async move {
            self.guard.pass()?;
            self.queue()?.ask(Anew { replay, now }).await
        })
    }

    fn pause(&self, pause: Pause) -> Reply<'_, Changed> {
        Box::pin(async move { self.queue()?.ask(Pausing(pause)).await })
    }

    fn resume(&self, connection: String) -> Reply<'_, Changed> {
        Box::pin(async move { self.queue()?.ask(Resuming(connection)).await })
    }

    fn pauses(&self) -> Reply<'_, Vec<Pause>> {
        Box::pin(self.readers.read(Purpose::Work, pause::list))
    }

    fn keep_revision(&self, digest: Digest, text: String, now: Timestamp) -> Reply<'_, ()> {
        Box::pin(async move { self.queue()?.ask(Revision { digest, text, now }).await })
    }

    fn revision(&self, digest: Digest) -> Reply<'_, Option<String>> {
        Box::pin(self.readers.read(Purpose::List, move |connection| due::revision(connection, digest)))
    }

    fn reject(&self, rejection: Rejection) {
        if self.shared.rejections.add(rejection)
            && let Some(queue) = &self.queue
        {
            queue.wake();
        }
    }

    fn rejections(&self, limit: usize) -> Reply<'_, Vec<Rejection>> {
        Box::pin(async move {
            // What waits is written first; when it cannot be, the rest can still be read.
            let _ = self.queue()?.ask(Flush).await;
            let keys = self.keys.clone();
            let read = move |connection: &rusqlite::Connection| rejections(connection, &keys, limit);
            self.readers.read(Purpose::List, read).await
        })
    }

    fn prune(&self, retention: Retention) -> Reply<'_, usize> {
        Box::pin(self.prune_chunk(retention))
    }

    fn note_clock(&self, seen: Timestamp, now: Timestamp) -> Reply<'_, Duration> {
        self.shared.tell(now);
        Box::pin(async move { self.queue()?.ask(Moment { seen, now }).await })
    }

    fn counts(&self) -> Reply<'_, Counts> {
        Box::pin(async move { Ok(self.shared.counts()) })
    }

    fn usage(&self) -> Reply<'_, Usage> {
        Box::pin(
            self.readers.read(Purpose::List, |connection| {
                connect::usage(connection).map_err(|error| damaged(&error))
            }),
        )
    }

    fn writable(&self) -> Reply<'_, ()> {
        Box::pin(async move {
            self.guard.pass_after_a_look()?;
            if self.shared.counts().live >= self.backlog_max {
                return Err(Error::Busy("too many deliveries are not at an end"));
            }
            self.queue()?.try_ask(Probe).await
        })
    }

    fn close(&self) -> Reply<'_, ()> {
        Box::pin(async move {
            self.readers.close().await;
            self.queue()?.close().await;
            Ok(())
        })
    }
}

fn rejections(connection: &rusqlite::Connection, keys: &Keys, limit: usize) -> Result<Vec<Rejection>, Error> {
    let found = || -> rusqlite::Result<Vec<Rejection>> {
        let sql = "SELECT id, at, source, status, cause, peer, examined FROM rejection ORDER BY sequence DESC LIMIT ?1";
        let mut statement = connection.prepare_cached(sql)?;
        let read = |row: &rusqlite::Row<'_>| {
            let id = RejectionId::from_bytes(row.get::<_, Option<[u8; 16]>>(0)?.unwrap_or_default());
            Ok(Rejection {
                id,
                at: Timestamp::from_millis(row.get(1)?),
                source: row.get(2)?,
                status: row.get(3)?,
                cause: sealed::text(keys, Whose::rejection(id, CAUSE), row, 4)?.unwrap_or_default(),
                peer: row.get(5)?,
                examined: sealed::text(keys, Whose::rejection(id, EXAMINED), row, 6)?,
            })
        };
        statement.query_map([i64::try_from(limit).unwrap_or(i64::MAX)], read)?.collect()
    };
    found().map_err(|error| damaged(&error))
}
