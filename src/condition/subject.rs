//! What a key of `if` names, and the values it has for an event.

use std::fmt;
use std::ops::ControlFlow;

use http::HeaderName;

use super::look::{Flow, Look, Visit};
use super::seen::Seen;
use crate::path::{OutOfSteps, Path};

/// What a line of `if` looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// `$…`: what a path finds in the payload.
    Payload(Path),
    /// `headers.x`: each header of that name.
    Header(HeaderName),
    /// `query.x`: each query parameter of that name, decoded.
    Query(String),
    /// `params.x`: what the path pattern captured.
    Param(String),
    /// A plain word.
    Word(Word),
}

/// The words that name one text of the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// The HTTP method, in capitals.
    Method,
    /// The path as sent.
    Path,
    /// The address of the sender.
    Ip,
    /// The event type; missing when the source gives none.
    Event,
    /// The name of the source.
    Source,
}

/// The words as they are written, and what they look at.
pub const WORDS: &[(&str, Word, &str)] = &[
    ("method", Word::Method, "the HTTP method, in capitals"),
    ("path", Word::Path, "the path as sent"),
    ("ip", Word::Ip, "the address of the sender"),
    ("event", Word::Event, "the event type; missing when the source gives none"),
    ("source", Word::Source, "the name of the source"),
];

/// Headers and query parameters with these in their name may hold secrets: their values are never shown.
const SECRET_WORDS: &[&str] =
    &["authorization", "cookie", "password", "secret", "signature", "token", "api-key", "apikey", "api_key"];

impl Subject {
    /// Whether all it can find is text.
    pub(super) fn is_text(&self) -> bool {
        !matches!(self, Self::Payload(_))
    }

    /// Whether its values may be secrets.
    pub(super) fn is_secret(&self) -> bool {
        let name = match self {
            Self::Header(name) => name.as_str(),
            Self::Query(name) => name,
            Self::Payload(_) | Self::Param(_) | Self::Word(_) => return false,
        };
        let name = name.to_ascii_lowercase();
        SECRET_WORDS.iter().any(|word| name.contains(word))
    }

    fn each<'e>(&self, look: &mut Look<'e>, visit: Visit<'_, 'e>) -> Result<(), OutOfSteps> {
        let event = look.event;
        let request = &event.request;
        match self {
            Self::Payload(path) => look.walk(path, visit),
            Self::Header(name) => {
                let values = request.headers.get_all(name);
                each_text(values.iter().map(|value| String::from_utf8_lossy(value.as_bytes())), look, visit)
            }
            Self::Query(name) => {
                let pairs = form_urlencoded::parse(request.query.as_bytes());
                each_text(pairs.filter(|(key, _)| key == name).map(|(_, value)| value), look, visit)
            }
            Self::Param(name) => each_text(request.param(name), look, visit),
            Self::Word(Word::Method) => each_text([request.method.as_str()], look, visit),
            Self::Word(Word::Path) => each_text([&request.path], look, visit),
            Self::Word(Word::Ip) => each_text([request.peer.to_canonical().to_string()], look, visit),
            Self::Word(Word::Event) => {
                each_text((!event.kind.is_empty()).then_some(&event.kind), look, visit)
            }
            Self::Word(Word::Source) => each_text([&event.source], look, visit),
        }
    }
}

fn each_text<'e, T: AsRef<str>>(
    texts: impl IntoIterator<Item = T>,
    look: &mut Look<'e>,
    visit: Visit<'_, 'e>,
) -> Result<(), OutOfSteps> {
    for text in texts {
        if visit(Seen::Text(text.as_ref()), look)?.is_break() {
            break;
        }
    }
    Ok(())
}

impl fmt::Display for Subject {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Payload(path) => out.write_str(path.text()),
            Self::Header(name) => write!(out, "headers.{name}"),
            Self::Query(name) => write!(out, "query.{name}"),
            Self::Param(name) => write!(out, "params.{name}"),
            Self::Word(word) => {
                out.write_str(WORDS.iter().find(|(_, known, _)| known == word).map_or("", |(name, ..)| name))
            }
        }
    }
}

/// Values to be tested.
#[derive(Clone, Copy)]
pub(super) enum Values<'v> {
    /// All that a subject finds.
    Of(&'v Subject),
    /// One alone.
    One(Seen<'v>),
}

impl Values<'_> {
    /// Shows each value to `visit`, until it breaks off.
    pub(super) fn each<'e>(&self, look: &mut Look<'e>, visit: Visit<'_, 'e>) -> Result<(), OutOfSteps> {
        match self {
            Self::Of(subject) => subject.each(look, visit),
            Self::One(seen) => visit(*seen, look).map(|_: ControlFlow<()>| ()),
        }
    }
}

/// Goes on, or not.
pub(super) fn until(done: bool) -> Flow {
    Ok(if done { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
}
