//! A mail as data: the server it goes through, who gets it, and what stands in it.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use ipnet::IpNet;

use crate::secret::{SecretRef, Value};

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
