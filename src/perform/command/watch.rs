//! Tells that a process has ended without reaping it, so that its number and its group's stay its own.

use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Hears of the ends of processes from its making on.
pub(super) struct Watch(Signal);

impl Watch {
    /// Begins to listen; `None` where that is not possible.
    pub(super) fn new() -> Option<Self> {
        signal(SignalKind::child()).ok().map(Self)
    }

    /// Waits until a process of ours has ended. False when that cannot be told.
    pub(super) async fn ended(&mut self, process: Pid) -> bool {
        let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        loop {
            match waitid(WaitId::Pid(process), look) {
                Ok(Some(_)) => return true,
                Ok(None) => {}
                Err(_) => return false,
            }
            // The signal only says that some process ended.
            if self.0.recv().await.is_none() {
                return false;
            }
        }
    }
}
