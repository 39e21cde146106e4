//! An outgoing HTTP request as data: where it goes, how it is authorised and signed, what counts as done.

use std::time::Duration;

use bytes::Bytes;
use http::Method;
use ipnet::IpNet;

use crate::secret::{SecretRef, Value};

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
    /// What of redirects is followed.
    pub redirects: Redirects,
    /// What counts as done beside a 2xx status.
    pub success: Success,
}

/// Redirects that are followed; none by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Redirects {
    /// So many in a row.
    pub most: usize,
    /// Addresses that are private and may be reached all the same where one leads away from the scheme, host and port of
    /// the base: those that the base names by itself are not among them.
    pub allow_private: Vec<IpNet>,
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
    /// Pointers to the words that say why it is not; the first that finds a text counts. An empty one finds the first
    /// line of an answer that is plain text.
    pub why: Vec<String>,
    /// A pointer to the seconds after which to come back, where `Retry-After` says nothing.
    pub wait: Option<String>,
    /// Pointers, as those of `why` are, and the words in what stands there that say that it is only for now; or statuses
    /// that do.
    pub again: Vec<(String, Vec<String>)>,
    /// Two headers: how many requests are left, and the second since 1970 at which there are more.
    pub until: Option<(String, String)>,
    /// How long to wait where an answer says that it is only for now, and not for how long.
    pub pause: Option<Duration>,
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
