//! `slack`: a message to a channel, through an incoming webhook or a bot's token.

use std::sync::LazyLock;
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use serde_json::{Map, Value as Json};

use crate::delivery::Mode;
use crate::diagnostic::Diagnostic;
use crate::effect::{Auth, Effect, Http, Redirects, Says, Success};
use crate::secret::{SecretRef, Value};
use crate::settings;
use crate::template::{Escape, Scope, Template, Tree};
use crate::yaml::{Node, listed};

use super::address::{self, Base};
use super::connection::Settings;
use super::http::{timeout, unconnected};
use super::options::Options;
use super::verb::{Attempts, Built, Choice, Compile, Connect, Key, Service, Shape, Verb};
use super::{Action, Connection, Failure, Named, field};

pub(super) const VERB: Verb = Verb {
    name: "slack",
    summary: "post a message to Slack",
    page: None,
    example: "slack: sales-chat\ntext: \"{{ $.amount }} from {{ $.customer.email }}\"",
    keys: &[
        Key::new("slack", Shape::Connection, "a connection"),
        Key::new("text", Shape::Template, "the message, in Slack's mrkdwn; values are escaped"),
        Key::new("blocks", Shape::List, "the message, as a list of Block Kit blocks"),
        Key::new("channel", Shape::Template, "the channel, with a bot's token"),
        Key::new("thread", Shape::Template, "the `ts` of the message to answer"),
        Key::new(
            "response_url",
            Shape::Template,
            "the `response_url` of a slash command or an interaction, in place of a channel",
        ),
        Key::new(
            "replace",
            Shape::Truth,
            "whether it replaces the message that was acted on; with `response_url`",
        ),
        Key::new(
            "delete",
            Shape::Truth,
            "whether the message that was acted on is deleted, in place of a message; with `response_url`",
        ),
        Key::new(
            "response_type",
            Shape::Word(RESPONSE_TYPES),
            "who sees it: the one who acted, unless said, or all in the channel; with `response_url`",
        ),
    ],
    choices: &[Choice::AtLeastOne(&["text", "blocks", "delete"])],
    service: Some(Service {
        example: "slack: { url: { env: SLACK_WEBHOOK_URL } }\nrate: 1/s",
        keys: &[
            Key::new("url", Shape::TextOrSecret, "an incoming webhook"),
            Key::new("token", Shape::Secret, "a bot's token, in place of `url`"),
            Key::new("channel", Shape::Text, "the channel where the action names none; with `token`"),
            Key::new(
                "hooks",
                Shape::Text,
                "where every `response_url` leads; `https://hooks.slack.com` unless said",
            ),
            Key::new(
                "api",
                Shape::TextOrSecret,
                "the Web API; `https://slack.com/api` unless said; with `token`",
            ),
        ],
        choices: &[
            Choice::ExactlyOne(&["url", "token"]),
            Choice::Needs("channel", &["token"]),
            Choice::Needs("api", &["token"]),
        ],
        compile: Connect::Own(workspace),
    }),
    mode: Mode::AtLeastOnce,
    attempts: Attempts::Table,
    reaches_command: false,
    compile: Compile::Own(compile),
};

/// Slack's Web API: <https://docs.slack.dev/apis/web-api>.
const API: &str = "https://slack.com/api";
/// Where `response_url` leads, five times within half an hour:
/// <https://docs.slack.dev/interactivity/handling-user-interaction>.
const HOOKS: &str = "https://hooks.slack.com";
/// Who sees what is sent to a `response_url`.
const RESPONSE_TYPES: &[&str] = &["ephemeral", "in_channel"];
/// The method that posts: <https://docs.slack.dev/reference/methods/chat.postMessage>.
const POST: &str = "/chat.postMessage";
/// What a webhook and a `response_url` answer: `ok`, or a status and a word as plain text or in `error`.
/// <https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks>
pub(super) static HOOK_SAYS: LazyLock<Says> = LazyLock::new(|| Says {
    fails: Some("/error".to_owned()),
    why: vec!["/error".to_owned(), String::new()],
    ..Says::default()
});
/// What the Web API answers: 200 with `ok`, and `error` when it is false; 429 with `Retry-After`.
/// <https://docs.slack.dev/apis/web-api>, <https://docs.slack.dev/apis/web-api/rate-limits>
pub(super) static API_SAYS: LazyLock<Says> = LazyLock::new(|| Says {
    done: Some(("/ok".to_owned(), true.into())),
    why: vec!["/error".to_owned()],
    again: vec![("/error".to_owned(), FOR_NOW.iter().map(|word| (*word).to_owned()).collect())],
    ..Says::default()
});
/// Errors of the Web API that say nothing against the message.
const FOR_NOW: &[&str] = &[
    "ratelimited",
    "rate_limited",
    "internal_error",
    "fatal_error",
    "service_unavailable",
    "request_timeout",
    "team_added_to_org",
    "org_login_required",
];
const JSON: &str = "application/json; charset=utf-8";
const HELP: &str =
    "write  slack: { url: { env: SLACK_WEBHOOK_URL } }  or  slack: { token: { env: SLACK_BOT_TOKEN } }";

