//! `shell`: a script as it is written. Values reach it only through the environment and standard input.

use crate::delivery::Mode;
use crate::diagnostic::Diagnostic;
use crate::effect::{Command, Effect};
use crate::secret::SecretRef;
use crate::template::Scope;
use crate::yaml::Node;

use super::command::{self, Surroundings};
use super::confine;
use super::options::Options;
use super::verb::{Attempts, Built, Compile, Key, Shape, Verb};
use super::{Action, Connection, Failure, field, mask};

pub(super) const VERB: Verb = Verb {
    name: "shell",
    summary: "run a script as it is written; values reach it only through `env` and standard input",
    page: None,
    example: "shell: git -C /srv/site checkout --detach \"$COMMIT\"\nenv: { COMMIT: \"{{ $.after }}\" }",
    keys: &[
        Key::new("shell", Shape::Text, "the script, for /bin/sh"),
        command::ENV,
        command::CWD,
        command::STDIN,
        command::SUCCESS,
        confine::USER,
        confine::GROUP,
        confine::UMASK,
        confine::LIMITS,
        confine::SANDBOX,
    ],
    choices: &[],
    service: None,
    mode: Mode::AtMostOnce,
    attempts: Attempts::Once,
    reaches_command: true,
    compile: Compile::Own(compile),
};

/// What reads scripts.
const SHELL: &str = "/bin/sh";
/// A script longer than this is not repeated in the mend.
const HELP_MAX_BYTES: usize = 100;

#[derive(Debug)]
struct Shell {
    script: String,
    surroundings: Surroundings,
}

fn compile(item: &Node<'_>, options: &Options, problems: &mut Vec<Diagnostic>) -> Option<Built> {
    let node = item.get("shell")?;
    let script = script(&node, problems);
    let surroundings = Surroundings::read(item, options, problems);
    Some(Built::alone(Shell { script: script?, surroundings: surroundings? }))
}

fn script(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<String> {
    let text = field::scalar(node, problems)?;
    if text.trim().is_empty() || text.contains('\0') {
        problems
            .push(node.error("E004", "`shell` has no script").help("write it:  shell: ./deploy.sh \"$REF\""));
        return None;
    }
    let templates = mask::templates(text);
    for place in &templates {
        let template = text.get(place.clone()).unwrap_or_default();
        problems.push(
            node.error_inside(place.start, place.len(), "E210", "template in a shell script")
                .label("whoever sends this value could run commands here")
                .help(mend(text, template)),
        );
    }
    templates.is_empty().then(|| text.to_owned())
}

/// The script with the value taken from the environment.
fn mend(script: &str, template: &str) -> String {
    let name = variable(template);
    let env = format!("env: {{ {name}: \"{}\" }}", template.replace('"', "'"));
    if script.len() > HELP_MAX_BYTES || script.trim().contains('\n') {
        return format!("pass it as data: write  \"${name}\"  in the script, and beside it  {env}");
    }
    let quoted = format!("\"{template}\"");
    let written = if script.contains(&quoted) { &quoted } else { template };
    let script = script.trim().replace(written, &format!("\"${name}\""));
    format!("pass it as data:  shell: {script}   {env}")
}

/// A name for the value: the last word of the template, in capitals.
fn variable(template: &str) -> String {
    let last = template
        .split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
        .rfind(|word| word.starts_with(|first: char| first.is_ascii_alphabetic()));
    last.unwrap_or("VALUE").to_ascii_uppercase()
}

impl Action for Shell {
    fn effect(&self, _: Option<&Connection>, scope: &Scope<'_>) -> Result<Effect, Failure> {
        self.surroundings.effect(vec![SHELL.to_owned(), "-c".to_owned(), self.script.clone()], scope)
    }

    fn runs(&self) -> Option<Command> {
        self.surroundings.bare(SHELL)
    }

    fn needs_sandbox(&self) -> bool {
        self.surroundings.needs_sandbox()
    }

    fn secrets(&self) -> Vec<SecretRef> {
        self.surroundings.secrets()
    }
}
