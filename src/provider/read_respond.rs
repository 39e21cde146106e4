//! From `respond: { status: 200, body: ok }` to what a sender is answered when its event is accepted.

use bytes::Bytes;

use crate::diagnostic::Diagnostic;
use crate::effect::Respond;
use crate::yaml::Node;

use super::fields::Fields;

/// Reads an answer.
pub(super) fn read(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Respond> {
    let mut fields = Fields::open(node, &["status", "body", "content_type"], problems)?;
    let status = status(&mut fields, 200);
    let body = fields.text("body").unwrap_or_default();
    let content_type = fields.filled("content_type").unwrap_or("text/plain; charset=utf-8");
    if body.contains("{{") {
        let complaint = fields.get("body").map(|node| {
            node.error("E212", "a template cannot stand here")
                .help("the answer to a sender is the same for every event")
        });
        fields.problems.extend(complaint);
    }
    if status == 204 && !body.is_empty() {
        let complaint =
            fields.get("body").map(|node| node.error("E004", "an answer of status 204 has no body"));
        fields.problems.extend(complaint);
    }
    Some(Respond {
        status,
        headers: Vec::new(),
        content_type: content_type.to_owned(),
        body: Bytes::copy_from_slice(body.as_bytes()),
    })
}

/// A status that says yes: the answer is given when the event is safe in the store.
pub(super) fn status(fields: &mut Fields<'_, '_>, usual: u16) -> u16 {
    let Some(node) = fields.get("status") else { return usual };
    match node.raw().parse() {
        Ok(status) if (200..300).contains(&status) => status,
        _ => {
            let help = "a status from 200 to 299: the event is accepted when this is answered";
            fields
                .problems
                .push(node.error("E004", format!("`{}` is not such a status", node.raw())).help(help));
            usual
        }
    }
}
