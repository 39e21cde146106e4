//! Questions a sender asks before it sends events, and what it wants to hear: `url_verification`, `hub.challenge`.

use bytes::Bytes;
use http::Method;
use serde_json::{Map, Value};

use crate::effect::Respond;

use super::allow::Allowed;
use super::part::Part;
use super::text::Text;
use super::view::View;
use super::when::When;

/// Bytes of a text that is given back: a question is short, and nobody has proved yet who asks it.
const TEXT_MAX_BYTES: usize = 4096;

/// One question and its answer.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Handshake {
    /// What the question is; by any method means by that of events.
    pub(super) when: When,
    /// Whether it counts only when proved genuine.
    pub(super) signed: bool,
    pub(super) status: u16,
    /// A header whose text is empty is left out.
    pub(super) headers: Vec<(String, Text)>,
    pub(super) body: Body,
    /// What the sender hands out for us to keep, while somebody waits for it.
    pub(super) capture: Option<Text>,
    /// What is opened before the answer is given.
    pub(super) fetch: Option<Fetch>,
}

/// A URL that the sender wants opened, and those that may be.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fetch {
    pub(super) url: Text,
    pub(super) allow: Vec<Allowed>,
}

/// What is answered.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Body {
    Text(Text),
    Json(Tree),
}

/// A JSON value with texts in it that are filled from the request.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Tree {
    Text(Text),
    Fixed(Value),
    List(Vec<Tree>),
    Map(Vec<(String, Tree)>),
}

impl Handshake {
    pub(super) fn method(&self) -> Option<&Method> {
        self.when.method.as_ref()
    }

    /// Every part of a request it looks at.
    pub(super) fn parts(&self) -> Vec<&Part> {
        let headers = self.headers.iter().flat_map(|(_, text)| text.parts());
        let taken =
            self.capture.iter().chain(self.fetch.iter().map(|fetch| &fetch.url)).flat_map(Text::parts);
        let mut parts: Vec<_> = self.when.parts().chain(headers).chain(taken).collect();
        match &self.body {
            Body::Text(text) => parts.extend(text.parts()),
            Body::Json(tree) => tree.each(&mut |text| parts.extend(text.parts())),
        }
        parts
    }

    /// The answer; `None` when the request lacks what belongs in it.
    pub(super) fn answer(&self, view: &View<'_>) -> Option<Respond> {
        let headers = self.headers.iter().map(|(name, text)| Some((name.clone(), filled(text, view)?)));
        let headers = headers.filter(|pair| pair.as_ref().is_none_or(|(_, text)| !text.is_empty()));
        let (content_type, body) = match &self.body {
            Body::Text(text) => ("text/plain; charset=utf-8", filled(text, view)?),
            Body::Json(tree) => ("application/json", tree.fill(view)?.to_string()),
        };
        Some(Respond {
            status: self.status,
            headers: headers.collect::<Option<_>>()?,
            content_type: content_type.to_owned(),
            body: Bytes::from(body),
        })
    }
}

impl Tree {
    fn each<'t>(&'t self, take: &mut dyn FnMut(&'t Text)) {
        match self {
            Self::Text(text) => take(text),
            Self::Fixed(_) => {}
            Self::List(trees) => trees.iter().for_each(|tree| tree.each(take)),
            Self::Map(trees) => trees.iter().for_each(|(_, tree)| tree.each(take)),
        }
    }

    fn fill(&self, view: &View<'_>) -> Option<Value> {
        match self {
            Self::Text(text) => filled(text, view).map(Value::String),
            Self::Fixed(value) => Some(value.clone()),
            Self::List(trees) => {
                trees.iter().map(|tree| tree.fill(view)).collect::<Option<_>>().map(Value::Array)
            }
            Self::Map(trees) => {
                let pairs = trees.iter().map(|(key, tree)| Some((key.clone(), tree.fill(view)?)));
                pairs.collect::<Option<Map<_, _>>>().map(Value::Object)
            }
        }
    }
}

pub(super) fn filled(text: &Text, view: &View<'_>) -> Option<String> {
    let bytes = text.fill(view).ok().filter(|bytes| bytes.len() <= TEXT_MAX_BYTES)?;
    String::from_utf8(bytes).ok()
}
