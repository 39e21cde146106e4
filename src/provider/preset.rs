//! The providers doorbell knows by name: one small file of data and one row each.

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
    /// The event type of the sample.
    pub event: String,
    /// A payload such as the provider sends, made up by us.
    pub payload: Value,
}

/// The keys of a preset's file that are for people.
pub(super) const KEYS: &[&str] = &["docs", "retries", "events", "sample"];

macro_rules! preset {
    ($id:literal, $name:literal, $summary:literal) => {
        Preset {
            id: $id,
            name: $name,
            summary: $summary,
            text: include_str!(concat!("presets/", $id, ".yaml")),
        }
    };
}

/// All of them, in the order of their ids.
pub const PRESETS: &[Preset] = &[
    preset!("bitbucket", "Bitbucket Cloud", "pushes, pull requests, issues"),
    preset!("forgejo", "Forgejo", "pushes, pull requests, issues, releases"),
    preset!("gitea", "Gitea", "pushes, pull requests, issues, releases"),
    preset!("github", "GitHub", "pushes, pull requests, issues, workflow runs, as JSON"),
    preset!("github-form", "GitHub", "the same, from a webhook set to send forms"),
    preset!("gitlab", "GitLab", "pushes, merge requests, pipelines, signed (GitLab 19 and later)"),
    preset!("gitlab-token", "GitLab", "the same, with a secret token and no signature"),
    preset!("gogs", "Gogs", "pushes, pull requests, issues, releases"),
    preset!("shopify", "Shopify", "orders, products, customers"),
    preset!("slack", "Slack", "the Events API: messages, mentions, reactions"),
    preset!("slack-command", "Slack", "slash commands"),
    preset!("slack-interactive", "Slack", "buttons, menus and dialogs"),
    preset!("standard-webhooks", "Standard Webhooks", "whoever signs as standardwebhooks.com says"),
    preset!("stripe", "Stripe", "payments, invoices, subscriptions"),
    preset!("svix", "Svix", "whoever sends through Svix, with its older header names"),
];

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
            let sample = fields.get("sample")?;
            let mut fields = Fields::open(&sample, &["event", "payload"], problems)?;
            let event = fields.filled("event")?.to_owned();
            Some(About { docs, retries, event, payload: fields.get("payload")?.json() })
        })
    }

    /// The event types that the provider is known to send; empty when nobody listed them. A preset may say that they
    /// are those of another.
    pub fn kinds(&self) -> Vec<String> {
        let listed = self.read(|root, _| {
            let events = root.get("events")?;
            let same = events.text().and_then(Self::find).map(Self::kinds);
            Some(same.unwrap_or_else(|| {
                events.items().iter().filter_map(|item| item.text().map(str::to_owned)).collect()
            }))
        });
        listed.unwrap_or_default()
    }

    pub(super) fn profile(&self) -> Result<Profile, Vec<Diagnostic>> {
        self.read(Profile::read)
    }

    fn read<T>(
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
