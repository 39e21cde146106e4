//! One process group from its start to its end: fed, drained, ended when its time is over, and never left behind.

use std::convert::Infallible;
use std::future::{Future, pending, ready};
use std::io;
use std::pin::pin;
use std::process::{ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

use super::kept::Kept;
use super::warden::Warden;
use super::watch::Watch;
use crate::limit;

/// Bytes read from a pipe at once.
const CHUNK_BYTES: usize = 16 * 1024;

/// How long we wait for a process that should end.
#[derive(Clone, Copy)]
pub(super) struct Patience {
    /// Between the polite and the hard signal.
    pub(super) kill_after: Duration,
    /// For the rest of the output after the first process ended.
    pub(super) drain: Duration,
    /// Between two looks at what it has said so far.
    pub(super) tell_every: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            kill_after: limit::COMMAND_KILL_AFTER,
            drain: limit::COMMAND_DRAIN,
            tell_every: limit::COMMAND_TELL_EVERY,
        }
    }
}

/// How it ended.
pub(super) struct Ran {
    /// `None` when its time was over.
    pub(super) status: Option<ExitStatus>,
    /// What it wrote.
    pub(super) output: Kept,
}

/// Hears what a command has written so far.
pub(super) type Tell<'t> = &'t (dyn Fn(&Kept) + Sync);

/// Starts a process in a group of its own, feeds and drains it, and returns when nothing of the group is left. The warden
/// is told of it, and by which delivery its processes are known before their group is; `tell`, now and then, of what it
/// has written since.
///
/// # Errors
/// When it cannot be started, or its end cannot be learned.
pub(super) async fn run(
    command: &mut Command,
    stdin: Bytes,
    time: Duration,
    patience: Patience,
    warden: Option<(&Warden, &str)>,
    tell: Option<Tell<'_>>,
) -> io::Result<Ran> {
    let mut leader = Leader::start(command, warden)?;
    let (input, output, errors) =
        (leader.child.stdin.take(), leader.child.stdout.take(), leader.child.stderr.take());
    let kept = Mutex::new(Kept::default());
    let emptied = Notify::new();
    let mut draining = pin!(async {
        tokio::join!(drain(output, &kept), drain(errors, &kept));
        emptied.notify_one();
        pending().await
    });

    let telling = told(&kept, patience.tell_every, tell);
    let piping = async { tokio::join!(feed(input, stdin), draining.as_mut(), telling).1 };
    let in_time = beside(piping, leader.end(time, patience)).await;
    // Whoever was started by the leader may still hold the pipes.
    let _all_or_late = beside(draining.as_mut(), timeout(patience.drain, emptied.notified())).await;
    // Where we ourselves were late, what was written in time is still there.
    tokio::select! { biased; never = draining => match never {}, () = ready(()) => {} }

    leader.signal(Signal::KILL);
    let status = timeout(patience.kill_after, leader.reap()).await.map_err(io::Error::from)??;
    let output = std::mem::take(&mut *kept.lock().unwrap_or_else(PoisonError::into_inner));
    Ok(Ran { status: in_time.then_some(status), output })
}

/// Goes on with endless work until the other is done. The other is asked first: a flood must not drown a timeout.
async fn beside<T>(endless: impl Future<Output = Infallible>, other: impl Future<Output = T>) -> T {
    tokio::select! {
        biased;
        done = other => done,
        never = endless => match never {},
    }
}

/// The first process of a group. Dropped before it was reaped, it takes its group with it.
struct Leader<'w> {
    /// `None` once reaped: the number may then be another's.
    group: Option<Pid>,
    warden: Option<&'w Warden>,
    watch: Option<Watch>,
    child: Child,
}

impl<'w> Leader<'w> {
    fn start(command: &mut Command, warden: Option<(&'w Warden, &str)>) -> io::Result<Self> {
        if let Some((warden, delivery)) = warden {
            warden.expect(delivery);
        }
        let watch = Watch::new();
        let child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn();
        let id = child.as_ref().ok().and_then(Child::id);
        let group = id.and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        if let Some((warden, delivery)) = warden {
            warden.began(delivery, group);
        }
        let child = child?;
        Ok(Self { group, warden: warden.map(|(warden, _)| warden), watch, child })
    }

    /// Waits until it has ended, by itself or by our signals. True when it was in time.
    async fn end(&mut self, time: Duration, patience: Patience) -> bool {
        let in_time = timeout(time, self.ended()).await.is_ok();
        if !in_time {
            self.signal(Signal::TERM);
            if timeout(patience.kill_after, self.ended()).await.is_err() {
                self.signal(Signal::KILL);
            }
        }
        in_time
    }

    /// Waits until it has ended. It is not reaped yet where the system can tell its end otherwise, so that its number
    /// and its group's stay its own.
    async fn ended(&mut self) {
        let told = match (&mut self.watch, self.group) {
            (Some(watch), Some(process)) => watch.ended(process).await,
            _ => false,
        };
        if !told {
            // An error here comes again when it is reaped.
            let _status = self.child.wait().await;
        }
    }

    fn signal(&self, signal: Signal) {
        if let Some(group) = self.group {
            // It fails only when nobody is left.
            let _nobody = kill_process_group(group, signal);
        }
    }

    async fn reap(&mut self) -> io::Result<ExitStatus> {
        // Its number may be another's as soon as it is reaped.
        self.forget();
        let status = self.child.wait().await?;
        self.group = None;
        Ok(status)
    }

    /// The warden has nothing to do with a group that got the last signal.
    fn forget(&mut self) {
        if let (Some(warden), Some(group)) = (self.warden.take(), self.group) {
            warden.ended(group);
        }
    }
}

impl Drop for Leader<'_> {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
        self.forget();
    }
}

/// Writes all of the input, or as much as is wanted, and closes the pipe.
async fn feed(pipe: Option<ChildStdin>, input: Bytes) {
    if let Some(mut pipe) = pipe {
        // A program need not read its input: a broken pipe is no failure.
        let _unread = pipe.write_all(&input).await;
    }
}

/// Tells of what came, when something did.
async fn told(kept: &Mutex<Kept>, every: Duration, tell: Option<Tell<'_>>) {
    let Some(tell) = tell else { return };
    let mut seen = 0;
    loop {
        sleep(every).await;
        let kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.total() > seen {
            seen = kept.total();
            tell(&kept);
        }
    }
}

async fn drain(pipe: Option<impl AsyncRead + Unpin>, kept: &Mutex<Kept>) {
    let Some(mut pipe) = pipe else { return };
    let mut chunk = vec![0; CHUNK_BYTES];
    while let Ok(count @ 1..) = pipe.read(&mut chunk).await {
        let bytes = chunk.get(..count).unwrap_or_default();
        kept.lock().unwrap_or_else(PoisonError::into_inner).push(bytes);
    }
}
