//! The providers doorbell knows by name: one small file of data each, and nothing else.

use serde_json::Value;

use crate::diagnostic::Diagnostic;
use crate::yaml::{Document, Node};

use super::fields::{Fields, sound};
use super::profile::Profile;

/// A provider known by name.
#[derive(Clone, Copy, Debug)]
pub struct Preset {
    /// What stands behind `verify:`.
    pub id: &'static str,
    /// The provider as people call it.
    pub name: &'static str,
    /// What it sends, in a few words.
    pub summary: &'static str,
    text: &'static str,
}

/// What people want to know of a preset.
#[derive(Clone, Debug, PartialEq)]
pub struct About {
    /// The provider's own page about its webhooks.
    pub docs: String,
    /// For how long and how it sends again what was not accepted.
    pub retries: String,
    /// The event type of the sample; empty where the provider has none.
    pub event: String,
    /// A payload such as the provider sends, made up by us.
    pub payload: Value,
    /// What to do at the provider, step by step; `{url}` stands for the address it is to send to.
    pub setup: Vec<String>,
    /// A place in the sample that is worth a look.
    pub look: Option<String>,
    /// What was read to learn how it signs, besides its page; empty when nothing was.
    pub read: Vec<String>,
    /// Which of the facts (`retries`, `deadline`) are well known but were read nowhere.
    pub unsure: Vec<String>,
}

/// The keys of a preset's file that are for people.
pub(super) const KEYS: &[&str] =
    &["name", "summary", "docs", "retries", "events", "sample", "setup", "look", "read", "unsure"];

/// All of them, in the order of their ids: each file of `presets/` is one, and `build.rs` lists them.
pub const PRESETS: &[Preset] = include!(concat!(env!("OUT_DIR"), "/presets.rs"));

impl Preset {
    /// The preset of this id.
    pub fn find(id: &str) -> Option<&'static Self> {
        PRESETS.iter().find(|preset| preset.id == id)
    }

    /// What people want to know of it.
    ///
    /// # Errors
    /// When its file is broken, which a test rules out.
    pub fn about(&self) -> Result<About, Vec<Diagnostic>> {
        self.read(|root, problems| {
            let mut fields = Fields::open(root, &[KEYS, super::profile::KEYS].concat(), problems)?;
            let docs = fields.filled("docs")?.to_owned();
            let retries = fields.filled("retries")?.to_owned();
            let look = fields.text("look").map(str::to_owned);
            let [setup, read, unsure] = ["setup", "read", "unsure"].map(|key| texts(&fields.list(key)));
            let sample = fields.get("sample")?;
            let mut fields = Fields::open(&sample, &["event", "payload"], problems)?;
            let event = fields.text("event").unwrap_or_default().to_owned();
            let payload = fields.get("payload")?.json();
            Some(About { docs, retries, event, payload, setup, look, read, unsure })
        })
    }

    /// The event types that the provider is known to send; empty when nobody listed them. A preset may say that they
    /// are those of another.
    pub fn kinds(&self) -> Vec<String> {
        let listed = self.read(|root, _| {
            let events = root.get("events")?;
            let same = events.text().and_then(Self::find).map(Self::kinds);
            Some(same.unwrap_or_else(|| texts(&events.items())))
        });
        listed.unwrap_or_default()
    }

    pub(super) fn profile(&self) -> Result<Profile, Vec<Diagnostic>> {
        self.read(Profile::read)
    }

    pub(super) fn read<T>(
        &self,
        read: impl Fn(&Node<'_>, &mut Vec<Diagnostic>) -> Option<T>,
    ) -> Result<T, Vec<Diagnostic>> {
        let file = format!("presets/{}.yaml", self.id);
        let document = Document::parse(&file, self.text)?;
        let mut problems = Vec::new();
        let value = read(&document.root(), &mut problems).and_then(|value| sound(value, &problems, 0));
        value.ok_or_else(|| match problems.is_empty() {
            true => vec![document.root().error("E005", "a key of the preset is missing")],
            false => problems,
        })
    }
}

fn texts(nodes: &[Node<'_>]) -> Vec<String> {
    nodes.iter().filter_map(|node| node.text().map(str::to_owned)).collect()
}
