//! `log`: a line in doorbell's own log.

use crate::delivery::Mode;
use crate::diagnostic::Diagnostic;
use crate::effect::{Effect, Log};
use crate::template::{Escape, Scope, Template};
use crate::yaml::Node;

use super::options::Options;
use super::verb::{Attempts, Built, Compile, Key, Shape, Verb};
use super::{Action, Connection, Failure, field};

pub(super) const VERB: Verb = Verb {
    name: "log",
    summary: "write a line into doorbell's log",
    page: None,
    example: "log: \"{{ event.type }} from {{ event.source }}\"",
    keys: &[Key::new("log", Shape::Template, "the text")],
    choices: &[],
    service: None,
    mode: Mode::AtLeastOnce,
    attempts: Attempts::Once,
    reaches_command: false,
    compile: Compile::Own(compile),
};

#[derive(Debug)]
struct Line(Template);

fn compile(item: &Node<'_>, _: &Options, problems: &mut Vec<Diagnostic>) -> Option<Built> {
    let node = item.get("log")?;
    field::template(&node, Escape::None, problems).map(|text| Built::alone(Line(text)))
}

impl Action for Line {
    fn effect(&self, _: Option<&Connection>, scope: &Scope<'_>) -> Result<Effect, Failure> {
        Ok(Effect::Log(Log { text: self.0.text(scope)? }))
    }
}
