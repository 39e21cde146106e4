//! What an action wants done, as plain data: dry runs, tests and backtests read it, only `perform` carries it out.
//! Secrets stand in it by reference; their values enter when it is carried out.

mod confinement;

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use ipnet::IpNet;
use url::{Host, Url};

use crate::secret::{SecretRef, Value};

pub use confinement::{Confinement, Limits, Sandbox};

/// One thing to be done in the world.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// An outgoing HTTP request.
    Http(Http),
    /// A mail.
    Mail(Mail),
    /// A process.
    Command(Command),
    /// A line in our log.
    Log(Log),
    /// An event of our own.
    Emit(Emit),
    /// The answer to the sender; decided when the event is accepted, never a delivery.
    Respond(Respond),
}

impl Effect {
    /// The same with another bound on its time, where it has one.
    #[must_use]
    pub fn within(self, timeout: Duration) -> Self {
        match self {
            Self::Http(http) => Self::Http(Http { timeout, ..http }),
            Self::Mail(mail) => Self::Mail(Mail { timeout, ..mail }),
            Self::Command(command) => Self::Command(Command { timeout, ..command }),
            Self::Log(_) | Self::Emit(_) | Self::Respond(_) => self,
        }
    }
}

/// An outgoing HTTP request.
#[derive(Clone, Debug, PartialEq)]
pub struct Http {
    /// The method.
    pub method: Method,
    /// The base: scheme, host, port and perhaps a path, as the connection has it. It may be a secret as a whole (Slack).
    pub base: Value,
    /// The base is the operator's own word, never the payload's: an IP-literal or `localhost` host of it may be
    /// private. Where the base is written down, those networks stand in `allow_private` already; where it is a secret,
    /// whoever looks it up adds `private_of` it.
    pub base_is_operators: bool,
    /// Joined to the base's path with one slash, already percent-encoded; empty for none. Never changes the host.
    pub path: String,
    /// Query parameters, not yet encoded, behind those of the base.
    pub query: Vec<(String, String)>,
    /// Headers besides those of `auth` and the body's type, in order.
    pub headers: Vec<(String, Value)>,
    /// How we show who we are.
    pub auth: Auth,
    /// `Content-Type`; `None` without a body.
    pub content_type: Option<String>,
    /// The exact bytes of the body, but for what is sealed.
    pub body: Bytes,
    /// Where `[secret]` stands in path and body, for the secret itself.
    pub sealed: Vec<Sealed>,
    /// How id, moment and body are signed, when they are.
    pub sign: Option<Sign>,
    /// What is asked for before: a token, a crumb.
    pub first: Option<Box<First>>,
    /// Time for all of it, the answer's body included.
    pub timeout: Duration,
    /// Addresses that are private and may be reached all the same.
    pub allow_private: Vec<IpNet>,
    /// What counts as done beside a 2xx status.
    pub success: Success,
}

/// How an outgoing request is authorised.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Auth {
    /// Not at all.
    #[default]
    None,
    /// `Authorization: Bearer …`.
    Bearer(SecretRef),
    /// `Authorization: Basic …`.
    Basic {
        /// The user, perhaps written down.
        user: Value,
        /// The password.
        password: SecretRef,
    },
    /// A certificate of ours and its key, in one PEM.
    Certificate(SecretRef),
    /// `Authorization` with a word of the service's own.
    Scheme {
        /// The word, such as `GenieKey`.
        word: String,
        /// What stands behind it.
        secret: SecretRef,
    },
    /// A header of the service's own, such as `X-Api-Key`.
    Header {
        /// Its name.
        name: String,
        /// Its value.
        value: SecretRef,
    },
}

/// How an outgoing request is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sign {
    /// As standardwebhooks.com says: `webhook-id`, `webhook-timestamp` and `webhook-signature`.
    StandardWebhooks(SecretRef),
}

impl Sign {
    /// The secret.
    pub const fn secret(&self) -> &SecretRef {
        match self {
            Self::StandardWebhooks(secret) => secret,
        }
    }
}

/// What a service's answer must say beyond its status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Success {
    /// Any 2xx.
    #[default]
    Status,
    /// A 2xx whose JSON body has `"ok": true` (Slack's Web API answers 200 for its errors).
    JsonOk,
    /// A 2xx of which the body says nothing else.
    Said(&'static Says),
}

