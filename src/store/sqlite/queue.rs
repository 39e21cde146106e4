//! The way to the writer: a bounded queue of writes, each with the one who waits for its answer.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::work::Work;
use crate::store::Error;

/// Something to be written. It may be run twice, the first run being rolled back, so it keeps nothing of a run.
pub(super) trait Write: Send + 'static {
    /// What the one who asked is told after the commit.
    type Answer: Send + 'static;

    /// Writes within the running transaction.
    fn write(&self, work: &mut Work<'_>) -> Result<Self::Answer, Fault>;

    /// Roughly how many bytes it writes; a group of large ones is cut short.
    fn bytes(&self) -> usize {
        0
    }
}

/// Why a write did not happen.
#[derive(Debug)]
pub(super) enum Fault {
    /// It was turned down before anything was written.
    Refused(Error),
    /// SQLite said no.
    Sql(rusqlite::Error),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

/// A write and its asker, the kind of answer forgotten.
pub(super) trait Order: Send {
    /// Runs the write and keeps its answer until `finish`.
    fn run(&mut self, work: &mut Work<'_>) -> rusqlite::Result<()>;
    /// It alone failed.
    fn fail(&mut self, why: &rusqlite::Error);
    /// Tells the asker: the answer when all is durable, else why nothing was written.
    fn finish(self: Box<Self>, committed: Result<(), &str>);
    /// See `Write::bytes`.
    fn bytes(&self) -> usize;
}

struct Asked<W: Write> {
    write: W,
    answer: Option<Result<W::Answer, Error>>,
    asker: oneshot::Sender<Result<W::Answer, Error>>,
}

impl<W: Write> Order for Asked<W> {
    fn run(&mut self, work: &mut Work<'_>) -> rusqlite::Result<()> {
        self.answer = Some(match self.write.write(work) {
            Ok(answer) => Ok(answer),
            Err(Fault::Refused(error)) => Err(error),
            Err(Fault::Sql(error)) => return Err(error),
        });
        Ok(())
    }

    fn fail(&mut self, why: &rusqlite::Error) {
        self.answer = Some(Err(Error::Unwritable(why.to_string())));
    }

    fn finish(self: Box<Self>, committed: Result<(), &str>) {
        let answer = match committed {
            Ok(()) => self.answer.unwrap_or(Err(Error::Closed)),
            Err(why) => Err(Error::Unwritable(why.to_owned())),
        };
        // Whoever asked may have gone; what is written stays written.
        let _ = self.asker.send(answer);
    }

    fn bytes(&self) -> usize {
        self.write.bytes()
    }
}

/// What comes to the writer.
pub(super) enum Message {
    /// A write, with its place in the queue: given back when the writer takes it.
    Order(Box<dyn Order>, OwnedSemaphorePermit),
    /// Rejections wait.
    Wake,
    /// Finish what came before, and end.
    Close(oneshot::Sender<()>),
}

/// The askers' end.
pub(super) struct Queue {
    sender: SyncSender<Message>,
    room: Arc<Semaphore>,
}

impl Queue {
    /// Both ends, with room for so many writes.
    pub(super) fn new(room: usize) -> (Self, Receiver<Message>) {
        let room = room.max(1);
        // Two more than there are permits, for `Wake` and `Close`: a write with a permit always finds room.
        let (sender, receiver) = sync_channel(room.saturating_add(2));
        (Self { sender, room: Arc::new(Semaphore::new(room)) }, receiver)
    }

    /// Asks for a write and waits for its commit; `Busy` at once when the queue is full.
    pub(super) async fn try_ask<W: Write>(&self, write: W) -> Result<W::Answer, Error> {
        let permit = Arc::clone(&self.room).try_acquire_owned().map_err(|error| match error {
            tokio::sync::TryAcquireError::Closed => Error::Closed,
            tokio::sync::TryAcquireError::NoPermits => Error::Busy("the commit queue is full"),
        })?;
        self.send(write, permit).await
    }

    /// Asks for a write, waits for room in the queue and for its commit.
    pub(super) async fn ask<W: Write>(&self, write: W) -> Result<W::Answer, Error> {
        let permit = Arc::clone(&self.room).acquire_owned().await.map_err(|_| Error::Closed)?;
        self.send(write, permit).await
    }

    async fn send<W: Write>(&self, write: W, permit: OwnedSemaphorePermit) -> Result<W::Answer, Error> {
        let (asker, answer) = oneshot::channel();
        let order = Box::new(Asked { write, answer: None, asker });
        self.sender.try_send(Message::Order(order, permit)).map_err(|_| Error::Closed)?;
        answer.await.unwrap_or(Err(Error::Closed))
    }

    /// Tells the writer that rejections wait. At most one such call is on its way.
    pub(super) fn wake(&self) {
        let _ = self.sender.try_send(Message::Wake);
    }

    /// Lets nobody in any more, and waits until the writer has finished and gone.
    pub(super) async fn close(&self) {
        self.room.close();
        let (done, gone) = oneshot::channel();
        if self.sender.try_send(Message::Close(done)).is_ok() {
            let _ = gone.await;
        }
    }
}
