//! `forward`: the webhook as it came, byte for byte, to a connection or a URL; signed anew where that is said.

use std::time::Duration;

use ::http::HeaderMap;

use crate::delivery::Mode;
use crate::diagnostic::Diagnostic;
use crate::effect::{Effect, Http, Sign, Success};
use crate::glob::Glob;
use crate::redact;
use crate::secret::{SecretRef, Value};
use crate::settings;
use crate::template::Scope;
use crate::yaml::Node;

use super::address::Target;
use super::header;
use super::http::{self, Goal};
use super::options::Options;
use super::sign::{SIGN, sign};
use super::verb::{Attempts, Built, Compile, Key, Shape, Verb};
use super::{Action, Connection, Failure, field};

pub(super) const VERB: Verb = Verb {
    name: "forward",
    summary: "pass the webhook on as it came, to a connection for `http` or a URL",
    page: None,
    example: "forward: ci\nheaders: [x-github-*, x-hub-signature-256]",
    keys: &[
        Key::new("forward", Shape::Template, "a connection for `http`, or a URL without templates"),
        Key::new(
            "headers",
            Shape::Plains,
            "the headers that go along beside the body's type, `*` for any letters; never those that let somebody in",
        ),
        SIGN,
    ],
    choices: &[],
    service: None,
    mode: Mode::AtLeastOnce,
    attempts: Attempts::Table,
    reaches_command: false,
    compile: Compile::Own(compile),
};

/// Where the body's type stands, which goes along unasked.
const TYPE: &str = "content-type";
/// Headers that are ours to say: by which a repeat is known, and who proxies believe we are.
const OURS: &[&str] = &["idempotency-key", "proxy-authenticate", "proxy-authorization", "via"];
/// Those of a signature of our own begin like this.
const SIGNED: &str = "webhook-";

#[derive(Debug)]
struct Forward {
    goal: Goal,
    headers: Vec<Glob>,
    sign: Option<Sign>,
    timeout: Option<Duration>,
}

fn compile(item: &Node<'_>, options: &Options, problems: &mut Vec<Diagnostic>) -> Option<Built> {
    let node = item.get("forward")?;
    let target = Target::read(&node, problems);
    let headers = match item.get("headers") {
        Some(node) => field::all(settings::one_or_many(&node).iter().map(|item| chosen(item, problems))),
        None => Some(Vec::new()),
    };
    let sign = match item.get("sign") {
        Some(node) => Some(sign(&node, problems)?),
        None => None,
    };
    let (goal, connection) = match target? {
        Target::Connection(named) => (Goal::Connection(named.clone()), Some(named)),
        Target::Url(base, None) => (Goal::own(base), None),
        Target::Url(_, Some(_)) => {
            let problem = node.error("E212", "no template may stand in where a webhook is passed on to");
            problems.push(problem.help("write all of the URL down, or use `http` with `raw: true`"));
            return None;
        }
    };
    let action = Forward { goal, headers: headers?, sign, timeout: options.timeout };
    Some(Built { action: Box::new(action), connection })
}

/// A header's name, or a pattern of names.
fn chosen(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Glob> {
    let text = settings::text(node, problems)?.to_ascii_lowercase();
    let plain = text.replace('*', "x");
    if !text.contains('*') && is_kept_back(&text) {
        let problem = node.error("E004", format!("the header `{text}` is never passed on"));
        problems.push(problem.help("it lets somebody in, or belongs to one connection only: give the destination an `auth` of its own"));
        return None;
    }
    if ::http::HeaderName::from_bytes(plain.as_bytes()).is_ok() {
        return Some(Glob::new(&text));
    }
    let problem = node.error("E004", format!("`{text}` is not the name of a header"));
    problems.push(problem.help("write for example  headers: [x-github-event, x-hub-*]"));
    None
}

/// Whether a header, its name in lower case, stays here whoever wants it.
fn is_kept_back(name: &str) -> bool {
    let is_framing = name != TYPE && header::refused(name).is_some();
    is_framing || OURS.contains(&name) || redact::is_hidden(name)
}

impl Forward {
    /// What goes along of the headers that came.
    fn along(&self, came: &HeaderMap, is_signed: bool) -> Result<Vec<(String, Value)>, Failure> {
        // What the header `Connection` names belongs to the connection it came by (RFC 9110, section 7.6.1).
        let hops: Vec<String> = came
            .get_all("connection")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(',').map(|name| name.trim().to_ascii_lowercase()))
            .collect();
        let mut along = Vec::new();
        for (name, value) in came {
            let name = name.as_str();
            let is_wanted = self.headers.iter().any(|glob| glob.matches(name));
            let is_ours = is_signed && name.starts_with(SIGNED);
            if !is_wanted
                || name == TYPE
                || is_ours
                || is_kept_back(name)
                || hops.iter().any(|hop| hop == name)
            {
                continue;
            }
            let text = std::str::from_utf8(value.as_bytes()).map_err(|_| {
                Failure::Refused(format!("the header `{name}` is not UTF-8: it cannot go along"))
            })?;
            along.push((name.to_owned(), Value::Plain(text.to_owned())));
        }
        Ok(along)
    }
}

impl Action for Forward {
    fn effect(&self, connection: Option<&Connection>, scope: &Scope<'_>) -> Result<Effect, Failure> {
        let site = self.goal.site(connection, VERB.name)?;
        let request = &scope.event().request;
        let sign = self.sign.as_ref().or(site.sign.as_ref()).cloned();
        let mut headers = self.along(&request.headers, sign.is_some())?;
        let is_ours = |name: &str| site.headers.iter().any(|(ours, _)| ours.eq_ignore_ascii_case(name));
        headers.retain(|(name, _)| !is_ours(name));
        headers.extend(site.headers.iter().cloned());
        let granted = connection.map(|connection| connection.allow_private.as_slice()).unwrap_or_default();
        Ok(Effect::Http(Http {
            method: request.method.clone(),
            base: site.base.value.clone(),
            base_is_operators: true,
            path: String::new(),
            query: Vec::new(),
            headers,
            auth: site.auth.clone(),
            content_type: request.header(TYPE).map(str::to_owned),
            body: request.body.clone(),
            sealed: Vec::new(),
            sign,
            first: None,
            timeout: http::timeout(self.timeout, connection),
            allow_private: granted.iter().chain(&site.base.private).copied().collect(),
            redirects: site.redirects(granted),
            success: Success::Status,
        }))
    }

    fn secrets(&self) -> Vec<SecretRef> {
        self.sign.iter().map(Sign::secret).cloned().collect()
    }

    fn goes_by(&self) -> Option<&'static str> {
        Some(http::VERB.name)
    }
}
