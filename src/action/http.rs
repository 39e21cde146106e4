//! `http`: a request to a connection or a URL.

use std::time::Duration;

use bytes::Bytes;
use http::Method;
use ipnet::IpNet;

use crate::delivery::Mode;
use crate::diagnostic::Diagnostic;
use crate::effect::{self, Auth, Effect, Redirects, Sign, Success};
use crate::limit;
use crate::secret::{SecretRef, Value};
use crate::settings;
use crate::template::{Escape, Scope, Template};
use crate::yaml::{Node, listed};

use super::address::{Base, Target};
use super::connection::Settings;
use super::content::Typed;
use super::header::Headers;
use super::options::Options;
use super::sign::{SIGN, sign};
use super::url_path::UrlPath;
use super::verb::{Attempts, Built, Choice, Compile, Connect, Key, Service, Shape, Verb};
use super::{Action, Connection, Failure, Named, authorisation, field};

pub(super) const VERB: Verb = Verb {
    name: "http",
    summary: "send a request to a connection or a URL",
    page: None,
    example: "http: erp\nmethod: POST\npath: /alarms/{{ params.site }}\njson: { value: \"{{ $.celsius }}\" }",
    keys: &[
        Key::new("http", Shape::Template, "a connection, or a URL whose host is written down"),
        Key::new("method", Shape::Word(METHODS), "`POST` unless said"),
        Key::new("path", Shape::Template, "behind the URL; each value enters as one segment"),
        Key::new("query", Shape::Fields, "parameters of the URL"),
        Key::new("headers", Shape::Settings, "headers; they replace the connection's"),
        Key::new("json", Shape::Json, "the body, as JSON"),
        Key::new("form", Shape::Fields, "the body, as a form"),
        Key::new("body", Shape::Template, "the body, as text"),
        Key::new("raw", Shape::True, "the body as the webhook had it, with its type"),
        Key::new("content_type", Shape::Text, "the type of the body"),
        Key::new(
            "redirects",
            Shape::Number(0, limit::REDIRECTS_MAX),
            "so many redirects in a row are followed where the URL stands here, as a connection follows them; 0 unless said",
        ),
    ],
    choices: &[Choice::AtMostOne(BODIES), Choice::Needs("content_type", BODIES)],
    service: Some(Service {
        example: "http: { url: https://erp.example.com/api/v2, auth: { bearer: { env: ERP_TOKEN } } }\nrate: 10/s",
        keys: &[
            Key::needed("url", Shape::TextOrSecret, "where it goes: scheme, host and the start of the path"),
            Key::new(
                "auth",
                Shape::OneOf(authorisation::KINDS),
                "`bearer`, `basic`, `header` or `certificate`",
            ),
            Key::new("headers", Shape::Settings, "headers of every request"),
            SIGN,
            REDIRECTS,
        ],
        choices: &[],
        compile: Connect::Own(site),
    }),
    mode: Mode::AtLeastOnce,
    attempts: Attempts::Table,
    reaches_command: false,
    compile: Compile::Own(compile),
};

/// A connection's redirects.
const REDIRECTS: Key = Key::new(
    "redirects",
    Shape::Number(0, limit::REDIRECTS_MAX),
    "so many redirects in a row are followed: 307 and 308 with method and body, 301 to 303 of a `GET` or `HEAD` only, never from https to http; to another scheme, host or port without credentials and the rule's headers. 0 unless said: an answer of 3xx is a failure",
);

const METHODS: &[&str] = &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const BODIES: &[&str] = &["json", "form", "body", "raw"];

/// A connection's settings.
#[derive(Debug)]
pub(super) struct Site {
    pub(super) base: Base,
    pub(super) auth: Auth,
    pub(super) headers: Vec<(String, Value)>,
    pub(super) sign: Option<Sign>,
    /// Redirects that are followed in a row.
    pub(super) redirects: usize,
}

