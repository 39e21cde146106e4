//! Where a value stands in a request: `header:X-Signature`, `query:token`, `form:id`, `json:$.id`, `sig:t`, or all of the `body`.

use std::fmt;

use http::HeaderName;

use crate::path::Path;

/// A text of the scheme language that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    /// `E101` for a JSONPath, else `E302`.
    pub(super) code: &'static str,
    /// The byte of the text where it breaks.
    pub(super) offset: usize,
    /// What is wrong.
    pub(super) message: String,
    /// The mend.
    pub(super) help: Option<String>,
}

impl Wrong {
    pub(super) fn new(offset: usize, message: impl Into<String>) -> Self {
        Self { code: "E302", offset, message: message.into(), help: None }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same, in a longer text in which this one starts at `offset`.
    pub(super) fn behind(mut self, offset: usize) -> Self {
        self.offset += offset;
        self
    }
}

/// One place of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// The exact bytes of the body.
    Body,
    /// The URL as the sender knows it: the source's `public_url`, with the query as sent.
    Url,
    /// The path as sent.
    Path,
    /// The method.
    Method,
    /// Method, path and sorted query, as Atlassian Connect writes them before it makes a digest of them.
    Canonical,
    /// The moment of signing, exactly as sent.
    Timestamp,
    /// A header.
    Header(HeaderName),
    /// A parameter of the query, decoded.
    Query(String),
    /// A field of a form in the body, decoded.
    Form(String),
    /// One value of the payload.
    Json(Path),
    /// An item of the signature that bears this name, such as `t` in `t=1,v1=2`.
    Mark(String),
    /// Every header whose name starts so: `X-Signature-*`. Only where a signature is looked for.
    Headers(String),
    /// The body as a form, for a filter that reads one.
    Pairs,
    /// A value that the source gives besides its secret, such as `webhook_id`.
    Config(String),
    /// The secret itself, where it is digested along with the rest.
    Secret,
}

/// Parts that need no argument.
const BARE: &[(&str, Part)] = &[
    ("body", Part::Body),
    ("url", Part::Url),
    ("path", Part::Path),
    ("method", Part::Method),
    ("canonical", Part::Canonical),
    ("timestamp", Part::Timestamp),
    ("form", Part::Pairs),
    ("secret", Part::Secret),
];
/// Parts that need one.
const WITH_ARGUMENT: &[(&str, Reader)] = &[
    ("header", header),
    ("query", query),
    ("form", form),
    ("json", json),
    ("sig", mark),
    ("config", config),
];

type Reader = fn(&str) -> Result<Part, Wrong>;

const HELP: &str = "write header:NAME, query:NAME, form:NAME, json:$.path, config:NAME, or body, url, path, method, timestamp";

impl Part {
    /// Reads `header:X` and its like.
    pub(super) fn parse(text: &str) -> Result<Self, Wrong> {
        if let Some((_, part)) = BARE.iter().find(|(name, _)| *name == text) {
            return Ok(part.clone());
        }
        let (kind, argument) = text.split_once(':').unwrap_or((text, ""));
        let Some((_, read)) = WITH_ARGUMENT.iter().find(|(name, _)| *name == kind) else {
            return Err(Wrong::new(0, format!("`{text}` is no part of a request")).help(HELP));
        };
        if argument.is_empty() {
            return Err(Wrong::new(0, format!("`{text}` does not say which {kind}")).help(HELP));
        }
        read(argument).map_err(|wrong| wrong.behind(kind.len() + 1))
    }

    /// Whether a text looks like one part with an argument, such as `header:X`.
    pub(super) fn is_written_in(text: &str) -> bool {
        text.split_once(':').is_some_and(|(kind, _)| WITH_ARGUMENT.iter().any(|(name, _)| *name == kind))
    }
}

fn header(name: &str) -> Result<Part, Wrong> {
    let wrong = |_| Wrong::new(0, format!("`{name}` cannot be the name of a header"));
    match name.strip_suffix('*') {
        Some(start) => {
            HeaderName::try_from(start).map(|start| Part::Headers(start.as_str().to_owned())).map_err(wrong)
        }
        None => HeaderName::try_from(name).map(Part::Header).map_err(wrong),
    }
}

/// A key of the source, so it must look like one.
fn config(name: &str) -> Result<Part, Wrong> {
    let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    match plain {
        true => Ok(Part::Config(name.to_owned())),
        false => Err(Wrong::new(0, format!("`{name}` cannot be a key of a source"))
            .help("small letters and `_` only: config:webhook_id")),
    }
}

fn query(name: &str) -> Result<Part, Wrong> {
    Ok(Part::Query(name.to_owned()))
}

fn form(name: &str) -> Result<Part, Wrong> {
    Ok(Part::Form(name.to_owned()))
}

fn mark(name: &str) -> Result<Part, Wrong> {
    Ok(Part::Mark(name.to_owned()))
}

/// One value: which of several was signed would be a guess.
fn json(text: &str) -> Result<Part, Wrong> {
    let path = Path::parse(text).map_err(|error| Wrong {
        code: "E101",
        offset: error.offset,
        message: error.message,
        help: error.help,
    })?;
    if !path.is_singular() {
        return Err(Wrong { code: "E101", ..Wrong::new(0, format!("`{text}` may find several values")) }
            .help("only names and indexes here: $.data.items[0].id"));
    }
    Ok(Part::Json(path))
}

/// As our log says it: `header x-hub-signature-256`.
impl fmt::Display for Part {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Body => out.write_str("body"),
            Self::Url => out.write_str("url"),
            Self::Path => out.write_str("path"),
            Self::Method => out.write_str("method"),
            Self::Canonical => out.write_str("canonical request"),
            Self::Timestamp => out.write_str("timestamp"),
            Self::Header(name) => write!(out, "header {name}"),
            Self::Query(name) => write!(out, "query parameter {name}"),
            Self::Form(name) => write!(out, "form field {name}"),
            Self::Json(path) => write!(out, "payload field {path}"),
            Self::Mark(name) => write!(out, "`{name}` of the signature"),
            Self::Headers(start) => write!(out, "headers {start}*"),
            Self::Pairs => out.write_str("form"),
            Self::Config(name) => write!(out, "`{name}` of the source"),
            Self::Secret => out.write_str("secret"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_shows() {
        for (text, shown) in [
            ("body", "body"),
            ("header:X-Hub-Signature-256", "header x-hub-signature-256"),
            ("query:token", "query parameter token"),
            ("form:a:b", "form field a:b"),
            ("json:$.a['b'][0]", "payload field $.a['b'][0]"),
            ("sig:t", "`t` of the signature"),
            ("header:X-Sig-*", "headers x-sig-*"),
            ("config:webhook_id", "`webhook_id` of the source"),
        ] {
            assert_eq!(Part::parse(text).unwrap().to_string(), shown);
        }
    }

    #[test]
    fn points_at_what_it_cannot_read() {
        for (text, offset, message) in [
            ("", 0, "`` is no part of a request"),
            ("heder:X", 0, "`heder:X` is no part of a request"),
            ("header", 0, "`header` does not say which header"),
            ("header:a b", 7, "`a b` cannot be the name of a header"),
            ("json:$.a[*]", 5, "`$.a[*]` may find several values"),
            ("config:A", 7, "`A` cannot be a key of a source"),
        ] {
            let wrong = Part::parse(text).unwrap_err();
            assert_eq!((wrong.offset, wrong.message.as_str()), (offset, message), "{text}");
        }
        assert_eq!(Part::parse("json:a").unwrap_err().code, "E101");
    }
}
