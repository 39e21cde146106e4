//! The helper of a command: this program once more, which bounds itself and then becomes the command. What cannot be
//! bounded as asked is not run.

use std::ffi::OsString;
use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitCode};

use rustix::fs::Mode;
use rustix::process::set_parent_process_death_signal;
use rustix::process::{Gid, Uid};
use rustix::process::{Pid, Resource, Rlimit, Signal, getppid, getrlimit, setrlimit, umask};
use rustix::thread::{set_no_new_privs, set_thread_groups, set_thread_res_gid, set_thread_res_uid};

use super::landlock;
use super::order::{FAILED, Failed, Order};
use crate::effect::Limits;

/// Bounds this process by the first argument, and becomes the program of the second; the third is what the program is
/// called, the rest are its arguments. It only returns when that fails.
pub fn helper(mut arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let order = arguments.next().and_then(|text| serde_json::from_str::<Order>(text.to_str()?).ok());
    let (Some(order), Some(file), Some(name)) = (order, arguments.next(), arguments.next()) else {
        return ExitCode::from(2);
    };
    let mut command = Command::new(file);
    command.arg0(name).args(arguments);
    let failed = match bound(&order) {
        Ok(()) => Failed::Exec(command.exec().raw_os_error().unwrap_or_default()),
        Err(words) => Failed::Words(words),
    };
    let line = serde_json::to_string(&failed).unwrap_or_default();
    let _ = writeln!(std::io::stderr(), "{}{line}", order.mark);
    ExitCode::from(u8::try_from(FAILED).unwrap_or(1))
}

fn bound(order: &Order) -> Result<(), String> {
    if let Some(bits) = order.umask {
        umask(Mode::from_raw_mode(bits));
    }
    if let Some((user, group)) = order.account {
        become_account(user, group)?;
    }
    if order.account.is_some() || order.sandbox.is_some() {
        set_no_new_privs(true).map_err(|error| format!("it cannot give up new rights: {error}"))?;
    }
    if let Some(paths) = &order.sandbox {
        landlock::restrict(paths)?;
    }
    limit(&order.limits)?;
    // Last, for it does not outlive a change of the user. A server that died before does not send it.
    set_parent_process_death_signal(Some(Signal::KILL))
        .map_err(|error| format!("it cannot be bound to the server's life: {error}"))?;
    if getppid().map(Pid::as_raw_nonzero).is_none_or(|server| server.get() != order.server) {
        return Err("the server has gone".to_owned());
    }
    Ok(())
}

/// Takes on another user and group, and drops all groups beside it.
fn become_account(user: u32, group: u32) -> Result<(), String> {
    let (user, group) = (Uid::from_raw(user), Gid::from_raw(group));
    let own = (rustix::process::getuid(), rustix::process::getgid());
    if own == (user, group) && !own.0.is_root() {
        return Ok(());
    }
    set_thread_groups(&[])
        .and_then(|()| set_thread_res_gid(group, group, group))
        .and_then(|()| set_thread_res_uid(user, user, user))
        .map_err(|error| {
            format!("it cannot run as user {user} and group {group} ({error}); the server has to run as root")
        })
}

fn limit(limits: &Limits) -> Result<(), String> {
    for (resource, most, name) in [
        (Resource::Cpu, limits.cpu_seconds, "cpu"),
        (Resource::Fsize, limits.file_bytes, "file_size"),
        (Resource::Nproc, limits.processes, "processes"),
        (Resource::Nofile, limits.open_files, "open_files"),
        (Resource::As, limits.memory_bytes, "memory"),
    ] {
        let Some(most) = most else { continue };
        // Nobody may have more than the server itself.
        let most = getrlimit(resource).maximum.map_or(most, |maximum| most.min(maximum));
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })
            .map_err(|error| format!("`limits: {name}` cannot be set: {error}"))?;
    }
    Ok(())
}
