//! `emit`: an event of our own, which rules match as they match what arrives.

use crate::delivery::Mode;
use crate::diagnostic::Diagnostic;
use crate::effect::{Effect, Emit};
use crate::limit;
use crate::template::{Escape, Scope, Template, Tree};
use crate::yaml::Node;

use super::options::Options;
use super::verb::{Attempts, Built, Compile, Key, Shape, Verb};
use super::{Action, Connection, Failure, Named, field};

pub(super) const VERB: Verb = Verb {
    name: "emit",
    summary: "emit an event of your own, for other rules",
    page: None,
    example: "emit: order.paid\npayload: { order: \"{{ $.data.object.id }}\" }\nsource: orders",
    keys: &[
        Key::new("emit", Shape::Template, "the type of the event"),
        Key::new("payload", Shape::Json, "its payload; that of the event at hand unless said"),
        Key::new("source", Shape::Text, "a source with `verify: internal`; `internal` unless said"),
    ],
    choices: &[],
    service: None,
    mode: Mode::AtLeastOnce,
    attempts: Attempts::Table,
    reaches_command: false,
    compile: Compile::Own(compile),
};

/// The source where nothing is said.
const SOURCE: &str = "internal";

#[derive(Debug)]
struct Emission {
    kind: Template,
    payload: Option<Tree>,
    source: Named,
}

fn compile(item: &Node<'_>, _: &Options, problems: &mut Vec<Diagnostic>) -> Option<Built> {
    let node = item.get("emit")?;
    let kind = field::template(&node, Escape::None, problems);
    if let Some(text) = kind.as_ref().and_then(Template::literal)
        && let Err(why) = check(text)
    {
        problems.push(node.error("E004", why).help("write for example `emit: order.paid`"));
        return None;
    }
    let payload = match item.get("payload") {
        Some(node) => Some(field::tree(&node, Escape::None, problems)?),
        None => None,
    };
    let source = match item.get("source") {
        Some(node) => Named { name: field::literal(&node, problems)?, place: node.place() },
        None => Named { name: SOURCE.to_owned(), place: node.place() },
    };
    Some(Built::alone(Emission { kind: kind?, payload, source }))
}

/// Whether a text can be the type of an event.
fn check(kind: &str) -> Result<(), String> {
    match kind {
        "" => Err("the type of an event cannot be empty".to_owned()),
        kind if kind.len() > limit::EMIT_TYPE_MAX_BYTES => {
            Err(format!("the type of an event has at most {} bytes", limit::EMIT_TYPE_MAX_BYTES))
        }
        kind if kind.contains(char::is_control) => {
            Err("the type of an event may not hold line breaks or control characters".to_owned())
        }
        _ => Ok(()),
    }
}

impl Action for Emission {
    fn effect(&self, _: Option<&Connection>, scope: &Scope<'_>) -> Result<Effect, Failure> {
        let kind = self.kind.text(scope)?;
        check(&kind).map_err(Failure::Refused)?;
        let depth = scope.event().parent().map_or(0, |parent| parent.depth).saturating_add(1);
        if depth > limit::EMIT_DEPTH_MAX {
            return Err(Failure::Refused(format!(
                "{} events lie behind this one already, each emitted because of the one before: do the rules emit in a circle?",
                limit::EMIT_DEPTH_MAX
            )));
        }
        let payload = match &self.payload {
            Some(tree) => tree.value(scope)?.to_string(),
            None => scope.event().payload.to_string(),
        };
        Ok(Effect::Emit(Emit { source: self.source.name.clone(), kind, payload: payload.into(), depth }))
    }

    fn emits(&self) -> Option<&Named> {
        Some(&self.source)
    }
}
