//! What a name in a template means: the payload, the request, the rule, or something a block gives.

use super::error::{Error, nearest};
use super::node::{EventField, Place, Root};
use crate::path::Path;

/// Names that are known everywhere, and what to write.
pub const ROOTS: &[(&str, &str)] = &[
    ("$", "the payload: `$.a.b`, `$.items[0]`, `$['a b']`"),
    ("headers", "a header of the request: `headers.x-github-event`"),
    ("query", "a query parameter: `query.name`"),
    ("params", "a part of the path: `params.name`"),
    ("event", "`event.id`, `event.type`, `event.source` or `event.received_at`"),
    ("rule", "`rule.name`"),
    ("steps", "the result of another action: `steps.ID.json.a`"),
    ("failure", "`failure.reason`"),
];

/// The fields of an event.
const EVENT: &[(&str, EventField)] = &[
    ("id", EventField::Id),
    ("type", EventField::Type),
    ("source", EventField::Source),
    ("received_at", EventField::ReceivedAt),
];

/// Names that people try for a secret.
const SECRETS: &[&str] = &["env", "secret", "secrets", "process"];

/// The names in force at one place of a template.
#[derive(Default)]
pub(super) struct Names<'n> {
    /// What the rule gives, such as the name of `for_each`.
    pub(super) given: &'n [&'n str],
    /// The `each` and `with` blocks around, the innermost last, each with its names for the value and for the index or key.
    pub(super) blocks: Vec<[Option<String>; 2]>,
}

impl Names<'_> {
    /// What this text stands for; `offset` is where it begins.
    pub(super) fn place(&self, text: &str, offset: usize) -> Result<Place, Error> {
        let place = |root, path| Place { text: text.to_owned(), root, path };
        if text.starts_with('$') {
            return Ok(place(Root::Payload, payload(text, offset)?));
        }
        if let Some(local) = text.strip_prefix('@') {
            return self
                .local(local)
                .map(|root| place(root, None))
                .ok_or_else(|| unknown_local(text, offset));
        }
        let (up, inner) = climb(text);
        let (name, rest) =
            inner.split_at_checked(inner.find(['.', '[']).unwrap_or(inner.len())).unwrap_or((inner, ""));
        let (root, rest) = match self.root(name, rest, up) {
            Some(Ok((root, rest))) => (root, rest.to_owned()),
            Some(Err((message, help))) => return Err(Error::at(offset, message).help(help)),
            None if self.is_field(name) => (Root::This(0), format!(".{inner}")),
            None => return Err(self.unknown(text, name, offset)),
        };
        Ok(place(root, relative(text, &rest, offset)?))
    }

    /// Where a name begins, and what is left of its way; `Err` is a message and the mend.
    fn root<'t>(
        &self,
        name: &str,
        rest: &'t str,
        up: usize,
    ) -> Option<Result<(Root, &'t str), (String, String)>> {
        if up > 0 || name == "this" {
            let this = Root::This(up);
            return (up < self.blocks.len()).then_some(Ok((this, rest)));
        }
        for (above, [value, key]) in self.blocks.iter().rev().enumerate() {
            if value.as_deref() == Some(name) {
                return Some(Ok((Root::This(above), rest)));
            }
            if key.as_deref() == Some(name) {
                return Some(Ok((Root::Key(above), rest)));
            }
        }
        if self.given.contains(&name) {
            return Some(Ok((Root::Given(name.to_owned()), rest)));
        }
        Some(match name {
            "headers" => {
                member(rest).map(|(key, rest)| (Root::Headers(key.map(|key| key.to_ascii_lowercase())), rest))
            }
            "query" => member(rest).map(|(key, rest)| (Root::Query(key), rest)),
            "params" => member(rest).map(|(key, rest)| (Root::Params(key), rest)),
            "steps" => Ok((Root::Steps, rest)),
            "event" => event(rest).map(|field| (Root::Event(field), "")),
            "rule" if rest == ".name" => Ok((Root::RuleName, "")),
            "failure" if rest == ".reason" => Ok((Root::FailureReason, "")),
            "rule" => {
                Err((format!("`rule{rest}` is not known"), "of the rule there is `rule.name`".to_owned()))
            }
            "failure" => {
                Err((format!("`failure{rest}` is not known"), "there is `failure.reason`".to_owned()))
            }
            _ => return None,
        })
    }

    /// Whether a name that nobody knows is a field of the value of the block around: `{{#each $.items}}{{ name }}{{/each}}`.
    fn is_field(&self, name: &str) -> bool {
        let plain = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '-';
        !self.blocks.is_empty() && !name.is_empty() && name.chars().all(plain)
    }

    /// `@index`, `@../key` and their like.
    fn local(&self, text: &str) -> Option<Root> {
        let (mut up, mut name) = (0, text);
        while let Some(rest) = name.strip_prefix("../") {
            (up, name) = (up + 1, rest);
        }
        let root = match name {
            "index" => Root::Index(up),
            "key" => Root::Key(up),
            "first" => Root::First(up),
            "last" => Root::Last(up),
            _ => return None,
        };
        (up < self.blocks.len()).then_some(root)
    }

    fn unknown(&self, text: &str, name: &str, offset: usize) -> Error {
        let error = Error::at(offset, format!("`{name}` is not a name that is known here"));
        if text.starts_with("this") || text.starts_with("../") || text == "." {
            let message = format!("`{text}` has no block around it");
            return Error::at(offset, message)
                .help("it works inside `{{#each …}}` and `{{#with …}}`; the payload is `$`");
        }
        if SECRETS.contains(&name) {
            return error.help(
                "no template sees a secret: give it as `{ env: NAME }` where the connection wants one",
            );
        }
        let known = ROOTS.iter().map(|(root, _)| *root).chain(self.given.iter().copied());
        match nearest(name, known.filter(|known| known.len() > 1)) {
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None if name.starts_with(char::is_alphabetic) => {
                error.help(format!("the payload begins with `$`: `$.{text}`"))
            }
            None => error.help(
                "a path begins with `$`, a helper stands before what it works on: `{{ upper $.name }}`",
            ),
        }
    }
}

