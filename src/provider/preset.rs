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
    /// The event type of the sample; empty where the provider has none.
    pub event: String,
    /// A payload such as the provider sends, made up by us.
    pub payload: Value,
    /// Where the single events stand in a body that holds several; all of the body is one event here.
    pub batch: Option<String>,
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
    &["docs", "retries", "events", "sample", "batch", "setup", "look", "read", "unsure"];

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
    preset!("adyen", "Adyen", "payments: authorised, captured, refunded, disputed"),
    preset!("adyen-platform", "Adyen", "balance platform and management: transfers, accounts, terminals"),
    preset!("alertmanager", "Prometheus Alertmanager", "alerts: firing, resolved"),
    preset!("asana", "Asana", "tasks, projects, stories"),
    preset!("auth0", "Auth0", "log streams: sign-ins, failures, changes"),
    preset!("aws-sns", "Amazon SNS", "notifications of a topic with SignatureVersion 2"),
    preset!("aws-sns-sha1", "Amazon SNS", "the same, of a topic with SignatureVersion 1"),
    preset!("azure-event-grid", "Azure Event Grid", "events of Azure services, in the Event Grid schema"),
    preset!("bitbucket", "Bitbucket Cloud", "pushes, pull requests, issues"),
    preset!("bitbucket-server", "Bitbucket Data Center", "pushes, pull requests"),
    preset!("brex", "Brex", "transfers, expenses, users"),
    preset!("calendly", "Calendly", "meetings that were booked or cancelled"),
    preset!("circleci", "CircleCI", "workflows and jobs that completed"),
    preset!("clerk", "Clerk", "users, sessions, organizations"),
    preset!("cloudevents", "CloudEvents", "whoever sends cloudevents.io over HTTP in binary mode"),
    preset!(
        "cloudevents-structured",
        "CloudEvents",
        "the same, in structured mode: type and id stand in the body"
    ),
    preset!("coinbase-commerce", "Coinbase Commerce", "charges: created, confirmed, failed"),
    preset!("datadog", "Datadog", "monitors and events, in a body of your own making"),
    preset!("discord", "Discord", "interactions: slash commands, buttons, menus"),
    preset!("discord-events", "Discord", "webhook events of an app: authorized, entitlements, quests"),
    preset!("docker-hub", "Docker Hub", "images that were pushed"),
    preset!("docusign", "DocuSign Connect", "envelopes: sent, delivered, signed, completed"),
    preset!("dropbox", "Dropbox", "whose files changed; what changed the API tells"),
    preset!("elevenlabs", "ElevenLabs", "calls that ended, transcripts"),
    preset!("forgejo", "Forgejo", "pushes, pull requests, issues, releases"),
    preset!("fusionauth", "FusionAuth", "users, sign-ins, registrations"),
    preset!("generic-basic", "Anybody", "whoever sends user and password (HTTP Basic)"),
    preset!("generic-bearer", "Anybody", "whoever sends a token as Authorization: Bearer"),
    preset!("generic-header", "Anybody", "whoever sends a token in a header, X-Webhook-Token"),
    preset!("generic-hmac", "Anybody", "whoever signs the body with HMAC-SHA-256 into X-Signature, in hex"),
    preset!("generic-jwt", "Anybody", "whoever sends a JSON Web Token (HS256) as Authorization: Bearer"),
    preset!("generic-query", "Anybody", "whoever can set nothing but the URL"),
    preset!("gitea", "Gitea", "pushes, pull requests, issues, releases"),
    preset!("gitea-form", "Gitea", "the same, from a webhook set to send forms"),
    preset!("github", "GitHub", "pushes, pull requests, issues, workflow runs, as JSON"),
    preset!("github-form", "GitHub", "the same, from a webhook set to send forms"),
    preset!("github-sha1", "GitHub", "the same, from old servers that sign with SHA-1 alone"),
    preset!("gitlab", "GitLab", "pushes, merge requests, pipelines, signed (GitLab 19 and later)"),
    preset!("gitlab-token", "GitLab", "the same, with a secret token and no signature"),
    preset!("gogs", "Gogs", "pushes, pull requests, issues, releases"),
    preset!("grafana", "Grafana", "alerts: firing, resolved, with a signed time"),
    preset!("grafana-nots", "Grafana", "the same, from a contact point without a timestamp header"),
    preset!("heroku", "Heroku", "builds, releases, dynos"),
    preset!("hubspot", "HubSpot", "contacts, companies, deals, tickets"),
    preset!("hubspot-v1", "HubSpot", "the same, from older apps that sign with a plain digest"),
    preset!("hubspot-v2", "HubSpot", "the same, from workflows and cards that sign with a plain digest"),
    preset!("intercom", "Intercom", "conversations, contacts, tickets"),
    preset!("jenkins-notification", "Jenkins", "builds, from the Notification plugin"),
    preset!("jira", "Jira Cloud", "issues, comments, sprints, from webhooks of an administrator"),
    preset!("lemonsqueezy", "Lemon Squeezy", "orders, subscriptions, licence keys"),
    preset!("line", "LINE", "messages and follows of a bot"),
    preset!("linear", "Linear", "issues, comments, projects"),
    preset!("loops", "Loops", "what became of e-mails, contacts"),
    preset!("mailchimp", "Mailchimp", "audiences: subscribed, unsubscribed, cleaned, updated"),
    preset!("mailgun", "Mailgun", "what became of e-mails: delivered, opened, failed"),
    preset!("mailgun-route", "Mailgun", "e-mails that come in, from a route that forwards them"),
    preset!("mandrill", "Mailchimp Transactional", "what became of e-mails (Mandrill)"),
    preset!("meta", "Meta", "Facebook, Instagram and WhatsApp: messages, comments, leads"),
    preset!("meta-sha1", "Meta", "the same, signed with SHA-1 as older apps are"),
    preset!("monday", "monday.com", "boards and items, from webhooks and integrations of an app"),
    preset!("mux", "Mux", "videos and live streams"),
    preset!("netlify", "Netlify", "deploys, forms"),
    preset!("notion", "Notion", "pages, data sources, comments"),
    preset!("npm", "npm", "packages that changed, from registries that send npm hooks"),
    preset!("okta", "Okta", "event hooks: users, groups, sign-ins"),
    preset!("openai", "OpenAI", "responses, batches and jobs that ended"),
    preset!("paddle", "Paddle Billing", "transactions, subscriptions, customers"),
    preset!("pagerduty", "PagerDuty", "incidents and services (webhooks v3)"),
    preset!("paypal", "PayPal", "payments, subscriptions, disputes"),
    preset!("polar", "Polar", "orders, subscriptions, customers"),
    preset!("postmark", "Postmark", "what became of e-mails, and those that come in"),
    preset!("razorpay", "Razorpay", "payments, orders, refunds, subscriptions"),
    preset!("render", "Render", "deploys, services, databases"),
    preset!("replicate", "Replicate", "predictions and trainings"),
    preset!("resend", "Resend", "what became of e-mails: delivered, opened, bounced"),
    preset!(
        "salesforce-outbound",
        "Salesforce",
        "outbound messages of workflows and flows, as XML in one text"
    ),
    preset!("sendgrid", "SendGrid", "what became of e-mails: delivered, opened, bounced"),
    preset!("sentry", "Sentry", "issues, errors, alerts, comments"),
    preset!("shopify", "Shopify", "orders, products, customers"),
    preset!("slack", "Slack", "the Events API: messages, mentions, reactions"),
    preset!("slack-command", "Slack", "slash commands"),
    preset!("slack-interactive", "Slack", "buttons, menus and dialogs"),
    preset!("square", "Square", "payments, orders, customers, bookings"),
    preset!("standard-webhooks", "Standard Webhooks", "whoever signs as standardwebhooks.com says"),
    preset!(
        "standard-webhooks-v1a",
        "Standard Webhooks",
        "the same, signed with a private key (v1a, Ed25519)"
    ),
    preset!("stripe", "Stripe", "payments, invoices, subscriptions"),
    preset!("supabase-auth-hooks", "Supabase", "auth hooks: sign-ups, e-mails and messages to be sent"),
    preset!("svix", "Svix", "whoever sends through Svix, with its older header names"),
    preset!("telegram", "Telegram", "messages and buttons of a bot"),
    preset!("telnyx", "Telnyx", "calls, messages, numbers"),
    preset!("terraform-cloud", "HCP Terraform", "runs: planned, applied, errored"),
    preset!("travis", "Travis CI", "builds"),
    preset!("trello", "Trello", "boards, lists, cards"),
    preset!("twilio", "Twilio", "messages, calls and their states"),
    preset!("twitch", "Twitch", "EventSub: streams, follows, subscriptions"),
    preset!("typeform", "Typeform", "answers to forms"),
    preset!("vercel", "Vercel", "deployments, projects, domains"),
    preset!("webflow", "Webflow", "forms, orders, pages, sites"),
    preset!("woocommerce", "WooCommerce", "orders, products, customers, coupons"),
    preset!("workos", "WorkOS", "directories, connections, users, sessions"),
    preset!("x", "X", "posts, likes, follows and messages of accounts (Twitter)"),
    preset!("zendesk", "Zendesk", "tickets, users, articles"),
    preset!("zoom", "Zoom", "meetings, recordings, users"),
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
            let [batch, look] = ["batch", "look"].map(|key| fields.text(key).map(str::to_owned));
            let [setup, read, unsure] = ["setup", "read", "unsure"].map(|key| texts(&fields.list(key)));
            let sample = fields.get("sample")?;
            let mut fields = Fields::open(&sample, &["event", "payload"], problems)?;
            let event = fields.text("event").unwrap_or_default().to_owned();
            let payload = fields.get("payload")?.json();
            Some(About { docs, retries, event, payload, batch, setup, look, read, unsure })
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
