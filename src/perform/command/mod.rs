//! Carries out a command effect: an argument vector, never a shell line; a clean environment; a bounded time and output.

mod environment;
mod kept;
mod process;
mod program;
mod scratch;
#[cfg(test)]
mod tests;
mod watch;

use std::ffi::OsString;
use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::ExitStatus;

use self::environment::Variables;
use self::process::{Patience, Ran};
use self::program::Program;
use self::scratch::Scratch;
use super::shown::Shown;
use super::{Ticket, without_answer};
use crate::delivery::{Answer, Outcome};
use crate::effect::Command;
use crate::limit;
use crate::secret::Vault;

/// Where programs are looked for when the server itself has no `PATH`.
const PATH_DEFAULT: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// What commands have from the server.
pub(super) struct Surroundings {
    directory: PathBuf,
    path: OsString,
    home: OsString,
    patience: Patience,
}

impl Surroundings {
    /// Those of the server at this moment.
    pub(super) fn of_server() -> io::Result<Self> {
        Ok(Self {
            directory: std::env::current_dir()?,
            path: std::env::var_os("PATH").unwrap_or_else(|| PATH_DEFAULT.into()),
            home: std::env::var_os("HOME").unwrap_or_else(|| "/".into()),
            patience: Patience::default(),
        })
    }
}

/// Runs the command and says how it ended.
pub(super) async fn perform(
    surroundings: &Surroundings,
    effect: Command,
    vault: &Vault,
    ticket: &Ticket,
) -> Outcome {
    let shown = Shown::new(vault);
    let (variables, program) = match prepare(&effect, surroundings, vault, ticket) {
        Ok(prepared) => prepared,
        Err(why) => return without_answer(Answer::Invalid(shown.text(&why, limit::SENT_MAX_BYTES)), ""),
    };
    let sent = shown.text(&sent_text(&effect), limit::SENT_MAX_BYTES);
    match run(surroundings, effect, variables, program, ticket).await {
        Ok(Ran { status, output }) => {
            let answer = status.map_or(Answer::TimedOut, answer_of);
            Outcome { got_body: output.text(&shown), ..without_answer(answer, &sent) }
        }
        Err(failure) => without_answer(failure, &sent),
    }
}

/// What would be run; the error says why nothing could be.
pub(super) fn rehearse(
    surroundings: &Surroundings,
    effect: &Command,
    vault: &Vault,
    ticket: &Ticket,
) -> Result<String, String> {
    let shown = Shown::new(vault);
    match prepare(effect, surroundings, vault, ticket) {
        Ok(_) => Ok(shown.text(&sent_text(effect), limit::SENT_MAX_BYTES)),
        Err(why) => Err(shown.text(&why, limit::SENT_MAX_BYTES)),
    }
}

fn prepare(
    effect: &Command,
    surroundings: &Surroundings,
    vault: &Vault,
    ticket: &Ticket,
) -> Result<(Variables, Program), String> {
    let variables = environment::variables(effect, surroundings, vault, ticket)?;
    let program = program::find(effect, surroundings, environment::search(&variables))?;
    Ok((variables, program))
}

async fn run(
    surroundings: &Surroundings,
    effect: Command,
    variables: Variables,
    program: Program,
    ticket: &Ticket,
) -> Result<Ran, Answer> {
    let mut scratch = None;
    let directory = match program.directory {
        Some(directory) => directory,
        None => {
            let fresh = Scratch::new(ticket).map_err(|error| {
                Answer::Unreachable(format!("no directory could be made to run it in: {error}"))
            })?;
            scratch.insert(fresh).path().to_owned()
        }
    };
    let mut command = tokio::process::Command::new(program.file);
    command.args(effect.argv.iter().skip(1)).env_clear().envs(variables).current_dir(directory);
    if let Some(name) = effect.argv.first() {
        command.arg0(name);
    }
    let ran = process::run(&mut command, effect.stdin, effect.timeout, surroundings.patience).await;
    if let Some(scratch) = scratch.and_then(Scratch::remove_empty) {
        // Removing may take a while when much was left there.
        let _removed = tokio::task::spawn_blocking(move || drop(scratch)).await;
    }
    ran.map_err(|error| not_run(&error, effect.argv.first().map_or("", String::as_str)))
}

fn answer_of(status: ExitStatus) -> Answer {
    match (status.code(), status.signal()) {
        (Some(code), _) => Answer::Exited { code },
        (None, signal) => Answer::Signalled { signal: signal.unwrap_or(0) },
    }
}

/// Why it did not run: what a person must mend is `Invalid`, what may pass is tried again.
fn not_run(error: &io::Error, name: &str) -> Answer {
    /// The kernel's word for a file that is no program (`ENOEXEC`), which the standard library has no name for.
    const NO_EXEC: i32 = 8;
    let why = match error.kind() {
        io::ErrorKind::NotFound => "is there, but what its first line names to run it is not",
        io::ErrorKind::PermissionDenied => "may not be run by the server's user",
        io::ErrorKind::ArgumentListTooLong => {
            "has more in its arguments and variables than the system passes; use standard input"
        }
        io::ErrorKind::InvalidInput => "has a NUL byte in its arguments or variables",
        _ if error.raw_os_error() == Some(NO_EXEC) => "is no program; begin a script with `#!/bin/sh`",
        io::ErrorKind::TimedOut => return Answer::TimedOut,
        _ => return Answer::Unreachable(format!("`{name}` could not be run: {error}")),
    };
    Answer::Invalid(format!("the program `{name}` {why}"))
}

/// The command line as one would type it, the variables, and how much it was fed.
fn sent_text(effect: &Command) -> String {
    let line: Vec<String> = effect.argv.iter().map(|word| quoted(word)).collect();
    format!("{}\n{}stdin: {} bytes\n", line.join(" "), environment::lines(effect), effect.stdin.len())
}

/// A word as a shell would need it.
fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:=@%+,".contains(letter);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
