//! The warden: a small process beside the server that ends commands when the server has died without ending them. It
//! hears of each group's begin and end through a pipe that only the server holds, and acts when that pipe ends.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::io::{BufRead as _, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitCode, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::process::{Pid, Signal, getpgid, kill_process_group};

use super::orphans;

/// How often the warden looks for commands that began while the server died, and its rest in between: a second in all.
const ROUNDS: u32 = 50;
const ROUND: Duration = Duration::from_millis(20);

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

    /// A command of this delivery is about to begin, in a group that nobody knows yet: a server that dies right behind has
    /// told how to find it.
    pub(super) fn expect(&self, mark: &str) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.running.is_some() && state.tell('?', mark).is_ok() {
            return;
        }
        let started = state.start(&self.program).and_then(|()| state.tell('?', mark));
        if let Err(error) = started {
            tracing::warn!(%error, "no warden for commands: they would outlive a server that is killed");
        }
    }

    /// The command has begun in this group, or could not begin.
    pub(super) fn began(&self, mark: &str, group: Option<Pid>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let told = match group {
            Some(group) => {
                let group = group.as_raw_nonzero().get();
                state.groups.insert(group);
                state.tell('+', group)
            }
            None => Ok(()),
        };
        if state.running.is_some() && told.and_then(|()| state.tell('!', mark)).is_ok() {
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
        let _deaf = state.tell('-', group.as_raw_nonzero());
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
        groups.into_iter().try_for_each(|group| self.tell('+', group))
    }

    fn tell(&mut self, sign: char, what: impl Display) -> std::io::Result<()> {
        let Some((_, pipe)) = &mut self.running else { return Ok(()) };
        // One write of one line: shorter than what a pipe takes as a whole.
        pipe.write_all(format!("{sign}{what}\n").as_bytes())
    }
}

/// The warden's own life: listens until the server is gone, then ends what it left.
pub fn warden() -> ExitCode {
    let (mut groups, mut expected) = (BTreeSet::new(), BTreeSet::new());
    for line in std::io::stdin().lock().lines() {
        let Ok(line) = line else { break };
        let (sign, what) = line.split_at_checked(1).unwrap_or_default();
        match (sign, what.parse::<i32>()) {
            ("+", Ok(number)) => _ = groups.insert(number),
            ("-", Ok(number)) => _ = groups.remove(&number),
            ("?", _) => _ = expected.insert(what.to_owned()),
            ("!", _) => _ = expected.remove(what),
            _ => {}
        }
    }
    for group in groups.into_iter().filter_map(Pid::from_raw) {
        let _nobody = kill_process_group(group, Signal::KILL);
    }
    // What was about to begin bears its delivery's mark once it is the command.
    for _ in 0..if expected.is_empty() { 0 } else { ROUNDS } {
        expected.iter().flat_map(|mark| orphans::marked(mark)).for_each(|process| {
            let group = getpgid(Some(process)).unwrap_or(process);
            let _nobody = kill_process_group(group, Signal::KILL);
        });
        std::thread::sleep(ROUND);
    }
    ExitCode::SUCCESS
}
