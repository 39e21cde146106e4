//! Verbs of rules files: what stands under `services` there is read as the program's own are, and used beside them.

use std::sync::OnceLock;

use crate::diagnostic::Diagnostic;
use crate::limit;
use crate::yaml::Node;

use super::super::verb::{Verb, Verbs};
use super::super::{CONNECTION_OPTIONS, OPTIONS, VERBS};
use super::{read, rows};

/// A definition that was read once. It stays for as long as the program runs, so that a set of rules that is loaded again
/// finds the same row; there are at most `limit::OWN_VERBS_MAX`.
struct Kept {
    text: String,
    verb: Verb,
    next: OnceLock<Box<Self>>,
}

static KEPT: OnceLock<Box<Kept>> = OnceLock::new();

/// Puts the verbs under `services` of a rules file behind those that are known.
pub fn services(node: &Node<'_>, verbs: &mut Verbs, problems: &mut Vec<Diagnostic>) {
    if !node.value().is_mapping() {
        problems.push(node.unwanted("a map of names to services"));
        return;
    }
    for (name, entry) in node.entries() {
        if entry.is_own() {
            continue;
        }
        match refused(name, verbs) {
            Some((code, why)) => problems.push(entry.key_error(code, why)),
            None => verbs.own.extend(known(name, &entry, problems)),
        }
    }
}

/// Why a verb may not be called so.
fn refused(name: &str, verbs: &Verbs) -> Option<(&'static str, String)> {
    let is_name = name.starts_with(|letter: char| letter.is_ascii_lowercase())
        && name
            .chars()
            .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "_-".contains(letter));
    if !is_name {
        let why = format!("a verb cannot be called `{name}`: small letters, digits, `-` and `_`");
        return Some(("E004", why));
    }
    if verbs.find(name).is_some() {
        return Some(("E401", format!("there is a verb `{name}` already")));
    }
    let mut options = OPTIONS.iter().chain(CONNECTION_OPTIONS);
    options.any(|key| key.name == name).then(|| ("E401", format!("`{name}` is an option of every action")))
}

/// The row of a definition, read now or before.
fn known(name: &str, node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<&'static Verb> {
    let text = format!("{name} {}", node.json());
    let (mut place, mut count) = (&KEPT, 0);
    while let Some(kept) = place.get() {
        if kept.text == text {
            return Some(&kept.verb);
        }
        (place, count) = (&kept.next, count + 1);
    }
    if count >= limit::OWN_VERBS_MAX {
        let why = format!("more than {} services were defined since doorbell began", limit::OWN_VERBS_MAX);
        problems.push(node.key_error("E007", why).help("begin it anew"));
        return None;
    }
    for (setting, entry) in node.get("settings").iter().flat_map(Node::entries) {
        if VERBS.iter().any(|verb| verb.name == setting) {
            let why = format!("a setting cannot be called `{setting}`: that is a verb");
            problems.push(entry.key_error("E401", why).help("give it another name"));
            return None;
        }
    }
    let declared = read::read(name, node, problems)?;
    let mut new =
        Box::new(Kept { text, verb: rows::row(Box::leak(Box::new(declared))), next: OnceLock::new() });
    loop {
        match place.set(new) {
            Ok(()) => return place.get().map(|kept| &kept.verb),
            // Another was quicker.
            Err(back) => new = back,
        }
        place = &place.get()?.next;
    }
}