/// A connection's settings.
#[derive(Debug)]
pub(super) struct Team {
    workspace: Workspace,
    /// Where every `response_url` leads.
    hooks: Base,
}

/// How messages are posted.
#[derive(Debug)]
enum Workspace {
    /// An incoming webhook: it has its channel already.
    Webhook(Base),
    /// A bot.
    Bot { api: Base, token: SecretRef, channel: Option<String> },
}

#[derive(Debug)]
struct Message {
    named: Named,
    text: Option<Template>,
    blocks: Option<Tree>,
    channel: Option<Template>,
    thread: Option<Template>,
    response_url: Option<Template>,
    original: Option<Original>,
    response_type: Option<String>,
    timeout: Option<Duration>,
}

/// What becomes of the message that was acted on.
#[derive(Clone, Copy, Debug)]
enum Original {
    Replaced,
    Deleted,
}

impl Team {
    pub(super) const fn base(&self) -> &Base {
        match &self.workspace {
            Workspace::Webhook(base) | Workspace::Bot { api: base, .. } => base,
        }
    }

    pub(super) fn secrets(&self) -> Vec<SecretRef> {
        match &self.workspace {
            Workspace::Webhook(base) => base.secret().cloned().into_iter().collect(),
            Workspace::Bot { api, token, .. } => {
                api.secret().cloned().into_iter().chain([token.clone()]).collect()
            }
        }
    }
}

