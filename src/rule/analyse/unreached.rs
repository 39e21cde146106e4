//! Rules to which no event comes, whatever is sent.

use super::{listens, reaches, running, warn};
use crate::diagnostic::Diagnostic;
use crate::rule::checked::Checked;
use crate::rule::rules::Rule;

pub(super) fn check(checked: &Checked, problems: &mut Vec<Diagnostic>) {
    for (place, rule) in running(checked).map(|(checked, rule)| (&checked.place, rule)) {
        if !checked.sources.iter().any(|source| reaches(source, rule)) {
            let (why, help) = why(checked, rule);
            let message = format!("no event can reach the rule `{}`: {why}", rule.name);
            let found = warn("W304", message, place);
            problems.push(match help {
                Some(help) => found.help(help),
                None => found,
            });
        }
    }
}

fn why(checked: &Checked, rule: &Rule) -> (String, Option<&'static str>) {
    let heard = checked.sources.iter().find(|source| listens(source, rule));
    let fixed = heard.and_then(|source| source.thing.as_ref()?.fixed_kind());
    match (&rule.path, fixed) {
        _ if checked.sources.is_empty() => ("there is no source".to_owned(), None),
        (_, Some(kind)) if kind.is_empty() => (
            "none of its sources says of which type an event is".to_owned(),
            Some(
                "say at the source where the type stands, such as `event: $.type`, or leave `event` out here",
            ),
        ),
        (_, Some(kind)) => (format!("every event of its source has the type `{kind}`"), None),
        (Some(path), None) => (format!("none of its sources listens on `{}`", path.text()), None),
        (None, None) => ("none of its sources is there".to_owned(), None),
    }
}
