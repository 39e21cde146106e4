//! Questions a sender asks before it sends events, and what it wants to hear: `url_verification`, `hub.challenge`.

use bytes::Bytes;
use http::Method;
use serde_json::{Map, Value};

use crate::effect::Respond;

use super::part::Part;
use super::text::Text;
use super::view::View;

/// One question and its answer.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Handshake {
    /// By which method it comes; `None` for that of events.
    pub(super) method: Option<Method>,
    /// What must hold besides.
    pub(super) when: Vec<(Part, Want)>,
    /// Whether it counts only when proved genuine.
    pub(super) signed: bool,
    pub(super) status: u16,
    pub(super) headers: Vec<(String, Text)>,
    pub(super) body: Body,
}

/// What a part must be.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Want {
    Present,
    Equal(String),
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
        self.method.as_ref()
    }

    /// Whether the request asks this question.
    pub(super) fn matches(&self, view: &View<'_>) -> bool {
        let method = self.method.as_ref().is_none_or(|method| *method == view.request.method);
        method
            && self.when.iter().all(|(part, want)| match (view.find(part), want) {
                (Ok(_), Want::Present) => true,
                (Ok(found), Want::Equal(wanted)) => *found == *wanted.as_bytes(),
                (Err(_), _) => false,
            })
    }

    /// The answer; `None` when the request lacks what belongs in it.
    pub(super) fn answer(&self, view: &View<'_>) -> Option<Respond> {
        let headers = self.headers.iter().map(|(name, text)| Some((name.clone(), filled(text, view)?)));
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

fn filled(text: &Text, view: &View<'_>) -> Option<String> {
    String::from_utf8(text.fill(view).ok()?).ok()
}
