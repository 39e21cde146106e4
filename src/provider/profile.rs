//! What a provider is known to do: its scheme and where type, id and body are. A preset is one, and so is a user's scheme.

use std::time::Duration;

use crate::diagnostic::Diagnostic;
use crate::effect::Respond;
use crate::event::Format;
use crate::limit::{BODIES_IN_FLIGHT_MAX_BYTES, BODY_MAX_BYTES};
use crate::yaml::Node;

use super::batch::{self, Batch};
use super::fields::Fields;
use super::handshake::Handshake;
use super::params::{self, Param};
use super::part::{Part, Wrong};
use super::read_handshake;
use super::read_respond;
use super::read_scheme;
use super::scheme::Scheme;
use super::text::Text;

/// What bodies can be read as, by `format`.
pub const FORMATS: &[&str] =
    &["auto", "json", "form", "form-json", "text", "xml", "multipart", "cloudevents"];

/// The field of a form that holds JSON, where nothing else is said: GitHub, Slack and Gitea name it so.
const FORM_JSON_FIELD: &str = "payload";
/// Where a CloudEvent says what it is.
const CLOUD_EVENT_TYPE: &str = "$.type";
/// What makes a CloudEvent recognisable: producers promise that the two together are.
const CLOUD_EVENT_ID: &str = "{json:$.source} {json:$.id}";

/// What is known of a sender; a source's own keys come before it.
#[derive(Clone, Debug)]
pub(super) struct Profile {
    pub(super) scheme: Scheme,
    pub(super) event: Option<Text>,
    pub(super) action: Option<Text>,
    pub(super) id: Option<Text>,
    pub(super) format: Option<Format>,
    /// Where the list stands of which each item is an event; type and id are then those of an item.
    pub(super) batch: Option<Batch>,
    /// How its sender writes most bodies, where the content type decides how they are read.
    pub(super) sends: Option<Format>,
    pub(super) body_max_bytes: usize,
    pub(super) deadline: Option<Duration>,
    pub(super) respond: Option<Respond>,
    pub(super) handshakes: Vec<Handshake>,
    /// What it wants to know besides a secret, as far as the preset says.
    pub(super) params: Vec<Param>,
    /// For how long it sends again what was not accepted.
    pub(super) retries_for: Option<Duration>,
}

/// The keys a preset's file has besides those that are for people.
pub(super) const KEYS: &[&str] = &[
    "verify",
    "params",
    "event",
    "action",
    "id",
    "format",
    "batch",
    "sends",
    "body_max",
    "deadline",
    "retries_for",
    "respond",
    "handshake",
];

impl Profile {
    /// A profile that says nothing but how webhooks are proved genuine.
    pub(super) fn of(scheme: Scheme) -> Self {
        Self {
            scheme,
            event: None,
            action: None,
            id: None,
            format: None,
            batch: None,
            sends: None,
            body_max_bytes: BODY_MAX_BYTES,
            deadline: None,
            respond: None,
            handshakes: Vec::new(),
            params: Vec::new(),
            retries_for: None,
        }
    }

