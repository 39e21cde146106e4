//! Carries out a command effect: an argument vector, never a shell line; a clean environment; a bounded time and output.

mod account;
mod confined;
mod environment;
mod helper;
mod kept;
mod landlock;
mod order;
mod orphans;
mod process;
mod program;
mod scratch;
#[cfg(test)]
mod tests;
mod warden;
mod watch;

use std::ffi::OsString;
use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::ExitStatus;

use tokio::sync::watch::Sender;

use self::confined::Confined;
use self::environment::Variables;
use self::kept::Kept;
use self::order::{FAILED, Failed};
use self::process::{Patience, Ran, Tell};
use self::program::Program;
use self::scratch::Scratch;
use self::warden::Warden;
use super::shown::Shown;
use super::{Said, Ticket, without_answer};
use crate::delivery::{Answer, Outcome};
use crate::effect::Command;
use crate::limit;
use crate::secret::Vault;

pub use self::helper::helper;
pub use self::landlock::is_available as has_landlock;
pub use self::order::HELPER;
pub use self::warden::{WARDEN, warden};

/// Where programs are looked for when the server itself has no `PATH`.
const PATH_DEFAULT: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// What commands have from the server.
pub(super) struct Surroundings {
    directory: PathBuf,
    path: OsString,
    home: OsString,
    patience: Patience,
    /// This program, to be started once more.
    own: Option<Own>,
}

/// What this program is beside the server.
struct Own {
    program: PathBuf,
    warden: Warden,
}

impl Surroundings {
    /// Those of the server at this moment; `own` is the program that knows the words of helper and warden.
    pub(super) fn of_server(own: Option<PathBuf>) -> io::Result<Self> {
        Ok(Self {
            directory: std::env::current_dir()?,
            path: std::env::var_os("PATH").unwrap_or_else(|| PATH_DEFAULT.into()),
            home: std::env::var_os("HOME").unwrap_or_else(|| "/".into()),
            patience: Patience::default(),
            own: own.map(|program| Own { warden: Warden::new(program.clone()), program }),
        })
    }
}

/// The first descriptor behind input, output and errors.
const FIRST_OWN_DESCRIPTOR: i32 = 3;

/// Becomes the parent of what commands leave behind, and keeps from them what whoever started the server left open for it. What we open ourselves is kept from them as it is
/// opened.
pub(super) fn make_ready() {
    orphans::adopt();
    close_fds::set_fds_cloexec_threadsafe(FIRST_OWN_DESCRIPTOR, &[]);
}

/// All that a run takes beside the effect.
struct Ready {
    variables: Variables,
    program: Program,
    confined: Option<Confined>,
}

