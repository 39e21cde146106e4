//! What a service's file says, as `build.rs` writes it down: its settings, its requests, what its answers mean.

use crate::effect::Says;

/// A verb that is data.
#[derive(Debug)]
pub(in crate::action) struct Declared {
    pub(in crate::action) verb: &'static str,
    /// The settings of its connections.
    pub(super) held: &'static [Setting<Held>],
    /// Those of its actions; one that looks at another stands behind it.
    pub(super) settings: &'static [Setting<Given>],
    /// One of these is there; empty for no such rule.
    pub(super) exactly_one: &'static [&'static str],
    /// One of these is there, or more; empty for no such rule.
    pub(super) at_least_one: &'static [&'static str],
    /// The first that fits is made.
    pub(super) requests: &'static [Request],
    pub(super) says: Says,
}

/// One setting.
#[derive(Debug)]
pub(super) struct Setting<K: 'static> {
    pub(super) name: &'static str,
    pub(super) kind: K,
    pub(super) needed: bool,
    /// What it is unless said.
    pub(super) default: Option<&'static str>,
    /// The words it may be; empty for any text.
    pub(super) one_of: &'static [&'static str],
    /// It counts only when another setting is one of these words, or is there at all where there are none.
    pub(super) only_with: Option<(&'static str, &'static [&'static str])>,
}

/// What stands behind a setting of a connection.
#[derive(Debug)]
pub(super) enum Held {
    Url,
    Secret,
    Text,
    TextOrSecret,
}

/// What stands behind a setting of an action.
#[derive(Debug)]
pub(super) enum Given {
    Template,
    Json,
    List,
}

/// A request without its values.
#[derive(Debug)]
pub(super) struct Request {
    /// The setting with which it is meant; `None` for always.
    pub(super) with: Option<&'static str>,
    pub(super) method: &'static str,
    /// The setting of the connection that is the URL.
    pub(super) base: &'static str,
    pub(super) path: &'static [Piece],
    pub(super) query: Fields,
    pub(super) headers: Fields,
    pub(super) show: Show,
    pub(super) body: Body,
}

/// Names and texts; one of which a setting is absent is left out.
pub(super) type Fields = &'static [(&'static str, &'static [Piece])];

/// How it shows who we are; each names settings of the connection.
#[derive(Debug)]
pub(super) enum Show {
    Nothing,
    Bearer(&'static str),
    Basic(&'static str, &'static str),
    /// The name of a header, then the setting.
    Header(&'static str, &'static str),
}

/// The body of a request.
#[derive(Debug)]
pub(super) enum Body {
    Json(Part),
    Form(Fields),
}

/// A part of a JSON body.
#[derive(Debug)]
pub(super) enum Part {
    /// Left out when all that it would hold is absent.
    Object(&'static [(&'static str, Self)]),
    List(&'static [Self]),
    /// A lone setting keeps its JSON type.
    Text(&'static [Piece]),
    /// JSON as it is written.
    Plain(&'static str),
}

/// A piece of a text.
#[derive(Debug)]
pub(super) enum Piece {
    Plain(&'static str),
    Setting(&'static str),
    /// A setting whose `/` part segments of a path.
    Segments(&'static str),
}