fn unknown_local(text: &str, offset: usize) -> Error {
    Error::at(offset, format!("`{text}` is not known here"))
        .help("inside `{{#each …}}` there are `@index`, `@key`, `@first` and `@last`; the payload is `$`")
}

/// How many `../` stand before a name; `..` alone is the value of the block around.
fn climb(text: &str) -> (usize, &str) {
    let (mut up, mut rest) = (0, text);
    while let Some(inner) = rest.strip_prefix("../") {
        (up, rest) = (up + 1, inner);
    }
    if rest == ".." { (up + 1, "this") } else { (up, rest) }
}

/// The way into the payload; `None` for all of it.
fn payload(text: &str, offset: usize) -> Result<Option<Path>, Error> {
    if text == "$" {
        return Ok(None);
    }
    let path = Path::parse(text).map_err(|error| Error {
        offset: offset + error.offset,
        message: error.message,
        help: error.help,
    })?;
    Ok(Some(path))
}

/// The way from a name on. Names may have hyphens here, as ids of actions and headers do.
fn relative(text: &str, rest: &str, offset: usize) -> Result<Option<Path>, Error> {
    if rest.is_empty() {
        return Ok(None);
    }
    let wrong = |help: String| Error::at(offset, format!("`{text}` is not a way to a value")).help(help);
    let mut path = String::from("$");
    let mut left = rest;
    while !left.is_empty() {
        // `.name`, `[…]`, or `.[…]` as other templates write it.
        let dotted = left.strip_prefix('.');
        let inner = dotted.unwrap_or(left);
        let end = if inner.starts_with('[') {
            bracket(inner)
        } else {
            inner.find(['.', '[']).unwrap_or(inner.len())
        };
        let (step, after) = inner.split_at_checked(end).unwrap_or((inner, ""));
        match (step.starts_with('['), dotted.is_some()) {
            (true, _) => path.push_str(step),
            (false, true) if !step.is_empty() => path.push_str(&quoted(step)),
            _ => return Err(wrong("write `.name` or `[0]` for each step".to_owned())),
        }
        left = after;
    }
    Path::parse(&path).map(Some).map_err(|error| wrong(error.to_string()))
}

/// The end of the bracket that begins a text; quotes are passed over.
fn bracket(text: &str) -> usize {
    let mut quote = None;
    let mut escaped = false;
    let mut depth = 0_usize;
    for (offset, letter) in text.char_indices() {
        match (quote, letter) {
            _ if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(mark), _) if mark == letter => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(letter),
            (None, '[') => depth += 1,
            (None, ']') if depth <= 1 => return offset + 1,
            (None, ']') => depth -= 1,
            (None, _) => {}
        }
    }
    text.len()
}

fn quoted(name: &str) -> String {
    format!("['{}']", name.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// The first step of `headers`, `query` and `params`: these are flat, so its name is taken as it is, dots and all.
fn member(rest: &str) -> Result<(Option<String>, &str), (String, String)> {
    let help = || "write `.name` or `['name']`, and nothing behind it".to_owned();
    if rest.is_empty() {
        return Ok((None, ""));
    }
    let name = rest.strip_prefix('.').or_else(|| {
        let inside = rest.strip_prefix("['")?.strip_suffix("']");
        inside.or_else(|| rest.strip_prefix("[\"")?.strip_suffix("\"]"))
    });
    match name {
        Some(name) if !name.is_empty() && !name.contains(['[', ']']) => Ok((Some(name.to_owned()), "")),
        _ => Err((format!("`{rest}` is not the name of one value"), help())),
    }
}

fn event(rest: &str) -> Result<EventField, (String, String)> {
    let found = EVENT.iter().find(|(name, _)| rest.strip_prefix('.') == Some(name));
    found.map(|(_, field)| *field).ok_or_else(|| {
        let help = "an event has `event.id`, `event.type`, `event.source` and `event.received_at`";
        (format!("`event{rest}` is not known"), format!("{help}; the payload is `$`"))
    })
}
