//! Event types that the provider of every source of a rule is not known to send.

use super::{running, warn};
use crate::diagnostic::{Diagnostic, Place};
use crate::glob::Glob;
use crate::provider::Sent;
use crate::rule::checked::Checked;
use crate::rule::rules::Rule;
use crate::yaml::{listed, near};

/// Names that are proposed in place of one.
const PROPOSED_MAX: usize = 3;

pub(super) fn check(checked: &Checked, problems: &mut Vec<Diagnostic>) {
    // Of each source by name: what is known of its events.
    let known: Vec<(&str, Option<Sent>)> = checked
        .sources
        .iter()
        .map(|source| (&*source.name, source.thing.as_ref().and_then(|source| source.sends())))
        .collect();
    for (place, rule) in running(checked) {
        let Some(senders) = senders(rule, &known) else { continue };
        for (glob, place) in &place.events {
            if !senders.iter().any(|known| is_sent(known, glob)) {
                problems.extend(unknown(glob, place, &senders));
            }
        }
    }
}

/// What is known of the events of all its sources; `None` when of one nothing is.
fn senders<'k>(rule: &Rule, known: &'k [(&str, Option<Sent>)]) -> Option<Vec<&'k Sent>> {
    let of = |name: &str| known.iter().find(|(known, _)| *known == name)?.1.as_ref();
    let senders: Option<Vec<&Sent>> = rule.from.iter().map(|name| of(name)).collect();
    senders.filter(|senders| !senders.is_empty())
}

/// Whether some type fits; what is known may be a glob itself, such as `v2.*`.
fn is_sent(known: &Sent, glob: &Glob) -> bool {
    known.kinds.iter().any(|kind| glob.matches(kind) || Glob::new(kind).matches(glob.text()))
}

fn unknown(glob: &Glob, place: &Place, senders: &[&Sent]) -> Option<Diagnostic> {
    let name = glob.text();
    let first = senders.first()?;
    let kinds = || senders.iter().flat_map(|known| &known.kinds).map(String::as_str);
    let message = format!("`{name}` is no event type that `{}` is known to send", first.preset);
    let found = warn("W308", message, place);
    let split = name
        .split_once(['.', ':', '/'])
        .filter(|(kind, _)| first.has_action && kinds().any(|known| known == *kind));
    if let Some((kind, action)) = split {
        let help =
            format!("what happened stands in the payload:  event: {kind}   if: {{ $.action: {action} }}");
        return Some(found.help(help));
    }
    let near = near(name, kinds(), PROPOSED_MAX);
    Some(match near.as_slice() {
        [] => found.help(format!("its event types are listed at {}", first.docs)),
        near => found.help(format!("near to it: {}", listed(near.iter().copied()))),
    })
}