/// Where a request goes.
#[derive(Debug)]
pub(super) enum Goal {
    Connection(Named),
    /// The action's own URL.
    Own(Site),
}

#[derive(Debug)]
struct Request {
    goal: Goal,
    method: Method,
    path: Option<UrlPath>,
    query: Vec<(String, Template)>,
    headers: Headers,
    body: Option<Typed>,
    timeout: Option<Duration>,
}

impl Site {
    pub(super) const fn base(&self) -> &Base {
        &self.base
    }

    /// What of redirects is followed; away from the site, only to private networks that were granted in so many words.
    pub(super) fn redirects(&self, granted: &[IpNet]) -> Redirects {
        match self.redirects {
            0 => Redirects::default(),
            most => Redirects { most, allow_private: granted.to_vec() },
        }
    }

    pub(super) fn secrets(&self) -> Vec<SecretRef> {
        let headers = self.headers.iter().filter_map(|(_, value)| match value {
            Value::Plain(_) => None,
            Value::Secret(reference) => Some(reference),
        });
        self.base
            .secret()
            .into_iter()
            .chain(headers)
            .cloned()
            .chain(authorisation::secrets(&self.auth))
            .chain(self.sign.iter().map(Sign::secret).cloned())
            .collect()
    }
}

fn site(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Settings> {
    if !node.value().is_mapping() {
        let problem = node.unwanted("a map").help("write  http: { url: https://api.example.com }");
        problems.push(problem);
        return None;
    }
    let base = match node.get("url") {
        Some(url) => Base::read(&url, problems),
        None => {
            let problem = node.key_error("E005", "the connection has no `url`");
            problems.push(problem.help("write  http: { url: https://api.example.com }"));
            None
        }
    };
    let auth = match node.get("auth") {
        Some(auth) => authorisation::read(&auth, problems),
        None => Some(Auth::None),
    };
    let headers = match node.get("headers") {
        Some(headers) => Headers::read_literal(&headers, problems),
        None => Some(Vec::new()),
    };
    let sign = match node.get("sign") {
        Some(node) => Some(sign(&node, problems)?),
        None => None,
    };
    let redirects = match node.get("redirects") {
        Some(node) => redirects(&node, problems),
        None => Some(0),
    };
    let (base, auth, headers) = (base?, auth?, headers?);
    Some(Settings::Http(Site { base, auth, headers, sign, redirects: redirects? }))
}

fn redirects(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<usize> {
    let most = u32::try_from(limit::REDIRECTS_MAX).unwrap_or(u32::MAX);
    settings::count(node, 0, most, problems).and_then(|count| usize::try_from(count).ok())
}

fn compile(item: &Node<'_>, options: &Options, problems: &mut Vec<Diagnostic>) -> Option<Built> {
    let target = item.get("http").and_then(|node| Target::read(&node, problems));
    let method = match item.get("method") {
        Some(node) => method(&node, problems),
        None => Some(Method::POST),
    };
    let path = item.get("path").and_then(|node| UrlPath::read(&node, problems));
    let query = match item.get("query") {
        Some(node) => field::fields(&node, Escape::None, problems),
        None => Some(Vec::new()),
    };
    let headers = match item.get("headers") {
        Some(node) => Headers::read(&node, problems),
        None => Some(Headers::default()),
    };
    let body = Typed::read(item, BODIES, problems);
    let (goal, path) = match (target?, item.get("path")) {
        (Target::Connection(named), _) => (Goal::Connection(named), path),
        (Target::Url(base, None), _) => (Goal::own(base), path),
        (Target::Url(base, inside), None) => (Goal::own(base), inside),
        (Target::Url(_, Some(_)), Some(node)) => {
            let problem = node.key_error("E004", "the URL has a template in its path already");
            problems.push(problem.help("say the path once: in the URL or in `path`"));
            return None;
        }
    };
    let goal = goal.redirected(item.get("redirects"), problems)?;
    let connection = match &goal {
        Goal::Connection(named) => Some(named.clone()),
        Goal::Own(_) => None,
    };
    let timeout = options.timeout;
    let action = Request { goal, method: method?, path, query: query?, headers: headers?, body, timeout };
    Some(Built { action: Box::new(action), connection })
}

fn method(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Method> {
    let text = field::literal(node, problems)?;
    let known = METHODS.iter().find(|method| **method == text).and_then(|method| method.parse().ok());
    if known.is_none() {
        let problem = node.error("E004", format!("`{text}` is not a method that can be sent"));
        problems.push(problem.help(format!("the methods are {}", listed(METHODS.iter().copied()))));
    }
    known
}

impl Goal {
    pub(super) fn own(base: Base) -> Self {
        Self::Own(Site { base, auth: Auth::None, headers: Vec::new(), sign: None, redirects: 0 })
    }

    /// With what stands under `redirects` in the action.
    fn redirected(self, node: Option<Node<'_>>, problems: &mut Vec<Diagnostic>) -> Option<Self> {
        match (self, node) {
            (Self::Own(site), Some(node)) => {
                Some(Self::Own(Site { redirects: redirects(&node, problems)?, ..site }))
            }
            (Self::Connection(named), Some(node)) => {
                let problem =
                    node.key_error("E004", "`redirects` stands in the connection that is named here");
                let mend = format!("{}: {{ http: {{ url: …, redirects: {} }} }}", named.name, node.raw());
                problems.push(problem.help(mend));
                None
            }
            (goal, None) => Some(goal),
        }
    }

    /// The site: its own or its connection's.
    pub(super) fn site<'s>(
        &'s self,
        connection: Option<&'s Connection>,
        verb: &str,
    ) -> Result<&'s Site, Failure> {
        match (self, connection.map(|connection| &connection.settings)) {
            (Self::Own(site), _) | (Self::Connection(_), Some(Settings::Http(site))) => Ok(site),
            (Self::Connection(named), _) => Err(unconnected(&named.name, verb)),
        }
    }
}

/// The connection of an action is gone, or another verb's.
pub(super) fn unconnected(name: &str, verb: &str) -> Failure {
    Failure::Refused(format!("there is no connection `{name}` for `{verb}` any more"))
}

impl Action for Request {
    fn effect(&self, connection: Option<&Connection>, scope: &Scope<'_>) -> Result<Effect, Failure> {
        let site = self.goal.site(connection, VERB.name)?;
        let path = self.path.as_ref().map(|path| path.fill(scope)).transpose()?.unwrap_or_default();
        let mut query = Vec::with_capacity(self.query.len());
        for (name, template) in &self.query {
            query.push((name.clone(), template.text(scope)?));
        }
        let (body, content_type) = match &self.body {
            Some(body) => body.fill(scope).map(|(body, kind)| (body, Some(kind)))?,
            None => (Bytes::new(), None),
        };
        let granted = connection.map(|connection| connection.allow_private.as_slice()).unwrap_or_default();
        Ok(Effect::Http(effect::Http {
            method: self.method.clone(),
            base: site.base.value.clone(),
            base_is_operators: true,
            path,
            query,
            headers: self.headers.fill(&site.headers, scope)?,
            auth: site.auth.clone(),
            content_type,
            body,
            sealed: Vec::new(),
            sign: site.sign.clone(),
            first: None,
            timeout: timeout(self.timeout, connection),
            allow_private: granted.iter().chain(&site.base.private).copied().collect(),
            redirects: site.redirects(granted),
            success: Success::Status,
        }))
    }

    fn secrets(&self) -> Vec<SecretRef> {
        self.headers.secrets().cloned().collect()
    }
}

/// The time for a request: the action's, else the connection's, else the default.
pub(super) fn timeout(own: Option<Duration>, connection: Option<&Connection>) -> Duration {
    own.or_else(|| connection.and_then(|connection| connection.timeout)).unwrap_or(limit::HTTP_TIMEOUT)
}
