//! What the helper is told: how it bounds itself before it becomes the command, as one argument.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::effect::Limits;

/// The hidden word that makes this program the helper of a command.
pub const HELPER: &str = "__command";
/// The exit code of a helper that could not become the command; it has written why.
pub(super) const FAILED: i32 = 126;

/// All that a helper is told beside the command itself.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Order {
    /// The number of the server, without which the command shall not live.
    pub(super) server: i32,
    /// What begins the one line of a helper that failed. A command cannot know it.
    pub(super) mark: String,
    /// User and group by number.
    pub(super) account: Option<(u32, u32)>,
    /// The bits that files do not get.
    pub(super) umask: Option<u32>,
    /// What may be used up.
    pub(super) limits: Limits,
    /// The only files that may be seen.
    pub(super) sandbox: Option<Paths>,
}

/// Files and directories, with all below them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Paths {
    /// To be read and run.
    pub(super) read: Vec<PathBuf>,
    /// The same, where they are there: not every system has all of them.
    pub(super) read_if_there: Vec<PathBuf>,
    /// To be changed too.
    pub(super) write: Vec<PathBuf>,
}

/// Why a helper could not become its command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Failed {
    /// In words for a person.
    Words(String),
    /// The system's number for why the program does not run.
    Exec(i32),
}
