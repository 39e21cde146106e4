//! `sign`: how requests show that they are ours and whole, so that the other side need not believe everybody.

use crate::diagnostic::Diagnostic;
use crate::effect::Sign;
use crate::settings::{self, Key, Shape};
use crate::yaml::Node;

/// The key, wherever it may stand.
pub(super) const SIGN: Key =
    Key::new("sign", Shape::Map(KINDS), "a signature over id, moment and body: `standard_webhooks`");
const KINDS: &[Key] = &[Key::needed(
    "standard_webhooks",
    Shape::Map(SECRET),
    "as standardwebhooks.com says: `webhook-signature`",
)];
const SECRET: &[Key] =
    &[Key::needed("secret", Shape::Secret, "the secret that the other side has too: `whsec_` and base64")];
const HELP: &str = "sign: { standard_webhooks: { secret: { env: SIGNING_SECRET } } }";

/// Reads `sign`.
pub(super) fn sign(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Sign> {
    let inner = only(node, KINDS, problems)?;
    let secret = only(&inner, SECRET, problems)?;
    settings::secret(&secret, problems).map(Sign::StandardWebhooks)
}

/// The one entry of a map that has just this.
fn only<'d>(node: &Node<'d>, keys: &[Key], problems: &mut Vec<Diagnostic>) -> Option<Node<'d>> {
    let names = settings::names(keys);
    let before = problems.len();
    for (key, entry) in node.entries() {
        if !names.contains(&key) && !entry.is_own() {
            problems.push(entry.unknown_key(&names));
        }
    }
    let found = names.iter().find_map(|name| node.get(name));
    if found.is_none() && problems.len() == before {
        let wanted = names.first().copied().unwrap_or_default();
        problems.push(node.key_error("E005", format!("`{wanted}` is missing")).help(HELP));
    }
    found.filter(|_| problems.len() == before)
}