/// What the JSON of a service's answer says of itself.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Says {
    /// A pointer into a 2xx, and the JSON that stands there when it is done.
    pub done: Option<(String, serde_json::Value)>,
    /// A pointer that finds something in a 2xx only when it is not done.
    pub fails: Option<String>,
    /// Pointers to the words that say why it is not; the first that finds a text counts.
    pub why: Vec<String>,
    /// A pointer to the seconds after which to come back, where `Retry-After` says nothing.
    pub wait: Option<String>,
}

/// A request that is made before another, for something that it needs.
#[derive(Clone, Debug, PartialEq)]
pub struct First {
    /// The request.
    pub http: Http,
    /// Names, and pointers to their values in its answer.
    pub take: Vec<(String, String)>,
    /// Where the values go.
    pub puts: Vec<Put>,
    /// For how long the values are good for other requests too; a 401 or 403 ends that.
    pub keep: Option<Duration>,
    /// Whether the cookies that it is given go along.
    pub cookies: bool,
    /// Statuses that say that there is nothing to take, and that nothing is needed.
    pub absent: Vec<u16>,
}

/// A header that holds what was taken of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Put {
    /// Its name.
    pub header: String,
    /// What stands before it.
    pub before: String,
    /// The name of the value.
    pub name: String,
}

/// A place where a secret enters: there stands `[secret]` until the request is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// What it stands in, and how it is written there.
    pub place: Landing,
    /// The byte at which `[secret]` begins.
    pub at: usize,
    /// The secret.
    pub secret: SecretRef,
}

/// What a sealed secret becomes a part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Landing {
    /// A segment of the path.
    Path,
    /// A text of a JSON body.
    Json,
    /// A value of a form.
    Form,
}

/// A mail through an SMTP server.
#[derive(Clone, Debug, PartialEq)]
pub struct Mail {
    /// The server, a name or an address; its certificate has to be that of this name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Whether what is said can be read on the way.
    pub tls: MailTls,
    /// How we show who we are: user and password.
    pub credentials: Option<(Value, SecretRef)>,
    /// The sender.
    pub from: Mailbox,
    /// Who gets it.
    pub to: Vec<Mailbox>,
    /// Who gets a copy.
    pub cc: Vec<Mailbox>,
    /// Who gets a copy that nobody sees.
    pub bcc: Vec<Mailbox>,
    /// Where answers go.
    pub reply_to: Option<Mailbox>,
    /// The subject, one line.
    pub subject: String,
    /// The mail as plain text.
    pub text: Option<String>,
    /// The mail as HTML.
    pub html: Option<String>,
    /// A file in it.
    pub attachment: Option<Attachment>,
    /// Time for all of it.
    pub timeout: Duration,
    /// Addresses that are private and may be reached all the same.
    pub allow_private: Vec<IpNet>,
}

/// How a mail server is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailTls {
    /// TLS from the first byte.
    Implicit,
    /// In clear up to `STARTTLS`, which the server has to offer.
    StartTls,
    /// In clear; only on private networks.
    None,
}

/// Who sends or gets a mail. Neither part can hold a line break.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mailbox {
    /// The name shown.
    pub name: Option<String>,
    /// `local@domain`.
    pub address: String,
}

impl fmt::Display for Mailbox {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(out, "{name} <{}>", self.address),
            None => out.write_str(&self.address),
        }
    }
}

/// A file in a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Its name.
    pub name: String,
    /// Its type.
    pub content_type: String,
    /// What is in it.
    pub bytes: Bytes,
}

/// A process to run.
#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    /// The program and its arguments; never empty, no shell reads it.
    pub argv: Vec<String>,
    /// The whole environment beside the few variables every command gets (`PATH`, `HOME`, `LANG`, `DOORBELL_*`).
    pub env: Vec<(String, Value)>,
    /// Where it runs, from the server's working directory on when it is relative; a relative program is looked for there.
    /// `None`: a program named by a relative path (`./ci.sh`) is looked for and runs in the server's working directory;
    /// any other program runs in a fresh empty directory that is removed afterwards.
    pub cwd: Option<String>,
    /// What it reads on standard input.
    pub stdin: Bytes,
    /// After that the whole process group is ended.
    pub timeout: Duration,
    /// Its exit codes that mean that all is well, beside 0.
    pub success: Vec<u8>,
    /// What it may not.
    pub confinement: Box<Confinement>,
}

