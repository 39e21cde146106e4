//! Connections: where actions go. Secrets, limits and retries live here once.

use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;

use crate::delivery::Retry;
use crate::diagnostic::{Diagnostic, Severity};
use crate::effect::guard;
use crate::limit;
use crate::schedule::breaker::Policy;
use crate::secret::{SecretRef, Value};
use crate::settings;
use crate::template::Template;
use crate::unit::Rate;
use crate::yaml::{Node, listed, nearest};

use super::address::{self, Base};
use super::verb::{Key, Service, Shape, Verb, Verbs};
use super::{BREAKER_KEYS, breaker, declared, field, http, key, mail_server, slack};

/// The options of every connection.
pub const CONNECTION_OPTIONS: &[Key] = &[
    Key::new("rate", Shape::Rate, "attempts that begin in some time"),
    Key::new(
        "concurrency",
        Shape::Number(1, limit::CONNECTION_CONCURRENCY_MAX),
        "attempts under way at once",
    ),
    Key::new("timeout", Shape::Duration, "the time for one attempt"),
    Key::new("retry", Shape::Retry, "when and how often to try again"),
    Key::new(
        "circuit_breaker",
        Shape::Map(BREAKER_KEYS),
        "spares a destination that is down: `{}`, or `failures`, `open_for` and `probes`",
    ),
    Key::new(
        "order_by",
        Shape::AnyText,
        "deliveries of one key keep their order, whatever rule they are of; a template makes the key, such as `{{ $.customer }}`",
    ),
    Key::new("allow_private", Shape::Networks, "private networks that it may reach"),
];

/// Where actions go.
#[derive(Debug)]
pub struct Connection {
    /// Its name.
    pub name: String,
    /// The verb that goes through it.
    pub verb: &'static Verb,
    /// Attempts under way at once; at least 1.
    pub concurrency: usize,
    /// Attempts that begin in some time; `None` for no bound.
    pub rate: Option<Rate>,
    /// What spares it while it is down; `None` for nothing.
    pub breaker: Option<Policy>,
    /// The time for one attempt, where the action does not say.
    pub timeout: Option<Duration>,
    /// The retry policy, where the action does not say.
    pub retry: Option<Retry>,
    /// What makes the key by which its deliveries keep their order, where their rule says nothing of the kind.
    pub order_by: Option<Arc<Template>>,
    /// Private networks that it may reach; those that its own URL names come on top.
    pub allow_private: Vec<IpNet>,
    pub(super) settings: Settings,
}

/// What each verb's connections have.
#[derive(Debug)]
pub(super) enum Settings {
    Http(http::Site),
    Slack(slack::Team),
    Mail(mail_server::MailServer),
    Declared(declared::Account),
}

impl Connection {
    /// Checks one entry of `connections`.
    pub fn compile(
        name: &str,
        node: &Node<'_>,
        verbs: &Verbs,
        problems: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let before = problems.len();
        let (verb, service, under) = service(name, node, verbs, problems)?;
        for (key, entry) in node.entries() {
            check_key(verb, key, &entry, problems);
        }
        check_own_keys(verb, service, &under, problems);
        let get = |key: &str| node.get(key);
        let most = u32::try_from(limit::CONNECTION_CONCURRENCY_MAX).unwrap_or(u32::MAX);
        let concurrency = get("concurrency").and_then(|node| settings::count(&node, 1, most, problems));
        let connection = Self {
            name: name.to_owned(),
            verb,
            concurrency: concurrency
                .and_then(|count| usize::try_from(count).ok())
                .unwrap_or(limit::CONNECTION_CONCURRENCY),
            rate: get("rate").and_then(|node| settings::rate(&node, problems)),
            breaker: get("circuit_breaker").and_then(|node| breaker::compile(&node, problems)),
            timeout: get("timeout").and_then(|node| field::timeout(&node, problems)),
            retry: get("retry").and_then(|node| settings::retry(&node, problems)),
            order_by: get("order_by").and_then(|node| key(&node, problems)).map(Arc::new),
            allow_private: get("allow_private")
                .and_then(|node| settings::networks(&node, problems))
                .unwrap_or_default(),
            settings: service.compile.call(&under, problems)?,
        };
        connection.judge(node, &under, problems);
        let sound = problems.iter().skip(before).all(|problem| problem.severity != Severity::Error);
        sound.then_some(connection)
    }

    fn own_bases(&self) -> Vec<&Base> {
        match &self.settings {
            Settings::Http(site) => vec![site.base()],
            Settings::Slack(workspace) => vec![workspace.base()],
            Settings::Declared(account) => account.bases(),
            // A mail server has no URL.
            Settings::Mail(_) => Vec::new(),
        }
    }