/// Runs the command and says how it ended, and meanwhile what it has said so far.
pub(super) async fn perform(
    surroundings: &Surroundings,
    effect: Command,
    vault: &Vault,
    ticket: &Ticket,
    said: Option<&Sender<Said>>,
) -> Outcome {
    let shown = Shown::new(vault);
    let ready = match prepare(&effect, surroundings, vault, ticket) {
        Ok(ready) => ready,
        Err(why) => return without_answer(Answer::Invalid(shown.text(&why, limit::SENT_MAX_BYTES)), ""),
    };
    let sent = shown.text(&sent_text(&effect), limit::SENT_MAX_BYTES);
    let success = effect.success.clone();
    let tell = said.map(|said| {
        let (sent, shown) = (&sent, &shown);
        // Of several that nobody has fetched, the last says all.
        move |kept: &Kept| {
            said.send_replace(Said { sent: sent.clone(), output: kept.text_so_far(shown) });
        }
    });
    let tell = tell.as_ref().map(|tell| tell as Tell<'_>);
    match run(surroundings, effect, ready, ticket, tell).await {
        Ok(Ran { status, output }) => {
            let (answer, got_head) = match status.map_or(Answer::TimedOut, answer_of) {
                Answer::Exited { code } if is_among(&success, code) => {
                    (Answer::Done, format!("exit {code}, which means here that all is well"))
                }
                answer => (answer, String::new()),
            };
            Outcome { got_body: output.text(&shown), got_head, ..without_answer(answer, &sent) }
        }
        Err(failure) => without_answer(failure, &sent),
    }
}

fn is_among(success: &[u8], code: i32) -> bool {
    code != 0 && success.iter().any(|known| i32::from(*known) == code)
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
) -> Result<Ready, String> {
    let mut variables = environment::variables(effect, surroundings, vault, ticket)?;
    let program = program::find(effect, surroundings, environment::search(&variables))?;
    let confined = Confined::new(&effect.confinement, surroundings, &program)?;
    let account = confined.as_ref().and_then(|confined| confined.account.as_ref());
    match account.map(|account| (&account.listed, account.user)) {
        Some((Some((name, home)), _)) => environment::belong_to(&mut variables, effect, name, home),
        // A user without a name is at home nowhere, and not where the server is.
        Some((None, user)) if effect.confinement.user.is_some() => {
            environment::belong_to(&mut variables, effect, &user.to_string(), "/");
        }
        _ => {}
    }
    Ok(Ready { variables, program, confined })
}

async fn run(
    surroundings: &Surroundings,
    effect: Command,
    ready: Ready,
    ticket: &Ticket,
    tell: Option<Tell<'_>>,
) -> Result<Ran, Answer> {
    let Ready { variables, program, confined } = ready;
    let account = confined.as_ref().and_then(|confined| confined.account.as_ref());
    let scratch = match &program.directory {
        Some(_) => None,
        None => Some(Scratch::new(ticket).and_then(|fresh| {
            account.map_or(Ok(()), |account| fresh.give_to(account.user, account.group))?;
            Ok(fresh)
        })),
    };
    let scratch = scratch
        .transpose()
        .map_err(|error| Answer::Unreachable(format!("no directory could be made to run it in: {error}")))?;
    let fresh = scratch.as_ref().map(Scratch::path);
    let directory = program.directory.as_deref().or(fresh).unwrap_or(&surroundings.directory).to_owned();
    let mut command = match (&confined, &surroundings.own) {
        (None, _) => plain(&program, &effect),
        (Some(confined), Some(own)) => bounded(own, &confined.text(fresh), &program, &effect),
        (Some(_), None) => return Err(Answer::Invalid("commands cannot be bounded here".to_owned())),
    };
    command.env_clear().envs(variables).current_dir(directory);
    let delivery = ticket.delivery.to_string();
    let warden = surroundings.own.as_ref().map(|own| (&own.warden, delivery.as_str()));
    let patience = surroundings.patience;
    let ran = process::run(&mut command, effect.stdin, effect.timeout, patience, warden, tell).await;
    if surroundings.own.is_some() {
        orphans::sweep(&delivery).await;
    }
    if let Some(scratch) = scratch.and_then(Scratch::remove_empty) {
        // Removing may take a while when much was left there.
        let _removed = tokio::task::spawn_blocking(move || drop(scratch)).await;
    }
    let name = effect.argv.first().map_or("", String::as_str);
    match ran {
        Ok(ran) => judged(ran, confined.as_ref(), name),
        Err(error) => Err(not_run(&error, name)),
    }
}

/// The command as it is.
fn plain(program: &Program, effect: &Command) -> tokio::process::Command {
    let mut command = tokio::process::Command::new(&program.file);
    command.args(effect.argv.iter().skip(1));
    if let Some(name) = effect.argv.first() {
        command.arg0(name);
    }
    command
}

/// The helper that bounds itself and becomes the command.
fn bounded(own: &Own, order: &str, program: &Program, effect: &Command) -> tokio::process::Command {
    let mut command = tokio::process::Command::new(&own.program);
    command.arg0("doorbell-command").arg(HELPER).arg(order).arg(&program.file).args(&effect.argv);
    command
}

/// What a helper says that failed is no output of the command.
fn judged(ran: Ran, confined: Option<&Confined>, name: &str) -> Result<Ran, Answer> {
    let code = ran.status.and_then(|status| status.code());
    let failed =
        confined.filter(|_| code == Some(FAILED)).and_then(|confined| confined.failed(ran.output.head()));
    match failed {
        None => Ok(ran),
        Some(Failed::Words(words)) => Err(Answer::Invalid(words)),
        Some(Failed::Exec(number)) => Err(not_run(&io::Error::from_raw_os_error(number), name)),
    }
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
        io::ErrorKind::PermissionDenied => "may not be run by its user",
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