/// A line in our log.
#[derive(Clone, Debug, PartialEq)]
pub struct Log {
    /// The text; control characters are escaped when it is written.
    pub text: String,
}

/// An event that an action emits; rules match it as they match what arrives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Emit {
    /// The internal source that it comes from.
    pub source: String,
    /// Its type.
    pub kind: String,
    /// Its payload, as JSON.
    pub payload: Bytes,
    /// How many events lie behind it, each emitted because of the one before; at least 1.
    pub depth: u32,
}

/// What the sender of the webhook is answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Respond {
    /// The status, 200 to 599.
    pub status: u16,
    /// Headers, in order.
    pub headers: Vec<(String, String)>,
    /// `Content-Type` of the body.
    pub content_type: String,
    /// The body.
    pub body: Bytes,
}

impl Effect {
    /// Roughly how much memory its texts and bytes take.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Http(http) => {
                let query: usize = http.query.iter().map(|(name, value)| name.len() + value.len()).sum();
                let headers: usize =
                    http.headers.iter().map(|(name, value)| name.len() + written(value)).sum();
                http.body.len() + http.path.len() + query + headers
            }
            Self::Command(command) => {
                let environment: usize =
                    command.env.iter().map(|(name, value)| name.len() + written(value)).sum();
                command.stdin.len() + command.argv.iter().map(String::len).sum::<usize>() + environment
            }
            Self::Mail(mail) => {
                let file = mail.attachment.as_ref().map_or(0, |file| file.bytes.len());
                let texts = mail.text.iter().chain(&mail.html).map(String::len).sum::<usize>();
                file + texts + mail.subject.len()
            }
            Self::Log(log) => log.text.len(),
            Self::Emit(emit) => emit.payload.len() + emit.kind.len(),
            Self::Respond(respond) => respond.body.len(),
        }
    }
}

/// The length of a value that is written down; a reference has none to speak of.
fn written(value: &Value) -> usize {
    match value {
        Value::Plain(text) => text.len(),
        Value::Secret(_) => 0,
    }
}

/// What `localhost` stands for.
const LOOPBACK: [IpNet; 2] = [
    IpNet::new_assert(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 0)), 8),
    IpNet::new_assert(IpAddr::V6(Ipv6Addr::LOCALHOST), 128),
];

/// The networks that the host of a base URL names by itself: the one address of an IP literal (an IPv4-mapped one in
/// both its forms), the loopback networks for `localhost`. Empty for every other name, whatever it resolves to.
pub fn private_of(base: &Url) -> Vec<IpNet> {
    match base.host() {
        Some(Host::Ipv4(address)) => vec![IpNet::from(IpAddr::V4(address))],
        Some(Host::Ipv6(address)) => std::iter::once(IpAddr::V6(address))
            .chain(address.to_ipv4_mapped().map(IpAddr::V4))
            .map(IpNet::from)
            .collect(),
        Some(Host::Domain("localhost" | "localhost.")) => LOOPBACK.to_vec(),
        Some(Host::Domain(_)) | None => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_names_its_own_private_networks() {
        for (base, wanted) in [
            ("https://example.com/x", vec![]),
            ("http://localhost.example.com", vec![]),
            ("http://127.0.0.1:9000/x", vec!["127.0.0.1/32"]),
            ("http://2130706433", vec!["127.0.0.1/32"]),
            ("http://10.0.0.5", vec!["10.0.0.5/32"]),
            ("http://[::1]:80", vec!["::1/128"]),
            ("http://[::ffff:7f00:1]", vec!["::ffff:127.0.0.1/128", "127.0.0.1/32"]),
            ("http://LOCALHOST:8080", vec!["127.0.0.0/8", "::1/128"]),
            ("http://localhost.", vec!["127.0.0.0/8", "::1/128"]),
        ] {
            let got: Vec<String> =
                private_of(&Url::parse(base).unwrap()).iter().map(ToString::to_string).collect();
            assert_eq!(got, wanted, "{base}");
        }
    }
}
