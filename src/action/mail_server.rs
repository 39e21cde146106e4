//! A connection for `email`: the SMTP server, how it is reached, and who sends.

use std::net::Ipv6Addr;

use ipnet::IpNet;
use url::Url;

use crate::diagnostic::Diagnostic;
use crate::effect::{self, MailTls, Mailbox, Unopened};
use crate::secret::{SecretRef, Value};
use crate::settings;
use crate::yaml::{Node, listed, nearest};

use super::connection::Settings;
use super::verb::{Choice, Connect, Key, Service, Shape};
use super::{field, mailbox};

pub(super) const SERVER: Service = Service {
    example: "email: { host: smtp.example.com, user: robot, password: { env: SMTP_PASSWORD }, from: Shop <shop@example.com> }\nrate: 1/s",
    keys: &[
        Key::needed("host", Shape::Text, "the SMTP server"),
        Key::new("port", Shape::Number(1, 65_535), "its port; 465, 587 or 25 by `tls` unless said"),
        Key::new(
            "tls",
            Shape::Word(WORDS),
            "`implicit` (from the first byte), `starttls`, or `none`, which only private networks get; `starttls` unless said, and `implicit` on port 465",
        ),
        Key::new("user", Shape::TextOrSecret, "who we are"),
        Key::new("password", Shape::Secret, "and how we prove it"),
        Key::needed("from", Shape::Text, "the sender: `shop@example.com` or `Shop <shop@example.com>`"),
    ],
    choices: &[Choice::Needs("user", &["password"]), Choice::Needs("password", &["user"])],
    compile: Connect::Own(server),
};

/// The ways to speak, each with its usual port.
const TLS: &[(&str, MailTls, u16)] = &[
    ("implicit", MailTls::Implicit, 465),
    ("starttls", MailTls::StartTls, 587),
    ("none", MailTls::None, 25),
];
const WORDS: &[&str] = &["implicit", "starttls", "none"];

/// A connection's settings.
#[derive(Debug)]
pub(super) struct MailServer {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) tls: MailTls,
    pub(super) credentials: Option<(Value, SecretRef)>,
    pub(super) from: Mailbox,
    /// The private networks that its host names by itself.
    pub(super) private: Vec<IpNet>,
}

impl MailServer {
    pub(super) fn secrets(&self) -> Vec<SecretRef> {
        match &self.credentials {
            Some((Value::Secret(user), password)) => vec![user.clone(), password.clone()],
            Some((Value::Plain(_), password)) => vec![password.clone()],
            None => Vec::new(),
        }
    }
}

/// Reads what stands under `email` in a connection.
pub(super) fn server(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Settings> {
    if !node.value().is_mapping() {
        problems.push(
            node.unwanted("a map").help("write  email: { host: smtp.example.com, from: me@example.com }"),
        );
        return None;
    }
    let before = problems.len();
    for key in ["host", "from"].into_iter().filter(|key| node.get(key).is_none()) {
        let problem = node.key_error("E005", format!("the connection has no `{key}`"));
        problems.push(problem.help("write  email: { host: smtp.example.com, from: me@example.com }"));
    }
    let host = node.get("host").and_then(|node| host(&node, problems));
    let port = node.get("port").and_then(|node| settings::count(&node, 1, 65_535, problems));
    let port = port.and_then(|port| u16::try_from(port).ok());
    let tls = node.get("tls").and_then(|node| tls(&node, problems));
    let from = node.get("from").and_then(|node| mailbox::literal(&node, problems));
    let credentials = credentials(node, problems);
    let by_port = if port == Some(465) { MailTls::Implicit } else { MailTls::StartTls };
    let tls = tls.unwrap_or(by_port);
    let usual = TLS.iter().find(|(_, known, _)| *known == tls).map_or(0, |(_, _, port)| *port);
    let (host, private) = host?;
    let server = MailServer { host, port: port.unwrap_or(usual), tls, credentials, from: from?, private };
    (problems.len() == before).then_some(Settings::Mail(server))
}

/// A name or an address, as a URL would have it, with the networks that it names by itself.
fn host(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<(String, Vec<IpNet>)> {
    let text = field::literal(node, problems)?;
    let signs: &[char] = &['/', ':', '@', '?', '#', '\\', ' '];
    let is_address = text.parse::<Ipv6Addr>().is_ok();
    let url = match text.contains(signs) && !is_address {
        true => None,
        false => Url::parse(&base(&text)).ok(),
    };
    let private = url.as_ref().map(|url| effect::private_of(&base(&text), url));
    if let Some(Err(odd @ Unopened::Odd { .. })) = &private {
        problems.push(node.error("E221", odd.to_string()).help(odd.mend()));
        return None;
    }
    let private = private.and_then(Result::ok).unwrap_or_default();
    let found = url.as_ref().and_then(|url| Some((bare(url.host_str()?), private)));
    if found.is_none() {
        let problem = node.error("E004", format!("`{text}` is not the name of a server"));
        problems.push(problem.help("write the name alone, the port beside it: `host: smtp.example.com`"));
    }
    found
}

/// A URL that a host stands in.
pub(super) fn base(host: &str) -> String {
    match host.parse::<Ipv6Addr>() {
        Ok(_) => format!("http://[{host}]"),
        Err(_) => format!("http://{host}"),
    }
}

/// An address of IPv6 without its brackets.
fn bare(host: &str) -> String {
    host.trim_start_matches('[').trim_end_matches(']').to_owned()
}

fn tls(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<MailTls> {
    let text = field::literal(node, problems)?;
    let found = TLS.iter().find(|(word, _, _)| *word == text).map(|(_, tls, _)| *tls);
    if found.is_none() {
        let words = || WORDS.iter().copied();
        let near =
            nearest(&text, words()).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        let problem = node.error("E004", format!("`tls` cannot be `{text}`{near}"));
        problems.push(problem.help(format!("it is one of {}", listed(words()))));
    }
    found
}

fn credentials(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<(Value, SecretRef)> {
    match (node.get("user"), node.get("password")) {
        (Some(user), Some(password)) => {
            let user = match user.value().is_mapping() {
                true => settings::secret(&user, problems).map(Value::Secret),
                false => field::literal(&user, problems).map(Value::Plain),
            };
            user.zip(settings::secret(&password, problems))
        }
        (Some(alone), None) | (None, Some(alone)) => {
            let problem = alone.key_error("E005", "`user` and `password` go together");
            problems.push(problem.help("write  user: me, password: { env: SMTP_PASSWORD }"));
            None
        }
        (None, None) => None,
    }
}
