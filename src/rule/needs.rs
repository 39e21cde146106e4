//! What actions of one rule need of each other: every id is there, and nothing waits in a circle.

use crate::diagnostic::Diagnostic;
use crate::settings;
use crate::yaml::{Node, listed, nearest};

/// An action as far as others name it.
struct Named<'d> {
    id: Option<&'d str>,
    node: &'d Node<'d>,
    needs: Vec<Node<'d>>,
}

/// Complains about the `needs` of the items of `do`.
pub(super) fn check(items: &[Node<'_>], problems: &mut Vec<Diagnostic>) {
    let all: Vec<Named<'_>> = items
        .iter()
        .map(|node| Named {
            id: node.get("id").and_then(|id| id.text()),
            node,
            needs: node.get("needs").as_ref().map_or_else(Vec::new, settings::one_or_many),
        })
        .collect();
    let before = problems.len();
    for action in &all {
        known(action, &all, problems);
    }
    if problems.len() == before {
        circles(&all, problems);
    }
}

/// Every id that is needed belongs to an action that can succeed.
fn known(action: &Named<'_>, all: &[Named<'_>], problems: &mut Vec<Diagnostic>) {
    let ids: Vec<&str> = all.iter().filter_map(|other| other.id).collect();
    for need in &action.needs {
        let Some(id) = need.text() else { continue };
        let Some(other) = find(all, id) else {
            let message = match nearest(id, ids.iter().copied()) {
                Some(meant) => format!("no action of this rule has the id `{id}`; did you mean `{meant}`?"),
                None => format!("no action of this rule has the id `{id}`"),
            };
            let help = match ids.as_slice() {
                [] => format!("give the action that is waited for an id: `id: {id}`"),
                ids => format!("the ids here are {}", listed(ids.iter().copied())),
            };
            problems.push(need.error("E405", message).help(help));
            continue;
        };
        if other.node.get("respond").is_some() {
            let message = format!("`{id}` answers the sender and is no delivery to wait for");
            problems.push(need.error("E405", message).help("leave it out of `needs`"));
        }
    }
    if let (Some(each), true) = (action.node.get("for_each"), action.node.get("respond").is_some()) {
        let problem = each.key_error("E004", "`respond` answers the sender once");
        problems.push(problem.help("loop inside its template: {{#each $.items}}"));
    }
}

fn find<'a, 'd>(all: &'a [Named<'d>], id: &str) -> Option<&'a Named<'d>> {
    all.iter().find(|other| other.id == Some(id))
}

/// Complains about each circle once, at the action that stands first in it.
fn circles(all: &[Named<'_>], problems: &mut Vec<Diagnostic>) {
    let mut told: Vec<&str> = Vec::new();
    for id in all.iter().filter_map(|action| action.id) {
        let Some(circle) = circle(all, id).filter(|_| !told.contains(&id)) else { continue };
        let names: Vec<String> = circle.iter().chain([&id]).map(|id| format!("`{id}`")).collect();
        let needs = find(all, id).and_then(|action| action.node.get("needs"));
        if let Some(needs) = needs {
            let message = format!("these wait for each other: {}", names.join(", "));
            problems.push(needs.error("E405", message).help("one of them has to begin"));
        }
        told.extend(circle);
    }
}

/// The way from an action over what it needs back to itself.
fn circle<'a>(all: &'a [Named<'_>], from: &'a str) -> Option<Vec<&'a str>> {
    let mut ways: Vec<Vec<&str>> = vec![vec![from]];
    let mut seen: Vec<&str> = Vec::new();
    while let Some(way) = ways.pop() {
        let needs = way.last().and_then(|id| find(all, id)).map_or(&[][..], |action| &action.needs);
        for id in needs.iter().filter_map(|need| need.text()) {
            if id == from {
                return Some(way);
            }
            if !seen.contains(&id) {
                seen.push(id);
                ways.push(way.iter().copied().chain([id]).collect());
            }
        }
    }
    None
}
