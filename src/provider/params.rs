//! What a scheme wants to know besides its secret, such as `webhook_id`: keys of the source, checked when it is read.

use serde::Serialize;

use crate::diagnostic::Diagnostic;
use crate::yaml::Node;

use super::fields::Fields;
use super::part::Part;
use super::profile::Profile;

/// The key for the URL that a sender knows, which is read as a URL and belongs to every source.
pub(super) const PUBLIC_URL: &str = "public_url";
/// What is said of it where a preset says nothing.
const PUBLIC_URL_HELP: &str = "the sender signs the URL it knows: public_url: https://hooks.example.com/path";

/// One such key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Param {
    /// The key.
    pub name: String,
    /// What it is and where it is found.
    pub help: String,
    /// Whether nothing can be received without it.
    pub needed: bool,
}

/// Reads a preset's `params: { webhook_id: where it is found }`.
pub(super) fn read(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Vec<Param> {
    let entries = node.entries();
    let param = |(name, node): &(&str, Node<'_>)| {
        let help = crate::settings::text(node, problems)?;
        Some(Param { name: (*name).to_owned(), help: help.to_owned(), needed: true })
    };
    entries.iter().filter_map(param).collect()
}

impl Profile {
    /// All keys its scheme and its handshakes name: what the scheme names is needed, and what a preset says is.
    pub(super) fn all_params(&self) -> Vec<Param> {
        let mut all = self.params.clone();
        let scheme = self.scheme.parts().into_iter().filter_map(name).map(|name| (name, true));
        let asked = self.handshakes.iter().flat_map(|handshake| handshake.parts());
        let handshakes = asked.filter_map(name).map(|name| (name, false));
        for (name, needed) in scheme.chain(handshakes) {
            match all.iter_mut().find(|param| param.name == name) {
                Some(param) => param.needed |= needed,
                None => all.push(Param { name: name.to_owned(), help: help(name), needed }),
            }
        }
        all
    }
}

fn name(part: &Part) -> Option<&str> {
    match part {
        Part::Url | Part::Canonical => Some(PUBLIC_URL),
        Part::Config(name) => Some(name),
        _ => None,
    }
}

fn help(name: &str) -> String {
    match name {
        PUBLIC_URL => PUBLIC_URL_HELP.to_owned(),
        other => format!("the scheme names {{config:{other}}}: write it beside `verify`"),
    }
}

/// The values of these keys. A missing one that is needed is a complaint, and so is one that is a source's own key.
pub(super) fn values(params: &[Param], own: &[&str], fields: &mut Fields<'_, '_>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for Param { name, help, needed } in params {
        if name != PUBLIC_URL && own.contains(&name.as_str()) {
            let node = fields.get("verify");
            let message = format!("`{name}` is a key of every source, so a scheme cannot name it");
            fields.problems.extend(node.map(|node| node.error("E302", message)));
        } else if fields.get(name).is_none() && *needed {
            fields.lacks(name, help);
        } else if name != PUBLIC_URL
            && let Some(value) = fields.filled(name)
        {
            found.push((name.clone(), value.to_owned()));
        }
    }
    found
}
