//! What a service's definition says, read: its settings, its requests, what its answers mean.

use std::time::Duration;

use crate::effect::Says;

/// A verb that is data.
#[derive(Debug)]
pub(in crate::action) struct Declared {
    pub(in crate::action) verb: String,
    pub(super) summary: String,
    pub(super) page: Option<String>,
    pub(super) example: String,
    pub(super) connection_example: String,
    /// The settings of its connections.
    pub(super) held: Vec<Setting<Held>>,
    /// Those of its actions; one that looks at another stands behind it.
    pub(super) settings: Vec<Setting<Given>>,
    /// One of these is there; empty for no such rule.
    pub(super) exactly_one: Vec<String>,
    /// One of these is there, or more; empty for no such rule.
    pub(super) at_least_one: Vec<String>,
    /// What is asked for before each request.
    pub(super) first: Option<First>,
    /// The first that fits is made.
    pub(super) requests: Vec<Request>,
    pub(super) says: Says,
}

/// One setting.
#[derive(Debug)]
pub(super) struct Setting<K> {
    pub(super) name: String,
    pub(super) kind: K,
    pub(super) about: String,
    pub(super) needed: bool,
    /// What it is unless said.
    pub(super) default: Option<String>,
    /// The words it may be; empty for any text.
    pub(super) one_of: Vec<String>,
    /// The most characters of a text, or entries of a list or map.
    pub(super) max: Option<usize>,
    /// Whether a longer text is cut.
    pub(super) cut: bool,
    /// It counts only when another setting is one of these words, or is there at all where there are none.
    pub(super) only_with: Option<(String, Vec<String>)>,
}

/// What stands behind a setting of a connection.
#[derive(Clone, Copy, Debug)]
pub(super) enum Held {
    Url,
    Secret,
    Text,
    TextOrSecret,
}

/// What stands behind a setting of an action.
#[derive(Clone, Copy, Debug)]
pub(super) enum Given {
    Template,
    Json,
    List,
}

/// A request without its values.
#[derive(Debug)]
pub(super) struct Request {
    /// The setting with which it is meant; `None` for always.
    pub(super) with: Option<String>,
    pub(super) method: http::Method,
    /// The setting of the connection that is the URL.
    pub(super) base: String,
    pub(super) path: Vec<Piece>,
    pub(super) query: Fields,
    pub(super) headers: Fields,
    pub(super) show: Show,
    pub(super) body: Body,
}

/// A request that is made before another: a token, a crumb.
#[derive(Debug)]
pub(super) struct First {
    pub(super) request: Request,
    /// Names, and pointers to their values in its answer.
    pub(super) take: Vec<(String, String)>,
    /// For how long they are good; `None` for one request only.
    pub(super) keep: Option<Duration>,
    /// Whether its cookies go along.
    pub(super) cookies: bool,
    /// Statuses that say that there is nothing to take, and that nothing is needed.
    pub(super) absent: Vec<u16>,
}

/// Names and texts; one of which a setting is absent is left out.
pub(super) type Fields = Vec<(String, Vec<Piece>)>;

/// How it shows who we are; each names settings of the connection.
#[derive(Debug)]
pub(super) enum Show {
    Nothing,
    Bearer(String),
    Basic(String, String),
    /// The name of a header, then the setting.
    Header(String, String),
    /// The word before the secret in `Authorization`, then the setting.
    Scheme(String, String),
}

/// The body of a request.
#[derive(Debug)]
pub(super) enum Body {
    None,
    Json(Part),
    Form(Fields),
    /// A form of the entries of a setting that is a map.
    Entries(String),
}

/// A part of a JSON body.
#[derive(Debug)]
pub(super) enum Part {
    /// Left out when all that it would hold is absent.
    Object(Vec<(String, Self)>),
    List(Vec<Self>),
    /// A lone setting keeps its JSON type.
    Text(Vec<Piece>),
    /// JSON as it is written.
    Plain(String),
}

/// A piece of a text.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    Plain(String),
    Setting(String),
    /// A setting whose `/` part segments of a path, and what stands between them then.
    Segments(String, String),
    /// The MD5 of a setting in lower case, as Mailchimp names its members.
    Md5(String),
    /// What was taken of an answer before; only in headers.
    Taken(String),
}
