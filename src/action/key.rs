//! What makes the key by which events count together, of `order_by` and of every `key`: a template with something of the
//! event in it, for a fixed text is one key for all of them.

use crate::diagnostic::Diagnostic;
use crate::settings;
use crate::template::{Escape, Template};
use crate::yaml::Node;

use super::field;

/// Reads the template of a key. A path that was meant as one is refused; any other fixed text is worth a warning.
pub fn key(node: &Node<'_>, problems: &mut Vec<Diagnostic>) -> Option<Template> {
    let text = settings::text(node, problems)?;
    let template = field::template(node, Escape::None, problems)?;
    if template.literal().is_none() {
        return Some(template);
    }
    let name = node.key().unwrap_or_default();
    let meant = format!("{{{{ {} }}}}", text.trim());
    let is_place = !text.contains("{{") && Template::compile(&meant, Escape::None).is_ok();
    if is_place || text.trim_start().starts_with('$') {
        let problem = node.error("E004", format!("`{name}` is a fixed text here: `{text}` is not looked up"));
        problems.push(problem.help(format!("write  {name}: \"{meant}\"")));
        return None;
    }
    let problem = node.warning("W313", format!("`{name}` is the same for every event: all share one key"));
    problems.push(problem.help("a template tells them apart, such as `\"{{ $.repository.id }}\"`"));
    Some(template)
}
