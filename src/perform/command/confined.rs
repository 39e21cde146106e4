//! A command that is bounded: what its helper is told, and what a helper says that failed.

use std::hash::{BuildHasher as _, RandomState};
use std::path::{Path, PathBuf};

use super::account::{self, Account};
use super::order::{Failed, Order, Paths};
use super::program::Program;
use super::{Surroundings, landlock};
use crate::effect::{Confinement, Sandbox};

/// What bounds one run.
pub(super) struct Confined {
    /// Who it runs as, where that is said.
    pub(super) account: Option<Account>,
    order: Order,
}

impl Confined {
    /// Finds what the bounds name; `None` when there are none.
    ///
    /// # Errors
    /// Names what is not there.
    pub(super) fn new(
        confinement: &Confinement,
        surroundings: &Surroundings,
        program: &Program,
    ) -> Result<Option<Self>, String> {
        if confinement.is_none() {
            return Ok(None);
        }
        let own = (rustix::process::getuid().as_raw(), rustix::process::getgid().as_raw());
        let account = account::find(confinement.user.as_deref(), confinement.group.as_deref(), own)?;
        let sandbox = confinement.sandbox.as_ref().map(|sandbox| paths(sandbox, surroundings, program));
        let order = Order {
            server: rustix::process::getpid().as_raw_nonzero().get(),
            mark: mark(),
            account: account.as_ref().map(|account| (account.user, account.group)),
            umask: confinement.umask,
            limits: confinement.limits,
            sandbox,
        };
        Ok(Some(Self { account, order }))
    }

    /// What of it cannot be here, in words.
    pub(super) fn missing(&self) -> Vec<String> {
        let own = (rustix::process::getuid(), rustix::process::getgid());
        let is_other = |account: &&Account| (account.user, account.group) != (own.0.as_raw(), own.1.as_raw());
        let account = self.account.as_ref().filter(is_other).filter(|_| !own.0.is_root());
        let account = account.map(|Account { user, group, .. }| {
            format!("it cannot run as user {user} and group {group}; the server has to run as root")
        });
        let sandbox = self.order.sandbox.iter();
        let absent =
            sandbox.flat_map(|paths| paths.read.iter().chain(&paths.write)).filter(|path| !path.exists());
        let absent = absent
            .map(|path| format!("`sandbox` names `{}`, which is not there; make it first", path.display()));
        account.into_iter().chain(absent).collect()
    }

    /// The order as the helper reads it. `fresh` is the directory made for this run.
    pub(super) fn text(&self, fresh: Option<&Path>) -> String {
        let mut order = self.order.clone();
        if let Some(sandbox) = &mut order.sandbox {
            sandbox.write.extend(fresh.map(Path::to_owned));
        }
        serde_json::to_string(&order).unwrap_or_default()
    }

    /// What a helper says that could not become the command.
    pub(super) fn failed(&self, output: &[u8]) -> Option<Failed> {
        let line = output.strip_prefix(self.order.mark.as_bytes())?;
        serde_json::from_slice(line).ok()
    }
}

fn paths(sandbox: &Sandbox, surroundings: &Surroundings, program: &Program) -> Paths {
    let placed =
        |list: &[String]| list.iter().map(|path| surroundings.directory.join(path)).collect::<Vec<PathBuf>>();
    let (system, nowhere) = landlock::system();
    let mut read = placed(&sandbox.read);
    read.push(program.file.clone());
    read.extend(program.directory.clone());
    let mut write = placed(&sandbox.write);
    write.extend(nowhere);
    Paths { read, read_if_there: system, write }
}

/// A word that a command cannot guess.
fn mark() -> String {
    let seed = || RandomState::new().hash_one(());
    format!("{:016x}{:016x} ", seed(), seed())
}