fn workspace(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Settings> {
    let workspace = match (node.get("url"), node.get("token")) {
        (Some(url), None) => {
            for key in ["channel", "api"] {
                if let Some(entry) = node.get(key) {
                    let problem =
                        entry.key_error("E004", format!("`{key}` goes with `token`, not with `url`"));
                    problems.push(problem.help("an incoming webhook has its channel already"));
                }
            }
            Workspace::Webhook(Base::read(&url, problems)?)
        }
        (None, Some(token)) => {
            let token = settings::secret(&token, problems);
            let channel = node.get("channel").map(|node| field::literal(&node, problems));
            let api = match node.get("api") {
                Some(node) => Base::read(&node, problems),
                None => Some(Base { value: Value::Plain(API.to_owned()), private: Vec::new() }),
            };
            Workspace::Bot { api: api?, token: token?, channel: channel.flatten() }
        }
        (Some(_), Some(token)) => {
            problems
                .push(token.key_error("E004", "`url` and `token`: a connection has one of them").help(HELP));
            return None;
        }
        (None, None) => {
            problems.push(node.key_error("E005", "the connection has neither `url` nor `token`").help(HELP));
            return None;
        }
    };
    let hooks = match node.get("hooks") {
        Some(node) => {
            field::literal(&node, problems)?;
            Base::read(&node, problems)?
        }
        None => Base { value: Value::Plain(HOOKS.to_owned()), private: Vec::new() },
    };
    Some(Settings::Slack(Team { workspace, hooks }))
}

fn compile(item: &Node<'_>, options: &Options, problems: &mut Vec<Diagnostic>) -> Option<Built> {
    let node = item.get("slack")?;
    let named = address::connection(&node, problems);
    let before = problems.len();
    let text = item.get("text").and_then(|node| field::template(&node, Escape::Slack, problems));
    let blocks = item.get("blocks").and_then(|node| blocks(&node, problems));
    let channel = item.get("channel").and_then(|node| field::template(&node, Escape::None, problems));
    let thread = item.get("thread").and_then(|node| field::template(&node, Escape::None, problems));
    let response_url =
        item.get("response_url").and_then(|node| field::template(&node, Escape::None, problems));
    if response_url.is_none() {
        for node in ["replace", "delete", "response_type"].iter().filter_map(|key| item.get(key)) {
            let key = node.key().unwrap_or_default();
            problems.push(node.key_error("E005", format!("`{key}` goes with `response_url`")));
        }
    }
    let mut truth = |key| item.get(key).and_then(|node| settings::truth(&node, problems)).unwrap_or_default();
    let original = match (truth("replace"), truth("delete")) {
        (_, true) => Some(Original::Deleted),
        (true, false) => Some(Original::Replaced),
        (false, false) => None,
    };
    let response_type = item.get("response_type").and_then(|node| response_type(&node, problems));
    let is_empty = text.is_none() && blocks.is_none() && !matches!(original, Some(Original::Deleted));
    if is_empty && problems.len() == before {
        let problem = node.key_error("E005", "the message has neither `text` nor `blocks`");
        problems.push(problem.help("write  text: \"…\"  beside it"));
    }
    let named = named?;
    let connection = Some(named.clone());
    let timeout = options.timeout;
    let action =
        Message { named, text, blocks, channel, thread, response_url, original, response_type, timeout };
    Some(Built { action: Box::new(action), connection })
}

fn response_type(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<String> {
    let word = field::literal(node, problems)?;
    if !RESPONSE_TYPES.contains(&word.as_str()) {
        let problem = node.error("E004", format!("`response_type` cannot be `{word}`"));
        problems.push(problem.help(format!("it is one of {}", listed(RESPONSE_TYPES.iter().copied()))));
        return None;
    }
    Some(word)
}

fn blocks(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Tree> {
    if node.value().is_sequence() {
        return field::tree(node, Escape::Slack, problems);
    }
    problems.push(node.unwanted("a list of blocks"));
    None
}

impl Message {
    /// The message as Slack reads it.
    fn payload(&self, channel: Option<String>, scope: &Scope<'_>) -> Result<Bytes, Failure> {
        let mut message = Map::new();
        let mut put = |key: &str, value: Json| message.insert(key.to_owned(), value);
        if let Some(channel) = channel {
            put("channel", channel.into());
        }
        if let Some(text) = &self.text {
            put("text", text.text(scope)?.into());
        }
        if let Some(blocks) = &self.blocks {
            put("blocks", blocks.value(scope)?);
        }
        if let Some(thread) = &self.thread {
            put("thread_ts", thread.text(scope)?.into());
        }
        match self.original {
            Some(Original::Replaced) => drop(put("replace_original", true.into())),
            Some(Original::Deleted) => drop(put("delete_original", true.into())),
            None => {}
        }
        if let Some(response_type) = &self.response_type {
            put("response_type", response_type.as_str().into());
        }
        Ok(Json::Object(message).to_string().into())
    }
}

/// The path of a `response_url`, which has to lead to Slack.
fn behind(hooks: &Base, url: &str) -> Result<String, Failure> {
    let begin = match &hooks.value {
        Value::Plain(begin) => begin.trim_end_matches('/'),
        Value::Secret(_) => "",
    };
    let path = url.strip_prefix(begin).filter(|path| !begin.is_empty() && path.starts_with('/'));
    let refused = || Failure::Refused(format!("`response_url` does not lead to `{begin}`"));
    path.map(str::to_owned).ok_or_else(refused)
}

impl Action for Message {
    fn effect(&self, connection: Option<&Connection>, scope: &Scope<'_>) -> Result<Effect, Failure> {
        let Some((connection, Settings::Slack(Team { workspace, hooks }))) =
            connection.map(|connection| (connection, &connection.settings))
        else {
            return Err(unconnected(&self.named.name, "slack"));
        };
        let own = self.channel.as_ref().map(|channel| channel.text(scope)).transpose()?;
        let response_url = self.response_url.as_ref().map(|url| url.text(scope)).transpose()?;
        let (base, path, auth, says, channel) = match (workspace, response_url) {
            (_, Some(url)) => (hooks, behind(hooks, &url)?, Auth::None, &*HOOK_SAYS, None),
            (Workspace::Webhook(base), None) => (base, String::new(), Auth::None, &*HOOK_SAYS, own),
            (Workspace::Bot { api, token, channel }, None) => {
                let channel = own.or_else(|| channel.clone());
                (api, POST.to_owned(), Auth::Bearer(token.clone()), &*API_SAYS, channel)
            }
        };
        if let Some((message, _)) = self.lacks(connection) {
            return Err(Failure::Refused(message));
        }
        Ok(Effect::Http(Http {
            method: Method::POST,
            base: base.value.clone(),
            base_is_operators: true,
            path,
            query: Vec::new(),
            headers: Vec::new(),
            auth,
            content_type: Some(JSON.to_owned()),
            body: self.payload(channel, scope)?,
            sealed: Vec::new(),
            sign: None,
            first: None,
            timeout: timeout(self.timeout, Some(connection)),
            allow_private: connection.allow_private.iter().chain(&base.private).copied().collect(),
            redirects: Redirects::default(),
            success: Success::Said(says),
        }))
    }

    fn lacks(&self, connection: &Connection) -> Option<(String, String)> {
        let name = &connection.name;
        let Settings::Slack(Team { workspace, .. }) = &connection.settings else { return None };
        match workspace {
            _ if self.response_url.is_some() => None,
            Workspace::Bot { channel: None, .. } if self.channel.is_none() => Some((
                format!("neither the action nor the connection `{name}` names a channel"),
                "write  channel: \"#sales\"  in one of them".to_owned(),
            )),
            Workspace::Webhook(_) if self.channel.is_some() => Some((
                format!("`{name}` is an incoming webhook, which has its channel already"),
                "leave `channel` out, or give the connection a `token` in place of `url`".to_owned(),
            )),
            _ => None,
        }
    }
}