    /// Complains of addresses that are written down and not opened, and warns of those that hand out credentials.
    fn judge(&self, node: &Node<'_>, under: &Node<'_>, problems: &mut Vec<Diagnostic>) {
        let unopened = self.own_bases().into_iter().find_map(|base| base.unopened(&self.allow_private));
        let unopened = unopened.or_else(|| match &self.settings {
            Settings::Mail(server) => {
                address::unopened(&mail_server::base(&server.host), &self.allow_private)
            }
            _ => None,
        });
        if let Some(why) = unopened {
            let held = under.get("url").or_else(|| under.get("host"));
            let place = held.as_ref().unwrap_or(under);
            problems.push(place.error("E221", why.to_string()).help(why.mend()));
        }
        let networks = self.allow_private.iter();
        let found = networks.filter_map(|network| Some((network, guard::metadata_in(network)?))).next();
        if let Some(((network, address), listed)) = found.zip(node.get("allow_private")) {
            let message = format!(
                "`{network}` opens `{address}`, where a cloud hands out the credentials of this machine"
            );
            problems.push(
                listed
                    .warning("W314", message)
                    .help("leave it out unless that is what the connection is for"),
            );
        }
    }

    /// The URLs that it goes to, each with the private networks that may be reached there.
    pub fn bases(&self) -> Vec<(&Value, Vec<IpNet>)> {
        let networks = |own: &[IpNet]| own.iter().chain(&self.allow_private).copied().collect();
        self.own_bases().into_iter().map(|base| (&base.value, networks(&base.private))).collect()
    }

    /// The mail server that it goes to, as `HOST:PORT`, with the private networks that may be reached there.
    pub fn mail_server(&self) -> Option<(String, Vec<IpNet>)> {
        let Settings::Mail(server) = &self.settings else { return None };
        let networks = server.private.iter().chain(&self.allow_private).copied().collect();
        Some((format!("{}:{}", server.host, server.port), networks))
    }

    /// The secrets that it names.
    pub fn secrets(&self) -> Vec<SecretRef> {
        match &self.settings {
            Settings::Http(site) => site.secrets(),
            Settings::Slack(workspace) => workspace.secrets(),
            Settings::Mail(server) => server.secrets(),
            Settings::Declared(account) => account.secrets(),
        }
    }
}

/// The one verb of a connection, and what stands under it.
fn service<'d>(
    name: &str,
    node: &Node<'d>,
    known: &Verbs,
    problems: &mut Vec<Diagnostic>,
) -> Option<(&'static Verb, &'static Service, Node<'d>)> {
    let entries = node.entries();
    let mut verbs = entries.iter().filter_map(|(key, entry)| Some((known.find(key)?, entry)));
    let help = format!(
        "a connection has one of {}: {name}: {{ http: {{ url: https://… }} }}",
        listed(with_service(known))
    );
    let problem = match (verbs.next(), verbs.next()) {
        (Some((verb, entry)), None) => match &verb.service {
            Some(service) => return Some((verb, service, entry.clone())),
            None => entry.key_error("E211", format!("`{}` goes through no connection", verb.name)),
        },
        (Some((one, _)), Some((two, entry))) => {
            entry.key_error("E211", format!("`{}` and `{}` in one connection", one.name, two.name))
        }
        (None, _) => match entries
            .iter()
            .find_map(|(key, entry)| Some((nearest(key, with_service(known))?, entry)))
        {
            Some((near, entry)) => {
                let key = entry.key().unwrap_or_default();
                entry.key_error("E211", format!("`{key}` is no kind of connection; did you mean `{near}`?"))
            }
            None => node.key_error("E211", format!("the connection `{name}` does not say where it goes")),
        },
    };
    problems.push(problem.help(help));
    None
}

fn with_service(verbs: &Verbs) -> impl Iterator<Item = &'static str> {
    verbs.iter().filter(|verb| verb.service.is_some()).map(|verb| verb.name)
}

fn check_key(verb: &Verb, key: &str, entry: &Node<'_>, problems: &mut Vec<Diagnostic>) {
    let known = || CONNECTION_OPTIONS.iter().map(|option| option.name);
    if key == verb.name || entry.is_own() || known().any(|option| option == key) {
        return;
    }
    let known: Vec<&str> = std::iter::once(verb.name).chain(known()).collect();
    problems.push(entry.unknown_key(&known));
}

/// Complains about keys under the verb that its connections do not have.
fn check_own_keys(verb: &Verb, service: &Service, under: &Node<'_>, problems: &mut Vec<Diagnostic>) {
    let known: Vec<&str> = service.keys.iter().map(|key| key.name).collect();
    for (key, entry) in under.entries() {
        if known.contains(&key) || entry.is_own() {
            continue;
        }
        problems.push(if CONNECTION_OPTIONS.iter().any(|option| option.name == key) {
            let problem =
                entry.key_error("E003", format!("`{key}` stands beside `{}`, not in it", verb.name));
            problem.help(format!("{}: {{ … }}, {key}: {}", verb.name, entry.raw()))
        } else {
            entry.unknown_key(&known)
        });
    }
}
