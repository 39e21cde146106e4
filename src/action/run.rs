//! `run`: a program with its arguments. No shell reads them, and a value cannot become an option.

use crate::delivery::Mode;
use crate::diagnostic::Diagnostic;
use crate::effect::{Command, Effect};
use crate::secret::SecretRef;
use crate::template::{Escape, Scope, Template};
use crate::yaml::Node;

use super::command::{self, Surroundings};
use super::confine;
use super::options::Options;
use super::verb::{Attempts, Built, Compile, Key, Shape, Verb};
use super::{Action, Connection, Failure, field, mask};

pub(super) const VERB: Verb = Verb {
    name: "run",
    summary: "run a program with arguments; no shell reads them",
    page: None,
    example: "run: [./ci.sh, \"{{ $.after }}\"]\ntimeout: 15m",
    keys: &[
        Key::new("run", Shape::Templates, "the program, then its arguments"),
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

/// Programs that take code as an argument, by the start of their names, and the letter of the option before it.
const INTERPRETERS: &[(&str, &[char])] = &[
    ("sh", &['c']),
    ("bash", &['c']),
    ("dash", &['c']),
    ("ash", &['c']),
    ("zsh", &['c']),
    ("ksh", &['c']),
    ("fish", &['c']),
    ("su", &['c']),
    ("python", &['c']),
    ("perl", &['e', 'E']),
    ("ruby", &['e']),
    ("node", &['e', 'p']),
    ("lua", &['e']),
    ("php", &['r']),
];

#[derive(Debug)]
struct Run {
    program: String,
    argv: Vec<Argument>,
    surroundings: Surroundings,
}

#[derive(Debug)]
struct Argument {
    template: Template,
    /// It begins with a value and no `--` stands before it, so a leading `-` would be the sender's option.
    guarded: bool,
}

fn compile(item: &Node<'_>, options: &Options, problems: &mut Vec<Diagnostic>) -> Option<Built> {
    let node = item.get("run")?;
    let argv = argv(&node, problems);
    let surroundings = Surroundings::read(item, options, problems);
    let (program, argv) = argv?;
    Some(Built::alone(Run { program, argv, surroundings: surroundings? }))
}

fn argv(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<(String, Vec<Argument>)> {
    let items = node.items();
    let Some(program) = items.first() else {
        let words = node.text().unwrap_or("./ci.sh").split_whitespace().collect::<Vec<_>>().join(", ");
        let problem = match node.value().is_sequence() {
            true => node.error("E004", "`run` is an empty list: the program is missing"),
            false => node.unwanted("a list: the program, then its arguments"),
        };
        problems.push(
            problem.help(format!("write  run: [{words}]  or, for a line that a shell reads,  shell: …")),
        );
        return None;
    };
    let name = field::literal(program, problems);
    if name.as_deref().is_some_and(str::is_empty) {
        problems.push(program.error("E004", "the program's name is empty"));
        return None;
    }
    let mut ended = false;
    let arguments = items.iter().map(|item| {
        let text = field::scalar(item, problems)?;
        let template = field::part(item, 0, text, Escape::None, problems)?;
        ended |= text == "--";
        Some(Argument { template, guarded: !ended && text.trim_start().starts_with("{{") })
    });
    let arguments = field::all(arguments.collect::<Vec<_>>().into_iter());
    let name = name?;
    let free = no_code(&name, &items, problems);
    arguments.filter(|_| free).map(|arguments| (name, arguments))
}

/// Whether no template stands where an interpreter expects code; complains about each that does.
fn no_code(program: &str, items: &[Node<'_>], problems: &mut Vec<Diagnostic>) -> bool {
    let before = problems.len();
    for (at, item) in items.iter().enumerate() {
        let Some(name) = item.text().map(|text| text.rsplit('/').next().unwrap_or(text)) else { continue };
        // Such as `env`, `sudo`, `nice` or `timeout 5`: the interpreter may come later.
        let letters = INTERPRETERS.iter().filter(|(start, _)| begins(name, start));
        for letter in letters.flat_map(|(_, letters)| letters.iter()) {
            check_code(items.get(at + 1..).unwrap_or_default(), *letter, program, problems);
        }
    }
    problems.len() == before
}

/// Whether it is that program, perhaps with a version behind its name: `python3.12`.
fn begins(name: &str, program: &str) -> bool {
    let version = name.strip_prefix(program);
    version.is_some_and(|version| version.chars().all(|letter| letter.is_ascii_digit() || letter == '.'))
}

fn check_code(rest: &[Node<'_>], letter: char, program: &str, problems: &mut Vec<Diagnostic>) {
    let option = |node: &Node<'_>| node.text().is_some_and(|text| text.starts_with('-'));
    let code = rest
        .iter()
        .take_while(|node| option(node))
        .position(|node| node.text().is_some_and(|text| !text.starts_with("--") && text.contains(letter)));
    let Some(node) = code.and_then(|at| rest.get(at + 1)) else { return };
    let Some(place) = node.text().and_then(mask::first) else { return };
    problems.push(
        node.error_inside(place.start, place.len(), "E210", "template in a shell script")
            .label("whoever sends this value could run commands here")
            .help(format!("what `{program}` reads as code must be written down: pass the value by `env`, or as a later argument")),
    );
}

impl Action for Run {
    fn effect(&self, _: Option<&Connection>, scope: &Scope<'_>) -> Result<Effect, Failure> {
        let mut argv = Vec::with_capacity(self.argv.len());
        for (index, argument) in self.argv.iter().enumerate() {
            let text = argument.template.text(scope)?;
            if argument.guarded && text.starts_with('-') {
                return Err(Failure::Refused(format!(
                    "argument {index} begins with `-`; put `\"--\"` before it"
                )));
            }
            argv.push(text);
        }
        self.surroundings.effect(argv, scope)
    }

    fn runs(&self) -> Option<Command> {
        self.surroundings.bare(&self.program)
    }

    fn needs_sandbox(&self) -> bool {
        self.surroundings.needs_sandbox()
    }

    fn secrets(&self) -> Vec<SecretRef> {
        self.surroundings.secrets()
    }
}