    /// Reads the file of a preset.
    pub(super) fn read(root: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Self> {
        let scheme = read_scheme::scheme(&root.get("verify")?, problems)?;
        let known: Vec<_> = KEYS.iter().chain(super::preset::KEYS).copied().collect();
        let mut fields = Fields::open(root, &known, problems)?;
        let mut profile = Self::of(scheme);
        profile.overlay(&mut fields);
        profile.action = fields.parsed("action", named);
        profile.deadline = fields.duration("deadline");
        profile.sends = fields.get("sends").and_then(|node| format(&node, fields.problems));
        profile.retries_for = fields.duration("retries_for");
        profile.params =
            fields.get("params").map(|node| params::read(&node, fields.problems)).unwrap_or_default();
        let handshakes = fields.list("handshake");
        profile.handshakes =
            handshakes.iter().filter_map(|node| read_handshake::read(node, fields.problems)).collect();
        Some(profile)
    }

    /// Takes over the keys that a preset and a source have in common.
    pub(super) fn overlay(&mut self, fields: &mut Fields<'_, '_>) {
        if let Some(node) = fields.get("format") {
            self.format = format(&node, fields.problems);
            if self.format == Some(Format::CloudEvents) {
                self.event = named(CLOUD_EVENT_TYPE).ok();
                self.id = id(CLOUD_EVENT_ID).ok();
                self.batch = Batch::of_all();
            }
        }
        if let Some(batch) = fields.parsed("batch", Batch::parse) {
            self.batch = batch;
        }
        if let Some(event) = fields.parsed("event", named) {
            self.event = Some(event);
        }
        if let Some(id) = fields.parsed("id", id) {
            self.id = Some(id);
        }
        if let Some(bytes) = fields.size("body_max", BODIES_IN_FLIGHT_MAX_BYTES) {
            self.body_max_bytes = bytes;
        }
        if let Some(node) = fields.get("respond") {
            self.respond = read_respond::read(&node, fields.problems);
        }
    }

    /// Complains when type or id are looked for where no item of a batch has them.
    pub(super) fn of_items(&self, fields: &mut Fields<'_, '_>) {
        if self.batch.is_none() {
            return;
        }
        for (key, text) in [("event", &self.event), ("id", &self.id)] {
            let Some(part) = text.as_ref().and_then(batch::of_form) else { continue };
            let message = format!("the {part} is of the whole body, and `batch` makes events of its items");
            let node = fields.get(key).or_else(|| fields.get("batch"));
            let error = node.map(|node| node.error("E302", message));
            fields.problems.extend(error.map(|error| error.help("in an item, write $.path")));
        }
    }
}

/// An event type: a fixed word, or what the request says.
fn named(text: &str) -> Result<Text, Wrong> {
    let help = "write $.path, header:NAME, query:NAME, form:NAME, or a text with {header:NAME} in it";
    if text.is_empty() {
        return Err(Wrong::new(0, "an empty text says nothing").help(help));
    }
    let compiled = Text::parse(text)?;
    let other = compiled.named().find(|(part, changed)| match part {
        Part::Header(_) | Part::Query(_) | Part::Form(_) | Part::Json(_) | Part::Path | Part::Method => false,
        Part::Body => !changed,
        _ => true,
    });
    if let Some((part, _)) = other {
        return Err(Wrong::new(0, format!("the {part} cannot stand here")).help(help));
    }
    Ok(compiled)
}

/// An id is never a fixed word: every webhook would be a repeat of the first.
fn id(text: &str) -> Result<Text, Wrong> {
    let compiled = named(text)?;
    if compiled.parts().next().is_none() {
        return Err(Wrong::new(0, format!("`{text}` would be the id of every webhook"))
            .help("write $.path or header:NAME, where each webhook has an id of its own"));
    }
    Ok(compiled)
}

fn format(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Format> {
    let form_json = |field: &str| Format::FormJson { field: field.to_owned() };
    if node.kind() == "a map" {
        let mut fields = Fields::open(node, &["form-json"], problems)?;
        return fields.filled("form-json").map(form_json);
    }
    match node.text() {
        Some("auto") => None,
        Some("json") => Some(Format::Json),
        Some("form") => Some(Format::Form),
        Some("form-json") => Some(form_json(FORM_JSON_FIELD)),
        Some("text") => Some(Format::Text),
        Some("xml") => Some(Format::Xml),
        Some("multipart") => Some(Format::Multipart),
        Some("cloudevents") => Some(Format::CloudEvents),
        Some(other) => {
            let help = format!("it is one of {}, or {{ form-json: FIELD }}", FORMATS.join(", "));
            problems.push(node.error("E302", format!("`{other}` is not a format")).help(help));
            None
        }
        None => {
            problems.push(node.unwanted("a text"));
            None
        }
    }
}
