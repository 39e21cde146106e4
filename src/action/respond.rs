//! `respond`: what the sender of the webhook is answered: as soon as the event is accepted, or once what it needs is done.

use std::time::Duration;

use crate::delivery::Mode;
use crate::diagnostic::Diagnostic;
use crate::effect::{Effect, Respond};
use crate::limit;
use crate::secret::Value;
use crate::template::Scope;
use crate::yaml::Node;

use super::content::Typed;
use super::header::Headers;
use super::options::Options;
use super::verb::{Attempts, Built, Choice, Key, Shape, Verb};
use super::{Action, Connection, Failure};

pub(super) const VERB: Verb = Verb {
    name: "respond",
    summary: "answer the sender of the webhook; with `needs` once those are done, within `timeout` (2.5 s unless said), else with 202",
    page: None,
    example: "respond: 200\njson: { challenge: \"{{ $.challenge }}\" }",
    keys: &[
        Key::new("respond", Shape::Number(200, 599), "the status, 200 to 599"),
        Key::new("json", Shape::Json, "the body, as JSON"),
        Key::new("body", Shape::Template, "the body, as text"),
        Key::new("content_type", Shape::Text, "the type of the body"),
        Key::new("headers", Shape::Fields, "headers of the answer"),
    ],
    choices: &[Choice::AtMostOne(BODIES), Choice::Needs("content_type", BODIES)],
    service: None,
    mode: Mode::AtLeastOnce,
    attempts: Attempts::Once,
    reaches_command: false,
    compile,
};

const BODIES: &[&str] = &["json", "body"];
/// The type of an answer without a body, which nobody reads.
const NO_TYPE: &str = "text/plain; charset=utf-8";

#[derive(Debug)]
struct Answer {
    status: u16,
    headers: Headers,
    body: Option<Typed>,
}

fn compile(item: &Node<'_>, options: &Options, problems: &mut Vec<Diagnostic>) -> Option<Built> {
    let node = item.get("respond")?;
    let status = status(&node, problems);
    let headers = match item.get("headers") {
        Some(node) => headers(&node, problems),
        None => Some(Headers::default()),
    };
    let body = Typed::read(item, BODIES, problems);
    if let Some(timeout) = item.get("timeout").filter(|_| options.timeout.is_some_and(is_too_long)) {
        let most = limit::ANSWER_WITHIN_MAX.as_secs();
        let problem = timeout.error("E501", format!("no sender waits longer than {most} s for an answer"));
        problems.push(problem.help("most give up after 3 to 10 s; 202 is sent when the time is over"));
    }
    let empty = matches!(status, Some(204 | 205 | 304));
    if let Some(given) = BODIES.iter().find_map(|key| item.get(key)).filter(|_| empty) {
        let problem = given.key_error("E004", "an answer with this status has no body");
        problems.push(problem.help("answer 200, or leave the body out"));
    }
    Some(Built::alone(Answer { status: status?, headers: headers?, body }))
}

fn is_too_long(time: Duration) -> bool {
    time > limit::ANSWER_WITHIN_MAX
}

fn status(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<u16> {
    let number = node.value().as_u64().and_then(|number| u16::try_from(number).ok());
    let status = number.filter(|status| (200..=599).contains(status));
    if status.is_none() {
        let problem = node.error("E004", "`respond` wants a status, 200 to 599");
        problems.push(problem.help("the rest stands beside it:  respond: 200   json: { ok: true }"));
    }
    status
}

/// Headers of an answer; a secret has no business in one.
fn headers(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Headers> {
    let headers = Headers::read(node, problems)?;
    if headers.secrets().next().is_none() {
        return Some(headers);
    }
    let problem = node.error("E004", "a secret is not sent to whoever sent the webhook");
    problems.push(problem.help("write the value down, or take it from the event"));
    None
}

impl Action for Answer {
    fn effect(&self, _: Option<&Connection>, scope: &Scope<'_>) -> Result<Effect, Failure> {
        let headers = self.headers.fill(&[], scope)?.into_iter().filter_map(|(name, value)| match value {
            Value::Plain(text) => Some((name, text)),
            Value::Secret(_) => None,
        });
        let headers = headers.collect();
        let (body, content_type) = match &self.body {
            Some(body) => body.fill(scope)?,
            None => (bytes::Bytes::new(), NO_TYPE.to_owned()),
        };
        Ok(Effect::Respond(Respond { status: self.status, headers, content_type, body }))
    }
}
