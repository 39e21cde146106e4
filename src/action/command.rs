//! What `run` and `shell` share: environment, working directory, standard input and time.

use std::time::Duration;

use bytes::Bytes;

use crate::diagnostic::Diagnostic;
use crate::effect::{Command, Confinement, Effect};
use crate::limit;
use crate::secret::SecretRef;
use crate::settings::one_or_many;
use crate::template::{Escape, Scope, Template};
use crate::yaml::Node;

use super::confine;
use super::environment::Environment;
use super::options::Options;
use super::verb::{Key, Shape};
use super::{Failure, field};

pub(super) const ENV: Key = Key::new("env", Shape::Settings, "environment variables");
pub(super) const CWD: Key = Key::new("cwd", Shape::Text, "where it runs; a fresh directory unless said");
pub(super) const STDIN: Key = Key::new(
    "stdin",
    Shape::Template,
    "what it reads: `payload` (as it came) unless said, `none`, or a text",
);

pub(super) const SUCCESS: Key =
    Key::new("success", Shape::Codes, "exit codes that mean that all is well, beside 0");

/// All of a command but its arguments.
#[derive(Debug)]
pub(super) struct Surroundings {
    environment: Environment,
    cwd: Option<String>,
    stdin: Stdin,
    timeout: Duration,
    success: Vec<u8>,
    confinement: Box<Confinement>,
}

#[derive(Debug)]
enum Stdin {
    Payload,
    None,
    Text(Template),
}

impl Surroundings {
    /// Reads the options of a command.
    pub(super) fn read(item: &Node<'_>, options: &Options, problems: &mut Vec<Diagnostic>) -> Option<Self> {
        let environment = match item.get("env") {
            Some(node) => Environment::read(&node, problems),
            None => Some(Environment::default()),
        };
        let cwd = match item.get("cwd") {
            Some(node) => cwd(&node, problems).map(Some),
            None => Some(None),
        };
        let stdin = match item.get("stdin") {
            Some(node) => stdin(&node, problems),
            None => Some(Stdin::Payload),
        };
        let timeout = options.timeout.unwrap_or(limit::COMMAND_TIMEOUT);
        let success = item.get("success").map(|node| codes(&node, problems)).unwrap_or_default();
        let confinement = Box::new(confine::read(item, problems));
        Some(Self { environment: environment?, cwd: cwd?, stdin: stdin?, timeout, success, confinement })
    }

    /// The command for an event.
    pub(super) fn effect(&self, argv: Vec<String>, scope: &Scope<'_>) -> Result<Effect, Failure> {
        for (index, argument) in argv.iter().enumerate() {
            if argument.contains('\0') {
                return Err(Failure::Refused(format!("argument {index} holds a NUL byte")));
            }
            if argument.len() > limit::ARGUMENT_MAX_BYTES {
                let most = limit::ARGUMENT_MAX_BYTES / 1024;
                let mend = "pass it on standard input (`stdin`)";
                return Err(Failure::Refused(format!("argument {index} has more than {most} KiB; {mend}")));
            }
        }
        let stdin = match &self.stdin {
            Stdin::Payload => scope.event().request.body.clone(),
            Stdin::None => Bytes::new(),
            Stdin::Text(template) => template.text(scope)?.into(),
        };
        let env = self.environment.fill(scope)?;
        Ok(Effect::Command(Command {
            argv,
            env,
            cwd: self.cwd.clone(),
            stdin,
            timeout: self.timeout,
            success: self.success.clone(),
            confinement: self.confinement.clone(),
        }))
    }

    /// The command as far as it is written down; `None` where it looks for its program on a `PATH` of its own.
    pub(super) fn bare(&self, program: &str) -> Option<Command> {
        let is_elsewhere = !program.contains('/') && self.environment.names("PATH");
        (!is_elsewhere).then(|| Command {
            argv: vec![program.to_owned()],
            env: Vec::new(),
            cwd: self.cwd.clone(),
            stdin: Bytes::new(),
            timeout: self.timeout,
            success: Vec::new(),
            confinement: self.confinement.clone(),
        })
    }

    pub(super) const fn needs_sandbox(&self) -> bool {
        self.confinement.sandbox.is_some()
    }

    pub(super) fn secrets(&self) -> Vec<SecretRef> {
        self.environment.secrets().cloned().collect()
    }
}

fn cwd(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<String> {
    let text = field::literal(node, problems)?;
    if text.is_empty() || text.contains('\0') {
        let problem = node.error("E004", "`cwd` is not a directory's path");
        problems.push(problem.help("leave it out for a fresh empty directory"));
        return None;
    }
    Some(text)
}

fn codes(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Vec<u8> {
    let mut codes = Vec::new();
    let items = one_or_many(node);
    if items.is_empty() {
        problems.push(node.error("E004", "`success` is an empty list").help("write `success: [3]`"));
    }
    for item in items {
        match item.value().as_u64().and_then(|code| u8::try_from(code).ok()) {
            Some(code) => codes.push(code),
            None => problems.push(item.unwanted("an exit code from 0 to 255")),
        }
    }
    codes
}

fn stdin(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Stdin> {
    match node.text() {
        Some("payload") => Some(Stdin::Payload),
        Some("none") => Some(Stdin::None),
        _ => field::template(node, Escape::None, problems).map(Stdin::Text),
    }
}
