//! What a command may not: whom it runs as, what it may use up, which files it may see. Nothing of it by default.

use serde::{Deserialize, Serialize};

/// The bounds of a command; all of them hold for whatever it starts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Confinement {
    /// The user it runs as, by name or number; the server's unless said.
    pub user: Option<String>,
    /// The group, by name or number; the user's unless said.
    pub group: Option<String>,
    /// The bits that files it makes do not get; the server's unless said.
    pub umask: Option<u32>,
    /// What it may use up.
    pub limits: Limits,
    /// The only files it may see; all unless said.
    pub sandbox: Option<Sandbox>,
}

/// What a process may use up, as the system counts it; what is not said is as the server has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Seconds of processor time.
    pub cpu_seconds: Option<u64>,
    /// Bytes of address space.
    pub memory_bytes: Option<u64>,
    /// Files open at once.
    pub open_files: Option<u64>,
    /// Processes of its user at once.
    pub processes: Option<u64>,
    /// Bytes of each file it writes.
    pub file_bytes: Option<u64>,
}

/// Files and directories, with all below them, from the server's working directory on where they are relative.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sandbox {
    /// To be read and run.
    pub read: Vec<String>,
    /// To be written too.
    pub write: Vec<String>,
}

impl Confinement {
    /// Whether nothing is bounded.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}
