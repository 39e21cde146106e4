//! Processes that left their command's group (`setsid`) or lost their parent: they become children of the server, which
//! ends those of a command that has ended, and reaps what is dead.

use std::fs;
use std::time::Duration;

use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, getpid, kill_process, set_child_subreaper, waitid,
};

/// Rounds of looking: each ends those whose parents the one before has ended.
const ROUNDS_MAX: u32 = 32;
/// So many of them wait for what tells nothing of itself.
const DYING_ROUNDS: u32 = 10;
/// The rest behind the first of them; behind each later one it is longer by as much.
const ROUND: Duration = Duration::from_millis(1);
/// What every command's environment has, before the delivery's id.
const MARK: &str = "DOORBELL_DELIVERY_ID=";

/// Makes the server the parent of what its commands leave behind. Where the system cannot, they are the system's.
pub(super) fn adopt() {
    let _own_or_not = set_child_subreaper(Some(getpid()));
}

/// Ends what a command of this delivery left behind, and reaps what is dead. Whoever is somebody else's is left alone.
pub(super) async fn sweep(delivery: &str) {
    for round in 0..ROUNDS_MAX {
        let mut is_busy = false;
        for orphan in adopted() {
            if is_dead(orphan) {
                reap(orphan);
                continue;
            }
            match is_of(orphan, delivery) {
                Some(true) => is_busy |= kill_process(orphan, Signal::KILL).is_ok(),
                Some(false) => {}
                // It is dying, or of the system's own.
                None => is_busy |= round < DYING_ROUNDS,
            }
        }
        if !is_busy {
            return;
        }
        // What was killed takes a moment to die, and its children to become ours.
        tokio::time::sleep(ROUND * (round + 1)).await;
    }
}

/// All processes that were started for this delivery.
pub(super) fn marked(delivery: &str) -> Vec<Pid> {
    let entries = fs::read_dir("/proc").into_iter().flatten().filter_map(Result::ok);
    let numbers = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    numbers.filter_map(Pid::from_raw).filter(|process| is_of(*process, delivery) == Some(true)).collect()
}

/// The children of our first thread: it starts none itself, so they were another's.
fn adopted() -> Vec<Pid> {
    let own = number(getpid());
    let listed = fs::read_to_string(format!("/proc/self/task/{own}/children")).unwrap_or_default();
    listed.split_whitespace().filter_map(|text| Pid::from_raw(text.parse().ok()?)).collect()
}

/// Whether a process was started for this delivery; `None` when that cannot be told.
fn is_of(process: Pid, delivery: &str) -> Option<bool> {
    let environment = fs::read(format!("/proc/{}/environ", number(process))).unwrap_or_default();
    if environment.is_empty() {
        return None;
    }
    let mut marks =
        environment.split(|byte| *byte == 0).filter_map(|line| line.strip_prefix(MARK.as_bytes()));
    Some(marks.next_back() == Some(delivery.as_bytes()))
}

fn is_dead(process: Pid) -> bool {
    let stat = fs::read_to_string(format!("/proc/{}/stat", number(process))).unwrap_or_default();
    // What follows the name is the state.
    stat.rsplit_once(") ").is_none_or(|(_, state)| state.starts_with(['Z', 'X']))
}

fn reap(process: Pid) {
    // It may be no child of ours any more.
    let _reaped = waitid(WaitId::Pid(process), WaitIdOptions::EXITED | WaitIdOptions::NOHANG);
}

fn number(process: Pid) -> i32 {
    process.as_raw_nonzero().get()
}
