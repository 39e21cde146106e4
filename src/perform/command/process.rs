//! One process group from its start to its end: fed, drained, ended when its time is over, and never left behind.

use std::io;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdin, Command};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::kept::Kept;
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
}

impl Default for Patience {
    fn default() -> Self {
        Self { kill_after: limit::COMMAND_KILL_AFTER, drain: limit::COMMAND_DRAIN }
    }
}

/// How it ended.
pub(super) struct Ran {
    /// `None` when its time was over.
    pub(super) status: Option<ExitStatus>,
    /// What it wrote.
    pub(super) output: Kept,
}

/// Starts a process in a group of its own, feeds and drains it, and returns when nothing of the group is left.
///
/// # Errors
/// When it cannot be started, or its end cannot be learned.
pub(super) async fn run(
    command: &mut Command,
    stdin: Bytes,
    time: Duration,
    patience: Patience,
) -> io::Result<Ran> {
    let mut leader = Leader::start(command)?;
    let kept = Arc::new(Mutex::new(Kept::default()));
    let mut pipes = JoinSet::new();
    if let Some(pipe) = leader.child.stdout.take() {
        pipes.spawn(drain(pipe, Arc::clone(&kept)));
    }
    if let Some(pipe) = leader.child.stderr.take() {
        pipes.spawn(drain(pipe, Arc::clone(&kept)));
    }
    let feeding = leader.child.stdin.take().map(|pipe| pipes.spawn(feed(pipe, stdin)));

    let in_time = timeout(time, leader.ended()).await.is_ok();
    if !in_time {
        leader.signal(Signal::TERM);
        if timeout(patience.kill_after, leader.ended()).await.is_err() {
            leader.signal(Signal::KILL);
        }
    }
    if let Some(feeding) = feeding {
        feeding.abort();
    }
    // Whoever was started by the leader may still hold the pipes.
    let _all_or_late = timeout(patience.drain, async { while pipes.join_next().await.is_some() {} }).await;
    leader.signal(Signal::KILL);
    let status = timeout(patience.kill_after, leader.reap()).await.map_err(io::Error::from)??;
    pipes.shutdown().await;
    let output = std::mem::take(&mut *kept.lock().unwrap_or_else(PoisonError::into_inner));
    Ok(Ran { status: in_time.then_some(status), output })
}

/// The first process of a group. Dropped before it was reaped, it takes its group with it.
struct Leader {
    /// `None` once reaped: the number may then be another's.
    group: Option<Pid>,
    watch: Option<Watch>,
    child: Child,
}

impl Leader {
    fn start(command: &mut Command) -> io::Result<Self> {
        let watch = Watch::new();
        let child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        let group = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        Ok(Self { group, watch, child })
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
        let status = self.child.wait().await?;
        self.group = None;
        Ok(status)
    }
}

impl Drop for Leader {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}

/// Writes all of the input, or as much as is wanted.
async fn feed(mut pipe: ChildStdin, input: Bytes) {
    // A program need not read its input: a broken pipe is no failure.
    let _unread = pipe.write_all(&input).await;
}

async fn drain(mut pipe: impl AsyncRead + Unpin, kept: Arc<Mutex<Kept>>) {
    let mut chunk = vec![0; CHUNK_BYTES];
    while let Ok(count @ 1..) = pipe.read(&mut chunk).await {
        let bytes = chunk.get(..count).unwrap_or_default();
        kept.lock().unwrap_or_else(PoisonError::into_inner).push(bytes);
    }
}
