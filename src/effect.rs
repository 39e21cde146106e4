//! What an action wants done, as plain data: dry runs, tests and backtests read it, only `perform` carries it out.
//! Secrets stand in it by reference; their values enter when it is carried out.

mod confinement;
mod mail;
mod request;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use bytes::Bytes;
use ipnet::IpNet;
use url::{Host, Url};

use crate::secret::Value;

pub use confinement::{Confinement, Limits, Sandbox};
pub use mail::{Attachment, Mail, MailTls, Mailbox};
pub use request::{Auth, First, Http, Landing, Put, Redirects, Says, Sealed, Sign, Success};

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
