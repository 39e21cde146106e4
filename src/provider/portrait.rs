//! A preset told whole, for people and programs: what it proves, what to set up, what to expect, where the facts are from.

use serde::Serialize;
use serde_json::Value;

use crate::diagnostic::Diagnostic;
use crate::settings;
use crate::yaml::Node;

use super::params::Param;
use super::preset::{About, Preset};
use super::profile::Profile;
use super::public_key::Algorithm;
use super::way::Way;
use super::words;

/// What is answered when nothing else is said.
const ACCEPTED: u16 = 202;

/// Everything that is known of a preset.
#[derive(Clone, Debug, Serialize)]
pub struct Portrait {
    /// What stands behind `verify:`.
    pub name: &'static str,
    /// The provider as people call it.
    pub provider: &'static str,
    /// What it sends, in a few words.
    pub sends: &'static str,
    /// How its webhooks are proved genuine; of several the first that applies decides.
    pub verifies: Vec<Way>,
    /// Where the event type stands; `None` when it has none.
    pub event: Option<String>,
    /// Where stands what happened, beside the type.
    pub action: Option<String>,
    /// Where the id stands that makes a repeat recognisable.
    pub id: Option<String>,
    /// Where the single events stand in a body that holds several.
    pub batch: Option<String>,
    /// How its bodies are read.
    pub body: String,
    /// Bytes of the largest body.
    pub body_max_bytes: usize,
    /// The status of our answer.
    pub answer: u16,
    /// Within how many seconds the provider wants it, when that is known.
    pub deadline_s: Option<u64>,
    /// When and for how long it sends again what was not accepted.
    pub retries: String,
    /// Questions about the address that are answered.
    pub handshakes: Vec<Question>,
    /// Keys of the source besides `secret`.
    pub params: Vec<Param>,
    /// What to do at the provider.
    pub setup: Vec<String>,
    /// A rules file to start from.
    pub rules: String,
    /// The command that sends its sample; `None` where only the provider can sign.
    pub ring: Option<String>,
    /// The event type of the sample.
    pub sample_event: String,
    /// A payload such as the provider sends, made up by us.
    pub sample: Value,
    /// The event types that it is known to send; empty when nobody listed them.
    pub event_types: Vec<String>,
    /// The provider's own page.
    pub docs: String,
    /// What else was read to learn this.
    pub read: Vec<String>,
    /// Which facts are well known but were read nowhere.
    pub unsure: Vec<String>,
}

/// A question that a provider asks about the address, and our answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Question {
    /// By which request.
    pub asks: String,
    /// What is answered.
    pub answer: String,
    /// Whether it must be proved genuine like a webhook.
    pub verified: bool,
}

/// What a portrait takes from the file as it is written.
struct Written {
    verifies: Vec<Way>,
    places: [Option<String>; 3],
    batch: Option<String>,
    body: String,
    handshakes: Vec<Question>,
}

impl Preset {
    /// Everything that is known of it.
    ///
    /// # Errors
    /// When its file is broken, which a test rules out.
    pub fn portrait(&self) -> Result<Portrait, Vec<Diagnostic>> {
        let About { docs, retries, event, payload, setup, look, read, unsure } = self.about()?;
        let profile = self.profile()?;
        let written = self.read(|root, _| Some(Written::of(root)))?;
        let params = profile.all_params();
        let rules = self.rules(&profile, &params, &event, look.as_deref());
        let url = self.url();
        let [event_place, action, id] = written.places;
        Ok(Portrait {
            name: self.id,
            provider: self.name,
            sends: self.summary,
            verifies: written.verifies,
            event: event_place,
            action,
            id,
            batch: written.batch,
            body: written.body,
            body_max_bytes: profile.body_max_bytes,
            answer: profile.respond.as_ref().map_or(ACCEPTED, |respond| respond.status),
            deadline_s: profile.deadline.map(|deadline| deadline.as_secs()),
            retries,
            handshakes: written.handshakes,
            params,
            setup: setup.iter().map(|step| step.replace("{url}", &url)).collect(),
            rules,
            ring: self.ring(&profile),
            sample_event: event,
            sample: payload,
            event_types: self.kinds(),
            docs,
            read,
            unsure,
        })
    }

    fn ring(&self, profile: &Profile) -> Option<String> {
        match profile.scheme.sender_key().map(|key| key.algorithm) {
            Some(Algorithm::RsaSha1) => None,
            Some(_) => Some(format!("doorbell ring {} --rules RULES.yaml --keys keys/", self.id)),
            None => Some(format!("doorbell ring {} --rules RULES.yaml", self.id)),
        }
    }

    /// Where its webhooks go in examples.
    pub(super) fn url(&self) -> String {
        format!("https://hooks.example.com/{}", self.id)
    }
}

impl Written {
    fn of(root: &Node<'_>) -> Self {
        let place = |key| root.get(key).and_then(|node| node.text()).map(words::place);
        let list = |key| root.get(key).map(|node| settings::one_or_many(&node)).unwrap_or_default();
        Self {
            verifies: list("verify").iter().map(Way::read).collect(),
            places: ["event", "action", "id"].map(place),
            batch: root.get("batch").and_then(|node| node.text()).map(str::to_owned),
            body: body(root),
            handshakes: list("handshake").iter().map(question).collect(),
        }
    }
}

fn body(root: &Node<'_>) -> String {
    let Some(format) = root.get("format") else { return "by its content type".to_owned() };
    match format.text() {
        Some(name) => name.to_owned(),
        None => {
            let field = format.get("form-json").and_then(|node| node.text()).unwrap_or_default();
            format!("JSON in the form field {field}")
        }
    }
}

fn written<'d>(node: &Node<'d>) -> &'d str {
    node.text().unwrap_or_else(|| node.raw())
}

fn question(node: &Node<'_>) -> Question {
    let asks = node.get("match").map(|node| {
        let method = node.get("method").map(|node| node.raw()).unwrap_or_default();
        let rest = node.get("where").map(|node| words::conditions(&node)).unwrap_or_default();
        format!("{method} {rest}").trim().to_owned()
    });
    let respond = node.get("respond").unwrap_or_else(|| node.clone());
    let status = respond.get("status").map_or("200", |node| node.raw());
    let headers = respond.get("headers").map(|node| node.entries()).unwrap_or_default();
    let mut answer = vec![status.to_owned()];
    answer.extend(headers.iter().map(|(name, value)| format!("header {name} = `{}`", written(value))));
    answer.extend(respond.get("text").map(|node| format!("`{}`", written(&node))));
    answer.extend(respond.get("json").map(|node| format!("`{}`", node.json())));
    Question {
        asks: asks.unwrap_or_else(|| "any request".to_owned()),
        answer: answer.join(", "),
        verified: node.get("signed").is_none_or(|node| node.raw() != "false"),
    }
}

impl Profile {
    /// The one type that all events have.
    pub(super) fn has_one_type(&self) -> bool {
        self.event.as_ref().is_none_or(|event| event.literal().is_some())
    }
}
