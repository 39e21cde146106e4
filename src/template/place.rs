//! What a name in a template means: something of `root`, something the rule gives, or something a block gives.

use super::error::Error;
use super::node::{Place, Root};
use super::root::{self, ROOTS};
use super::way;
use crate::yaml::nearest;

/// What the payload is called elsewhere.
const PAYLOADS: &[&str] = &["payload", "body"];
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
            return Ok(place(Root::Payload, way::payload(text, offset)?));
        }
        if let Some(local) = text.strip_prefix('@') {
            return self
                .local(local)
                .map(|root| place(root, None))
                .ok_or_else(|| unknown_local(text, offset));
        }
        let (up, inner) = way::climb(text);
        let (name, rest) = way::first(inner);
        if up > 0 || name == "this" {
            let this =
                (up < self.blocks.len()).then_some(Root::This(up)).ok_or_else(|| no_block(text, offset))?;
            let rest = if name == "this" { rest.to_owned() } else { format!(".{inner}") };
            return Ok(place(this, way::relative(text, &rest, offset)?));
        }
        let (root, rest) = match self.block_name(name).or_else(|| self.given_name(name)) {
            Some(root) => (root, rest.to_owned()),
            None => match root::find(name, rest, offset)? {
                Some((root, rest)) => (root, rest.to_owned()),
                None if self.is_field(name) => (Root::This(0), format!(".{inner}")),
                None => return Err(self.unknown(text, name, offset)),
            },
        };
        Ok(place(root, way::relative(text, &rest, offset)?))
    }

    /// A name of `as |item index|`.
    fn block_name(&self, name: &str) -> Option<Root> {
        self.blocks.iter().rev().enumerate().find_map(|(above, [value, key])| {
            let is = |known: &Option<String>| known.as_deref() == Some(name);
            if is(value) { Some(Root::This(above)) } else { is(key).then_some(Root::Key(above)) }
        })
    }

    fn given_name(&self, name: &str) -> Option<Root> {
        self.given.contains(&name).then(|| Root::Given(name.to_owned()))
    }

    /// Whether a name that nobody knows is a field of the value of the block around: `{{#each $.items}}{{ name }}{{/each}}`.
    fn is_field(&self, name: &str) -> bool {
        let plain = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '-';
        !self.blocks.is_empty() && !name.is_empty() && name.chars().all(plain)
    }

    /// `@index`, `@../key` and their like.
    fn local(&self, text: &str) -> Option<Root> {
        let (up, name) = way::climb(text);
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
        let error = Error::unknown(offset, format!("`{name}` is not a name that is known here"));
        if text == "." {
            return no_block(text, offset);
        }
        if SECRETS.contains(&name) {
            return error.help(
                "no template sees a secret: give it as `{ env: NAME }` where the connection wants one",
            );
        }
        if PAYLOADS.contains(&name) {
            let rest = text.strip_prefix(name).unwrap_or_default();
            return error.help(format!("the payload is `$`: `${rest}`"));
        }
        let known = ROOTS.iter().map(|root| root.name).chain(self.given.iter().copied());
        match nearest(name, known.filter(|known| known.len() > 1)) {
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None if name.starts_with(char::is_alphabetic) => {
                error.help(format!("the payload begins with `$`: `$.{text}`"))
            }
            None => error.help(
                "a path begins with `$`; a helper stands before what it works on: `{{ upper $.name }}`",
            ),
        }
    }
}

fn no_block(text: &str, offset: usize) -> Error {
    Error::at(offset, format!("`{text}` has no block around it"))
        .help("`this` and `../` work inside `{{#each …}}` and `{{#with …}}`; the payload is `$`")
}

fn unknown_local(text: &str, offset: usize) -> Error {
    Error::unknown(offset, format!("`{text}` is not known here"))
        .help("inside `{{#each …}}` there are `@index`, `@key`, `@first` and `@last`; the payload is `$`")
}
