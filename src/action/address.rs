//! Where a request goes: a URL of which scheme and host are written down, and nothing of the event can change them.

use std::borrow::Cow;
use std::ops::Range;

use ipnet::IpNet;
use url::Url;

use crate::diagnostic::{Diagnostic, Place};
use crate::effect::{self, Unopened, guard};
use crate::secret::{SecretRef, Value};
use crate::settings;
use crate::yaml::Node;

use super::url_path::UrlPath;
use super::{Named, field, mask};

/// A base, and the private networks that it names by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Base {
    pub(super) value: Value,
    pub(super) private: Vec<IpNet>,
}

/// What stands behind the verb `http`.
#[derive(Debug)]
pub(super) enum Target {
    /// A connection has the base.
    Connection(Named),
    /// The action has it, perhaps with a path of templates.
    Url(Base, Option<UrlPath>),
}

impl Base {
    /// Reads a URL without templates, or a reference to a secret that is one.
    pub(super) fn read(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Self> {
        if node.value().is_mapping() {
            let value = Value::Secret(settings::secret(node, problems)?);
            return Some(Self { value, private: Vec::new() });
        }
        let text = field::literal(node, problems)?;
        match Self::parse(&text) {
            Ok(base) => Some(base),
            Err(wrong) => {
                problems.push(wrong.at(node));
                None
            }
        }
    }

    fn parse(text: &str) -> Result<Self, Wrong> {
        let url = Url::parse(text).map_err(|why| Wrong {
            code: "E221",
            place: 0..text.len(),
            message: format!("`{text}` is not a URL: {why}"),
            help: "write all of it: `https://api.example.com/v2`".into(),
        })?;
        check(text, &url)?;
        let private = match effect::private_of(text, &url) {
            Ok(private) => private,
            Err(odd @ Unopened::Odd { .. }) => return Err(Wrong::unopened(text, &odd)),
            // A connection may allow it.
            Err(Unopened::Special { .. }) => Vec::new(),
        };
        Ok(Self { value: Value::Plain(text.to_owned()), private })
    }

    /// Why it leads to an address that neither it nor `allow_private` opens.
    pub(super) fn unopened(&self, allow_private: &[IpNet]) -> Option<Unopened> {
        let Value::Plain(text) = &self.value else { return None };
        unopened(text, allow_private)
    }

    /// The same for an action that goes through no connection.
    fn opened(self) -> Result<Self, Wrong> {
        match (self.unopened(&[]), &self.value) {
            (Some(why), Value::Plain(text)) => Err(Wrong::unopened(text, &why)),
            _ => Ok(self),
        }
    }

    pub(super) fn secret(&self) -> Option<&SecretRef> {
        match &self.value {
            Value::Plain(_) => None,
            Value::Secret(reference) => Some(reference),
        }
    }
}

impl Target {
    /// Reads the name of a connection or an absolute URL.
    pub(super) fn read(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Self> {
        let text = node.text().map(str::to_owned).or_else(|| field::literal(node, problems))?;
        let Some(scheme) = text.find("://") else { return connection(node, problems).map(Self::Connection) };
        let Some(template) = mask::first(&text) else {
            let base = Base::read(node, problems)?;
            let base = base.opened().map_err(|wrong| problems.push(wrong.at(node))).ok()?;
            return Some(Self::Url(base, None));
        };
        let written = mask::masked(&text);
        let host = scheme + "://".len();
        let rest = written.get(host..).unwrap_or_default();
        let path = host + rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
        let split =
            path + written.get(path..).and_then(|rest| rest.find(['?', '#'])).unwrap_or(written.len() - path);
        let wrong = if template.start < path {
            Wrong {
                code: "E212",
                place: template,
                message: "no template may stand in a URL's scheme or host".to_owned(),
                help: "write the host down; values may stand in the path, in `query`, `headers` and the body"
                    .into(),
            }
        } else if split < text.len() {
            let found = mask::templates(&text).into_iter().find(|place| place.start > split);
            Wrong {
                code: "E212",
                place: found.unwrap_or(split..text.len()),
                message: "no template may stand in a URL that has a query".to_owned(),
                help: "put the parameters under `query`:  query: { id: \"{{ $.id }}\" }".into(),
            }
        } else {
            return Self::split(node, &text, path, problems);
        };
        problems.push(wrong.at(node));
        None
    }

    /// A URL of which the path, from byte `at` on, has templates.
    fn split(node: &Node<'_>, text: &str, at: usize, problems: &mut Vec<Diagnostic>) -> Option<Self> {
        let (base, path) = text.split_at_checked(at)?;
        match Base::parse(base).and_then(Base::opened) {
            Ok(base) => Some(Self::Url(base, Some(UrlPath::part(node, at, path, problems)?))),
            Err(wrong) => {
                problems.push(wrong.at(node));
                None
            }
        }
    }
}

/// Why a URL that is written down leads to an address that neither it nor `allow_private` opens.
pub(super) fn unopened(text: &str, allow_private: &[IpNet]) -> Option<Unopened> {
    let why = effect::private_of(text, &Url::parse(text).ok()?).err()?;
    match &why {
        Unopened::Special { address, .. } => guard::decide(*address, allow_private).is_err().then_some(why),
        Unopened::Odd { .. } => Some(why),
    }
}

/// Reads the name of a connection.
pub(super) fn connection(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Named> {
    let name = field::literal(node, problems)?;
    if name.is_empty() || name.contains(['/', ':', ' ']) {
        problems.push(no_connection(node, &name));
        return None;
    }
    Some(Named { name, place: Place { file: node.file().clone(), span: node.span() } })
}

/// What is no name of a connection: half a URL where a whole one may stand, or any where none may.
fn no_connection(node: &Node<'_>, name: &str) -> Diagnostic {
    if name.contains("://") {
        let verb = node.key().unwrap_or_default();
        return node.error("E403", format!("`{verb}` wants the name of a connection, not a URL")).help(format!(
            "such a URL is a secret: put it into the environment and write  connections: {{ chat: {{ {verb}: {{ url: {{ env: NAME }} }} }} }}"
        ));
    }
    node.error("E403", format!("`{name}` is neither the name of a connection nor a URL"))
        .help("write a name from `connections`, or all of a URL: `https://api.example.com/v2`")
}

/// A part of a URL that may not be so.
struct Wrong {
    code: &'static str,
    place: Range<usize>,
    message: String,
    help: Cow<'static, str>,
}

impl Wrong {
    fn unopened(text: &str, why: &Unopened) -> Self {
        Self { code: "E221", place: 0..text.len(), message: why.to_string(), help: why.mend().into() }
    }

    fn at(self, node: &Node<'_>) -> Diagnostic {
        node.error_inside(self.place.start, self.place.len(), self.code, self.message).help(self.help)
    }
}

fn check(text: &str, url: &Url) -> Result<(), Wrong> {
    let wrong = |part: &str, code, message: String, help: &'static str| {
        let found = text.find(part).filter(|_| !part.is_empty());
        let place = found.map_or(0..text.len(), |at| at..at + part.len());
        Err(Wrong { code, place, message, help: help.into() })
    };
    if !matches!(url.scheme(), "http" | "https") {
        let message = format!("`{}` is not a scheme that is spoken here", url.scheme());
        return wrong(url.scheme(), "E221", message, "write `https://…` or `http://…`");
    }
    if !url.username().is_empty() || url.password().is_some() {
        let help = "use a connection with  auth: { basic: { user: …, password: { env: NAME } } }";
        return wrong("", "E303", "a URL may not hold a user or a password".to_owned(), help);
    }
    if let Some(fragment) = url.fragment() {
        let message = format!("`#{fragment}` is never sent");
        return wrong(&format!("#{fragment}"), "E221", message, "leave it out");
    }
    if text.contains('\\') || text.contains(char::is_whitespace) {
        let message = format!("`{text}` is not a URL: it may hold no `\\` and no space");
        return wrong("", "E221", message, "encode it: `%5C`, `%20`");
    }
    Ok(())
}
