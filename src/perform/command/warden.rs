//! The warden: a small process beside the server that ends commands when the server has died without ending them. It
//! hears of each group's begin and end through a pipe that only the server holds, and acts when that pipe ends.

use std::collections::BTreeSet;
use std::io::{BufRead as _, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitCode, Stdio};
use std::sync::{Mutex, PoisonError};

use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::process::{Pid, Signal, kill_process_group};

/// The hidden word that makes this program the warden of a server.
pub const WARDEN: &str = "__warden";

/// The server's end.
pub(super) struct Warden {
    program: PathBuf,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// `None` before the first command, and when it is gone.
    running: Option<(Child, ChildStdin)>,
    /// What a new warden has to be told.
    groups: BTreeSet<i32>,
}

impl Warden {
    /// The one of a server that is this program.
    pub(super) fn new(program: PathBuf) -> Self {
        Self { program, state: Mutex::default() }
    }

    /// A group has begun. The first one starts the warden.
    pub(super) fn began(&self, group: Pid) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.groups.insert(group.as_raw_nonzero().get());
        if state.running.is_some() && state.tell('+', group).is_ok() {
            return;
        }
        if let Err(error) = state.start(&self.program) {
            tracing::warn!(%error, "no warden for commands: they would outlive a server that is killed");
        }
    }

    /// Nothing of a group is left.
    pub(super) fn ended(&self, group: Pid) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.groups.remove(&group.as_raw_nonzero().get());
        // A warden that does not hear it is replaced with the next command.
        let _deaf = state.tell('-', group);
    }
}

impl State {
    fn start(&mut self, program: &Path) -> std::io::Result<()> {
        if let Some((mut child, pipe)) = self.running.take() {
            drop(pipe);
            let _gone = child.kill();
            let _reaped = child.wait();
        }
        let mut child = Command::new(program)
            .arg0("doorbell-warden")
            .arg(WARDEN)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // The keys that end the server in a terminal are not for the warden.
            .process_group(0)
            .spawn()?;
        let Some(pipe) = child.stdin.take() else { return Ok(()) };
        // A warden that is stopped must not stop the server.
        fcntl_setfl(&pipe, fcntl_getfl(&pipe)? | OFlags::NONBLOCK)?;
        self.running = Some((child, pipe));
        let groups: Vec<i32> = self.groups.iter().copied().collect();
        groups.into_iter().filter_map(Pid::from_raw).try_for_each(|group| self.tell('+', group))
    }

    fn tell(&mut self, sign: char, group: Pid) -> std::io::Result<()> {
        let Some((_, pipe)) = &mut self.running else { return Ok(()) };
        // One write of one line: shorter than what a pipe takes as a whole.
        pipe.write_all(format!("{sign}{}\n", group.as_raw_nonzero()).as_bytes())
    }
}

/// The warden's own life: listens until the server is gone, then ends what it left.
pub fn warden() -> ExitCode {
    let mut groups = BTreeSet::new();
    for line in std::io::stdin().lock().lines() {
        let Ok(line) = line else { break };
        let (sign, number) = line.split_at_checked(1).unwrap_or_default();
        let Ok(number) = number.parse::<i32>() else { continue };
        if sign == "+" {
            groups.insert(number);
        } else {
            groups.remove(&number);
        }
    }
    for group in groups.into_iter().filter_map(Pid::from_raw) {
        let _nobody = kill_process_group(group, Signal::KILL);
    }
    ExitCode::SUCCESS
}
